#pragma once

#include "p2p/base/expected.h"
#include "p2p/timeline/timeline_store.h"
#include "p2p/wire/messages.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

namespace landline::timeline {

/// The heads of one conversation in the local store, as committed.
struct ConversationHeads {
    ConversationId conversation;
    std::vector<TimelineHead> heads;
};

// What a SyncEngine asks of its owner.
struct SendMessage {
    wire::Message message;
};
/// Read a run from the store, as committed, and answer with SyncEngine::entriesRead. (Never amid a transaction: an entry
/// may have lost its payload to a delete that is not committed yet, and its proof would give that delete away.)
struct ReadEntries {
    ConversationId conversation;
    DeviceId author;
    EntryNumber first = 0;
    std::size_t maxCount = 0;
    std::size_t maxBytes = 0;
};
/// Apply to the store; answer with SyncEngine::applied once it is committed or refused.
struct ApplyEntries {
    wire::Entries entries;
};
/// Record what the peer holds and has read: ticks and read marks. Each head agrees with ours in number and hash, or was
/// cut to what ours covers: what the peer merely claims is never told. (A digest could be echoed by a peer that holds
/// nothing; it lies about its own ticks only, as it could by holding and not showing.) From a device of one's own person the read
/// marks are one's own as well (TimelineStore::setRead).
struct RecordPeerHeads {
    ConversationId conversation;
    std::vector<wire::AuthorHead> heads;
};
/// Give evidence to the Applier; answer with SyncEngine::examined. Without headers: the peer holds entries beyond the end
/// of this timeline.
struct ExamineFork {
    wire::ForkEvidence evidence;
};
using SyncAction = std::variant<SendMessage, ReadEntries, ApplyEntries, RecordPeerHeads, ExamineFork>;

/// Brings one peer and the local store to the same timelines, over one session. A state machine on the net thread: it
/// holds neither entries nor a store; it compares heads, asks for reads, and sends. Lives as long as the session.
///
///     start ──► digest sent ──(peer's digest)──► complete heads of what differs ──► entries, heads as they change …
///
/// A conversation is synced once both sides have listed it in a digest. Both then compare the same two digests, so both
/// know whether complete heads follow. A conversation that is shared later is listed in a digest of its own.
///
/// Per timeline it knows three numbers: what our store has committed (ours), what the peer has announced (theirs) and
/// what was sent in this session (sent). It reads and sends from max(theirs, sent) + 1 on while ours is higher and fewer
/// than limits::kSyncWindow bytes of this timeline are unacknowledged; before the first, that the peer's head is ours at
/// its number, which one entry more in the same read tells. It announces a head only as given by `start` and
/// `localHeadsChanged`, that is, after a commit, and only where the peer waits for it: what is sent tells that it is held.
///
/// A head of the peer that is not ours at its number is a fork: our headers go to the peer as evidence, and the timeline
/// rests until the store has ended it. Where the store has ended a timeline already, ExamineFork asks for the proof. A
/// peer that holds less of its own timeline than we runs from an old copy: it gets our headers of it, which it signed, as
/// evidence; what a head claims of one's own timeline without such evidence is believed by nobody.
class SyncEngine {
public:
    SyncEngine(const DeviceId& self, const DeviceId& peer);
    ~SyncEngine();
    SyncEngine(const SyncEngine&) = delete;
    SyncEngine& operator=(const SyncEngine&) = delete;

    /// The conversations shared with the peer's person, as committed. Digests that arrive earlier wait (bounded). Called
    /// again it asks the peer to send once more what the store did not take, as after a person was accepted.
    void start(std::vector<ConversationHeads> conversations);
    /// Heads changed by a commit: of a shared conversation, or all heads of one that is shared from now on. `fresh` are entries of
    /// that commit, oldest first: sent without being read back where the peer has all before them.
    void localHeadsChanged(const ConversationHeads& changed, const std::vector<wire::Entries>& fresh);
    /// A HeadsDigest, Heads, Entries or ForkEvidence frame; any other is a defect of the caller. Fails with
    /// ProtocolViolation for a conversation that is not shared; the session then ends.
    Expected<void> receive(wire::Message message);
    /// The answer to ReadEntries; empty if the store no longer has them.
    void entriesRead(const ReadEntries& request, std::vector<wire::SignedEntry> entries);
    /// The oldest ApplyEntries not yet answered is done, after localHeadsChanged told what it changed. If its commit
    /// failed, end the session instead. `bytes` is what its entries came to (SignedEntry::bytes).
    void applied(std::size_t bytes);
    /// One more ExamineFork is done.
    void examined();
    /// What `evidenceFrom` gave for the number that an ApplyResult named. Dropped while limits::kForkAnswers wait for a peer
    /// that does not read.
    void sendForkEvidence(wire::ForkEvidence evidence);
    /// The session takes frames (true) or its buffer is full (false).
    void setWritable(bool writable);

    /// The next thing to do; drain after every input.
    [[nodiscard]] std::optional<SyncAction> nextAction();
    /// False while the store has as much of this peer's to do as it may (limits::kApplyWindow and those beside it), or has
    /// not yet answered with `start`: the owner then reads nothing from its socket. What is read already is taken.
    [[nodiscard]] bool mayReceive() const;
    /// Bytes handed out with ApplyEntries and not yet `applied`.
    [[nodiscard]] std::size_t bytesApplying() const;
    /// The peer has begun to tell what it holds.
    [[nodiscard]] bool hasHeardDigest() const;
    /// True once both sides have told their heads and nothing is on its way in either direction.
    [[nodiscard]] bool idle() const;

private:
    struct Impl;
    std::unique_ptr<Impl> m;
};

}  // namespace landline::timeline
