#include "app/storage/relay_heads_table.h"

#include "app/storage/timeline_table.h"
#include "p2p/base/limits.h"
#include "p2p/base/random.h"

#include <algorithm>
#include <limits>

namespace landline::app {

namespace {

/// Numbers of peers use all 64 bits; what has no place in SQLite's integers is as good as the highest.
std::uint64_t bounded(std::uint64_t number) {
    return std::min<std::uint64_t>(number, std::numeric_limits<qint64>::max());
}

/// So far numbers may run ahead of the clock one by one: nobody puts a database back within that time.
constexpr qint64 kAhead = 10'000;
/// The highest step of those that are further ahead.
constexpr std::uint64_t kStep = 1 << 20;

qint64 stepFrom(qint64 last, qint64 now) {
    if (last < now + kAhead) return 1;
    return 1 + static_cast<qint64>(SystemRandom().below(kStep));
}

}  // namespace

std::uint64_t nextNumber(Sql& sql, const char* name, WallTime now, std::uint64_t above) {
    const QString key = QString::fromLatin1(name);
    qint64 last = 0;
    {
        auto row = sql.read("SELECT value FROM relay_number WHERE name = ?", key);
        if (row.next()) last = row.integer(0);
    }
    last = std::max(last, static_cast<qint64>(bounded(above)));
    const qint64 clock = toUnixMillis(now);
    const qint64 next = std::max(last + stepFrom(last, clock), clock);
    sql.write("INSERT OR REPLACE INTO relay_number(name, value) VALUES(?, ?)", key, next);
    return static_cast<std::uint64_t>(next);
}

// What is owed -------------------------------------------------------------------------------------------------------------

void RelayHeadsTable::owe(const DeviceId& device) {
    m_sql.write(
        "INSERT INTO heads_owed(device, count) VALUES(?, 1) ON CONFLICT(device) DO UPDATE SET count = count "
        "+ "
        "1",
        device);
}

void RelayHeadsTable::oweContacts() {
    std::vector<DeviceId> devices;
    {
        auto row = m_sql.read("SELECT DISTINCT device FROM relay_grant");
        while (row.next()) devices.push_back(row.id<DeviceId>(0));
    }
    for (const DeviceId& device : devices) {
        const Directory::Person* const person = m_directory.personOf(device);
        const bool isContact =
            person && (person->key == m_directory.self() || person->standing == timeline::Standing::Accepted);
        if (isContact) owe(device);
    }
}

std::vector<OwedHeads> RelayHeadsTable::owed() {
    std::vector<OwedHeads> result;
    auto row = m_sql.read("SELECT device, count FROM heads_owed ORDER BY device");
    while (row.next()) result.push_back({row.id<DeviceId>(0), row.integer(1)});
    return result;
}

void RelayHeadsTable::paid(const OwedHeads& owed) {
    m_sql.write("DELETE FROM heads_owed WHERE device = ? AND count <= ?", owed.device, owed.count);
    m_sql.write("UPDATE heads_owed SET count = count - ? WHERE device = ?", owed.count, owed.device);
}

void RelayHeadsTable::oweEvidence(const OwedEvidence& owed, WallTime now) {
    const Directory::Conversation* const known = m_directory.conversation(owed.conversation);
    if (!known || !m_directory.device(owed.device)) return;
    const qint64 millis = toUnixMillis(now);
    const qint64 again = std::chrono::milliseconds(limits::kEvidenceAgain).count();
    // A time to come is that of a clock that was put right since.
    m_sql.write(
        "INSERT INTO evidence_owed(device, conversation, author, first, counter, told) VALUES(?, ?, ?, ?, "
        "NULL, 0) "
        "ON CONFLICT(device, conversation, author) DO UPDATE SET first = excluded.first, counter = NULL "
        "WHERE "
        "first <> excluded.first OR told NOT BETWEEN ? AND ?",
        owed.device, known->id, owed.author, storedNumber(owed.first), millis - again, millis);
}

std::vector<OwedEvidence> RelayHeadsTable::owedEvidence() {
    std::vector<OwedEvidence> result;
    auto row = m_sql.read(
        "SELECT device, conversation, author, first FROM evidence_owed WHERE counter IS NULL ORDER BY "
        "device");
    while (row.next())
        if (const Directory::Conversation* const known = m_directory.conversation(row.integer(1)))
            result.push_back({row.id<DeviceId>(0), known->key, row.id<DeviceId>(2), row.number(3)});
    return result;
}

void RelayHeadsTable::evidencePaid(const OwedEvidence& owed, DepositCounter counter, WallTime now) {
    const Directory::Conversation* const known = m_directory.conversation(owed.conversation);
    if (!known) return;
    m_sql.write(
        "UPDATE evidence_owed SET counter = ?, told = ? WHERE device = ? AND conversation = ? AND author = ?",
        counter, toUnixMillis(now), owed.device, known->id, owed.author);
}

void RelayHeadsTable::evidenceFailed(DepositCounter counter) {
    m_sql.write("UPDATE evidence_owed SET counter = NULL WHERE counter = ?", counter);
}

// This device's statements -------------------------------------------------------------------------------------------------

std::uint64_t RelayHeadsTable::lost() {
    auto row = m_sql.read("SELECT value FROM relay_number WHERE name = 'lost'");
    return row.next() ? row.number(0) : 0;
}

void RelayHeadsTable::addLost(std::uint64_t more) {
    if (more == 0) return;
    const std::uint64_t before = lost();
    const std::uint64_t after = before + std::min(bounded(more), bounded(~std::uint64_t{0}) - before);
    m_sql.write("INSERT OR REPLACE INTO relay_number(name, value) VALUES('lost', ?)", after);
}

// Statements of others -----------------------------------------------------------------------------------------------------

bool RelayHeadsTable::takeStatement(const DeviceId& device, const ConversationId& conversation,
                                    std::uint64_t counter) {
    const Directory::Conversation* const known = m_directory.conversation(conversation);
    if (!known || !m_directory.device(device)) return false;
    return m_sql.write(
               "INSERT INTO statement(device, conversation, counter) VALUES(?, ?, ?) ON CONFLICT(device, "
               "conversation) DO UPDATE SET counter = excluded.counter WHERE excluded.counter > counter",
               device, known->id, bounded(counter)) > 0;
}

std::uint64_t RelayHeadsTable::lastStatement(const DeviceId& device) {
    auto row = m_sql.read("SELECT max(counter) FROM statement WHERE device = ?", device);
    return row.next() && !row.isNull(0) ? row.number(0) : 0;
}

bool RelayHeadsTable::raiseLost(const DeviceId& device, std::uint64_t lost) {
    if (lost == 0 || !m_directory.device(device)) return false;
    return m_sql.write(
               "INSERT INTO peer_lost(device, lost) VALUES(?, ?) ON CONFLICT(device) DO UPDATE SET lost = "
               "excluded.lost WHERE excluded.lost > lost",
               device, bounded(lost)) > 0;
}

}  // namespace landline::app
