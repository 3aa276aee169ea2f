#include "app/storage/message_table.h"

#include "app/storage/shown_text.h"
#include "p2p/base/hash.h"
#include "p2p/base/limits.h"

#include <QDateTime>

#include <algorithm>

namespace landline::app {

using timeline::CheckedEntry;
using timeline::HybridTime;
using wire::ContentKind;

namespace {

bool isAmendment(std::uint32_t kind) {
    return kind == std::uint32_t(ContentKind::Edit) || kind == std::uint32_t(ContentKind::Delete) ||
           kind == std::uint32_t(ContentKind::Reaction);
}

/// Where the ids of messages of this clock begin: never further ahead than a clock may be, so that a wrong clock does not
/// stay on top of every search for years.
qint64 messageIdFor(HybridTime clock, EntryNumber number) {
    const qint64 most = QDateTime::currentMSecsSinceEpoch() + limits::kClockAhead.count();
    const qint64 millis = std::min(static_cast<qint64>(clock >> 16), most);
    return firstMessageId(millis) | static_cast<qint64>(number & ((1U << kMessageIdBits) - 1));
}

}  // namespace

struct MessageTable::Shown {
    QString text;
    int flags = 0;  ///< of kEdited, kDeleted, kHasReactions
};

MessageKind messageKindOf(std::uint32_t contentKind) {
    if (contentKind == std::uint32_t(ContentKind::Text)) return MessageKind::Text;
    if (contentKind == std::uint32_t(ContentKind::FileOffer) ||
        contentKind == std::uint32_t(ContentKind::BundleOffer))
        return MessageKind::File;
    return MessageKind::Unsupported;
}

qint64 authorRank(const DeviceId& author) {
    return orderedInt(loadBe64(author.data()));
}

SearchIndex::Tags MessageTable::tagsOf(qint64 conversation, const DeviceId& author) const {
    const Directory::Person* const person = m_directory.personOf(author);
    return {person ? person->id : 0, conversation};
}

void MessageTable::append(const TimelineTable::Row& timeline, std::span<const CheckedEntry> entries) {
    if (entries.empty()) return;
    std::vector<HybridTime> order(entries.size());
    HybridTime lowest = entries.back().header.clock;
    for (std::size_t i = entries.size(); i-- > 0;)
        order[i] = lowest = std::min(lowest, entries[i].header.clock);
    if (timeline.head.number > timeline.head.baseNumber && timeline.head.clock > lowest)
        lowerOrder(timeline.id, timeline.head.number, lowest);

    const bool own = m_directory.isOwn(timeline.head.author);
    qint64 unread = 0;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const CheckedEntry& entry = entries[i];
        if (isAmendment(entry.header.kind)) {
            m_timelines.putEntry(timeline.id, entry.header.number, entry.bytes, {});
            if (!entry.content) continue;
            const qint64 id = entryId(timeline.id, entry.header.number);
            refresh(timeline.conversation,
                    m_amendments.put(timeline.conversation, id, order[i], *entry.content));
            continue;
        }
        const qint64 message = insertMessage(timeline, entry, order[i]);
        m_timelines.putEntry(timeline.id, entry.header.number, entry.bytes, message);
        if (!own && entry.content && entry.header.number > timeline.head.read) ++unread;
        if (m_amendments.any(timeline.conversation, entry.ref())) refresh(timeline.conversation, entry.ref());
    }
    if (unread > 0) m_timelines.addUnread(timeline, unread);
}

qint64 MessageTable::insertMessage(const TimelineTable::Row& timeline, const CheckedEntry& entry,
                                   HybridTime order) {
    int flags = m_directory.isOwn(timeline.head.author) ? kOwn : 0;
    if (!entry.content) flags |= kDeleted;
    std::optional<QString> text;
    std::optional<DeviceId> replyAuthor;
    std::optional<qint64> replyNumber;
    std::optional<wire::TransferId> transfer;
    std::optional<qint64> size;
    if (entry.content) {
        text = shownText(*entry.content);
        if (const auto* said = std::get_if<wire::Text>(&*entry.content); said && said->replyTo) {
            replyAuthor = said->replyTo->author;
            replyNumber = static_cast<qint64>(said->replyTo->number);
        }
        if (const auto* offer = std::get_if<wire::FileOffer>(&*entry.content)) {
            transfer = offer->transfer;
            size = static_cast<qint64>(offer->size);
        }
    }
    qint64 id = messageIdFor(entry.header.clock, entry.header.number);
    // Taken ids are rare (two authors in one millisecond): try the next one.
    while (m_sql.write(
               "INSERT OR IGNORE INTO message(id, conversation, order_clock, author_rank, number, timeline, "
               "clock, kind, flags, text, reply_author, reply_number, transfer, size) "
               "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
               id, timeline.conversation, orderedInt(order), authorRank(timeline.head.author),
               storedNumber(entry.header.number), timeline.id, orderedInt(entry.header.clock),
               static_cast<int>(messageKindOf(entry.header.kind)), flags, text, replyAuthor, replyNumber,
               transfer, size) == 0 &&
           !m_sql.failed())
        ++id;
    if (text && !text->isEmpty())
        m_search.change(id, tagsOf(timeline.conversation, timeline.head.author), {}, text);
    return id;
}

std::vector<CheckedEntry> MessageTable::showKnownKinds() {
    struct Found {
        qint64 message;
        qint64 conversation;
        bool disputed;
        wire::SignedEntry bytes;
    };
    std::vector<Found> all;
    {
        auto row = m_sql.read(
            "SELECT message.id, message.conversation, flags, header, signature, payload FROM message JOIN "
            "entry ON "
            "entry.id = (message.timeline << 40 | message.number) WHERE kind = ? AND payload IS NOT NULL",
            static_cast<int>(MessageKind::Unsupported));
        while (row.next())
            all.push_back({row.integer(0), row.integer(1), (row.integer(2) & kDisputed) != 0,
                           wire::SignedEntry{row.bytes(3), row.id<Signature>(4), row.bytes(5), {}}});
    }
    std::vector<CheckedEntry> known;
    for (Found& found : all) {
        auto entry = timeline::checkEntry(std::move(found.bytes));
        const MessageKind kind = entry ? messageKindOf(entry->header.kind) : MessageKind::Unsupported;
        if (kind == MessageKind::Unsupported || !entry->content) continue;
        const QString text = shownText(*entry->content);
        std::optional<wire::TransferId> transfer;
        std::optional<qint64> size;
        if (const auto* const offer = std::get_if<wire::FileOffer>(&*entry->content)) {
            transfer = offer->transfer;
            size = static_cast<qint64>(offer->size);
        }
        m_sql.write("UPDATE message SET kind = ?, text = ?, transfer = ?, size = ? WHERE id = ?",
                    static_cast<int>(kind), text, transfer, size, found.message);
        m_search.change(found.message, tagsOf(found.conversation, entry->header.author), {}, text);
        if (!found.disputed) known.push_back(std::move(*entry));
    }
    return known;
}

MessageTable::Shown MessageTable::shownNow(qint64 conversation, const EntryRef& target, qint64 entry) {
    const Amended amended = m_amendments.outcome(conversation, target);
    const auto stored = m_timelines.entry(entry);
    if (amended.deleted || !stored || stored->payload.empty()) return {{}, kDeleted};
    const auto header = wire::parseEntryHeader(stored->header);
    if (!header || sha256(stored->payload) != header->payloadHash) {
        m_sql.failDamaged();
        return {};
    }
    // An older version may have taken what this one does not allow.
    const auto content = wire::parsePayload(header->kind, stored->payload);
    Shown shown{content ? shownText(*content) : QString(),
                amended.reactions.empty() ? 0 : int(kHasReactions)};
    // Only a text is changed by an edit: a file's name is not its author's to change afterwards.
    if (amended.text && header->kind == std::uint32_t(ContentKind::Text)) {
        shown.text = *amended.text;
        shown.flags |= kEdited;
    }
    return shown;
}

void MessageTable::refresh(qint64 conversation, const EntryRef& target) {
    const auto timeline = m_timelines.find(conversation, target.author);
    if (!timeline || target.number > kHighestEntryNumber) return;
    const qint64 entry = entryId(timeline->id, target.number);
    if (const auto message = m_timelines.messageOf(entry)) return refreshMessage(*timeline, target, *message);
    // A delete may name an edit or a reaction. One that is deleted amends nothing, so this goes one step only.
    const auto amended = m_amendments.targetOf(entry);
    const auto amendedLine = amended ? m_timelines.find(conversation, amended->author) : std::nullopt;
    if (!amendedLine || amended->number > kHighestEntryNumber) return;
    if (const auto message = m_timelines.messageOf(entryId(amendedLine->id, amended->number)))
        refreshMessage(*amendedLine, *amended, *message);
}

void MessageTable::refreshMessage(const TimelineTable::Row& timeline, const EntryRef& target,
                                  qint64 message) {
    int flags = 0;
    QString text;
    {
        auto row = m_sql.read("SELECT flags, text FROM message WHERE id = ?", message);
        if (!row.next()) return;
        flags = static_cast<int>(row.integer(0));
        text = row.text(1);
    }
    const Shown now = shownNow(timeline.conversation, target, entryId(timeline.id, target.number));
    const int after = (flags & ~(kEdited | kDeleted | kHasReactions)) | now.flags;
    if (after == flags && now.text == text) return;
    m_sql.write("UPDATE message SET flags = ?, text = ? WHERE id = ?", after, now.text, message);
    const auto indexed = [](const QString& words) {
        return words.isEmpty() ? std::nullopt : std::optional(words);
    };
    m_search.change(message, tagsOf(timeline.conversation, target.author), indexed(text), indexed(now.text));
    if ((after & kDeleted) && !(flags & (kDeleted | kOwn | kDisputed)) && timeline.head.read < target.number)
        m_timelines.addUnread(timeline, -1);
}

void MessageTable::setOrder(qint64 entry, const std::optional<qint64>& message, HybridTime order) {
    if (message) {
        m_sql.write("UPDATE message SET order_clock = ? WHERE id = ?", orderedInt(order), *message);
        return;
    }
    if (!m_amendments.setOrder(entry, order)) return;
    const TimelineTable::Key* const key = m_timelines.keyOf(timelineOf(entry));
    const auto target = m_amendments.targetOf(entry);
    if (key && target) refresh(key->conversation, *target);
}

void MessageTable::lowerOrder(qint64 timeline, EntryNumber last, HybridTime to) {
    struct Lowered {
        qint64 entry;
        std::optional<qint64> message;
    };
    std::vector<Lowered> lowered;
    {
        auto row = m_sql.read(
            "SELECT entry.id, entry.message, coalesce(message.order_clock, amendment.order_clock) FROM entry "
            "LEFT JOIN message ON message.id = entry.message LEFT JOIN amendment ON amendment.id = entry.id "
            "WHERE entry.id <= ? AND entry.id > ? ORDER BY entry.id DESC",
            entryId(timeline, last), entryId(timeline, 0));
        while (row.next()) {
            if (row.isNull(2)) continue;  // an erased amendment has no place
            if (fromOrderedInt(row.integer(2)) <= to) break;
            lowered.push_back({row.integer(0), row.isNull(1) ? std::nullopt : std::optional(row.integer(1))});
        }
    }
    for (const Lowered& entry : lowered) setOrder(entry.entry, entry.message, to);
}

bool MessageTable::erase(qint64 conversation, const EntryRef& target, const wire::ErasureProof& proof) {
    const auto timeline = m_timelines.find(conversation, target.author);
    const bool isHeld = timeline && target.number <= timeline->head.number;
    const qint64 id = isHeld ? entryId(timeline->id, target.number) : 0;
    // Before the payload goes: an author may have written an edit of the very entry that it is.
    const std::vector<Amendment> amendments = m_amendments.of(conversation, target);
    bool erased = isHeld && m_timelines.erasePayload(id, proof);
    for (const Amendment& amendment : amendments) {
        if (amendment.kind != ContentKind::Edit || !m_amendments.isBySamePerson(amendment, target.author))
            continue;
        erased = m_timelines.erasePayload(amendment.entryId, proof) || erased;
        m_amendments.remove(amendment.entryId);
    }
    if (!erased) return false;
    // A transfer tells the name of its file.
    if (isHeld)
        m_sql.write(
            "DELETE FROM transfer WHERE id = (SELECT message.transfer FROM entry JOIN message ON message.id "
            "= entry.message WHERE entry.id = ?) AND author = ? AND number = ?",
            id, target.author, storedNumber(target.number));
    // Without its payload an edit or a reaction amends nothing.
    const auto amended = isHeld ? m_amendments.targetOf(id) : std::nullopt;
    if (amended) m_amendments.remove(id);
    refresh(conversation, amended.value_or(target));
    m_search.noteErased();
    return true;
}

std::optional<wire::ErasureProof> MessageTable::erasureOf(qint64 conversation, const EntryRef& target) {
    for (const Amendment& amendment : m_amendments.of(conversation, target)) {
        if (amendment.kind != ContentKind::Delete || !m_amendments.isBySamePerson(amendment, target.author))
            continue;
        const auto entry = m_timelines.entry(amendment.entryId);
        const auto certificate = m_directory.certificate(amendment.entry.author);
        if (entry && certificate)
            return wire::ErasureProof{entry->header, entry->signature, entry->payload,
                                      certificate->encoded()};
    }
    const auto timeline = m_timelines.find(conversation, target.author);
    // Beyond the head there is nothing, except where a timeline has ended.
    const bool isBeyond = timeline && target.number > timeline->head.number && !timeline->head.end;
    if (!timeline || isBeyond || target.number > kHighestEntryNumber) return std::nullopt;
    return m_timelines.erasureProof(entryId(timeline->id, target.number));
}

void MessageTable::dispute(const TimelineTable::Row& timeline, EntryNumber last) {
    const qint64 from = entryId(timeline.id, last);
    const qint64 to = entryId(timeline.id, kHighestEntryNumber);
    m_sql.write(
        "UPDATE message SET flags = flags | ? WHERE id IN "
        "(SELECT message FROM entry WHERE id > ? AND id <= ? AND message IS NOT NULL)",
        static_cast<int>(kDisputed), from, to);
    const std::vector<EntryRef> amended = m_amendments.removeBeyond(timeline.id, last);
    restoreOrder(timeline.id, last);
    for (const EntryRef& target : amended) refresh(timeline.conversation, target);
}

void MessageTable::restoreOrder(qint64 timeline, EntryNumber last) {
    struct Placed {
        qint64 entry;
        std::optional<qint64> message;
        HybridTime clock;
        std::optional<HybridTime> order;
    };
    std::vector<Placed> placed;
    {
        auto row = m_sql.read(
            "SELECT entry.id, entry.message, entry.header, coalesce(message.order_clock, "
            "amendment.order_clock) "
            "FROM entry LEFT JOIN message ON message.id = entry.message "
            "LEFT JOIN amendment ON amendment.id = entry.id WHERE entry.id <= ? AND entry.id > ? "
            "ORDER BY entry.id DESC",
            entryId(timeline, last), entryId(timeline, 0));
        std::optional<HybridTime> lowest;
        while (row.next()) {
            const auto header = wire::parseEntryHeader(row.bytes(2));
            if (!header) return m_sql.failDamaged();
            lowest = std::min(lowest.value_or(header->clock), header->clock);
            Placed entry{row.integer(0), {}, *lowest, {}};
            if (!row.isNull(1)) entry.message = row.integer(1);
            if (!row.isNull(3)) entry.order = fromOrderedInt(row.integer(3));
            // From here on down nothing was lowered by what is disputed now.
            if (entry.order == lowest) break;
            placed.push_back(entry);
        }
    }
    for (const Placed& entry : placed)
        if (entry.order) setOrder(entry.entry, entry.message, entry.clock);
}

void MessageTable::removeAll(const Directory::Conversation& conversation) {
    {
        auto row = m_sql.read(
            "SELECT message.id, message.text, timeline.author FROM message JOIN timeline ON timeline.id = "
            "message.timeline WHERE message.conversation = ?",
            conversation.id);
        while (row.next())
            if (const QString text = row.text(1); !text.isEmpty())
                m_search.change(row.integer(0), tagsOf(conversation.id, row.id<DeviceId>(2)), text, {});
    }
    for (const TimelineTable::Row& timeline : m_timelines.all(conversation.id)) {
        const qint64 first = entryId(timeline.id, 0);
        const qint64 last = entryId(timeline.id, kHighestEntryNumber);
        m_sql.write("DELETE FROM entry WHERE id BETWEEN ? AND ?", first, last);
        m_sql.write("DELETE FROM erasure WHERE entry BETWEEN ? AND ?", first, last);
        m_sql.write("DELETE FROM fork WHERE timeline = ?", timeline.id);
    }
    m_sql.write("DELETE FROM message WHERE conversation = ?", conversation.id);
    m_sql.write("DELETE FROM amendment WHERE conversation = ?", conversation.id);
    m_sql.write("DELETE FROM transfer WHERE conversation = ?", conversation.key);
    m_search.noteErased();
}

void MessageTable::indexWaiting() {
    if (m_search.waiting() == 0) return;
    {
        auto row = m_sql.read(
            "SELECT message.id, message.conversation, message.timeline, message.text FROM unindexed "
            "JOIN message ON message.id = unindexed.message");
        while (row.next()) {
            const TimelineTable::Key* const key = m_timelines.keyOf(row.integer(2));
            if (key) m_search.change(row.integer(0), tagsOf(row.integer(1), key->author), {}, row.text(3));
        }
    }
    m_search.forgetWaiting();
    m_search.flush();
}

void MessageTable::recountUnread(const TimelineTable::Row& timeline) {
    qint64 unread = 0;
    if (!m_directory.isOwn(timeline.head.author) && timeline.head.read < timeline.head.number) {
        auto row = m_sql.read(
            "SELECT count(*) FROM entry JOIN message ON message.id = entry.message "
            "WHERE entry.id > ? AND entry.id <= ? AND (message.flags & ?) = 0",
            entryId(timeline.id, timeline.head.read), entryId(timeline.id, timeline.head.number),
            static_cast<int>(kDeleted));
        if (row.next()) unread = row.integer(0);
    }
    m_timelines.setUnread(timeline, unread);
}

}  // namespace landline::app
