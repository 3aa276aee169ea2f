#include "app/storage/message_reader.h"

#include "p2p/timeline/hybrid_clock.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace landline::app {

using timeline::hybridFrom;
using timeline::HybridTime;

#define MESSAGE_COLUMNS                                                                               \
    "SELECT message.id, message.conversation, order_clock, message.number, message.timeline, clock, " \
    "kind, flags, text, reply_author, reply_number, transfer, size, header, payload, entry.message "
#define MESSAGES \
    MESSAGE_COLUMNS "FROM message LEFT JOIN entry ON entry.id = (message.timeline << 40 | message.number) "
static_assert(kEntryNumberBits == 40);

MessageRow MessageReader::readRow(const Rows& rows) {
    MessageRow row;
    row.id = rows.integer(0);
    row.conversation = rows.integer(1);
    row.order = fromOrderedInt(rows.integer(2));
    row.number = rows.number(3);
    row.timeline = rows.integer(4);
    row.clock = fromOrderedInt(rows.integer(5));
    row.kind = static_cast<int>(rows.integer(6));
    row.flags = static_cast<int>(rows.integer(7));
    row.text = rows.text(8);
    if (!rows.isNull(9)) row.replyTo = EntryRef{rows.id<DeviceId>(9), rows.number(10)};
    if (!rows.isNull(11)) row.transfer = rows.id<wire::TransferId>(11);
    row.size = rows.number(12);
    row.header = rows.bytes(13);
    row.payload = rows.bytes(14);
    row.entryMessage = rows.integer(15);
    return row;
}

namespace {

/// A position in the order of the index message_order.
using Position = std::tuple<qint64, qint64, qint64>;
constexpr qint64 kSmallest = std::numeric_limits<qint64>::min();
constexpr qint64 kLargest = std::numeric_limits<qint64>::max();

Position positionOf(const HistoryCursor& cursor) {
    return {orderedInt(cursor.order), authorRank(cursor.author), storedNumber(cursor.number)};
}

/// Where a page ends, exclusive.
Position endOf(const HistoryQuery& query) {
    Position end{kLargest, kLargest, kLargest};
    if (query.before) end = positionOf(*query.before);
    if (query.beforeTime) {
        const HybridTime time = hybridFrom(fromUnixMillis(*query.beforeTime));
        end = std::min(end, Position{orderedInt(time), kSmallest, kSmallest});
    }
    return end;
}

}  // namespace

std::vector<MessageRecord> MessageReader::page(const Directory::Conversation& conversation,
                                               const HistoryQuery& query) {
    const auto [endOrder, endRank, endNumber] = endOf(query);
    const auto [order, rank, number] =
        query.after ? positionOf(*query.after) : Position{kSmallest, kSmallest, kSmallest};
    const bool forward = query.after.has_value();
    std::vector<MessageRow> rows;
    {
        auto found =
            forward
                ? m_sql.read(MESSAGES
                             "WHERE conversation = ? AND (order_clock, author_rank, number) > (?, ?, ?) AND "
                             "(order_clock, author_rank, number) < (?, ?, ?) "
                             "ORDER BY order_clock, author_rank, number LIMIT ?",
                             conversation.id, order, rank, number, endOrder, endRank, endNumber, query.limit)
                : m_sql.read(MESSAGES
                             "WHERE conversation = ? AND (order_clock, author_rank, number) < (?, ?, ?) "
                             "ORDER BY order_clock DESC, author_rank DESC, number DESC LIMIT ?",
                             conversation.id, endOrder, endRank, endNumber, query.limit);
        while (found.next()) rows.push_back(readRow(found));
    }
    if (!forward) std::reverse(rows.begin(), rows.end());
    return records(rows);
}

std::optional<MessageRecord> MessageReader::newest(const Directory::Conversation& conversation) {
    HistoryQuery query;
    query.limit = 1;
    auto found = page(conversation, query);
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
}

std::optional<MessageRecord> MessageReader::byId(qint64 message) {
    const auto row = rowById(message);
    return row ? record(*row) : std::nullopt;
}

std::optional<MessageRow> MessageReader::rowById(qint64 message) {
    auto found = m_sql.read(MESSAGES "WHERE message.id = ?", message);
    if (!found.next()) return std::nullopt;
    return readRow(found);
}

std::vector<MessageRecord> MessageReader::range(qint64 timeline, EntryNumber from, EntryNumber to) {
    std::vector<MessageRow> rows;
    {
        auto found = m_sql.read(
            MESSAGE_COLUMNS
            "FROM entry JOIN message ON message.id = entry.message WHERE entry.id > ? AND entry.id <= ? "
            "ORDER BY entry.id",
            entryId(timeline, from), entryId(timeline, to));
        while (found.next()) rows.push_back(readRow(found));
    }
    return records(rows);
}

std::vector<MessageRecord> MessageReader::records(const std::vector<MessageRow>& rows) {
    std::vector<MessageRecord> result;
    result.reserve(rows.size());
    for (const MessageRow& row : rows)
        if (auto made = record(row)) result.push_back(*std::move(made));
    return result;
}

std::optional<MessageRecord> MessageReader::record(const MessageRow& row) {
    const TimelineTable::Key* const timeline = m_timelines.keyOf(row.timeline);
    const Directory::Conversation* const conversation = m_directory.conversation(row.conversation);
    const auto words = timeline ? wordsOf(row, {timeline->author, row.number}) : std::nullopt;
    if (!words || !conversation) {
        m_sql.failDamaged();
        return std::nullopt;
    }
    MessageRecord record;
    record.ref = {conversation->key, {timeline->author, row.number}};
    record.own = m_directory.isOwn(timeline->author);
    record.cursor = {row.order, timeline->author, row.number};
    record.time = toUnixMillis(timeline::wallOf(row.clock));
    record.kind = static_cast<MessageKind>(row.kind);
    record.text = words->text;
    record.edited = words->edited;
    record.deleted = row.flags & kDeleted;
    record.disputed = row.flags & kDisputed;
    if (const Directory::Person* const person = m_directory.personOf(timeline->author)) {
        record.person = person->key;
        record.authorName = person->name;
    }
    if (record.own) addState(*conversation, record);
    if (row.replyTo && !record.deleted) addReply(row, record);
    for (const auto& [emoji, persons] : words->reactions) record.reactions.push_back({emoji, persons});
    if (row.transfer && !record.deleted) addFile(row, record);
    return record;
}

std::optional<MessageReader::Words> MessageReader::wordsOf(const MessageRow& row, const EntryRef& entry) {
    const Directory::Conversation* const conversation = m_directory.conversation(row.conversation);
    const auto written = conversation ? textAsWritten(row, conversation->key, entry.author) : std::nullopt;
    if (!written) return std::nullopt;
    Words words{*written, false, {}};
    // Not by the row's flags, which nobody signed.
    if ((row.flags & kDeleted) || !m_amendments.any(row.conversation, entry)) return words;
    Amended amended = m_amendments.outcome(row.conversation, entry);
    words.edited = amended.text && static_cast<MessageKind>(row.kind) == MessageKind::Text;
    if (words.edited) words.text = *std::move(amended.text);
    words.reactions = std::move(amended.reactions);
    return words;
}

void MessageReader::addState(const Directory::Conversation& conversation, MessageRecord& own) {
    const EntryRef& entry = own.ref.entry;
    const auto [found, isNew] = m_marks.try_emplace({conversation.id, entry.author});
    if (isNew) {
        found->second.marks = m_heads.marks(conversation, entry.author);
        if (const auto timeline = m_timelines.find(conversation.id, entry.author))
            found->second.end = timeline->head.end;
    }
    Progress& progress = found->second;
    if (progress.end && entry.number > *progress.end) {
        own.state = MessageState::Failed;
    } else if (entry.number <= progress.marks.read) {
        own.state = MessageState::Read;
    } else if (entry.number <= progress.marks.delivered) {
        own.state = MessageState::Delivered;
    } else {
        if (!progress.others) progress.others = m_deposits.others(conversation, entry.author);
        const auto until = m_deposits.heldUntil(conversation, entry, *progress.others, m_now);
        own.state = until ? MessageState::Held : MessageState::Queued;
        if (until) own.heldUntil = toUnixMillis(*until);
    }
}

void MessageReader::addReply(const MessageRow& row, MessageRecord& record) {
    record.replyTo = row.replyTo;
    const auto timeline = m_timelines.find(row.conversation, row.replyTo->author);
    if (!timeline || row.replyTo->number > kHighestEntryNumber) return;
    const auto message = m_timelines.messageOf(entryId(timeline->id, row.replyTo->number));
    if (!message) return;
    const auto target = rowById(*message);
    const bool isIt = target && target->timeline == timeline->id && target->number == row.replyTo->number;
    const auto words = isIt ? wordsOf(*target, *row.replyTo) : std::nullopt;
    if (!words) return m_sql.failDamaged();
    record.replyText = words->text;
    if (const Directory::Person* const person = m_directory.personOf(row.replyTo->author))
        record.replyAuthor = person->name;
}

void MessageReader::addFile(const MessageRow& row, MessageRecord& record) {
    record.file = m_transfers.find(*row.transfer);
    // Another's transfer under the same id is not this offer's.
    if (record.file && record.file->offer == record.ref) {
        record.file->name = record.text;
        record.file->size = row.size;
        return;
    }
    TransferRecord offered;
    offered.id = *row.transfer;
    offered.offer = record.ref;
    offered.incoming = !record.own;
    offered.name = record.text;
    offered.size = row.size;
    if (const Directory::Conversation* const conversation = m_directory.conversation(row.conversation))
        if (const Directory::Person* const other = m_directory.person(conversation->person))
            offered.person = other->key;
    record.file = std::move(offered);
}

#undef MESSAGES
#undef MESSAGE_COLUMNS

}  // namespace landline::app
