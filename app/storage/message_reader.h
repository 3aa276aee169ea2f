#pragma once

#include "app/storage/deposit_table.h"
#include "app/storage/message_row.h"
#include "app/storage/message_table.h"
#include "app/storage/peer_heads.h"
#include "app/storage/transfer_table.h"

#include <map>

namespace landline::app {

/// Gives messages as records: pages of a conversation's order, single ones, and those a search found. Each is compared
/// with its author's entry: one that differs is left out, and marks the database as damaged. Made for one call of the
/// database, within which it remembers people's marks.
class MessageReader {
public:
    MessageReader(Sql& sql, const Directory& directory, TimelineTable& timelines, AmendmentTable& amendments,
                  PeerHeads& heads, DepositTable& deposits, TransferTable& transfers)
        : m_sql(sql),
          m_directory(directory),
          m_timelines(timelines),
          m_amendments(amendments),
          m_heads(heads),
          m_deposits(deposits),
          m_transfers(transfers) {}

    /// Oldest first.
    [[nodiscard]] std::vector<MessageRecord> page(const Directory::Conversation& conversation,
                                                  const HistoryQuery& query);
    [[nodiscard]] std::optional<MessageRecord> newest(const Directory::Conversation& conversation);
    [[nodiscard]] std::optional<MessageRecord> byId(qint64 message);
    /// Of an author's own entries with numbers in (from, to].
    [[nodiscard]] std::vector<MessageRecord> range(qint64 timeline, EntryNumber from, EntryNumber to);

private:
    [[nodiscard]] static MessageRow readRow(const Rows& rows);
    [[nodiscard]] std::optional<MessageRow> rowById(qint64 message);
    [[nodiscard]] std::vector<MessageRecord> records(const std::vector<MessageRow>& rows);
    /// Nothing, and the store is damaged, if the row is not what its author wrote.
    [[nodiscard]] std::optional<MessageRecord> record(const MessageRow& row);
    struct Words {
        QString text;
        bool edited = false;
        std::map<QString, std::vector<PersonId>> reactions;
    };
    /// A row's text after edits and what others reacted, by what their authors' entries say; nothing if the row
    /// contradicts its own.
    [[nodiscard]] std::optional<Words> wordsOf(const MessageRow& row, const EntryRef& entry);
    void addReply(const MessageRow& row, MessageRecord& record);
    void addFile(const MessageRow& row, MessageRecord& record);
    void addState(const Directory::Conversation& conversation, MessageRecord& own);

    Sql& m_sql;
    const Directory& m_directory;
    TimelineTable& m_timelines;
    AmendmentTable& m_amendments;
    PeerHeads& m_heads;
    DepositTable& m_deposits;
    TransferTable& m_transfers;
    /// How far an own device's timeline has come.
    struct Progress {
        PeerHeads::Marks marks;
        /// Looked up for the first that is not delivered.
        std::optional<std::vector<DepositTable::Member>> others;
        std::optional<EntryNumber> end;  ///< where it forked: nothing beyond reaches anybody
    };
    std::map<std::pair<qint64, DeviceId>, Progress> m_marks;
    /// Deposits that end before are believed held no more.
    const WallTime m_now = SystemClock().wall();
};

}  // namespace landline::app
