#pragma once

#include "p2p/base/clock.h"
#include "p2p/identity/certificate.h"
#include "p2p/timeline/hybrid_clock.h"
#include "p2p/wire/messages.h"

#include <optional>

namespace landline::timeline {

/// An entry whose bytes have been parsed and whose hashes are known. That it is signed and continues its author's
/// timeline is the Applier's to check. `bytes` stays exactly as received.
struct CheckedEntry {
    wire::SignedEntry bytes;
    wire::EntryHeader header;
    Hash256 hash;                          ///< SHA-256 of header bytes and signature
    std::optional<wire::Content> content;  ///< nothing if the payload was erased

    [[nodiscard]] EntryRef ref() const { return {header.author, header.number}; }
};

/// The hash by which the next entry, and every head, refers to this one.
[[nodiscard]] Hash256 entryHash(const wire::SignedEntry& entry);

/// Parses header and payload and compares the payload's hash. Fails with Malformed or TooLarge. Does not look at the
/// signature, the chain or the proof of erasure.
[[nodiscard]] Expected<CheckedEntry> checkEntry(wire::SignedEntry bytes);

/// True if the entry's signature is its author's.
[[nodiscard]] bool isSigned(const CheckedEntry& entry);

/// Where a timeline stands: what its next entry must continue.
struct TimelineTip {
    EntryNumber number = 0;
    Hash256 hash;
};

/// A new entry of this device's own timeline in `conversation`, after `tip`. The certificate goes into entry 1.
[[nodiscard]] CheckedEntry makeEntry(const ConversationId& conversation, const identity::DeviceKeys& device,
                                     const identity::Certificate& certificate, const TimelineTip& tip,
                                     HybridTime clock, const wire::Content& content, Random& random);

}  // namespace landline::timeline
