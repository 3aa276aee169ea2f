#include "app/storage/transfer_table.h"

namespace landline::app {

namespace {

#define TRANSFER_COLUMNS                                                                                \
    "SELECT id, conversation, author, number, person, incoming, name, size, done, state, path, error, " \
    "updated, position, automatic, waits_for_room, items, missing FROM transfer "
// As cursorOf.
#define SECTION "CASE state WHEN 2 THEN 0 WHEN 4 THEN 2 WHEN 5 THEN 2 WHEN 6 THEN 2 ELSE 1 END"
#define POSITION "CASE state WHEN 1 THEN position ELSE 9223372036854775807 END"

TransferRecord readTransfer(const Rows& row) {
    TransferRecord transfer;
    transfer.id = row.id<wire::TransferId>(0);
    transfer.offer = {row.id<ConversationId>(1), {row.id<DeviceId>(2), row.number(3)}};
    transfer.person = row.id<PersonId>(4);
    transfer.incoming = row.integer(5) != 0;
    transfer.name = row.text(6);
    transfer.size = row.number(7);
    transfer.done = row.number(8);
    const qint64 state = row.integer(9);
    const bool known = state >= 0 && state <= static_cast<qint64>(TransferState::Cancelled);
    transfer.state = known ? static_cast<TransferState>(state) : TransferState::Failed;
    transfer.path = row.text(10);
    transfer.error = row.text(11);
    transfer.updated = row.integer(12);
    transfer.position = row.integer(13);
    transfer.automatic = row.integer(14) != 0;
    transfer.waitsForRoom = row.integer(15) != 0;
    transfer.items = static_cast<quint32>(row.number(16));
    transfer.missing = static_cast<quint32>(row.number(17));
    return transfer;
}

}  // namespace

void TransferTable::put(const TransferRecord& transfer) {
    m_sql.write(
        "INSERT OR REPLACE INTO transfer(id, conversation, author, number, person, incoming, name, size, "
        "done, state, "
        "path, error, updated, position, automatic, waits_for_room, items, missing) "
        "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        transfer.id, transfer.offer.conversation, transfer.offer.entry.author, transfer.offer.entry.number,
        transfer.person, transfer.incoming, transfer.name, transfer.size, transfer.done,
        static_cast<int>(transfer.state), transfer.path, transfer.error, transfer.updated, transfer.position,
        transfer.automatic, transfer.waitsForRoom, transfer.items, transfer.missing);
}

std::optional<TransferRecord> TransferTable::find(const wire::TransferId& id) {
    auto row = m_sql.read(TRANSFER_COLUMNS "WHERE id = ?", id);
    if (!row.next()) return std::nullopt;
    return readTransfer(row);
}

std::vector<TransferRecord> TransferTable::all() {
    std::vector<TransferRecord> result;
    auto row = m_sql.read(TRANSFER_COLUMNS "ORDER BY updated DESC");
    while (row.next()) result.push_back(readTransfer(row));
    return result;
}

std::vector<TransferRecord> TransferTable::toFetch() {
    std::vector<TransferRecord> result;
    auto row = m_sql.read(TRANSFER_COLUMNS "WHERE incoming = 1 AND state IN (?, ?, ?) ORDER BY position, id",
                          static_cast<int>(TransferState::Queued), static_cast<int>(TransferState::Running),
                          static_cast<int>(TransferState::Paused));
    while (row.next()) result.push_back(readTransfer(row));
    return result;
}

std::vector<TransferRecord> TransferTable::page(const TransferQuery& query) {
    const TransferCursor after = query.after.value_or(TransferCursor{});
    auto row = query.after ? m_sql.read(TRANSFER_COLUMNS "WHERE hidden = 0 AND (" SECTION ", " POSITION
                                                         ", -updated, id) > (?, ?, ?, ?) "
                                                         "ORDER BY " SECTION ", " POSITION
                                                         ", updated DESC, id LIMIT ?",
                                        static_cast<int>(after.section), after.position, -after.updated,
                                        after.id, query.limit)
                           : m_sql.read(TRANSFER_COLUMNS "WHERE hidden = 0 ORDER BY " SECTION ", " POSITION
                                                         ", updated DESC, id LIMIT ?",
                                        query.limit);
    std::vector<TransferRecord> result;
    while (row.next()) result.push_back(readTransfer(row));
    return result;
}

void TransferTable::hide(const wire::TransferId& id) {
    m_sql.write("UPDATE transfer SET hidden = 1 WHERE id = ? AND " SECTION " = 2", id);
}

void TransferTable::hideFinished() {
    m_sql.write("UPDATE transfer SET hidden = 1 WHERE state = ? OR state = ?",
                static_cast<int>(TransferState::Done), static_cast<int>(TransferState::Cancelled));
}

#undef POSITION
#undef SECTION
#undef TRANSFER_COLUMNS

}  // namespace landline::app
