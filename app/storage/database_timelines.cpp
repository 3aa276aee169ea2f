// Database as a timeline::TimelineStore.

#include "app/storage/database_impl.h"

#include "p2p/base/hash.h"
#include "p2p/timeline/erasure.h"

#include <algorithm>

namespace landline::app {

using timeline::TimelineHead;

namespace {

constexpr QLatin1String kClockSetting("clock");

}  // namespace

std::optional<TimelineTable::Row> Database::Impl::timeline(const ConversationId& conversation,
                                                           const DeviceId& author) {
    const Directory::Conversation* const known = directory.conversation(conversation);
    return known ? timelines.find(known->id, author) : std::nullopt;
}

std::vector<PersonId> Database::members(const ConversationId& conversation) {
    std::vector<PersonId> result;
    const Directory::Conversation* const known = m->directory.conversation(conversation);
    if (!known) return result;
    for (const qint64 member : known->members)
        if (const Directory::Person* const person = m->directory.person(member))
            result.push_back(person->key);
    return result;
}

timeline::Standing Database::standing(const PersonId& person) {
    const Directory::Person* const known = m->directory.person(person);
    return known ? known->standing : timeline::Standing::Stranger;
}

timeline::StrangerUse Database::strangerUse(const PersonId& person) {
    const Directory::Person* const known = m->directory.person(person);
    return known ? known->use : timeline::StrangerUse{};
}

void Database::addStrangerUse(const PersonId& person, timeline::StrangerUse more) {
    m->directory.addStrangerUse(person, more);
}

std::optional<identity::Certificate> Database::certificate(const DeviceId& device) {
    return m->directory.certificate(device);
}

void Database::putCertificate(const identity::Certificate& certificate) {
    m->directory.putCertificate(certificate);
}

std::optional<TimelineHead> Database::head(const ConversationId& conversation, const DeviceId& author) {
    const auto row = m->timeline(conversation, author);
    return row ? std::optional(row->head) : std::nullopt;
}

std::vector<TimelineHead> Database::heads(const ConversationId& conversation) {
    std::vector<TimelineHead> result;
    const Directory::Conversation* const known = m->directory.conversation(conversation);
    if (!known) return result;
    for (auto& row : m->timelines.all(known->id)) result.push_back(std::move(row.head));
    return result;
}

void Database::append(const ConversationId& conversation, std::span<const timeline::CheckedEntry> entries,
                      const TimelineHead& after) {
    const Directory::Conversation* const known = m->directory.conversation(conversation);
    if (!known || after.number > kHighestEntryNumber) {
        m->sql.fail({ErrorCode::Internal, "A timeline entry belongs to no conversation that is known here."});
        return;
    }
    TimelineTable::Row before = m->timelines.findOrMake(known->id, after.author);
    if (before.head.number == 0) {
        before.head.baseNumber = after.baseNumber;
        before.head.number = after.baseNumber;
    }
    m->messages.append(before, entries);
    TimelineHead head = after;
    head.read = std::max(head.read, before.head.read);
    m->timelines.setHead(before, head);
    m->heads.appended(before, entries);
}

std::vector<wire::SignedEntry> Database::read(const ConversationId& conversation, const DeviceId& author,
                                              EntryNumber first, std::size_t maxCount, std::size_t maxBytes) {
    const auto row = m->timeline(conversation, author);
    if (!row || maxCount == 0) return {};
    auto run = m->timelines.readRun(*row, first, maxCount, maxBytes);
    for (const wire::SignedEntry& entry : run)
        if (entry.erasure && !isErasureSound(entry)) {
            m->sql.failDamaged();
            return {};
        }
    return run;
}

bool Database::isErasureSound(const wire::SignedEntry& entry) {
    const auto header = wire::parseEntryHeader(entry.header);
    const Directory::Person* const person = header ? m->directory.personOf(header->author) : nullptr;
    return person && timeline::isSoundErasure(*this, *entry.erasure, *header, person->key);
}

bool Database::erase(const ConversationId& conversation, const EntryRef& target,
                     const wire::ErasureProof& proof) {
    const Directory::Conversation* const known = m->directory.conversation(conversation);
    return known && m->messages.erase(known->id, target, proof);
}

std::optional<wire::ErasureProof> Database::erasureOf(const ConversationId& conversation,
                                                      const EntryRef& target) {
    const Directory::Conversation* const known = m->directory.conversation(conversation);
    return known ? m->messages.erasureOf(known->id, target) : std::nullopt;
}

void Database::endTimeline(const ConversationId& conversation, const DeviceId& author, EntryNumber last,
                           const std::optional<std::pair<wire::SignedEntry, wire::SignedEntry>>& evidence) {
    const Directory::Conversation* const known = m->directory.conversation(conversation);
    if (!known) return;
    TimelineTable::Row row = m->timelines.findOrMake(known->id, author);
    if (evidence) m->timelines.putFork(row.id, *evidence);
    if (row.head.end && *row.head.end <= last) return;
    TimelineHead& head = row.head;
    head.end = last;
    if (head.number > last) {
        head.number = std::max(last, head.baseNumber);
        head.hash = head.baseHash;
        head.clock = 0;
        head.read = std::min(head.read, head.number);
        if (const auto entry = m->timelines.entry(entryId(row.id, head.number))) {
            head.hash = timeline::entryHash(*entry);
            if (const auto header = wire::parseEntryHeader(entry->header)) head.clock = header->clock;
        }
        m->messages.dispute(row, head.number);
    }
    m->timelines.setHead(row, head);
    m->messages.recountUnread(row);
}

std::optional<std::pair<wire::SignedEntry, wire::SignedEntry>> Database::forkEvidence(
    const ConversationId& conversation, const DeviceId& author) {
    const auto row = m->timeline(conversation, author);
    return row ? m->timelines.fork(row->id) : std::nullopt;
}

void Database::hold(const ConversationId& conversation, const DeviceId& author, EntryNumber number,
                    const wire::SignedEntry& entry) {
    if (const Directory::Conversation* const known = m->directory.conversation(conversation))
        m->timelines.hold({known->id, author}, number, entry);
}

std::vector<wire::SignedEntry> Database::takeHeld(const ConversationId& conversation, const DeviceId& author,
                                                  EntryNumber first) {
    const Directory::Conversation* const known = m->directory.conversation(conversation);
    if (!known) return {};
    return m->timelines.takeHeld({known->id, author}, first);
}

timeline::HybridTime Database::clock() {
    if (!m->clock) m->clock = m->setting(kClockSetting).toULongLong();
    return *m->clock;
}

void Database::setClock(timeline::HybridTime time) {
    if (m->clock == time) return;
    m->setSetting(kClockSetting, QString::number(time));
    m->clock = time;
}

void Database::putPeerHeads(const ConversationId& conversation, const DeviceId& device,
                            std::span<const wire::AuthorHead> heads) {
    if (const Directory::Conversation* const known = m->directory.conversation(conversation))
        m->heads.put(*known, device, heads);
}

void Database::setRead(const ConversationId& conversation, const DeviceId& author, EntryNumber number) {
    const Directory::Conversation* const known = m->directory.conversation(conversation);
    if (!known) return;
    TimelineTable::Row row = m->timelines.findOrMake(known->id, author);
    if (number <= row.head.read) return;
    row.head.read = number;
    m->timelines.setHead(row, row.head);
    m->messages.recountUnread(row);
}

}  // namespace landline::app
