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
/// Read a run from the store and answer with SyncEngine::entriesRead.
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
/// Record what the peer holds: ticks and read marks.
struct RecordPeerHeads {
    ConversationId conversation;
    std::vector<wire::AuthorHead> heads;
};
/// Give evidence to the Applier.
struct ExamineFork {
    wire::ForkEvidence evidence;
};
/// The peer holds entries of this very device that the store lacks: the profile is an old copy or runs twice.
struct CloneSuspected {
    ConversationId conversation;
    EntryNumber peerNumber = 0;
};
using SyncAction =
    std::variant<SendMessage, ReadEntries, ApplyEntries, RecordPeerHeads, ExamineFork, CloneSuspected>;

/// Brings one peer and the local store to the same timelines, over one session. A state machine on the net thread: it
/// holds neither entries nor a store; it compares heads, asks for reads, and sends. Lives as long as the session.
///
///     start ──► digest sent ──(peer's digest)──► heads of what differs ──► entries, heads as they change …
///
/// Per timeline it knows three numbers: what our store has committed (ours), what the peer has announced (theirs) and
/// what was sent in this session (sent). It reads and sends from max(theirs, sent) + 1 on while ours is higher and fewer
/// than limits::kSyncWindow bytes are unacknowledged. It announces a head only as given by `start` and
/// `localHeadsChanged`, that is, after a commit.
class SyncEngine {
public:
    SyncEngine(const DeviceId& self, const DeviceId& peer);
    ~SyncEngine();
    SyncEngine(const SyncEngine&) = delete;
    SyncEngine& operator=(const SyncEngine&) = delete;

    /// The conversations shared with the peer's person, as committed. Frames that arrive earlier wait (bounded).
    void start(std::vector<ConversationHeads> conversations);
    /// Heads changed by a commit: of a shared conversation, or of one that is shared from now on. `fresh` are entries of
    /// that commit, oldest first: sent without being read back where the peer has all before them.
    void localHeadsChanged(const ConversationHeads& changed, const std::vector<wire::Entries>& fresh);
    /// A HeadsDigest, Heads, Entries or ForkEvidence frame; any other is a defect of the caller. Fails with
    /// ProtocolViolation for a conversation that is not shared; the session then ends.
    Expected<void> receive(wire::Message message);
    /// The answer to ReadEntries; empty if the store no longer has them.
    void entriesRead(const ReadEntries& request, std::vector<wire::SignedEntry> entries);
    /// One ApplyEntries of `bytes` payload bytes is done.
    void applied(std::size_t bytes);
    /// Our signed headers from a suspected fork on, to be sent as evidence.
    void sendForkEvidence(wire::ForkEvidence evidence);
    /// The session takes frames (true) or its buffer is full (false).
    void setWritable(bool writable);

    /// The next thing to do; drain after every input.
    [[nodiscard]] std::optional<SyncAction> nextAction();
    /// Bytes handed out with ApplyEntries and not yet `applied`: the owner stops reading its socket above
    /// limits::kApplyWindow.
    [[nodiscard]] std::size_t bytesApplying() const;
    /// True once digests agree and nothing is on its way in either direction.
    [[nodiscard]] bool idle() const;

private:
    struct Impl;
    std::unique_ptr<Impl> m;
};

}  // namespace landline::timeline
