// Database: people, conversations, messages.

#include "app/storage/database_impl.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QStringList>

#include <algorithm>
#include <utility>

namespace landline::app {

namespace {

/// Strangers were forgotten, ever.
constexpr QLatin1String kForgotten("strangers_forgotten");

}  // namespace

// People -------------------------------------------------------------------------------------------------------------

std::vector<PersonRecord> Database::people() {
    std::vector<PersonRecord> result;
    for (const auto& [id, person] : m->directory.persons())
        if (person.met) result.push_back(m->directory.record(person));
    return result;
}

std::optional<PersonRecord> Database::person(const PersonId& id) {
    const Directory::Person* const known = m->directory.person(id);
    return known && known->met ? std::optional(m->directory.record(*known)) : std::nullopt;
}

void Database::meet(const identity::Certificate& certificate, const QString& name) {
    m->directory.meet(certificate, name, QDateTime::currentMSecsSinceEpoch());
    (void)m->directory.keep(certificate.person());
    m->forget(m->directory.surplusStrangers(certificate.person()));
}

bool Database::meetByRelay(const identity::Certificate& certificate, const QString& name, WallTime now) {
    const Directory::Person* const known = m->directory.person(certificate.person());
    const bool isNew = !known || !known->met;
    if (isNew) {
        const auto surplus = m->directory.roomByRelay(toUnixMillis(now));
        if (!surplus) return false;
        m->forget(*surplus);
    }
    m->directory.meet(certificate, name, toUnixMillis(now));
    if (isNew) m->directory.setByRelay(certificate.person());
    m->forget(m->directory.surplusStrangers(certificate.person()));
    return true;
}

std::vector<PersonId> Database::takeForgotten() {
    return std::exchange(m->forgotten, {});
}

bool Database::cameByRelay(const PersonId& id) {
    const Directory::Person* const known = m->directory.person(id);
    return known && known->isByRelay;
}

bool Database::hasForgottenStrangers() {
    return !setting(kForgotten).isEmpty();
}

void Database::Impl::forget(const std::vector<qint64>& strangers) {
    if (strangers.empty()) return;
    setSetting(kForgotten, QStringLiteral("1"));
    for (const qint64 stranger : strangers) {
        if (const Directory::Person* const known = directory.person(stranger)) forgotten.push_back(known->key);
        for (const auto& [id, conversation] : directory.conversations())
            if (conversation.person == stranger) messages.removeAll(conversation);
        directory.forget(stranger);
    }
    directory.load();
    timelines.forgetCached();
    amendments.forgetCached();
}

std::optional<DeviceId> Database::deviceWith(const NoiseKey& noiseKey) {
    for (const auto& [id, device] : m->directory.devices())
        if (device.noiseKey == noiseKey) return device.key;
    return std::nullopt;
}

void Database::setPersonName(const PersonId& id, const QString& name) {
    m->directory.setName(id, name);
}

void Database::setStanding(const PersonId& id, timeline::Standing standing) {
    m->directory.setStanding(id, standing);
}

void Database::setVerified(const PersonId& id, bool verified) {
    m->directory.setVerified(id, verified);
}

void Database::setDeviceAddress(const DeviceId& id, const QString& address, qint64 lastSeen) {
    m->directory.setAddress(id, address, lastSeen);
}

std::vector<timeline::CheckedEntry> Database::showKnownKinds() {
    const QString key = QStringLiteral("known_kinds");
    constexpr auto kNewest = static_cast<std::uint32_t>(wire::ContentKind::BundleOffer);
    if (setting(key).toUInt() >= kNewest) return {};
    setSetting(key, QString::number(kNewest));
    return m->messages.showKnownKinds();
}

// Conversations --------------------------------------------------------------------------------------------------------

ConversationRecord Database::Impl::record(const Directory::Conversation& conversation) {
    ConversationRecord record;
    record.id = conversation.key;
    if (const Directory::Person* const person = directory.person(conversation.person))
        record.person = person->key;
    qint64 unread = 0;
    for (const auto& row : timelines.all(conversation.id))
        if (!directory.isOwn(row.head.author)) unread += std::max<qint64>(0, row.unread);
    record.unread = static_cast<int>(unread);
    record.last = reader().newest(conversation);
    return record;
}

std::vector<ConversationRecord> Database::conversations() {
    std::vector<ConversationRecord> result;
    for (const auto& [id, conversation] : m->directory.conversations())
        result.push_back(m->record(conversation));
    return result;
}

std::optional<ConversationRecord> Database::conversation(const ConversationId& id) {
    const Directory::Conversation* const known = m->directory.conversation(id);
    return known ? std::optional(m->record(*known)) : std::nullopt;
}

bool Database::markRead(const ConversationId& conversation) {
    const Directory::Conversation* const known = m->directory.conversation(conversation);
    if (!known) return false;
    const Directory::Person* const other = m->directory.person(known->person);
    bool changed = other && m->directory.keep(other->key);
    for (auto& row : m->timelines.all(known->id)) {
        if (m->directory.isOwn(row.head.author) || row.head.read >= row.head.number) continue;
        row.head.read = row.head.number;
        m->timelines.setHead(row, row.head);
        m->messages.recountUnread(row);
        changed = true;
    }
    return changed;
}

// Messages -------------------------------------------------------------------------------------------------------------

std::vector<MessageRecord> Database::history(const HistoryQuery& query) {
    const Directory::Conversation* const known = m->directory.conversation(query.conversation);
    if (!known) return {};
    return m->reader().page(*known, query);
}

std::optional<MessageRecord> Database::message(const GlobalEntryRef& ref) {
    const auto timeline = m->timeline(ref.conversation, ref.entry.author);
    if (!timeline || ref.entry.number > kHighestEntryNumber) return std::nullopt;
    const auto message = m->timelines.messageOf(entryId(timeline->id, ref.entry.number));
    auto found = message ? m->reader().byId(*message) : std::nullopt;
    if (!found || found->ref == ref) return found;
    m->sql.failDamaged();
    return std::nullopt;
}

namespace {

/// True if `hex` is the beginning of `bytes` in hexadecimal.
bool begins(ByteView bytes, const QString& hex) {
    return QString::fromStdString(toHex(bytes)).startsWith(hex, Qt::CaseInsensitive);
}

Unexpected noSuchMessage() {
    return Unexpected(
        ErrorCode::NotFound,
        QCoreApplication::translate("Storage", "There is no message with this id.").toStdString());
}

}  // namespace

Expected<GlobalEntryRef> Database::findMessage(const QString& id) {
    const QStringList parts = id.trimmed().split(u'-');
    bool isNumber = false;
    const EntryNumber number = parts.size() == 3 ? parts[2].toULongLong(&isNumber) : 0;
    if (!isNumber || parts[0].isEmpty() || parts[1].isEmpty()) return noSuchMessage();
    std::vector<GlobalEntryRef> found;
    for (const auto& [local, conversation] : m->directory.conversations()) {
        if (!begins(conversation.key.view(), parts[0])) continue;
        for (const auto& row : m->timelines.all(conversation.id)) {
            const GlobalEntryRef ref{conversation.key, {row.head.author, number}};
            if (begins(row.head.author.view(), parts[1]) && message(ref)) found.push_back(ref);
        }
    }
    if (found.empty()) return noSuchMessage();
    if (found.size() == 1) return found.front();
    return Unexpected(
        ErrorCode::Ambiguous,
        QCoreApplication::translate("Storage", "Several messages have an id that begins so. Give more of it.")
            .toStdString());
}

std::vector<MessageRecord> Database::search(const SearchQuery& query) {
    SearchIndex::Filter filter{{}, {}, query.since, query.until, query.limit};
    if (query.from) {
        const Directory::Person* const person = m->directory.person(*query.from);
        if (!person) return {};
        filter.person = person->id;
    }
    if (query.in) {
        const Directory::Conversation* const conversation = m->directory.conversation(*query.in);
        if (!conversation) return {};
        filter.conversation = conversation->id;
    }
    m->indexWaiting();
    std::vector<MessageRecord> result;
    MessageReader reader = m->reader();
    for (const qint64 message : m->search.find(query.words, filter))
        if (auto record = reader.byId(message)) result.push_back(*std::move(record));
    return result;
}

std::vector<MessageRecord> Database::ownMessages(const ConversationId& conversation, const DeviceId& author,
                                                 EntryNumber from, EntryNumber to) {
    const auto timeline = m->timeline(conversation, author);
    if (!timeline || !m->directory.isOwn(author)) return {};
    return m->reader().range(timeline->id, from, to);
}

PersonMark Database::personMark(const ConversationId& conversation, const PersonId& person,
                                const DeviceId& author) {
    const Directory::Conversation* const known = m->directory.conversation(conversation);
    const Directory::Person* const member = m->directory.person(person);
    if (!known || !member) return {};
    const PeerHeads::Marks marks = m->heads.marksOf(member->id, *known, author);
    return {marks.delivered, marks.read};
}

std::vector<ConversationId> Database::conversationsWith(const PersonId& person) {
    std::vector<ConversationId> result;
    const Directory::Person* const member = m->directory.person(person);
    if (!member) return result;
    for (const auto& [id, conversation] : m->directory.conversations())
        if (std::find(conversation.members.begin(), conversation.members.end(), member->id) !=
            conversation.members.end())
            result.push_back(conversation.key);
    return result;
}

}  // namespace landline::app
