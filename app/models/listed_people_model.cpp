#include "app/models/listed_people_model.h"

#include "app/messenger/look_alike.h"
#include "app/models/error_text.h"
#include "app/models/message_text.h"

#include <algorithm>
#include <iterator>

namespace landline::app {

namespace {

constexpr std::size_t kIdBytes = 8;
constexpr int kGroup = 4;

/// Enough of a person's id to tell two of one name apart.
QString briefId(const PersonId& person) {
    const QString digits = QString::fromStdString(toHex(person.view().first(kIdBytes)));
    QString groups;
    for (qsizetype at = 0; at < digits.size(); at += kGroup) {
        if (at > 0) groups += u' ';
        groups += QStringView(digits).mid(at, kGroup);
    }
    return groups;
}

}  // namespace

ListedPeopleModel::ListedPeopleModel(MessengerPort port, const SidebarModel* sidebar, const RelayKey& relay,
                                     QObject* parent)
    : QAbstractListModel(parent), m_port(port), m_sidebar(sidebar), m_relay(relay) {
    connect(sidebar, &SidebarModel::arranged, this, &ListedPeopleModel::arrange);
    connect(m_port.messenger(), &Messenger::relayBrowsed, this,
            [this](const RelayKey& browsed, const ListedPeople& found) {
                if (browsed != m_relay || !m_isLoading) return;
                if (found.error) return end(errorText(*found.error));
                m_found = found;
                arrange();
                end({});
            });
}

void ListedPeopleModel::reload() {
    if (m_isLoading) return;
    m_isLoading = true;
    Q_EMIT told();
    m_port.call(
        this, [relay = m_relay](Messenger& messenger) { return messenger.browseRelay(relay); },
        [this](const Expected<void>& asked) {
            if (!asked && m_isLoading) end(errorText(asked.error()));
        });
}

void ListedPeopleModel::end(const QString& trouble) {
    m_isLoading = false;
    m_trouble = trouble;
    Q_EMIT told();
}

void ListedPeopleModel::setSearch(const QString& words) {
    m_search = words.trimmed();
    arrange();
}

std::vector<ListedPeopleModel::Row> ListedPeopleModel::wantedRows() const {
    std::multimap<QString, PersonId> looks;
    for (const auto& [id, known] : m_sidebar->people())
        if (known.record.self || known.record.standing == timeline::Standing::Accepted)
            looks.emplace(lookOf(known.record.name), id);
    std::vector<Row> rows;
    for (const ListedPerson& one : m_found.people) {
        const PersonView* const known = m_sidebar->person(one.person);
        Row row{one, known ? known->record.standing == timeline::Standing::Accepted : one.isContact, {}};
        row.shown.kind = SidebarRow::Kind::Person;
        PersonView& view = row.shown.person;
        if (row.isContact && known) view.record = known->record;
        view.record.id = one.person;
        if (view.record.name.isEmpty()) view.record.name = one.name;
        if (!view.record.name.contains(m_search, Qt::CaseInsensitive)) continue;
        view.nameClash = row.isContact ? known && known->nameClash : looks.count(lookOf(one.name)) != 0;
        view.statusText = row.isContact    ? tr("In your contacts")
                          : view.nameClash ? tr("Not the one you know")
                                           : briefId(one.person);
        rows.push_back(std::move(row));
    }
    std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
        const PersonRecord& first = a.shown.person.record;
        const PersonRecord& second = b.shown.person.record;
        const int byName = compareNames(first.name, second.name);
        return byName != 0 ? byName < 0 : first.id < second.id;
    });
    return rows;
}

void ListedPeopleModel::arrange() {
    std::vector<Row> rows = wantedRows();
    const bool areSame = std::equal(rows.begin(), rows.end(), m_rows.begin(), m_rows.end(),
                                    [](const Row& a, const Row& b) { return a.person.person == b.person.person; });
    if (!areSame) beginResetModel();
    m_rows = std::move(rows);
    if (!areSame)
        endResetModel();
    else if (!m_rows.empty())
        Q_EMIT dataChanged(index(0), index(rowCount() - 1));
}

const ListedPerson* ListedPeopleModel::person(int row) const {
    if (row < 0 || row >= rowCount()) return nullptr;
    return &m_rows[static_cast<std::size_t>(row)].person;
}

bool ListedPeopleModel::isContact(int row) const {
    return row >= 0 && row < rowCount() && m_rows[static_cast<std::size_t>(row)].isContact;
}

int ListedPeopleModel::rowOf(const PersonId& person) const {
    const auto found = std::find_if(m_rows.begin(), m_rows.end(),
                                    [&](const Row& row) { return row.person.person == person; });
    return found == m_rows.end() ? -1 : static_cast<int>(std::distance(m_rows.begin(), found));
}

int ListedPeopleModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant ListedPeopleModel::data(const QModelIndex& index, int role) const {
    if (index.row() < 0 || index.row() >= rowCount()) return {};
    const SidebarRow& shown = m_rows[static_cast<std::size_t>(index.row())].shown;
    switch (role) {
        case SidebarModel::RowRole:
            return QVariant::fromValue(&shown);
        case Qt::DisplayRole:
            return displayName(shown.person);
        case Qt::AccessibleTextRole:
            return QString(displayName(shown.person) + u", " + shown.person.statusText);
        default:
            return {};
    }
}

}  // namespace landline::app
