#include "p2p/timeline/sync_engine.h"

#include "p2p/base/hash.h"
#include "p2p/base/limits.h"
#include "p2p/timeline/sync_engine_impl.h"

#include <algorithm>

namespace landline::timeline {

namespace {

/// What one read fetches: large enough to keep a link busy, small enough to wait for a slow one.
constexpr std::size_t kReadBytes = 256 * 1024;
constexpr std::size_t kReadCount = 1024;
/// Bytes of entries in one frame, which leaves room for the frame's own fields.
constexpr std::size_t kFrameEntries = limits::kFramePlaintext - 256;

std::size_t encodedBytes(const wire::SignedEntry& entry) {
    std::size_t bytes = entry.bytes() + 32;
    if (entry.erasure)
        bytes += entry.erasure->header.size() + entry.erasure->payload.size() +
                 entry.erasure->certificate.size() + Signature::kSize + 32;
    return bytes;
}

}  // namespace

std::size_t payloadBytes(const std::vector<wire::SignedEntry>& entries) {
    std::size_t bytes = 0;
    for (const wire::SignedEntry& entry : entries) bytes += entry.bytes();
    return bytes;
}

// Consequences ---------------------------------------------------------------------------------------------------

void SyncEngine::Impl::updateAll(const ConversationId& id, SyncedConversation& conversation) {
    for (auto& [author, timeline] : conversation.timelines) update(id, conversation, timeline);
}

/// Notes everything that follows from the timeline's numbers as they are now.
void SyncEngine::Impl::update(const ConversationId& id, SyncedConversation& conversation,
                              PeerTimeline& timeline) {
    const DeviceId& author = timeline.ours().author;
    if (author == peer && conversation.isTold) timeline.showAuthorItsOwn();
    if (timeline.takeEndUnknown()) actions.emplace_back(ExamineFork{{id, author, {}}});
    if (const auto record = timeline.takeRecord(peer)) {
        auto* const last = actions.empty() ? nullptr : std::get_if<RecordPeerHeads>(&actions.back());
        if (!last || last->conversation != id)
            actions.emplace_back(RecordPeerHeads{id, {*record}});
        else
            last->heads.push_back(*record);
    }
    if (conversation.hasToldHeads && timeline.announceDue(peer)) {
        conversation.headsDue.insert(author);
        headsDue.insert(id);
    }
    const bool wantsRead = conversation.isTold && (timeline.needsComparison() || timeline.maySend(peer));
    if ((wantsRead || timeline.isEvidenceDue()) && !timeline.isWaitingForRead) {
        timeline.isWaitingForRead = true;
        wanting.emplace_back(id, author);
    }
}

void SyncEngine::Impl::queueEntries(const ConversationId& id, SyncedConversation& conversation,
                                    PeerTimeline& timeline, EntryNumber first,
                                    std::vector<wire::SignedEntry> entries) {
    if (!entries.empty()) conversation.sentOf.insert(timeline.ours().author);
    std::size_t at = 0;
    while (at < entries.size()) {
        wire::Entries frame{id, timeline.ours().author, first + at, {}};
        std::size_t room = kFrameEntries;
        while (at < entries.size() && frame.entries.size() < limits::kEntriesPerMessage) {
            const std::size_t bytes = encodedBytes(entries[at]);
            if (bytes > room && !frame.entries.empty()) break;
            room -= std::min(room, bytes);
            frame.entries.push_back(std::move(entries[at++]));
        }
        const std::size_t bytes = payloadBytes(frame.entries);
        timeline.setSent(first + at - 1, truncated(entryHash(frame.entries.back())), bytes);
        outgoingBytes += bytes;
        outgoing.push_back(std::move(frame));
    }
}

/// The peer asks for what it lacks once more. Only timelines of which something was sent can lack it, so that repeated
/// heads cost nothing for authors that the peer invents.
void SyncEngine::Impl::sendAgain(const ConversationId& id, SyncedConversation& conversation) {
    for (const DeviceId& author : std::exchange(conversation.sentOf, {})) {
        PeerTimeline& timeline = conversation.timelines.at(author);
        timeline.sendAgain();
        update(id, conversation, timeline);
    }
}

/// Nothing beyond the end of a timeline is passed on, not even what stands in the queue.
void SyncEngine::Impl::dropQueuedBeyond(const ConversationId& id, const TimelineHead& head) {
    std::deque<wire::Entries> kept;
    for (wire::Entries& frame : outgoing) {
        const bool beyond = frame.conversation == id && frame.author == head.author &&
                            frame.first + frame.entries.size() - 1 > head.number;
        if (beyond)
            outgoingBytes -= payloadBytes(frame.entries);
        else
            kept.push_back(std::move(frame));
    }
    outgoing = std::move(kept);
}

// Output ---------------------------------------------------------------------------------------------------------

std::optional<SyncAction> SyncEngine::Impl::nextHeads() {
    while (!headsDue.empty()) {
        const ConversationId id = *headsDue.begin();
        SyncedConversation& conversation = conversations.at(id);
        wire::Heads heads{id, {}, false};
        while (!conversation.headsDue.empty() && heads.authors.size() < limits::kHeadsPerMessage) {
            const auto author = conversation.headsDue.begin();
            PeerTimeline& timeline = conversation.timelines.at(*author);
            conversation.headsDue.erase(author);
            // Entries that were sent meanwhile told it already.
            if (!timeline.announceDue(peer)) continue;
            heads.authors.push_back(wireHead(timeline.ours()));
            timeline.setAnnounced();
        }
        if (conversation.headsDue.empty()) headsDue.erase(id);
        if (!heads.authors.empty()) return SendMessage{std::move(heads)};
    }
    return std::nullopt;
}

/// What to read next for this timeline: evidence; the entry to compare with the peer's head; entries to send; or the last
/// two at once.
std::optional<ReadEntries> SyncEngine::Impl::readFor(const ConversationId& id, PeerTimeline& timeline) {
    const TimelineHead& ours = timeline.ours();
    ReadEntries read{id, ours.author, 0, 0, 0};
    if (const auto due = timeline.takeEvidenceDue()) {
        isReadingEvidence = true;
        const EntryNumber last = std::min(*due, ours.number);
        const EntryNumber most = limits::kForkHeaders / 2;
        read.first = last > ours.baseNumber + most ? last - most + 1 : ours.baseNumber + 1;
        read.maxCount = static_cast<std::size_t>(last + 1 - std::min(last + 1, read.first));
        read.maxBytes = read.maxCount * limits::kFramePlaintext;
        return read.maxCount == 0 ? std::nullopt : std::optional(read);
    }
    const bool compares = timeline.needsComparison();
    if (!compares && !timeline.maySend(peer)) return std::nullopt;
    read.first = compares ? timeline.comparisonAt() : timeline.nextToSend();
    const bool sends = !compares || timeline.nextToSend() == read.first + 1;
    read.maxCount =
        sends ? static_cast<std::size_t>(std::min<EntryNumber>(kReadCount, ours.number - read.first + 1)) : 1;
    read.maxBytes = sends ? std::min(kReadBytes, timeline.window()) : 0;
    return read;
}

std::optional<SyncAction> SyncEngine::Impl::nextRead() {
    while (!reading && !wanting.empty()) {
        const auto [id, author] = wanting.front();
        wanting.pop_front();
        PeerTimeline& timeline = conversations.at(id).timelines.at(author);
        timeline.isWaitingForRead = false;
        isReadingEvidence = false;
        reading = readFor(id, timeline);
        if (reading) return SyncAction(*reading);
    }
    return std::nullopt;
}

// The engine -----------------------------------------------------------------------------------------------------

SyncEngine::SyncEngine(const DeviceId& self, const DeviceId& peer) : m(std::make_unique<Impl>(self, peer)) {}
SyncEngine::~SyncEngine() = default;

void SyncEngine::start(std::vector<ConversationHeads> shared) {
    std::vector<ConversationId> fresh;
    for (const ConversationHeads& heads : shared) {
        if (m->conversations.count(heads.conversation) != 0) {
            m->restart(heads);
            continue;
        }
        m->share(heads);
        fresh.push_back(heads.conversation);
    }
    if (!m->isStarted || !fresh.empty()) m->list(fresh);
    m->isStarted = true;
    for (wire::HeadsDigest& digest : std::exchange(m->early, {})) m->take(digest);
}

void SyncEngine::localHeadsChanged(const ConversationHeads& changed,
                                   const std::vector<wire::Entries>& fresh) {
    if (!m->isStarted) return;
    const ConversationId& id = changed.conversation;
    if (m->conversations.count(id) == 0) {
        m->share(changed);
        return m->list({id});
    }
    SyncedConversation& conversation = m->conversations.at(id);
    for (const TimelineHead& head : changed.heads) {
        PeerTimeline& timeline = conversation.timelines.try_emplace(head.author, head.author).first->second;
        const bool fellBack = head.number < timeline.ours().number;
        timeline.setOurs(head);
        if (fellBack) m->dropQueuedBeyond(id, head);
    }
    for (const wire::Entries& run : fresh)
        if (run.conversation == id) m->takeFresh(conversation, run);
    for (const TimelineHead& head : changed.heads)
        m->update(id, conversation, conversation.timelines.at(head.author));
}

Expected<void> SyncEngine::receive(wire::Message message) {
    if (m->isStarted) return m->dispatch(message);
    // Nothing but digests may come before the peer has seen ours.
    auto* const digest = std::get_if<wire::HeadsDigest>(&message);
    if (!digest || m->early.size() == limits::kFramesBeforeStart)
        return Unexpected(ErrorCode::ProtocolViolation,
                          "The other side sent heads or entries before it was answered.");
    m->early.push_back(std::move(*digest));
    return {};
}

void SyncEngine::entriesRead(const ReadEntries& request, std::vector<wire::SignedEntry> entries) {
    if (!m->reading || m->reading->conversation != request.conversation ||
        m->reading->author != request.author)
        return;
    m->reading.reset();
    SyncedConversation& conversation = m->conversations.at(request.conversation);
    PeerTimeline& timeline = conversation.timelines.at(request.author);
    if (m->isReadingEvidence) {
        wire::ForkEvidence evidence{request.conversation, request.author, {}};
        for (const wire::SignedEntry& entry : entries)
            evidence.headers.push_back({entry.header, entry.signature, {}, {}});
        sendForkEvidence(std::move(evidence));
    } else {
        m->takeRead(conversation, timeline, request, std::move(entries));
    }
    m->update(request.conversation, conversation, timeline);
}

void SyncEngine::applied(std::size_t) {
    if (m->applying.empty()) return;
    m->applyingBytes -= m->applying.front();
    m->applying.pop_front();
}

void SyncEngine::examined() {
    m->examining -= std::min<std::size_t>(m->examining, 1);
}

void SyncEngine::sendForkEvidence(wire::ForkEvidence evidence) {
    const auto waiting = std::count_if(m->control.begin(), m->control.end(), [](const wire::Message& one) {
        return std::holds_alternative<wire::ForkEvidence>(one);
    });
    if (evidence.headers.empty() || static_cast<std::size_t>(waiting) >= limits::kForkAnswers) return;
    m->control.emplace_back(std::move(evidence));
}

void SyncEngine::setWritable(bool writable) {
    m->isWritable = writable;
}

std::optional<SyncAction> SyncEngine::nextAction() {
    if (!m->actions.empty()) {
        SyncAction action = std::move(m->actions.front());
        m->actions.pop_front();
        if (std::holds_alternative<ExamineFork>(action)) ++m->examining;
        return action;
    }
    if (!m->isWritable) return std::nullopt;
    if (!m->control.empty()) {
        SendMessage send{std::move(m->control.front())};
        m->control.pop_front();
        return send;
    }
    if (auto heads = m->nextHeads()) return heads;
    if (!m->outgoing.empty()) {
        m->outgoingBytes -= payloadBytes(m->outgoing.front().entries);
        SendMessage send{std::move(m->outgoing.front())};
        m->outgoing.pop_front();
        return send;
    }
    return m->nextRead();
}

bool SyncEngine::mayReceive() const {
    if (!m->isStarted) return m->early.empty();
    return m->applyingBytes <= limits::kApplyWindow && m->applying.size() < limits::kApplyFrames &&
           m->examining < limits::kForkExaminations;
}

bool SyncEngine::hasHeardDigest() const {
    return m->peerHasListed || !m->early.empty();
}

std::size_t SyncEngine::bytesApplying() const {
    return m->applyingBytes;
}

bool SyncEngine::idle() const {
    const bool quiet = m->isStarted && m->peerHasListed && m->actions.empty() && m->control.empty() &&
                       m->headsDue.empty() && m->outgoing.empty() && m->wanting.empty() && !m->reading &&
                       m->applying.empty();
    if (!quiet) return false;
    for (const auto& [id, conversation] : m->conversations) {
        if (!conversation.isListed && !conversation.hasToldHeads) continue;
        if (!conversation.isTold) return false;
        for (const auto& [author, timeline] : conversation.timelines)
            if (!timeline.isQuiet(m->peer)) return false;
    }
    return true;
}

}  // namespace landline::timeline
