#pragma once

#include "p2p/timeline/timeline_store.h"

namespace landline::timeline {

/// What came of one batch.
struct ApplyResult {
    /// Appended now, oldest first, each author's run together: also entries that had been held.
    std::vector<CheckedEntry> appended;
    /// Entries that this batch erased.
    std::vector<EntryRef> erased;
    /// The batch showed a fork of its author's timeline: `evidenceFrom` this number on is to be sent to the peer.
    std::optional<EntryNumber> forkSuspectedAt;
    /// Timelines that ended now.
    std::vector<DeviceId> ended;
    /// The batch holds entries of this very device that the store did not write: the profile is an old copy or runs
    /// twice.
    bool cloneSuspected = false;
    /// Entries that could not be taken, and why the first one could not (NotPermitted for strangers over their limit,
    /// BadSignature, Malformed, Fork, ProtocolViolation …).
    std::size_t refused = 0;
    std::optional<Error> firstError;
};

/// The rules by which entries enter a store (PROTOCOL.md, "Applying entries"). Stateless beside the store; runs on the
/// store's thread; never commits: the owner does, after as many batches as it likes, and announces heads only then. If
/// that commit fails the owner ends the sessions that the batches came from: the peers send them again.
class Applier {
public:
    /// Whose store it is: entries of `self` that this store did not write itself mean a clone.
    Applier(TimelineStore& store, const DeviceId& self) : m_store(store), m_self(self) {}

    /// Applies a run received from a peer (any member's device or carrier). Idempotent. Entries are checked as a
    /// whole: one signature, on the last, authenticates the run through its chain.
    [[nodiscard]] ApplyResult apply(const wire::Entries& batch, WallTime now);
    /// Applies an entry that this device wrote just now (makeEntry): erases what a delete names, advances the clock.
    /// Refuses it, with Fork, once the own timeline has ended: then another device key is needed.
    [[nodiscard]] ApplyResult applyOwn(const CheckedEntry& entry, WallTime now);
    /// Signed headers of a peer that differ from ours. Ends the timeline if they prove a fork; asks for older ones
    /// through forkSuspectedAt if the fork lies further back; otherwise changes nothing. Without headers, the peer
    /// holds entries beyond the end of a timeline: forkSuspectedAt then says that it is to get our proof. Of this very
    /// device, signed headers beyond its head mean a clone.
    [[nodiscard]] ApplyResult applyForkEvidence(const wire::ForkEvidence& evidence);

private:
    TimelineStore& m_store;
    DeviceId m_self;
};

/// What to send to a peer whose entries differ from ours: the two contradicting headers if the timeline has ended for a
/// fork, which prove it to anybody; otherwise our headers from `first` on, as many as evidence may hold.
[[nodiscard]] wire::ForkEvidence evidenceFrom(TimelineStore& store, const ConversationId& conversation,
                                              const DeviceId& author, EntryNumber first);

}  // namespace landline::timeline
