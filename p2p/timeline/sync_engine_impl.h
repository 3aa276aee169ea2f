#pragma once

#include "p2p/timeline/sync_engine.h"
#include "p2p/timeline/sync_state.h"

#include <deque>
#include <map>
#include <set>

namespace landline::timeline {

/// A conversation as one session sees it.
struct SyncedConversation {
    std::map<DeviceId, PeerTimeline> timelines;
    Hash128 digest;                         ///< as sent
    std::vector<TimelineHead> digestHeads;  ///< what it was made of, until the peer's came
    bool isListed = false;                  ///< by the peer: both digests are known
    bool hasToldHeads = false;  ///< the peer knows our heads: by complete heads, or by equal digests
    bool isTold = false;        ///< we know the peer's
    std::set<DeviceId> headsDue;
    std::set<DeviceId> sentOf;  ///< whose entries were sent since the peer's last complete heads
};

/// Sum of SignedEntry::bytes: what windows count.
[[nodiscard]] std::size_t payloadBytes(const std::vector<wire::SignedEntry>& entries);

/// The inside of a SyncEngine: what it remembers, and the steps between an input and the actions that follow.
struct SyncEngine::Impl {
    using Conversations = std::map<ConversationId, SyncedConversation>;

    Impl(const DeviceId& selfDevice, const DeviceId& peerDevice) : self(selfDevice), peer(peerDevice) {}

    // Starting
    void share(const ConversationHeads& heads);
    void list(const std::vector<ConversationId>& ids);
    void restart(const ConversationHeads& heads);
    void listedByPeer(const ConversationId& id, SyncedConversation& conversation, const Hash128& digest);
    void tellAllHeads(const ConversationId& id, SyncedConversation& conversation);

    // Input
    void take(const wire::HeadsDigest& digest);
    Expected<void> take(wire::Heads& heads);
    Expected<void> take(wire::Entries& entries);
    Expected<void> take(wire::ForkEvidence& evidence);
    Expected<void> dispatch(wire::Message& message);
    PeerTimeline* timelineOf(SyncedConversation& conversation, const DeviceId& author);
    void takeFresh(SyncedConversation& conversation, const wire::Entries& fresh);
    void takeRead(SyncedConversation& conversation, PeerTimeline& timeline, const ReadEntries& request,
                  std::vector<wire::SignedEntry> entries);

    // Consequences
    void update(const ConversationId& id, SyncedConversation& conversation, PeerTimeline& timeline);
    void updateAll(const ConversationId& id, SyncedConversation& conversation);
    void queueEntries(const ConversationId& id, SyncedConversation& conversation, PeerTimeline& timeline,
                      EntryNumber first, std::vector<wire::SignedEntry> entries);
    void sendAgain(const ConversationId& id, SyncedConversation& conversation);
    void dropQueuedBeyond(const ConversationId& id, const TimelineHead& head);

    // Output
    std::optional<SyncAction> nextHeads();
    std::optional<SyncAction> nextRead();
    std::optional<ReadEntries> readFor(const ConversationId& id, PeerTimeline& timeline);

    DeviceId self;
    DeviceId peer;
    bool isStarted = false;
    bool isWritable = true;
    bool peerHasListed = false;
    Conversations conversations;
    std::map<ConversationId, Hash128> unshared;  ///< digests of conversations that only the peer lists so far
    std::deque<wire::HeadsDigest> early;         ///< came before start
    std::deque<SyncAction> actions;              ///< need no room in the session
    std::deque<wire::Message> control;           ///< go before entries
    std::set<ConversationId> headsDue;
    std::deque<wire::Entries> outgoing;
    std::size_t outgoingBytes = 0;
    std::deque<std::pair<ConversationId, DeviceId>> wanting;  ///< timelines that want a read, in turn
    std::optional<ReadEntries> reading;
    bool isReadingEvidence = false;
    std::deque<std::size_t> applying;
    std::size_t applyingBytes = 0;
    std::size_t examining = 0;  ///< ExamineFork handed out and not answered
};

}  // namespace landline::timeline
