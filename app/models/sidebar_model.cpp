#include "app/models/sidebar_model.h"

#include "app/models/message_text.h"

#include <QCollator>
#include <QLocale>

#include <algorithm>
#include <chrono>
#include <set>

namespace landline::app {

using namespace std::chrono_literals;
using Section = SidebarRow::Section;
using RowKind = SidebarRow::Kind;

namespace {

constexpr auto kArrangeAfter = 25ms;
constexpr auto kSearchAfter = 120ms;
constexpr int kMostFound = 60;

template <class Id>
QByteArray bytesOf(const Id& id) {
    return QByteArray(reinterpret_cast<const char*>(id.data()), static_cast<qsizetype>(Id::size()));
}

/// Newest conversation first, then who is online, then by name.
bool comesBefore(const PersonView& a, const PersonView& b) {
    const qint64 aTime = a.last ? a.last->time : 0;
    const qint64 bTime = b.last ? b.last->time : 0;
    if (aTime != bTime) return aTime > bTime;
    if (a.online != b.online) return a.online;
    const int byName = compareNames(a.record.name, b.record.name);
    return byName != 0 ? byName < 0 : a.record.id < b.record.id;
}

SidebarRow heading(Section section) {
    SidebarRow row;
    row.kind = RowKind::Heading;
    row.section = section;
    return row;
}

}  // namespace

int compareNames(const QString& a, const QString& b) {
    static const QCollator collator = [] {
        // The C locale knows no numbers.
        const bool isC = QLocale().language() == QLocale::C;
        QCollator made(isC ? QLocale(QLocale::English) : QLocale());
        made.setNumericMode(true);
        return made;
    }();
    return collator.compare(a, b);
}

std::optional<Section> sectionOf(const PersonView& person) {
    if (person.record.self) return std::nullopt;
    switch (person.record.standing) {
        case timeline::Standing::Accepted:
            return Section::People;
        case timeline::Standing::Stranger:
            return person.last ? Section::Requests : Section::Nearby;
        case timeline::Standing::Ignored:
        case timeline::Standing::Blocked:
            return Section::Hidden;
    }
    return std::nullopt;
}

QByteArray SidebarRow::key() const {
    const auto prefix = QByteArray(1, static_cast<char>('0' + static_cast<int>(kind)));
    switch (kind) {
        case RowKind::Heading:
            return prefix + QByteArray::number(static_cast<int>(section));
        case RowKind::Person:
            return prefix + bytesOf(person.record.id);
        case RowKind::Nearby:
            return prefix + bytesOf(device.device);
        case RowKind::Found:
            return prefix + bytesOf(message.ref.conversation) + bytesOf(message.ref.entry.author) +
                   QByteArray::number(static_cast<qulonglong>(message.ref.entry.number));
    }
    return prefix;
}

SidebarModel::SidebarModel(MessengerPort port, QObject* parent) : QAbstractListModel(parent), m_port(port) {
    m_arrangeTimer.setSingleShot(true);
    m_arrangeTimer.setInterval(kArrangeAfter);
    connect(&m_arrangeTimer, &QTimer::timeout, this, &SidebarModel::arrange);
    m_searchTimer.setSingleShot(true);
    m_searchTimer.setInterval(kSearchAfter);
    connect(&m_searchTimer, &QTimer::timeout, this, &SidebarModel::runSearch);
    const auto* messenger = m_port.messenger();
    connect(messenger, &Messenger::personChanged, this, &SidebarModel::takePerson);
    connect(messenger, &Messenger::personForgotten, this, &SidebarModel::dropPerson);
    connect(messenger, &Messenger::messageAdded, this, &SidebarModel::takeMessage);
    connect(messenger, &Messenger::messageChanged, this, &SidebarModel::takeMessage);
    connect(messenger, &Messenger::unknownDevicesChanged, this, &SidebarModel::reloadNearby);
    connect(messenger, &Messenger::typingChanged, this,
            [this](const ConversationId& conversation, const PersonId& person, bool active) {
                const auto found = m_people.find(person);
                if (found == m_people.end() || found->second.conversation != conversation) return;
                found->second.typing = active;
                m_arrangeTimer.start();
                Q_EMIT personChanged(person);
            });
}

void SidebarModel::reload() {
    m_port.call(
        this, [](Messenger& messenger) { return messenger.people(); },
        [this](std::vector<PersonView> people) { takePeople(std::move(people)); });
    reloadNearby();
}

void SidebarModel::reloadNearby() {
    m_port.call(
        this, [](Messenger& messenger) { return messenger.unknownDevices(); },
        [this](std::vector<SightedDevice> devices) {
            m_nearby = std::move(devices);
            if (!m_arrangeTimer.isActive()) m_arrangeTimer.start();
        });
}

void SidebarModel::takePeople(std::vector<PersonView> people) {
    m_people.clear();
    for (auto& person : people) m_people.emplace(person.record.id, std::move(person));
    m_loaded = true;
    arrange();
    for (const auto& [id, person] : m_people) Q_EMIT personChanged(id);
}

void SidebarModel::takePerson(const PersonView& person) {
    m_people.insert_or_assign(person.record.id, person);
    if (!m_arrangeTimer.isActive()) m_arrangeTimer.start();
    Q_EMIT personChanged(person.record.id);
}

void SidebarModel::dropPerson(const PersonId& person) {
    const auto known = m_people.find(person);
    if (known == m_people.end()) return;
    std::erase_if(m_found, [&](const MessageRecord& message) {
        return message.ref.conversation == known->second.conversation;
    });
    m_people.erase(known);
    if (!m_arrangeTimer.isActive()) m_arrangeTimer.start();
    Q_EMIT personChanged(person);
}

void SidebarModel::takeMessage(const MessageRecord& message) {
    for (auto& [id, person] : m_people) {
        if (person.conversation != message.ref.conversation) continue;
        if (person.last && message.cursor < person.last->cursor && message.ref != person.last->ref) return;
        person.last = message;
        if (!m_arrangeTimer.isActive()) m_arrangeTimer.start();
        return;
    }
}

void SidebarModel::setSearch(const QString& words) {
    const QString trimmed = words.trimmed();
    if (trimmed == m_search) return;
    m_search = trimmed;
    beginSearch();
}

void SidebarModel::setSearchIn(const std::optional<ConversationId>& conversation) {
    if (conversation == m_searchIn) return;
    m_searchIn = conversation;
    m_found.clear();
    beginSearch();
}

void SidebarModel::beginSearch() {
    ++m_searchGeneration;
    m_searching = !m_search.isEmpty();
    if (m_search.isEmpty()) {
        m_found.clear();
        m_searchTimer.stop();
    } else {
        m_searchTimer.start();
    }
    arrange();
}

void SidebarModel::setDraft(const PersonId& person, const QString& draft) {
    if (draft.isEmpty())
        m_drafts.erase(person);
    else
        m_drafts.insert_or_assign(person, draft);
    arrange();
}

void SidebarModel::setShowHidden(bool show) {
    m_showHidden = show;
    arrange();
}

void SidebarModel::runSearch() {
    SearchQuery query;
    query.words = m_search;
    query.in = m_searchIn;
    query.limit = kMostFound;
    m_port.call(
        this, [query](Messenger& messenger) { return messenger.search(query); },
        [this, generation = m_searchGeneration](std::vector<MessageRecord> found) {
            if (generation != m_searchGeneration) return;
            m_found = std::move(found);
            m_searching = false;
            arrange();
        });
}

void SidebarModel::addPeople(std::vector<SidebarRow>& rows, Section section) const {
    std::vector<const PersonView*> people;
    for (const auto& [id, person] : m_people) {
        if (sectionOf(person) != section) continue;
        if (m_search.isEmpty() || person.record.name.contains(m_search, Qt::CaseInsensitive))
            people.push_back(&person);
    }
    if (people.empty()) return;
    std::sort(people.begin(), people.end(), [](auto* a, auto* b) { return comesBefore(*a, *b); });
    if (section != Section::People || !m_search.isEmpty()) rows.push_back(heading(section));
    for (const auto* person : people) {
        SidebarRow row;
        row.kind = RowKind::Person;
        row.section = section;
        row.person = *person;
        if (const auto draft = m_drafts.find(person->record.id); draft != m_drafts.end())
            row.draft = draft->second;
        rows.push_back(std::move(row));
    }
}

void SidebarModel::addNearby(std::vector<SidebarRow>& rows) const {
    const auto before = rows.size();
    addPeople(rows, Section::Nearby);
    std::vector<SightedDevice> devices;
    for (const auto& device : m_nearby)
        if (m_search.isEmpty() || device.name.contains(m_search, Qt::CaseInsensitive))
            devices.push_back(device);
    if (devices.empty()) return;
    if (rows.size() == before) rows.push_back(heading(Section::Nearby));
    std::sort(devices.begin(), devices.end(), [](const SightedDevice& a, const SightedDevice& b) {
        const int byName = compareNames(a.name, b.name);
        return byName != 0 ? byName < 0 : a.device < b.device;
    });
    for (auto& device : devices) {
        SidebarRow row;
        row.kind = RowKind::Nearby;
        row.section = Section::Nearby;
        row.device = std::move(device);
        rows.push_back(std::move(row));
    }
}

void SidebarModel::addFound(std::vector<SidebarRow>& rows) const {
    if (m_search.isEmpty() || m_found.empty()) return;
    rows.push_back(heading(Section::Messages));
    for (const auto& message : m_found) {
        SidebarRow row;
        row.kind = RowKind::Found;
        row.section = Section::Messages;
        row.message = message;
        row.words = m_search;
        if (const auto* person = personOf(message.ref.conversation)) row.person = *person;
        rows.push_back(std::move(row));
    }
}

std::vector<SidebarRow> SidebarModel::wantedRows() const {
    std::vector<SidebarRow> rows;
    if (m_searchIn && !m_search.isEmpty()) {
        addFound(rows);
        return rows;
    }
    addPeople(rows, Section::Requests);
    addPeople(rows, Section::People);
    addNearby(rows);
    if (m_showHidden || !m_search.isEmpty()) addPeople(rows, Section::Hidden);
    addFound(rows);
    // Without requests above, the people need no title; with them, they do.
    if (!rows.empty() && rows.front().section == Section::Requests && m_search.isEmpty()) {
        const auto first = std::find_if(rows.begin(), rows.end(),
                                        [](const SidebarRow& row) { return row.section == Section::People; });
        if (first != rows.end()) rows.insert(first, heading(Section::People));
    }
    return rows;
}

void SidebarModel::arrange() {
    m_arrangeTimer.stop();
    setRows(wantedRows());
    Q_EMIT arranged();
}

void SidebarModel::setRows(std::vector<SidebarRow> rows) {
    removeVanished(rows);
    reorder(rows);
    insertNew(std::move(rows));
    if (!m_rows.empty()) Q_EMIT dataChanged(index(0), index(rowCount() - 1));
}

void SidebarModel::removeVanished(const std::vector<SidebarRow>& rows) {
    std::set<QByteArray> wanted;
    for (const auto& row : rows) wanted.insert(row.key());
    for (int i = rowCount() - 1; i >= 0; --i) {
        if (wanted.contains(m_rows[static_cast<std::size_t>(i)].key())) continue;
        beginRemoveRows({}, i, i);
        m_rows.erase(m_rows.begin() + i);
        endRemoveRows();
    }
}

/// Brings the rows that stay into their new order.
void SidebarModel::reorder(const std::vector<SidebarRow>& rows) {
    std::map<QByteArray, std::size_t> place;
    for (std::size_t i = 0; i < rows.size(); ++i) place.emplace(rows[i].key(), i);
    const auto byPlace = [&place](const SidebarRow& a, const SidebarRow& b) {
        return place.at(a.key()) < place.at(b.key());
    };
    if (std::is_sorted(m_rows.begin(), m_rows.end(), byPlace)) return;
    Q_EMIT layoutAboutToBeChanged();
    std::vector<QByteArray> oldKeys;
    for (const auto& row : m_rows) oldKeys.push_back(row.key());
    std::sort(m_rows.begin(), m_rows.end(), byPlace);
    std::map<QByteArray, int> newRow;
    for (int i = 0; i < rowCount(); ++i) newRow.emplace(m_rows[static_cast<std::size_t>(i)].key(), i);
    for (const auto& old : persistentIndexList())
        changePersistentIndex(old, index(newRow.at(oldKeys[static_cast<std::size_t>(old.row())])));
    Q_EMIT layoutChanged();
}

/// Takes the new contents of the rows that stayed and inserts the others, run by run.
void SidebarModel::insertNew(std::vector<SidebarRow> rows) {
    std::set<QByteArray> present;
    for (const auto& row : m_rows) present.insert(row.key());
    for (std::size_t i = 0; i < rows.size();) {
        if (present.contains(rows[i].key())) {
            m_rows[i] = std::move(rows[i]);
            ++i;
            continue;
        }
        std::size_t end = i + 1;
        while (end < rows.size() && !present.contains(rows[end].key())) ++end;
        const auto at = static_cast<std::ptrdiff_t>(i);
        beginInsertRows({}, static_cast<int>(i), static_cast<int>(end) - 1);
        m_rows.insert(m_rows.begin() + at, std::make_move_iterator(rows.begin() + at),
                      std::make_move_iterator(rows.begin() + static_cast<std::ptrdiff_t>(end)));
        endInsertRows();
        i = end;
    }
}

const SidebarRow* SidebarModel::row(int index) const {
    if (index < 0 || index >= rowCount()) return nullptr;
    return &m_rows[static_cast<std::size_t>(index)];
}

int SidebarModel::rowOf(const PersonId& person) const {
    for (int i = 0; i < rowCount(); ++i) {
        const auto& row = m_rows[static_cast<std::size_t>(i)];
        if (row.kind == RowKind::Person && row.person.record.id == person) return i;
    }
    return -1;
}

const PersonView* SidebarModel::person(const PersonId& id) const {
    const auto found = m_people.find(id);
    return found == m_people.end() ? nullptr : &found->second;
}

const PersonView* SidebarModel::personOf(const ConversationId& conversation) const {
    for (const auto& [id, person] : m_people)
        if (person.conversation == conversation) return &person;
    return nullptr;
}

int SidebarModel::unread() const {
    int sum = 0;
    for (const auto& [id, person] : m_people)
        if (sectionOf(person) && sectionOf(person) != Section::Hidden) sum += person.unread;
    return sum;
}

int SidebarModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QString SidebarModel::sectionTitle(Section section) {
    switch (section) {
        case Section::Requests:
            return tr("Requests");
        case Section::People:
            return tr("People");
        case Section::Nearby:
            return tr("Nearby");
        case Section::Hidden:
            return tr("Ignored and blocked");
        case Section::Messages:
            return tr("Messages");
    }
    return {};
}

QString SidebarModel::spokenText(const SidebarRow& row, const QString& title) {
    if (row.kind == RowKind::Found) return title + u": " + previewText(row.message);
    if (row.kind != RowKind::Person) return title;
    const QString presence = row.person.online ? tr("online") : tr("offline");
    if (row.person.unread == 0) return title + u", " + presence;
    return title + u", " + presence + u", " + tr("%n unread", nullptr, row.person.unread);
}

QVariant SidebarModel::data(const QModelIndex& index, int role) const {
    const SidebarRow* const found = row(index.row());
    if (!found) return {};
    switch (role) {
        case RowRole:
            return QVariant::fromValue(found);
        case Qt::DisplayRole:
            if (found->kind == RowKind::Heading) return sectionTitle(found->section);
            return found->kind == RowKind::Nearby ? found->device.name : found->person.record.name;
        case Qt::AccessibleTextRole:
            return spokenText(*found, data(index, Qt::DisplayRole).toString());
        default:
            return {};
    }
}

Qt::ItemFlags SidebarModel::flags(const QModelIndex& index) const {
    const SidebarRow* const found = row(index.row());
    if (!found || found->kind == RowKind::Heading) return Qt::NoItemFlags;
    return Qt::ItemIsEnabled | Qt::ItemIsSelectable;
}

}  // namespace landline::app
