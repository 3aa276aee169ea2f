#pragma once

#include "p2p/base/bytes.h"
#include "p2p/base/ids.h"
#include "p2p/wire/messages.h"

#include <map>
#include <set>

namespace landline::transfer {

/// What a receiver of a bundle notes beside the parts themselves, so that a crash or restart forgets nothing: which
/// items did not come, and which have come whole. How much is there the parts tell, and whether it is right the digests;
/// but what is whole stays so where the sender, who has it no more, can compare nothing.
///
/// Format: records one after another, each 44 bytes: type 1, reserved 3, item 4 (big-endian), reason 4, digest 32 of the
/// record before it and these 12 bytes (BLAKE2b-256; for the first, of the listing's digest). So a journal that belongs
/// to another listing, is torn at its end or damaged counts only as far as it is whole.
struct Journal {
    std::map<std::uint32_t, wire::ItemFailure> failed;  ///< by position in the listing
    std::set<std::uint32_t> complete;                   ///< each on the disk before it was noted
    std::size_t wholeBytes = 0;                         ///< what follows is to be cut off
    ChunkDigest last;                                   ///< of the last whole record
};

[[nodiscard]] Journal parseJournal(const ChunkDigest& listing, ByteView bytes);

/// Notes that an item did not come, and returns the record to append.
[[nodiscard]] Bytes noteFailed(Journal& journal, std::uint32_t item, wire::ItemFailure reason);
/// Notes that it is on the disk as it was sent.
[[nodiscard]] Bytes noteComplete(Journal& journal, std::uint32_t item);
/// Notes that it is so no more, since other bytes of it come.
[[nodiscard]] Bytes noteIncomplete(Journal& journal, std::uint32_t item);
/// Notes that what had failed has come after all.
[[nodiscard]] Bytes noteRecovered(Journal& journal, std::uint32_t item);

}  // namespace landline::transfer
