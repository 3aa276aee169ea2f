#include "p2p/base/hash.h"
#include "p2p/base/limits.h"
#include "p2p/timeline/sync_engine_impl.h"

#include <algorithm>
#include <cassert>

namespace landline::timeline {

namespace {

/// Bytes of `fresh` entries that wait for the link; beyond, they are read from the store in their turn.
constexpr std::size_t kQueuedFresh = 256 * 1024;

Unexpected notShared() {
    return Unexpected(ErrorCode::ProtocolViolation,
                      "The other side spoke of a conversation that is not shared with it.");
}

}  // namespace

// Starting -------------------------------------------------------------------------------------------------------

void SyncEngine::Impl::share(const ConversationHeads& heads) {
    SyncedConversation& conversation = conversations[heads.conversation];
    std::vector<wire::AuthorHead> told;
    for (const TimelineHead& head : heads.heads) {
        conversation.timelines.try_emplace(head.author, head.author).first->second.setOurs(head);
        told.push_back(wireHead(head));
    }
    conversation.digestHeads = heads.heads;
    conversation.digest = headsDigest(std::move(told));
}

/// Tells the peer of these conversations, and takes up what the peer has told of them already.
void SyncEngine::Impl::list(const std::vector<ConversationId>& ids) {
    wire::HeadsDigest digest;
    for (const ConversationId& id : ids) {
        if (digest.conversations.size() == limits::kConversationsPerDigest)
            control.emplace_back(std::exchange(digest, {}));
        digest.conversations.push_back({id, conversations[id].digest});
    }
    control.emplace_back(std::move(digest));
    for (const ConversationId& id : ids)
        if (const auto told = unshared.extract(id)) listedByPeer(id, conversations[id], told.mapped());
}

/// Both digests are known. The peer compares the same two, so it decides alike.
void SyncEngine::Impl::listedByPeer(const ConversationId& id, SyncedConversation& conversation,
                                    const Hash128& digest) {
    if (conversation.isListed) return;
    conversation.isListed = true;
    const std::vector<TimelineHead> told = std::exchange(conversation.digestHeads, {});
    if (digest != conversation.digest) return tellAllHeads(id, conversation);
    conversation.hasToldHeads = true;
    conversation.isTold = true;
    for (const TimelineHead& head : told) conversation.timelines.at(head.author).setSame(head);
    updateAll(id, conversation);
}

void SyncEngine::Impl::tellAllHeads(const ConversationId& id, SyncedConversation& conversation) {
    wire::Heads heads{id, {}, false};
    for (auto& [author, timeline] : conversation.timelines) {
        if (timeline.ours().number == 0 && timeline.ours().read == 0) continue;
        if (heads.authors.size() == limits::kHeadsPerMessage)
            control.emplace_back(std::exchange(heads, wire::Heads{id, {}, false}));
        heads.authors.push_back(wireHead(timeline.ours()));
        timeline.setAnnounced();
    }
    heads.complete = true;
    control.emplace_back(std::move(heads));
    conversation.hasToldHeads = true;
}

void SyncEngine::Impl::restart(const ConversationHeads& heads) {
    SyncedConversation& conversation = conversations[heads.conversation];
    for (const TimelineHead& head : heads.heads)
        conversation.timelines.try_emplace(head.author, head.author).first->second.setOurs(head);
    if (conversation.hasToldHeads) tellAllHeads(heads.conversation, conversation);
    updateAll(heads.conversation, conversation);
}

// Input ----------------------------------------------------------------------------------------------------------

void SyncEngine::Impl::take(const wire::HeadsDigest& digest) {
    peerHasListed = true;
    for (const wire::ConversationDigest& one : digest.conversations) {
        const auto found = conversations.find(one.conversation);
        if (found != conversations.end())
            listedByPeer(one.conversation, found->second, one.digest);
        else if (unshared.size() < limits::kUnsharedConversations)
            unshared[one.conversation] = one.digest;
    }
}

PeerTimeline* SyncEngine::Impl::timelineOf(SyncedConversation& conversation, const DeviceId& author) {
    const auto found = conversation.timelines.find(author);
    if (found != conversation.timelines.end()) return &found->second;
    if (conversation.timelines.size() >= limits::kAuthorsPerConversation) return nullptr;
    return &conversation.timelines.try_emplace(author, author).first->second;
}

Expected<void> SyncEngine::Impl::take(wire::Heads& heads) {
    const auto found = conversations.find(heads.conversation);
    if (found == conversations.end()) return notShared();
    SyncedConversation& conversation = found->second;
    for (const wire::AuthorHead& head : heads.authors) {
        PeerTimeline* const timeline = timelineOf(conversation, head.author);
        if (!timeline) return Unexpected(ErrorCode::TooLarge, "The other side lists too many authors.");
        timeline->setTheirs(head);
        update(heads.conversation, conversation, *timeline);
    }
    if (!heads.complete) return {};
    const bool isFirst = !std::exchange(conversation.isTold, true);
    if (!conversation.hasToldHeads) tellAllHeads(heads.conversation, conversation);
    sendAgain(heads.conversation, conversation);
    if (isFirst) updateAll(heads.conversation, conversation);
    return {};
}

Expected<void> SyncEngine::Impl::take(wire::Entries& entries) {
    const auto found = conversations.find(entries.conversation);
    if (found == conversations.end()) return notShared();
    if (entries.entries.empty()) return {};
    PeerTimeline* const timeline = timelineOf(found->second, entries.author);
    if (!timeline) return Unexpected(ErrorCode::TooLarge, "The other side lists too many authors.");
    timeline->inferTheirs(entries.first + entries.entries.size() - 1,
                          truncated(entryHash(entries.entries.back())));
    update(entries.conversation, found->second, *timeline);
    applying.push_back(payloadBytes(entries.entries));
    applyingBytes += applying.back();
    actions.emplace_back(ApplyEntries{std::move(entries)});
    return {};
}

Expected<void> SyncEngine::Impl::take(wire::ForkEvidence& evidence) {
    if (conversations.count(evidence.conversation) == 0) return notShared();
    if (!evidence.headers.empty()) actions.emplace_back(ExamineFork{std::move(evidence)});
    return {};
}

Expected<void> SyncEngine::Impl::dispatch(wire::Message& message) {
    if (auto* const digest = std::get_if<wire::HeadsDigest>(&message)) {
        take(*digest);
        return {};
    }
    if (auto* const heads = std::get_if<wire::Heads>(&message)) return take(*heads);
    if (auto* const entries = std::get_if<wire::Entries>(&message)) return take(*entries);
    if (auto* const evidence = std::get_if<wire::ForkEvidence>(&message)) return take(*evidence);
    assert(!"a frame that is not the sync engine's");
    return {};
}

/// Entries of a commit go out as they are if the peer has all before them and nothing else is on its way to it.
void SyncEngine::Impl::takeFresh(SyncedConversation& conversation, const wire::Entries& fresh) {
    const auto found = conversation.timelines.find(fresh.author);
    if (found == conversation.timelines.end() || !conversation.isTold) return;
    PeerTimeline& timeline = found->second;
    const EntryNumber next = timeline.nextToSend();
    const EntryNumber end = fresh.first + fresh.entries.size();
    if (!timeline.maySend(peer) || outgoingBytes > kQueuedFresh) return;
    if (next < fresh.first || next >= end || end - 1 > timeline.ours().number) return;
    const auto from = fresh.entries.begin() + static_cast<std::ptrdiff_t>(next - fresh.first);
    queueEntries(fresh.conversation, conversation, timeline, next, {from, fresh.entries.end()});
}

void SyncEngine::Impl::takeRead(SyncedConversation& conversation, PeerTimeline& timeline,
                                const ReadEntries& request, std::vector<wire::SignedEntry> entries) {
    if (entries.empty()) return timeline.setNothingToRead();
    // The head may have fallen back since the request.
    const EntryNumber ours = timeline.ours().number;
    if (request.first > ours) return;
    entries.resize(std::min<std::size_t>(entries.size(), static_cast<std::size_t>(ours - request.first + 1)));
    if (timeline.needsComparison() && timeline.comparisonAt() == request.first)
        timeline.compareAt(request.first, truncated(entryHash(entries.front())));
    const EntryNumber next = timeline.nextToSend();
    if (!timeline.maySend(peer) || next < request.first || next >= request.first + entries.size()) return;
    entries.erase(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(next - request.first));
    queueEntries(request.conversation, conversation, timeline, next, std::move(entries));
}

}  // namespace landline::timeline
