#include "tests/support/memory_store.h"

#include "p2p/base/hash.h"
#include "p2p/base/limits.h"
#include "p2p/timeline/erasure.h"

#include <algorithm>
#include <cassert>

namespace landline::test {

using timeline::CheckedEntry;
using timeline::TimelineHead;

template <class Value>
void MemoryStore::remember(Value& value) {
    m_undo.push_back([&value, before = value] { value = before; });
}

// Setting up and looking -----------------------------------------------------------------------------------------

void MemoryStore::addConversation(const ConversationId& id, std::vector<PersonId> members) {
    m_conversations[id].members = std::move(members);
}

void MemoryStore::undo() {
    while (!m_undo.empty()) {
        m_undo.back()();
        m_undo.pop_back();
    }
    m_touched.clear();
}

void MemoryStore::crash() {
    undo();
}

std::unique_ptr<MemoryStore> MemoryStore::durableCopy() const {
    assert(!hasUncommitted());
    auto copy = std::make_unique<MemoryStore>();
    copy->m_conversations = m_conversations;
    copy->m_certificates = m_certificates;
    copy->m_standings = m_standings;
    copy->m_defaultStanding = m_defaultStanding;
    copy->m_strangers = m_strangers;
    copy->m_clock = m_clock;
    return copy;
}

std::vector<CheckedEntry> MemoryStore::entries(const ConversationId& conversation) const {
    std::vector<CheckedEntry> all;
    const auto found = m_conversations.find(conversation);
    if (found == m_conversations.end()) return all;
    for (const auto& [author, one] : found->second.lines)
        all.insert(all.end(), one.entries.begin(), one.entries.end());
    return all;
}

std::vector<CheckedEntry> MemoryStore::everything(const ConversationId& conversation) const {
    std::vector<CheckedEntry> all = entries(conversation);
    const auto found = m_conversations.find(conversation);
    if (found == m_conversations.end()) return all;
    for (const auto& [author, one] : found->second.lines)
        all.insert(all.end(), one.disputed.begin(), one.disputed.end());
    return all;
}

std::vector<ConversationId> MemoryStore::conversations() const {
    std::vector<ConversationId> ids;
    for (const auto& [id, conversation] : m_conversations) ids.push_back(id);
    return ids;
}

bool MemoryStore::holdsDurably(const ConversationId& conversation, const EntryRef& entry,
                               const Hash128& hash) const {
    const auto found = m_conversations.find(conversation);
    if (found == m_conversations.end() || found->second.lines.count(entry.author) == 0) return false;
    const Line& one = found->second.lines.at(entry.author);
    const auto matches = [&](const CheckedEntry& held) {
        return held.header.number == entry.number && truncated(held.hash) == hash;
    };
    if (std::any_of(one.disputed.begin(), one.disputed.end(), matches)) return true;
    const std::size_t index = static_cast<std::size_t>(entry.number - one.head.baseNumber - 1);
    return entry.number > one.head.baseNumber && index < one.durable && index < one.entries.size() &&
           matches(one.entries[index]);
}

std::map<DeviceId, PersonId> MemoryStore::personOf() const {
    std::map<DeviceId, PersonId> people;
    for (const auto& [device, certificate] : m_certificates) people[device] = certificate.person();
    return people;
}

std::vector<wire::AuthorHead> MemoryStore::peerHeads(const ConversationId& conversation,
                                                     const DeviceId& device) const {
    std::vector<wire::AuthorHead> heads;
    const auto found = m_conversations.find(conversation);
    if (found == m_conversations.end() || found->second.peers.count(device) == 0) return heads;
    for (const auto& [author, head] : found->second.peers.at(device)) heads.push_back(head);
    return heads;
}

std::size_t MemoryStore::heldEntries(const ConversationId& conversation) const {
    std::size_t count = 0;
    const auto found = m_conversations.find(conversation);
    if (found == m_conversations.end()) return count;
    for (const auto& [author, held] : found->second.held) count += held.size();
    return count;
}

// Conversations and people ---------------------------------------------------------------------------------------

Expected<void> MemoryStore::commit() {
    if (m_failingCommits > 0) {
        --m_failingCommits;
        undo();
        return Unexpected(ErrorCode::Full, "The disk is full.");
    }
    m_undo.clear();
    for (Line* const touched : m_touched) touched->durable = touched->entries.size();
    m_touched.clear();
    return {};
}

std::vector<PersonId> MemoryStore::members(const ConversationId& conversation) {
    const auto found = m_conversations.find(conversation);
    return found == m_conversations.end() ? std::vector<PersonId>{} : found->second.members;
}

timeline::Standing MemoryStore::standing(const PersonId& person) {
    const auto found = m_standings.find(person);
    return found == m_standings.end() ? m_defaultStanding : found->second;
}

timeline::StrangerUse MemoryStore::strangerUse(const PersonId& person) {
    return m_strangers[person];
}

void MemoryStore::addStrangerUse(const PersonId& person, timeline::StrangerUse more) {
    timeline::StrangerUse& use = m_strangers[person];
    remember(use);
    use.entries += more.entries;
    use.bytes += more.bytes;
}

std::optional<identity::Certificate> MemoryStore::certificate(const DeviceId& device) {
    const auto found = m_certificates.find(device);
    return found == m_certificates.end() ? std::nullopt : std::optional(found->second);
}

void MemoryStore::putCertificate(const identity::Certificate& certificate) {
    const DeviceId device = certificate.device();
    if (m_certificates.emplace(device, certificate).second)
        m_undo.push_back([this, device] { m_certificates.erase(device); });
}

std::optional<PersonId> MemoryStore::person(const DeviceId& device) const {
    const auto found = m_certificates.find(device);
    return found == m_certificates.end() ? std::nullopt : std::optional(found->second.person());
}

// Entries --------------------------------------------------------------------------------------------------------

MemoryStore::Line& MemoryStore::line(Conversation& conversation, const DeviceId& author) {
    const auto [found, isNew] = conversation.lines.try_emplace(author);
    if (isNew) {
        found->second.head.author = author;
        m_undo.push_back([&conversation, author] { conversation.lines.erase(author); });
    }
    return found->second;
}

CheckedEntry* MemoryStore::find(Conversation& conversation, const EntryRef& ref) {
    const auto found = conversation.lines.find(ref.author);
    if (found == conversation.lines.end()) return nullptr;
    Line& one = found->second;
    if (ref.number <= one.head.baseNumber || ref.number > one.head.number) return nullptr;
    return &one.entries[static_cast<std::size_t>(ref.number - one.head.baseNumber - 1)];
}

std::optional<TimelineHead> MemoryStore::head(const ConversationId& conversation, const DeviceId& author) {
    const auto found = m_conversations.find(conversation);
    if (found == m_conversations.end() || found->second.lines.count(author) == 0) return std::nullopt;
    return found->second.lines.at(author).head;
}

std::vector<TimelineHead> MemoryStore::heads(const ConversationId& conversation) {
    std::vector<TimelineHead> heads;
    const auto found = m_conversations.find(conversation);
    if (found == m_conversations.end()) return heads;
    for (const auto& [author, one] : found->second.lines) heads.push_back(one.head);
    return heads;
}

void MemoryStore::append(const ConversationId& conversation, std::span<const CheckedEntry> entries,
                         const TimelineHead& after) {
    Conversation& into = m_conversations[conversation];
    Line& one = line(into, after.author);
    m_undo.push_back([&one, head = one.head, size = one.entries.size()] {
        one.head = head;
        one.entries.resize(size);
    });
    m_touched.insert(&one);
    one.head = after;
    for (const CheckedEntry& entry : entries) {
        one.entries.push_back(entry);
        if (!entry.content) continue;
        const auto note = [&](std::multimap<EntryRef, EntryRef>& index, const EntryRef& target) {
            const auto at = index.emplace(target, entry.ref());
            m_undo.push_back([&index, at] { index.erase(at); });
        };
        if (const auto* const deletion = std::get_if<wire::Delete>(&*entry.content))
            note(into.deletes, deletion->target);
        if (const auto* const edit = std::get_if<wire::Edit>(&*entry.content)) note(into.edits, edit->target);
    }
}

std::vector<wire::SignedEntry> MemoryStore::read(const ConversationId& conversation, const DeviceId& author,
                                                 EntryNumber first, std::size_t maxCount,
                                                 std::size_t maxBytes) {
    std::vector<wire::SignedEntry> run;
    std::size_t bytes = 0;
    for (EntryNumber number = first; run.size() < maxCount; ++number) {
        const CheckedEntry* const entry = find(m_conversations[conversation], {author, number});
        if (!entry) break;
        bytes += entry->bytes.bytes();
        if (!run.empty() && bytes > maxBytes) break;
        run.push_back(entry->bytes);
    }
    return run;
}

/// Undone by place rather than by address: entries move when more are appended.
bool MemoryStore::strip(Conversation& conversation, const EntryRef& ref, const wire::ErasureProof& proof) {
    CheckedEntry* const entry = find(conversation, ref);
    if (!entry || entry->bytes.payload.empty()) return false;
    Line& one = conversation.lines.at(ref.author);
    const auto index = static_cast<std::size_t>(entry - one.entries.data());
    m_undo.push_back([&one, index, before = *entry] { one.entries[index] = before; });
    entry->bytes.payload.clear();
    entry->bytes.erasure = proof;
    entry->content.reset();
    return true;
}

bool MemoryStore::erase(const ConversationId& conversation, const EntryRef& target,
                        const wire::ErasureProof& proof) {
    Conversation& in = m_conversations[conversation];
    bool erased = strip(in, target, proof);
    const auto [begin, end] = in.edits.equal_range(target);
    for (auto at = begin; at != end; ++at)
        if (person(at->second.author) == person(target.author))
            erased = strip(in, at->second, proof) || erased;
    return erased;
}

std::optional<wire::ErasureProof> MemoryStore::erasureOf(const ConversationId& conversation,
                                                         const EntryRef& target) {
    Conversation& in = m_conversations[conversation];
    const auto [begin, end] = in.deletes.equal_range(target);
    for (auto at = begin; at != end; ++at) {
        const CheckedEntry* const deletion = find(in, at->second);
        const auto author = certificate(at->second.author);
        if (deletion && author && author->person() == person(target.author))
            return timeline::proofOf(deletion->bytes, *author);
    }
    const CheckedEntry* const held = find(in, target);
    return held ? held->bytes.erasure : std::nullopt;
}

void MemoryStore::endTimeline(
    const ConversationId& conversation, const DeviceId& author, EntryNumber last,
    const std::optional<std::pair<wire::SignedEntry, wire::SignedEntry>>& evidence) {
    Line& one = line(m_conversations[conversation], author);
    remember(one);
    m_touched.insert(&one);
    one.head.end = last;
    one.evidence = evidence;
    if (last >= one.head.number) return;
    const std::size_t keep =
        last > one.head.baseNumber ? static_cast<std::size_t>(last - one.head.baseNumber) : 0;
    const auto from = one.entries.begin() + static_cast<std::ptrdiff_t>(keep);
    one.disputed.insert(one.disputed.end(), from, one.entries.end());
    one.entries.erase(from, one.entries.end());
    one.head.number = one.head.baseNumber + keep;
    one.head.hash = keep == 0 ? one.head.baseHash : one.entries.back().hash;
    one.head.clock = keep == 0 ? 0 : one.entries.back().header.clock;
    one.head.read = std::min(one.head.read, one.head.number);
}

std::optional<std::pair<wire::SignedEntry, wire::SignedEntry>> MemoryStore::forkEvidence(
    const ConversationId& conversation, const DeviceId& author) {
    const auto found = m_conversations.find(conversation);
    if (found == m_conversations.end() || found->second.lines.count(author) == 0) return std::nullopt;
    return found->second.lines.at(author).evidence;
}

// Out-of-order arrivals ------------------------------------------------------------------------------------------

void MemoryStore::hold(const ConversationId& conversation, const DeviceId& author, EntryNumber number,
                       const wire::SignedEntry& entry) {
    if (heldEntries(conversation) >= limits::kPendingEntries) return;
    auto& held = m_conversations[conversation].held[author];
    if (held.emplace(number, entry).second) m_undo.push_back([&held, number] { held.erase(number); });
}

std::vector<wire::SignedEntry> MemoryStore::takeHeld(const ConversationId& conversation,
                                                     const DeviceId& author, EntryNumber first) {
    std::vector<wire::SignedEntry> run;
    const auto found = m_conversations.find(conversation);
    if (found == m_conversations.end() || found->second.held.count(author) == 0) return run;
    auto& held = found->second.held.at(author);
    if (held.empty()) return run;
    remember(held);
    held.erase(held.begin(), held.lower_bound(first));
    while (!held.empty() && held.begin()->first == first + run.size()) {
        run.push_back(std::move(held.begin()->second));
        held.erase(held.begin());
    }
    return run;
}

// Clock and marks ------------------------------------------------------------------------------------------------

void MemoryStore::setClock(timeline::HybridTime time) {
    remember(m_clock);
    m_clock = time;
}

void MemoryStore::putPeerHeads(const ConversationId& conversation, const DeviceId& device,
                               std::span<const wire::AuthorHead> heads) {
    auto& peer = m_conversations[conversation].peers[device];
    remember(peer);
    for (const wire::AuthorHead& head : heads) {
        wire::AuthorHead& mark = peer[head.author];
        const EntryNumber read = std::max(mark.read, head.read);
        if (head.number >= mark.number) mark = head;
        mark.read = read;
    }
}

void MemoryStore::setRead(const ConversationId& conversation, const DeviceId& author, EntryNumber number) {
    Line& one = line(m_conversations[conversation], author);
    if (number <= one.head.read) return;
    remember(one.head);
    one.head.read = number;
}

}  // namespace landline::test
