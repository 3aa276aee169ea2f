// FileTransfers: the order in which files are fetched, and those that are taken unasked.

#include "app/messenger/file_transfers.h"
#include "app/messenger/transfer_turns.h"

#include <QFileInfo>
#include <QStorageInfo>

#include <algorithm>

namespace landline::app {

namespace {

/// So long one may give nothing and keep its place.
constexpr Duration kPatience = std::chrono::seconds(60);
/// What a file or folder costs the disk beside its content, at least.
quint64 leastCost(const TransferRecord& record) {
    return 4096 * (quint64(record.items) + 1);
}

bool isInLine(const TransferRecord& record) {
    return record.state == TransferState::Running || record.state == TransferState::Queued;
}

}  // namespace

// The order ------------------------------------------------------------------------------------------------------

/// Whoever is not here, or gives nothing, takes nobody's place.
bool FileTransfers::gives(const Live& live) const {
    return m_contacts.isHere(live.record.offer.entry.author) &&
           m_context.clock.mono() - live.moved < kPatience;
}

bool FileTransfers::hasPlace(const TransferRecord& record) const {
    const bool isHere = m_contacts.isHere(record.offer.entry.author);
    const auto taken = std::count_if(m_live.begin(), m_live.end(), [&](const auto& one) {
        return one.second.record.incoming && gives(one.second) == isHere;
    });
    return taken < (isHere ? m_atOnce : kRunningAway);
}

void FileTransfers::setAtOnce(int atOnce) {
    m_atOnce = atOnce;
    arrange();
}

bool FileTransfers::isWaiting() const {
    const std::vector<TransferRecord> all = line();
    return std::any_of(all.begin(), all.end(),
                       [](const TransferRecord& one) { return one.state == TransferState::Queued; });
}

std::vector<TransferRecord> FileTransfers::line() const {
    std::vector<TransferRecord> line = m_context.db->transfersToFetch();
    std::erase_if(line, [](const TransferRecord& record) { return !isInLine(record); });
    return line;
}

void FileTransfers::arrange() {
    m_arrangeAgain = true;
    if (m_arranging || !m_context.db) return;
    m_arranging = true;
    while (std::exchange(m_arrangeAgain, false)) {
        std::vector<TransferRecord> records = line();
        while (!records.empty() && !giveTurns(records)) continue;
    }
    m_arranging = false;
}

/// False where some could not be started, and left the line: their places are the next ones'.
bool FileTransfers::giveTurns(std::vector<TransferRecord>& records) {
    std::vector<InLine> places;
    for (const TransferRecord& record : records) {
        const auto live = m_live.find(record.id);
        const bool isHere =
            live != m_live.end() ? gives(live->second) : m_contacts.isHere(record.offer.entry.author);
        places.push_back({record.id, record.state == TransferState::Running, isHere});
    }
    const Turns turns = turnsOf(places, m_atOnce);
    const auto has = [](const std::vector<wire::TransferId>& ids, const wire::TransferId& id) {
        return std::find(ids.begin(), ids.end(), id) != ids.end();
    };
    for (TransferRecord& record : records)
        if (has(turns.putBack, record.id)) putBack(record);
    return std::erase_if(records, [&](TransferRecord& record) {
               return has(turns.start, record.id) && !start(record);
           }) == 0;
}

void FileTransfers::putBack(TransferRecord& record) {
    const auto live = m_live.find(record.id);
    if (live != m_live.end()) record.done = live->second.record.done;
    record.state = TransferState::Queued;
    if (const auto kept = save(record); !kept) return m_outcome.failed(kept.error());
    m_live.erase(record.id);
    m_context.node.post([id = record.id](net::Node& node) { node.pauseFetch(id); });
}

/// False where it cannot be fetched, which its record says.
bool FileTransfers::start(TransferRecord& record) {
    if (const auto why = record.automatic ? m_unasked.whyNot(record) : std::nullopt) {
        record.state = TransferState::Paused;
        record.error = *why;
        saveUnasked(record);
        return false;
    }
    record.state = TransferState::Running;
    record.error.clear();
    const auto wish = prepareFetch(record);
    if (!wish) {
        fail(record, wish.error());
        return false;
    }
    if (const auto kept = save(record); !kept) {
        m_outcome.failed(kept.error());
        return false;
    }
    begin(record, *wish);
    return true;
}

Expected<void> FileTransfers::move(const wire::TransferId& id, TransferMove where) {
    std::vector<TransferRecord> line = m_context.db->transfersToFetch();
    const auto found =
        std::find_if(line.begin(), line.end(), [&](const TransferRecord& one) { return one.id == id; });
    if (found == line.end())
        return Unexpected(ErrorCode::InvalidArgument,
                          "Only what is to be fetched has a place in the order. “transfers” lists it.");
    switch (where) {
        case TransferMove::First:
            std::rotate(line.begin(), found, found + 1);
            break;
        case TransferMove::Up:
            if (found != line.begin()) std::iter_swap(found, found - 1);
            break;
        case TransferMove::Down:
            if (found + 1 != line.end()) std::iter_swap(found, found + 1);
            break;
        case TransferMove::Last:
            std::rotate(found, found + 1, line.end());
            break;
    }
    std::vector<TransferRecord> moved;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const auto position = static_cast<qint64>(i) + 1;
        if (line[i].position == position) continue;
        line[i].position = position;
        m_context.db->putTransfer(line[i]);
        moved.push_back(line[i]);
    }
    if (auto done = m_context.commit(); !done) return done;
    for (TransferRecord& record : moved) {
        const auto live = m_live.find(record.id);
        if (live != m_live.end()) {
            live->second.record.position = record.position;
            record = live->second.record;
        }
        m_outcome.changed(record);
    }
    arrange();
    return {};
}

bool FileTransfers::goOnWithRoom() {
    std::set<QString> full;
    for (TransferRecord& record : m_context.db->transfersToFetch()) {
        if (!record.waitsForRoom || full.count(record.path) != 0) continue;
        const qint64 room = QStorageInfo(record.path).bytesAvailable();
        const quint64 missing = record.size - std::min(record.size, record.done);
        const bool fits = room >= 0 && static_cast<quint64>(room) >= missing;
        const bool isGone = record.automatic && !QFileInfo(record.path).isDir();
        if (!fits || isGone || !take(record, {}, record.automatic)) full.insert(record.path);
    }
    return !full.empty();
}

// Unasked ----------------------------------------------------------------------------------------------------------

quint64 FileTransfers::promisedBy(const PersonId& person) const {
    quint64 promised = 0;
    for (const TransferRecord& record : m_context.db->transfersToFetch()) {
        const bool isToCome = record.state != TransferState::Paused || record.waitsForRoom;
        if (!record.automatic || record.person != person || !isToCome) continue;
        const auto live = m_live.find(record.id);
        const quint64 done = live == m_live.end() ? record.done : live->second.record.done;
        promised += record.size - std::min(record.size, done) + leastCost(record);
    }
    return promised;
}

void FileTransfers::takeUnasked(const std::vector<wire::TransferId>& offered, const QString& otherwise,
                                bool again) {
    std::map<PersonId, quint64> promised;
    // Their turns are given once, at the end.
    const bool was = std::exchange(m_arranging, true);
    for (const wire::TransferId& id : offered) {
        auto record = m_context.db->transfer(id);
        if (!record || !record->incoming || record->state != TransferState::Offered) continue;
        if (m_context.db->standing(record->person) != timeline::Standing::Accepted) continue;
        const bool hasRule = m_unasked.rule(record->person).has_value();
        if (hasRule ? !record->error.isEmpty() && !again : otherwise.isEmpty()) continue;
        if (hasRule && promised.count(record->person) == 0)
            promised[record->person] = promisedBy(record->person);
        const auto begun =
            hasRule ? takeByRule(*record, promised[record->person]) : take(*record, otherwise, false);
        if (begun) {
            promised[record->person] += record->size + leastCost(*record);
            continue;
        }
        const bool isNews = record->error != QString::fromStdString(begun.error().text);
        record->error = QString::fromStdString(begun.error().text);
        if (isNews) saveUnasked(*record);
        if (!hasRule) m_outcome.failed(begun.error());
    }
    m_arranging = was;
    arrange();
}

Expected<void> FileTransfers::takeByRule(const TransferRecord& offer, quint64 promised) {
    const auto folder = m_unasked.placeFor(offer, promised);
    if (!folder) return Unexpected(folder.error());
    return take(offer, *folder, true);
}

void FileTransfers::ruleEnded(const PersonId& person) {
    for (TransferRecord& record : line()) {
        if (!record.automatic || record.person != person) continue;
        if (const auto paused = pause(record.id); !paused) m_outcome.failed(paused.error());
    }
}

void FileTransfers::count(Live& live, quint64 came) {
    if (!live.record.automatic || !live.record.incoming) return;
    m_unasked.came(live.record.person, came - std::min(came, live.came));
    live.came = came;
    if (!m_unasked.isDue()) return;
    m_unasked.keep();
    if (const auto done = m_context.commit())
        m_unasked.kept();
    else
        m_outcome.failed(done.error());
}

/// More has come than the quota allows: the offers had not said so.
void FileTransfers::pauseOver(const wire::TransferId& id) {
    const auto live = m_live.find(id);
    if (live == m_live.end()) return;
    if (!live->second.record.automatic) return;
    const auto over = m_unasked.whyOver(live->second.record.person);
    if (!over) return;
    if (const auto paused = pause(id); !paused) return m_outcome.failed(paused.error());
    auto record = m_context.db->transfer(id);
    if (!record) return;
    record->error = *over;
    saveUnasked(*record);
}

}  // namespace landline::app
