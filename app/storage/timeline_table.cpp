#include "app/storage/timeline_table.h"

#include "p2p/base/limits.h"

#include <algorithm>

namespace landline::app {

using timeline::TimelineHead;

namespace {

/// The columns of a timeline row, in the order in which readRow takes them.
#define TIMELINE_COLUMNS \
    "id, conversation, author, base_number, base_hash, number, hash, clock, read, ended, unread"

/// NULL for no bytes; without a copy.
std::optional<ByteView> orNull(const Bytes& bytes) {
    return bytes.empty() ? std::nullopt : std::optional(ByteView(bytes));
}

constexpr std::size_t kRowsRemembered = 1024;

bool isHeadOf(const TimelineHead& head, const wire::SignedEntry& last) {
    const auto header = wire::parseEntryHeader(last.header);
    return header && header->author == head.author && header->number == head.number &&
           header->clock == head.clock && timeline::entryHash(last) == head.hash;
}

}  // namespace

TimelineTable::Row TimelineTable::readRow(const Rows& row) {
    Row result{row.integer(0), row.integer(1), {}, row.integer(10)};
    TimelineHead& head = result.head;
    head.author = row.id<DeviceId>(2);
    head.baseNumber = row.number(3);
    head.baseHash = row.id<Hash256>(4);
    head.number = row.number(5);
    head.hash = row.id<Hash256>(6);
    head.clock = fromOrderedInt(row.integer(7));
    head.read = row.number(8);
    if (!row.isNull(9)) head.end = row.number(9);
    return result;
}

void TimelineTable::forgetCached() {
    m_rows.clear();
    m_keys.clear();
    m_compared.clear();
    m_heldCounts.clear();
}

const TimelineTable::Row& TimelineTable::remember(Row row) {
    if (m_rows.size() >= kRowsRemembered) m_rows.clear();
    const std::pair key(row.conversation, row.head.author);
    return m_rows.insert_or_assign(key, std::move(row)).first->second;
}

TimelineTable::Row* TimelineTable::remembered(const Row& timeline) {
    const auto known = m_rows.find({timeline.conversation, timeline.head.author});
    return known == m_rows.end() ? nullptr : &known->second;
}

std::optional<TimelineTable::Row> TimelineTable::find(qint64 conversation, const DeviceId& author) {
    if (m_sql.failed()) return std::nullopt;
    if (const auto known = m_rows.find({conversation, author}); known != m_rows.end()) return known->second;
    std::optional<Row> found;
    {
        auto row =
            m_sql.read("SELECT " TIMELINE_COLUMNS " FROM timeline WHERE conversation = ? AND author = ?",
                       conversation, author);
        if (row.next()) found = readRow(row);
    }
    if (!found || !hasSoundHead(*found)) return std::nullopt;
    return remember(*std::move(found));
}

bool TimelineTable::hasSoundHead(const Row& row) {
    if (m_compared.count(row.id) != 0) return true;
    const TimelineHead& head = row.head;
    bool sound = head.number == head.baseNumber && head.hash == head.baseHash;
    if (head.number > head.baseNumber) {
        const auto last = headerOf(entryId(row.id, head.number));
        sound = last && isHeadOf(head, *last);
    }
    if (sound)
        m_compared.insert(row.id);
    else
        m_sql.failDamaged();
    return sound;
}

TimelineTable::Row TimelineTable::findOrMake(qint64 conversation, const DeviceId& author) {
    if (auto found = find(conversation, author)) return *std::move(found);
    Row made;
    made.conversation = conversation;
    made.head.author = author;
    m_sql.write(
        "INSERT INTO timeline(conversation, author, base_number, base_hash, number, hash, clock, read, "
        "unread) "
        "VALUES(?, ?, 0, ?, 0, ?, ?, 0, 0)",
        conversation, author, made.head.baseHash, made.head.hash, orderedInt(0));
    made.id = m_sql.lastInsertId();
    return remember(std::move(made));
}

std::vector<TimelineTable::Row> TimelineTable::all(qint64 conversation) {
    std::vector<Row> result;
    {
        auto row = m_sql.read(
            "SELECT " TIMELINE_COLUMNS " FROM timeline WHERE conversation = ? ORDER BY author", conversation);
        while (row.next()) result.push_back(readRow(row));
    }
    result.erase(
        std::remove_if(result.begin(), result.end(), [this](const Row& row) { return !hasSoundHead(row); }),
        result.end());
    return result;
}

const TimelineTable::Key* TimelineTable::keyOf(qint64 timeline) {
    if (const auto known = m_keys.find(timeline); known != m_keys.end()) return &known->second;
    auto row = m_sql.read("SELECT conversation, author FROM timeline WHERE id = ?", timeline);
    if (!row.next()) return nullptr;
    return &m_keys.emplace(timeline, Key{row.integer(0), row.id<DeviceId>(1)}).first->second;
}

void TimelineTable::setHead(const Row& timeline, const TimelineHead& head) {
    m_compared.insert(timeline.id);
    const std::optional<qint64> end = head.end ? std::optional(storedNumber(*head.end)) : std::nullopt;
    m_sql.write(
        "UPDATE timeline SET base_number = ?, base_hash = ?, number = ?, hash = ?, clock = ?, read = ?, "
        "ended = ? "
        "WHERE id = ?",
        storedNumber(head.baseNumber), head.baseHash, storedNumber(head.number), head.hash,
        orderedInt(head.clock), storedNumber(head.read), end, timeline.id);
    if (Row* const known = remembered(timeline)) known->head = head;
}

void TimelineTable::setUnread(const Row& timeline, qint64 unread) {
    m_sql.write("UPDATE timeline SET unread = ? WHERE id = ?", unread, timeline.id);
    if (Row* const known = remembered(timeline)) known->unread = unread;
}

void TimelineTable::addUnread(const Row& timeline, qint64 more) {
    m_sql.write("UPDATE timeline SET unread = unread + ? WHERE id = ?", more, timeline.id);
    if (Row* const known = remembered(timeline)) known->unread += more;
}

void TimelineTable::putEntry(qint64 timeline, EntryNumber number, const wire::SignedEntry& entry,
                             const std::optional<qint64>& message) {
    const qint64 id = entryId(timeline, number);
    const auto payload = orNull(entry.payload);
    m_sql.write("INSERT OR REPLACE INTO entry(id, header, signature, payload, message) VALUES(?, ?, ?, ?, ?)",
                id, entry.header, entry.signature, payload, message);
    if (entry.erasure)
        m_sql.write("INSERT OR REPLACE INTO erasure(entry, proof) VALUES(?, ?)", id,
                    wire::encodeErasureProof(*entry.erasure));
}

std::optional<wire::SignedEntry> TimelineTable::entry(qint64 id) {
    auto row = m_sql.read("SELECT header, signature, payload FROM entry WHERE id = ?", id);
    if (!row.next()) return std::nullopt;
    return wire::SignedEntry{row.bytes(0), row.id<Signature>(1), row.bytes(2), {}};
}

std::optional<wire::SignedEntry> TimelineTable::headerOf(qint64 id) {
    auto row = m_sql.read("SELECT header, signature FROM entry WHERE id = ?", id);
    if (!row.next()) return std::nullopt;
    return wire::SignedEntry{row.bytes(0), row.id<Signature>(1), {}, {}};
}

std::optional<qint64> TimelineTable::messageOf(qint64 entryId) {
    auto row = m_sql.read("SELECT message FROM entry WHERE id = ?", entryId);
    if (!row.next() || row.isNull(0)) return std::nullopt;
    return row.integer(0);
}

std::vector<wire::SignedEntry> TimelineTable::readRun(const Row& timeline, EntryNumber first,
                                                      std::size_t maxCount, std::size_t maxBytes) {
    std::vector<wire::SignedEntry> run;
    if (first <= timeline.head.baseNumber || first > timeline.head.number) return run;
    std::size_t bytes = 0;
    {
        auto row = m_sql.read(
            "SELECT id, header, signature, payload FROM entry WHERE id >= ? AND id <= ? ORDER BY id LIMIT ?",
            entryId(timeline.id, first), entryId(timeline.id, timeline.head.number), quint64{maxCount});
        while (row.next()) {
            if (numberOf(row.integer(0)) != first + run.size()) break;
            wire::SignedEntry entry{row.bytes(1), row.id<Signature>(2), row.bytes(3), {}};
            bytes += entry.bytes();
            if (!run.empty() && bytes > maxBytes) break;
            run.push_back(std::move(entry));
        }
    }
    for (std::size_t i = 0; i < run.size(); ++i)
        if (run[i].payload.empty()) run[i].erasure = erasureProof(entryId(timeline.id, first + i));
    if (m_sql.failed()) return {};
    if (!isIntact(timeline, first, run)) {
        m_sql.failDamaged();
        return {};
    }
    return run;
}

bool TimelineTable::isIntact(const Row& timeline, EntryNumber first,
                             const std::vector<wire::SignedEntry>& run) {
    // Also a gap is damage: everything up to the head is held.
    if (run.empty()) return false;
    std::optional<Hash256> previous;
    if (first == timeline.head.baseNumber + 1) previous = timeline.head.baseHash;
    for (std::size_t i = 0; i < run.size(); ++i) {
        const auto entry = timeline::checkEntry(run[i]);
        if (!entry || entry->header.author != timeline.head.author || entry->header.number != first + i)
            return false;
        if (run[i].payload.empty() && !run[i].erasure) return false;
        if (previous && entry->header.previous != *previous) return false;
        previous = entry->hash;
        const bool last = i + 1 == run.size();
        if (last && first + i == timeline.head.number && entry->hash == timeline.head.hash) return true;
        if (last) return isNamedByNext(timeline, *entry);
    }
    return true;
}

/// What vouches for an entry is the next one: its own signature is checked only where a run that was received ended, and
/// an author may have sent anything in between.
bool TimelineTable::isNamedByNext(const Row& timeline, const timeline::CheckedEntry& entry) {
    const auto next = headerOf(entryId(timeline.id, entry.header.number + 1));
    const auto header = next ? wire::parseEntryHeader(next->header) : Unexpected(ErrorCode::NotFound, "");
    return header && header->previous == entry.hash;
}

bool TimelineTable::erasePayload(qint64 entryId, const wire::ErasureProof& proof) {
    if (m_sql.write("UPDATE entry SET payload = NULL WHERE id = ? AND payload IS NOT NULL", entryId) == 0)
        return false;
    m_sql.write("INSERT OR REPLACE INTO erasure(entry, proof) VALUES(?, ?)", entryId,
                wire::encodeErasureProof(proof));
    return true;
}

std::optional<wire::ErasureProof> TimelineTable::erasureProof(qint64 entryId) {
    auto row = m_sql.read("SELECT proof FROM erasure WHERE entry = ?", entryId);
    if (!row.next()) return std::nullopt;
    auto proof = wire::parseErasureProof(row.bytes(0));
    if (proof) return *std::move(proof);
    m_sql.failDamaged();
    return std::nullopt;
}

void TimelineTable::putFork(qint64 timeline,
                            const std::pair<wire::SignedEntry, wire::SignedEntry>& evidence) {
    int side = 0;
    for (const wire::SignedEntry* const entry : {&evidence.first, &evidence.second})
        m_sql.write("INSERT OR REPLACE INTO fork(timeline, side, header, signature) VALUES(?, ?, ?, ?)",
                    timeline, side++, entry->header, entry->signature);
}

std::optional<std::pair<wire::SignedEntry, wire::SignedEntry>> TimelineTable::fork(qint64 timeline) {
    std::vector<wire::SignedEntry> sides;
    auto row = m_sql.read("SELECT header, signature FROM fork WHERE timeline = ? ORDER BY side", timeline);
    while (row.next()) sides.push_back({row.bytes(0), row.id<Signature>(1), {}, {}});
    if (sides.size() != 2) return std::nullopt;
    return std::pair(std::move(sides[0]), std::move(sides[1]));
}

std::size_t& TimelineTable::heldCount(qint64 conversation) {
    const auto [known, isNew] = m_heldCounts.try_emplace(conversation, 0);
    if (!isNew) return known->second;
    auto row = m_sql.read("SELECT count(*) FROM held WHERE conversation = ?", conversation);
    if (row.next()) known->second = static_cast<std::size_t>(row.integer(0));
    return known->second;
}

void TimelineTable::hold(const Key& key, EntryNumber number, const wire::SignedEntry& entry) {
    std::size_t& count = heldCount(key.conversation);
    if (count >= limits::kPendingEntries || number > kHighestEntryNumber) return;
    const auto payload = orNull(entry.payload);
    const auto proof = entry.erasure ? std::optional(wire::encodeErasureProof(*entry.erasure)) : std::nullopt;
    count += static_cast<std::size_t>(m_sql.write(
        "INSERT OR IGNORE INTO held(conversation, author, number, header, signature, payload, proof) "
        "VALUES(?, ?, ?, ?, ?, ?, ?)",
        key.conversation, key.author, storedNumber(number), entry.header, entry.signature, payload, proof));
}

std::vector<wire::SignedEntry> TimelineTable::takeHeld(const Key& key, EntryNumber first) {
    std::vector<wire::SignedEntry> run;
    if (heldCount(key.conversation) == 0) return run;
    bool any = false;
    {
        auto row = m_sql.read(
            "SELECT number, header, signature, payload, proof FROM held WHERE conversation = ? AND author = "
            "? "
            "ORDER BY number",
            key.conversation, key.author);
        while (row.next()) {
            any = any || row.number(0) < first;
            if (row.number(0) < first) continue;
            if (row.number(0) != first + run.size()) break;
            wire::SignedEntry entry{row.bytes(1), row.id<Signature>(2), row.bytes(3), {}};
            if (!row.isNull(4))
                if (auto proof = wire::parseErasureProof(row.bytes(4))) entry.erasure = *std::move(proof);
            run.push_back(std::move(entry));
        }
    }
    if (run.empty() && !any) return run;
    m_sql.write("DELETE FROM held WHERE conversation = ? AND author = ? AND number < ?", key.conversation,
                key.author, storedNumber(first + run.size()));
    m_heldCounts.erase(key.conversation);
    return run;
}

#undef TIMELINE_COLUMNS

}  // namespace landline::app
