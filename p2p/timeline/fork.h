#pragma once

#include "p2p/timeline/timeline_store.h"

#include <optional>
#include <span>
#include <utility>

namespace landline::timeline {

/// How another device's run of an author's entries compares with what the store holds.
struct Divergence {
    /// Both continue the same entry and differ: the timeline ends with number `last`.
    struct Proof {
        EntryNumber last = 0;
        std::pair<wire::SignedEntry, wire::SignedEntry> evidence;
    };
    std::optional<Proof> proof;
    /// They differ, but the parting lies further back: our headers from here on are to be compared.
    std::optional<EntryNumber> lookFrom;
};

/// Compares `theirs`, a run without gaps (payloads do not matter), with the accepted entries of the store.
[[nodiscard]] Divergence compareWithStore(TimelineStore& store, const TimelineHead& head,
                                          std::span<const CheckedEntry> theirs);

/// Ends the timeline as `proof` says, unless it has ended there or earlier; true if it ended now.
bool endBefore(TimelineStore& store, const TimelineHead& head, const Divergence::Proof& proof);

/// `entry` without payload, as headers travel in evidence.
[[nodiscard]] wire::SignedEntry headerOnly(const wire::SignedEntry& entry);

}  // namespace landline::timeline
