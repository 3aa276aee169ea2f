#include "app/models/transfer_list_model.h"

#include "app/models/error_text.h"
#include "app/models/message_text.h"
#include "app/models/sidebar_model.h"

#include <QCoreApplication>

#include <algorithm>

namespace landline::app {

QString sectionTitle(TransferSection section) {
    switch (section) {
        case TransferSection::Running:
            return QCoreApplication::translate("TransferText", "Running");
        case TransferSection::Waiting:
            return QCoreApplication::translate("TransferText", "Waiting");
        case TransferSection::Ended:
            return QCoreApplication::translate("TransferText", "History");
    }
    return {};
}

TransferListModel::TransferListModel(MessengerPort port, TransferBoard* board, SidebarModel* people,
                                     QObject* parent)
    : QAbstractListModel(parent), m_port(port), m_board(board), m_people(people) {
    connect(m_port.messenger(), &Messenger::transferChanged, this, [this](const TransferRecord& transfer) {
        if (m_open) take(transfer);
    });
    connect(board, &TransferBoard::changed, this, &TransferListModel::onProgress);
    connect(people, &SidebarModel::personChanged, this, &TransferListModel::onPerson);
}

void TransferListModel::open() {
    ++m_generation;
    m_open = true;
    m_loading = false;
    m_complete = false;
    beginResetModel();
    m_rows.clear();
    endResetModel();
    load();
}

void TransferListModel::close() {
    ++m_generation;
    m_open = false;
    m_loading = false;
    m_complete = true;
    beginResetModel();
    m_rows.clear();
    endResetModel();
}

void TransferListModel::load() {
    if (m_loading || m_complete || !m_open) return;
    m_loading = true;
    TransferQuery query;
    query.limit = kPage;
    if (!m_rows.empty()) query.after = cursorOf(m_rows.back().transfer.record);
    m_port.call(
        this, [query](Messenger& messenger) { return messenger.transfers(query); },
        [this, generation = m_generation](const std::vector<TransferRecord>& page) {
            if (generation == m_generation) append(page);
        });
}

void TransferListModel::append(const std::vector<TransferRecord>& page) {
    m_loading = false;
    m_complete = static_cast<int>(page.size()) < kPage;
    std::vector<TransferRow> fresh;
    // What has changed meanwhile may be there already.
    for (const TransferRecord& transfer : page)
        if (rowOf(transfer.id) < 0) fresh.push_back(made(transfer));
    if (!fresh.empty()) {
        const int first = rowCount();
        beginInsertRows({}, first, first + static_cast<int>(fresh.size()) - 1);
        m_rows.insert(m_rows.end(), std::make_move_iterator(fresh.begin()),
                      std::make_move_iterator(fresh.end()));
        for (int i = first; i < rowCount(); ++i) {
            const auto section = sectionOf(row(i)->transfer.record.state);
            m_rows[static_cast<std::size_t>(i)].startsSection =
                i == 0 || sectionOf(row(i - 1)->transfer.record.state) != section;
        }
        endInsertRows();
    }
    Q_EMIT arranged();
}

void TransferListModel::take(const TransferRecord& transfer) {
    const int at = rowOf(transfer.id);
    if (at < 0) {
        insert(transfer);
        return;
    }
    auto& view = m_rows[static_cast<std::size_t>(at)].transfer;
    const bool stays = view.record.state == transfer.state &&
                       (view.record.updated == transfer.updated || transfer.state == TransferState::Running);
    const qint64 place = view.record.updated;
    // Progress is painted when the board says so.
    if (stays) {
        view.record = transfer;
        view.record.updated = place;
        return;
    }
    erase(at);
    insert(transfer);
}

void TransferListModel::erase(int at) {
    beginRemoveRows({}, at, at);
    m_rows.erase(m_rows.begin() + at);
    endRemoveRows();
    regroup(at);
}

void TransferListModel::insert(const TransferRecord& transfer) {
    const TransferCursor cursor = cursorOf(transfer);
    const auto place = std::upper_bound(m_rows.begin(), m_rows.end(), cursor,
                                        [](const TransferCursor& wanted, const TransferRow& row) {
                                            return wanted < cursorOf(row.transfer.record);
                                        });
    // Below the window it comes with a later page.
    if (place == m_rows.end() && !m_complete) return;
    const int at = static_cast<int>(place - m_rows.begin());
    beginInsertRows({}, at, at);
    m_rows.insert(place, made(transfer));
    endInsertRows();
    regroup(at);
    regroup(at + 1);
    Q_EMIT arranged();
}

/// Whether a section begins at this row.
void TransferListModel::regroup(int at) {
    if (at < 0 || at >= rowCount()) return;
    auto& changed = m_rows[static_cast<std::size_t>(at)];
    const bool starts =
        at == 0 || sectionOf(row(at - 1)->transfer.record.state) != sectionOf(changed.transfer.record.state);
    if (starts == changed.startsSection) return;
    changed.startsSection = starts;
    Q_EMIT dataChanged(index(at), index(at));
}

void TransferListModel::onProgress(const std::set<wire::TransferId>& transfers) {
    for (int i = 0; i < rowCount(); ++i) {
        auto& view = m_rows[static_cast<std::size_t>(i)].transfer;
        if (sectionOf(view.record.state) != TransferSection::Running) break;
        if (transfers.count(view.record.id) == 0) continue;
        if (const auto* const running = m_board->running(view.record.id)) view.record.speed = running->speed;
        Q_EMIT progressed(i);
    }
}

void TransferListModel::onPerson(const PersonId& person) {
    for (int i = 0; i < rowCount(); ++i) {
        auto& view = m_rows[static_cast<std::size_t>(i)].transfer;
        if (view.record.person != person) continue;
        const bool online = view.online;
        const bool byRelay = view.byRelay;
        const QString name = view.peer;
        addPeer(view);
        if (online != view.online || byRelay != view.byRelay || name != view.peer) Q_EMIT progressed(i);
    }
}

TransferRow TransferListModel::made(const TransferRecord& transfer) const {
    TransferRow row;
    row.transfer.record = transfer;
    addPeer(row.transfer);
    return row;
}

void TransferListModel::addPeer(TransferView& transfer) const {
    const auto* const person = m_people->person(transfer.record.person);
    transfer.peer = person ? displayName(*person) : tr("Somebody unknown");
    transfer.online = person && person->online;
    transfer.byRelay = person && person->path == Path::Relay;
}

void TransferListModel::remove(const wire::TransferId& id) {
    m_port.call(
        this, [id](Messenger& messenger) { return messenger.hideTransfer(id); },
        [this, id](const Expected<void>& done) {
            if (!done) {
                Q_EMIT failed(errorText(done.error()));
                return;
            }
            if (const int at = rowOf(id); at >= 0) erase(at);
            Q_EMIT arranged();
        });
}

void TransferListModel::clearFinished() {
    m_port.call(
        this, [](Messenger& messenger) { return messenger.hideFinishedTransfers(); },
        [this](const Expected<void>& done) {
            if (!done)
                Q_EMIT failed(errorText(done.error()));
            else if (m_open)
                open();
        });
}

const TransferRow* TransferListModel::row(int index) const {
    if (index < 0 || index >= rowCount()) return nullptr;
    return &m_rows[static_cast<std::size_t>(index)];
}

int TransferListModel::rowOf(const wire::TransferId& id) const {
    for (std::size_t i = 0; i < m_rows.size(); ++i)
        if (m_rows[i].transfer.record.id == id) return static_cast<int>(i);
    return -1;
}

int TransferListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant TransferListModel::data(const QModelIndex& index, int role) const {
    const TransferRow* const found = row(index.row());
    if (!found) return {};
    switch (role) {
        case RowRole:
            return QVariant::fromValue(found);
        case Qt::DisplayRole:
            return found->transfer.record.name;
        case Qt::AccessibleTextRole: {
            const auto& transfer = found->transfer;
            const QString what = transfer.record.incoming ? tr("%1 from %2") : tr("%1 to %2");
            return QString(what.arg(transfer.record.name, transfer.peer) + u", " + transferLine(transfer));
        }
        default:
            return {};
    }
}

bool TransferListModel::canFetchMore(const QModelIndex& parent) const {
    return !parent.isValid() && m_open && !m_complete && !m_loading;
}

void TransferListModel::fetchMore(const QModelIndex& parent) {
    if (!parent.isValid()) load();
}

}  // namespace landline::app
