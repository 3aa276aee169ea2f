#include "app/storage/message_table.h"

#include "p2p/base/limits.h"
#include "p2p/base/utf8.h"

#include <QDateTime>

#include <algorithm>
#include <map>
#include <tuple>

namespace landline::app {

using timeline::CheckedEntry;
using timeline::HybridTime;
using wire::ContentKind;

namespace {

bool isAmendment(std::uint32_t kind) {
    return kind == std::uint32_t(ContentKind::Edit) || kind == std::uint32_t(ContentKind::Delete) ||
           kind == std::uint32_t(ContentKind::Reaction);
}

MessageKind messageKind(std::uint32_t kind) {
    if (kind == std::uint32_t(ContentKind::Text)) return MessageKind::Text;
    if (kind == std::uint32_t(ContentKind::FileOffer)) return MessageKind::File;
    return MessageKind::Unsupported;
}

/// A text as it is shown and searched.
QString shown(const std::string& text) {
    return QString::fromStdString(sanitizedText(text));
}

QString shownText(const wire::Content& content) {
    if (const auto* text = std::get_if<wire::Text>(&content)) return shown(text->text);
    if (const auto* offer = std::get_if<wire::FileOffer>(&content)) return shown(offer->name);
    return {};
}

const EntryRef* targetOf(const wire::Content& content) {
    if (const auto* edit = std::get_if<wire::Edit>(&content)) return &edit->target;
    if (const auto* del = std::get_if<wire::Delete>(&content)) return &del->target;
    if (const auto* reaction = std::get_if<wire::Reaction>(&content)) return &reaction->target;
    return nullptr;
}

/// Target numbers are compared for equality only: the same bits serve.
qint64 targetNumber(const EntryRef& target) {
    return static_cast<qint64>(target.number);
}

/// Where the ids of messages of this clock begin: never further ahead than a clock may be, so that a wrong clock does not
/// stay on top of every search for years.
qint64 messageIdFor(HybridTime clock, EntryNumber number) {
    const qint64 most = QDateTime::currentMSecsSinceEpoch() + limits::kClockAhead.count();
    const qint64 millis = std::min(static_cast<qint64>(clock >> 16), most);
    return firstMessageId(millis) | static_cast<qint64>(number & ((1U << kMessageIdBits) - 1));
}

}  // namespace

struct MessageTable::Amendment {
    qint64 id = 0;
    HybridTime order = 0;
    ContentKind kind = ContentKind::Edit;
    QString text;
    bool removed = false;
    EntryRef entry;
    qint64 person = 0;

    /// Later ones win.
    [[nodiscard]] auto position() const { return std::tie(order, entry.author, entry.number); }
};

struct MessageTable::Outcome {
    std::optional<QString> text;  ///< nothing if deleted
    bool edited = false;
    bool hasReactions = false;
};

qint64 authorRank(const DeviceId& author) {
    return orderedInt(loadBe64(author.data()));
}

std::optional<HybridTime> clockOf(TimelineTable& timelines, qint64 entry) {
    const auto stored = timelines.entry(entry);
    if (!stored) return std::nullopt;
    const auto header = wire::parseEntryHeader(stored->header);
    return header ? std::optional(header->clock) : std::nullopt;
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
            if (entry.content) insertAmendment(timeline, entry, order[i]);
            continue;
        }
        const qint64 message = insertMessage(timeline, entry, order[i]);
        m_timelines.putEntry(timeline.id, entry.header.number, entry.bytes, message);
        if (!own && entry.content && entry.header.number > timeline.head.read) ++unread;
        if (hasAmendments(timeline.conversation, entry.ref())) refresh(timeline.conversation, entry.ref());
    }
    if (unread > 0) m_sql.write("UPDATE timeline SET unread = unread + ? WHERE id = ?", unread, timeline.id);
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
            replyNumber = targetNumber(*said->replyTo);
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
               static_cast<int>(messageKind(entry.header.kind)), flags, text, replyAuthor, replyNumber,
               transfer, size) == 0 &&
           !m_sql.failed())
        ++id;
    if (text && !text->isEmpty())
        m_search.change(id, tagsOf(timeline.conversation, timeline.head.author), {}, text);
    return id;
}

void MessageTable::insertAmendment(const TimelineTable::Row& timeline, const CheckedEntry& entry,
                                   HybridTime order) {
    const EntryRef* const target = targetOf(*entry.content);
    if (!target) return;
    QString text;
    bool removed = false;
    if (const auto* edit = std::get_if<wire::Edit>(&*entry.content)) text = shown(edit->text);
    if (const auto* reaction = std::get_if<wire::Reaction>(&*entry.content)) {
        text = QString::fromStdString(reaction->emoji);
        removed = reaction->removed;
    }
    m_sql.write(
        "INSERT OR REPLACE INTO amendment(id, conversation, target_author, target_number, order_clock, kind, "
        "text, "
        "removed) VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
        entryId(timeline.id, entry.header.number), timeline.conversation, target->author,
        targetNumber(*target), orderedInt(order), static_cast<qint64>(entry.header.kind), text, removed);
    refresh(timeline.conversation, *target);
}

bool MessageTable::hasAmendments(qint64 conversation, const EntryRef& target) {
    auto row = m_sql.read(
        "SELECT 1 FROM amendment WHERE conversation = ? AND target_number = ? AND target_author = ? LIMIT 1",
        conversation, targetNumber(target), target.author);
    return row.next();
}

std::vector<MessageTable::Amendment> MessageTable::amendments(qint64 conversation, const EntryRef& target) {
    std::vector<Amendment> result;
    {
        auto row = m_sql.read(
            "SELECT id, order_clock, kind, text, removed FROM amendment "
            "WHERE conversation = ? AND target_number = ? AND target_author = ?",
            conversation, targetNumber(target), target.author);
        while (row.next())
            result.push_back({row.integer(0),
                              fromOrderedInt(row.integer(1)),
                              static_cast<ContentKind>(row.integer(2)),
                              row.text(3),
                              row.integer(4) != 0,
                              {},
                              0});
    }
    for (Amendment& amendment : result) {
        const TimelineTable::Key* const key = m_timelines.keyOf(timelineOf(amendment.id));
        if (!key) continue;
        amendment.entry = {key->author, numberOf(amendment.id)};
        if (const Directory::Person* const person = m_directory.personOf(key->author))
            amendment.person = person->id;
    }
    std::sort(result.begin(), result.end(),
              [](const Amendment& a, const Amendment& b) { return a.position() < b.position(); });
    return result;
}

MessageTable::Outcome MessageTable::outcome(qint64 entry, const EntryRef& target,
                                            const std::vector<Amendment>& amendments) {
    Outcome result;
    const Directory::Person* const author = m_directory.personOf(target.author);
    bool deleted = false;
    std::map<std::pair<qint64, QString>, bool> reactions;
    for (const Amendment& amendment : amendments) {
        const bool byAuthor = author && amendment.person == author->id;
        if (amendment.kind == ContentKind::Reaction)
            reactions[{amendment.person, amendment.text}] = !amendment.removed;
        else if (amendment.kind == ContentKind::Delete)
            deleted = deleted || byAuthor;
        else if (byAuthor)
            result.text = amendment.text;
    }
    result.hasReactions =
        std::any_of(reactions.begin(), reactions.end(), [](const auto& reaction) { return reaction.second; });
    const auto stored = m_timelines.entry(entry);
    if (deleted || !stored || stored->payload.empty()) return {std::nullopt, false, result.hasReactions};
    const auto checked = timeline::checkEntry(*stored);
    if (!checked || !checked->content) {
        m_sql.failDamaged();
        return result;
    }
    // Only a text is changed by an edit: a file's name is not its author's to change afterwards.
    const bool editable = checked->header.kind == std::uint32_t(ContentKind::Text);
    result.edited = editable && result.text.has_value();
    if (!result.edited) result.text = shownText(*checked->content);
    return result;
}

void MessageTable::refresh(qint64 conversation, const EntryRef& target) {
    const auto timeline = m_timelines.find(conversation, target.author);
    if (!timeline || target.number > kHighestEntryNumber) return;
    const qint64 entry = entryId(timeline->id, target.number);
    const auto message = m_timelines.messageOf(entry);
    if (!message) return;
    int flags = 0;
    QString text;
    {
        auto row = m_sql.read("SELECT flags, text FROM message WHERE id = ?", *message);
        if (!row.next()) return;
        flags = static_cast<int>(row.integer(0));
        text = row.text(1);
    }
    const Outcome now = outcome(entry, target, amendments(conversation, target));
    int after = flags & ~(kEdited | kDeleted | kHasReactions);
    if (now.edited) after |= kEdited;
    if (!now.text) after |= kDeleted;
    if (now.hasReactions) after |= kHasReactions;
    const QString shownNow = now.text.value_or(QString());
    if (after == flags && shownNow == text) return;
    m_sql.write("UPDATE message SET flags = ?, text = ? WHERE id = ?", after, shownNow, *message);
    const auto indexed = [](const QString& words) {
        return words.isEmpty() ? std::nullopt : std::optional(words);
    };
    m_search.change(*message, tagsOf(conversation, target.author), indexed(text), indexed(shownNow));
    if ((after & kDeleted) && !(flags & (kDeleted | kOwn | kDisputed)))
        m_sql.write("UPDATE timeline SET unread = unread - 1 WHERE id = ? AND read < ?", timeline->id,
                    storedNumber(target.number));
}

void MessageTable::refreshAmended(qint64 amendmentId) {
    qint64 conversation = 0;
    EntryRef target;
    {
        auto row = m_sql.read("SELECT conversation, target_author, target_number FROM amendment WHERE id = ?",
                              amendmentId);
        if (!row.next()) return;
        conversation = row.integer(0);
        target = {row.id<DeviceId>(1), row.number(2)};
    }
    refresh(conversation, target);
}

void MessageTable::setOrder(qint64 entry, const std::optional<qint64>& message, HybridTime order) {
    if (message) {
        m_sql.write("UPDATE message SET order_clock = ? WHERE id = ?", orderedInt(order), *message);
        return;
    }
    if (m_sql.write("UPDATE amendment SET order_clock = ? WHERE id = ?", orderedInt(order), entry) > 0)
        refreshAmended(entry);
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

void MessageTable::erase(const TimelineTable::Row& timeline, EntryNumber number,
                         const wire::ErasureProof& proof) {
    const qint64 id = entryId(timeline.id, number);
    const EntryRef target{timeline.head.author, number};
    const Directory::Person* const author = m_directory.personOf(target.author);
    for (const Amendment& amendment : amendments(timeline.conversation, target)) {
        if (amendment.kind != ContentKind::Edit || !author || amendment.person != author->id) continue;
        m_timelines.erasePayload(amendment.id, proof);
        m_sql.write("DELETE FROM amendment WHERE id = ?", amendment.id);
    }
    if (!m_timelines.erasePayload(id, proof)) return;
    refresh(timeline.conversation, target);
    // An edit or a reaction may be the target itself: without its payload it amends nothing.
    EntryRef amended;
    {
        auto row = m_sql.read("SELECT target_author, target_number FROM amendment WHERE id = ?", id);
        if (!row.next()) return;
        amended = {row.id<DeviceId>(0), row.number(1)};
    }
    m_sql.write("DELETE FROM amendment WHERE id = ?", id);
    refresh(timeline.conversation, amended);
}

std::optional<wire::ErasureProof> MessageTable::erasureOf(qint64 conversation, const EntryRef& target) {
    if (const auto timeline = m_timelines.find(conversation, target.author);
        timeline && target.number <= kHighestEntryNumber)
        if (auto proof = m_timelines.erasureProof(entryId(timeline->id, target.number))) return proof;
    const Directory::Person* const author = m_directory.personOf(target.author);
    for (const Amendment& amendment : amendments(conversation, target)) {
        if (amendment.kind != ContentKind::Delete || !author || amendment.person != author->id) continue;
        const auto entry = m_timelines.entry(amendment.id);
        const auto certificate = m_directory.certificate(amendment.entry.author);
        if (entry && certificate)
            return wire::ErasureProof{entry->header, entry->signature, entry->payload,
                                      certificate->encoded()};
    }
    return std::nullopt;
}

void MessageTable::dispute(const TimelineTable::Row& timeline, EntryNumber last) {
    const qint64 from = entryId(timeline.id, last);
    const qint64 to = entryId(timeline.id, kHighestEntryNumber);
    m_sql.write(
        "UPDATE message SET flags = flags | ? WHERE id IN "
        "(SELECT message FROM entry WHERE id > ? AND id <= ? AND message IS NOT NULL)",
        static_cast<int>(kDisputed), from, to);
    std::vector<EntryRef> amended;
    {
        auto row = m_sql.read("SELECT target_author, target_number FROM amendment WHERE id > ? AND id <= ?",
                              from, to);
        while (row.next()) amended.push_back({row.id<DeviceId>(0), row.number(1)});
    }
    m_sql.write("DELETE FROM amendment WHERE id > ? AND id <= ?", from, to);
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
    m_sql.write("UPDATE timeline SET unread = ? WHERE id = ?", unread, timeline.id);
}

}  // namespace landline::app
