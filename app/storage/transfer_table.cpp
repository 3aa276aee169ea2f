#include "app/storage/transfer_table.h"

namespace landline::app {

namespace {

#define TRANSFER_COLUMNS                                                                                \
    "SELECT id, conversation, author, number, person, incoming, name, size, done, state, path, error, " \
    "updated FROM transfer "

TransferRecord readRow(const Rows& row) {
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
    return transfer;
}

}  // namespace

void TransferTable::put(const TransferRecord& transfer) {
    m_sql.write(
        "INSERT OR REPLACE INTO transfer(id, conversation, author, number, person, incoming, name, size, "
        "done, state, "
        "path, error, updated) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        transfer.id, transfer.offer.conversation, transfer.offer.entry.author, transfer.offer.entry.number,
        transfer.person, transfer.incoming, transfer.name, transfer.size, transfer.done,
        static_cast<int>(transfer.state), transfer.path, transfer.error, transfer.updated);
}

std::optional<TransferRecord> TransferTable::find(const wire::TransferId& id) {
    auto row = m_sql.read(TRANSFER_COLUMNS "WHERE id = ?", id);
    if (!row.next()) return std::nullopt;
    return readRow(row);
}

std::vector<TransferRecord> TransferTable::all() {
    std::vector<TransferRecord> result;
    auto row = m_sql.read(TRANSFER_COLUMNS "ORDER BY updated DESC");
    while (row.next()) result.push_back(readRow(row));
    return result;
}

#undef TRANSFER_COLUMNS

}  // namespace landline::app
