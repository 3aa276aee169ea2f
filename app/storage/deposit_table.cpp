#include "app/storage/deposit_table.h"

#include "p2p/base/limits.h"

#include <algorithm>

namespace landline::app {

using wire::relay::Box;

namespace {

constexpr const char* kUnanswered =
    "SELECT counter, message FROM deposit WHERE relay = ? AND expires IS NULL ORDER BY counter";
constexpr const char* kOldest = "SELECT min(counter) FROM deposit WHERE relay = ? AND expires IS NULL";
constexpr const char* kAwaited =
    "SELECT deposit.counter, deposit_recipient.device, box = 1 OR EXISTS(SELECT 1 FROM deposit_range WHERE "
    "deposit_range.counter = deposit.counter AND deposit_range.device = deposit_recipient.device) FROM deposit CROSS "
    "JOIN deposit_recipient ON deposit_recipient.counter = deposit.counter WHERE relay = ? AND expires IS NULL ORDER BY "
    "deposit.counter";
constexpr const char* kHeld =
    "SELECT counter, epoch, expires FROM deposit WHERE relay = ? AND expires IS NOT NULL";
constexpr const char* kExpired = "SELECT counter FROM deposit WHERE expires <= ? ORDER BY expires, counter";
// A range that holds the entry n begins no more than the length of an envelope before it.
constexpr const char* kCovered =
    "SELECT first, last FROM deposit_range CROSS JOIN deposit ON deposit.counter = deposit_range.counter "
    "WHERE "
    "device = ? AND conversation = ? AND author = ? AND first > ? AND last > ? AND (expires IS NULL OR "
    "expires "
    "> ?) ORDER BY first";
constexpr const char* kHeldUntil =
    "SELECT max(expires) FROM deposit_range CROSS JOIN deposit ON deposit.counter = deposit_range.counter "
    "WHERE device = ? AND conversation = ? AND author = ? AND first BETWEEN ? AND ? AND last >= ? AND "
    "expires "
    "> ?";
constexpr const char* kBelow =
    "SELECT DISTINCT counter FROM deposit_range WHERE device = ? AND conversation = ? AND author = ? AND "
    "first "
    "<= ? AND last <= ? ORDER BY counter";

constexpr const char* kAnyFor = "SELECT 1 FROM deposit_range WHERE device = ? LIMIT 1";
constexpr const char* kEntriesOf =
    "SELECT DISTINCT conversation, author, first, last FROM deposit_range WHERE counter = ? ORDER BY "
    "conversation, author, first";
constexpr const char* kHeldFor =
    "SELECT deposit.counter FROM deposit_recipient CROSS JOIN deposit ON deposit.counter = "
    "deposit_recipient.counter WHERE device = ? AND expires IS NOT NULL ORDER BY deposit.counter";

constexpr const char* kDoubt =
    "UPDATE deposit_recipient SET doubted = 1 WHERE device = ? AND EXISTS(SELECT 1 FROM deposit WHERE "
    "deposit.counter = deposit_recipient.counter AND expires IS NULL)";

constexpr const char* kHighestRefused = "SELECT value FROM relay_number WHERE name = 'refused'";

/// How far beyond a refused counter the next one lies, milliseconds: at least, and at most.
constexpr qint64 kLeastJump = qint64(1) << 20;
constexpr qint64 kMostJump = qint64(1) << 41;

constexpr EntryNumber kLongest = limits::kEntriesPerEnvelope;

/// The lowest number with which a range can begin that reaches `number`.
qint64 earliestOf(EntryNumber number) {
    return storedNumber(number >= kLongest ? number - kLongest + 1 : 0);
}

Bytes encoded(DepositCounter counter, const wire::relay::Deposit& deposit) {
    return wire::encodeMessage(wire::relay::Frame{counter, deposit});
}

std::optional<wire::relay::Deposit> decoded(DepositCounter counter, ByteView bytes) {
    auto message = wire::decodeMessage(bytes);
    auto* const frame = message ? std::get_if<wire::relay::Frame>(&*message) : nullptr;
    if (!frame || frame->request != counter) return std::nullopt;
    auto* const deposit = std::get_if<wire::relay::Deposit>(&frame->message);
    return deposit ? std::optional(std::move(*deposit)) : std::nullopt;
}

/// [first, last] as ranges that each fit an envelope, as long as there is room for more.
void addRanges(EntryRange range, std::size_t most, std::vector<EntryRange>& result) {
    const EntryNumber last = range.last;
    while (range.first <= last && result.size() < most) {
        range.last = std::min(last, range.first + kLongest - 1);
        result.push_back(range);
        range.first = range.last + 1;
    }
}

}  // namespace

std::vector<const char*> DepositTable::lookups() {
    return {kUnanswered, kOldest, kAwaited, kHeld, kExpired, kCovered, kHeldUntil, kBelow, kAnyFor, kEntriesOf, kHeldFor, kDoubt};
}

void DepositTable::put(const NewDeposit& deposit) {
    const wire::relay::Deposit& message = deposit.message;
    const bool isHeads = message.box == Box::Heads;
    const bool isSound =
        std::all_of(deposit.ranges.begin(), deposit.ranges.end(), [&](const EntryRange& range) {
            return m_directory.conversation(range.conversation) && range.first > 0 &&
                   range.first <= range.last && range.last - range.first < kLongest &&
                   range.last <= kHighestEntryNumber;
        });
    if (!isSound || (isHeads && !deposit.ranges.empty()))
        return m_sql.fail({ErrorCode::Internal, "A deposit states entries that cannot be in it."});
    m_sql.write("INSERT INTO deposit(counter, relay, epoch, box, message) VALUES(?, ?, ?, ?, ?)",
                deposit.counter, deposit.relay, message.epoch, static_cast<int>(message.box),
                encoded(deposit.counter, message));
    for (const wire::relay::Recipient& recipient : message.recipients) {
        m_sql.write("INSERT INTO deposit_recipient(counter, device, prekey) VALUES(?, ?, ?)", deposit.counter,
                    recipient.to.device, recipient.prekey);
        for (const EntryRange& range : deposit.ranges)
            m_sql.write(
                "INSERT INTO deposit_range(device, conversation, author, first, counter, last) VALUES(?, ?, "
                "?, ?, ?, ?)",
                recipient.to.device, m_directory.conversation(range.conversation)->id, range.author,
                storedNumber(range.first), deposit.counter, storedNumber(range.last));
    }
}

// What a Mailbox is told at start ------------------------------------------------------------------------------------------

std::vector<RelayKey> DepositTable::relays() {
    std::vector<RelayKey> result;
    auto row = m_sql.read("SELECT DISTINCT relay FROM deposit ORDER BY relay");
    while (row.next()) result.push_back(row.id<RelayKey>(0));
    return result;
}

std::vector<UnansweredDeposit> DepositTable::unanswered(const RelayKey& relay) {
    std::vector<UnansweredDeposit> result;
    auto row = m_sql.read(kUnanswered, relay);
    while (row.next()) {
        auto message = decoded(row.number(0), row.bytes(1));
        if (!message) {
            m_sql.failDamaged();
            return {};
        }
        result.push_back({row.number(0), *std::move(message)});
    }
    return result;
}

std::optional<DepositCounter> DepositTable::oldestUnanswered(const RelayKey& relay) {
    auto row = m_sql.read(kOldest, relay);
    if (!row.next() || row.isNull(0)) return std::nullopt;
    return row.number(0);
}

std::vector<AwaitedDeposit> DepositTable::awaited(const RelayKey& relay) {
    std::vector<AwaitedDeposit> result;
    auto row = m_sql.read(kAwaited, relay);
    while (row.next()) result.push_back({row.number(0), row.id<DeviceId>(1), row.integer(2) != 0});
    return result;
}

std::vector<mailbox::HeldDeposit> DepositTable::held(const RelayKey& relay) {
    std::vector<mailbox::HeldDeposit> result;
    {
        auto row = m_sql.read(kHeld, relay);
        while (row.next())
            result.push_back({row.number(0), row.number(1), {}, fromUnixMillis(row.integer(2))});
    }
    for (mailbox::HeldDeposit& one : result) one.devices = devicesOf(one.counter);
    return result;
}

// What becomes of them -----------------------------------------------------------------------------------------------------

std::optional<DepositTable::Row> DepositTable::row(DepositCounter counter) {
    auto row = m_sql.read("SELECT relay, box, expires FROM deposit WHERE counter = ?", counter);
    if (!row.next()) return std::nullopt;
    return Row{row.id<RelayKey>(0), row.integer(1) == 0 ? Box::Messages : Box::Heads, !row.isNull(2)};
}

std::vector<DeviceId> DepositTable::devicesOf(DepositCounter counter) {
    std::vector<DeviceId> result;
    auto row = m_sql.read("SELECT device FROM deposit_recipient WHERE counter = ? ORDER BY device", counter);
    while (row.next()) result.push_back(row.id<DeviceId>(0));
    return result;
}

bool DepositTable::hasRanges(DepositCounter counter, const DeviceId& device) {
    auto row =
        m_sql.read("SELECT 1 FROM deposit_range WHERE counter = ? AND device = ? LIMIT 1", counter, device);
    return row.next();
}

void DepositTable::end(DepositCounter counter, const DeviceId& device) {
    m_sql.write("DELETE FROM deposit_range WHERE counter = ? AND device = ?", counter, device);
    m_sql.write("DELETE FROM deposit_recipient WHERE counter = ? AND device = ?", counter, device);
    m_sql.write(
        "DELETE FROM deposit WHERE counter = ? AND NOT EXISTS(SELECT 1 FROM deposit_recipient WHERE "
        "deposit_recipient.counter = deposit.counter)",
        counter);
}

void DepositTable::endOlderHeads(DepositCounter counter, const DeviceId& device,
                                 std::vector<SettledDeposit>& settled) {
    std::vector<SettledDeposit> older;
    {
        auto row = m_sql.read(
            "SELECT deposit.counter, relay FROM deposit_recipient CROSS JOIN deposit ON deposit.counter = "
            "deposit_recipient.counter WHERE device = ? AND deposit_recipient.counter < ? AND box = ? AND "
            "expires IS NOT NULL",
            device, counter, static_cast<int>(Box::Heads));
        while (row.next()) older.push_back({row.id<RelayKey>(1), row.number(0), device});
    }
    for (const SettledDeposit& one : older) end(one.counter, device);
    settled.insert(settled.end(), older.begin(), older.end());
}

DepositCounter DepositTable::nextCounter(WallTime now) {
    qint64 refused = 0;
    {
        auto row = m_sql.read(kHighestRefused);
        if (row.next()) refused = row.integer(0);
    }
    if (refused == 0) return nextNumber(m_sql, "deposit", now);
    const qint64 ahead = std::clamp(refused - toUnixMillis(now), kLeastJump, kMostJump);
    return nextNumber(m_sql, "deposit", now, static_cast<std::uint64_t>(refused + ahead));
}

void DepositTable::noteRefused(DepositCounter counter) {
    m_sql.write(
        "INSERT INTO relay_number(name, value) VALUES('refused', ?) ON CONFLICT(name) DO UPDATE SET value = "
        "max(value, excluded.value)",
        counter);
}

std::vector<SettledDeposit> DepositTable::change(const RelayKey& relay,
                                                 const mailbox::DepositChanged& changed) {
    std::vector<SettledDeposit> settled;
    const auto known = row(changed.counter);
    if (!known || known->relay != relay) {
        for (const DeviceId& device : changed.held) settled.push_back({relay, changed.counter, device});
        return settled;
    }
    if (!changed.held.empty())
        m_sql.write("UPDATE deposit SET expires = ?, message = NULL WHERE counter = ?",
                    toUnixMillis(changed.expires), changed.counter);
    for (const DeviceId& device : changed.held) {
        if (known->box == Box::Heads) {
            endOlderHeads(changed.counter, device, settled);
        } else if (!hasRanges(changed.counter, device)) {
            end(changed.counter, device);
            settled.push_back({relay, changed.counter, device});
        }
    }
    for (const auto& failed : changed.failed) {
        if (failed.reason == wire::relay::Reason::OldCounter) noteRefused(changed.counter);
        end(changed.counter, failed.device);
        if (known->box == Box::Heads)
            m_heads.owe(failed.device);
        else
            m_heads.evidenceFailed(changed.counter);
    }
    return settled;
}

std::vector<SettledDeposit> DepositTable::settle(const DeviceId& device, const ConversationId& conversation,
                                                 const DeviceId& self) {
    std::vector<SettledDeposit> settled;
    const Directory::Conversation* const known = m_directory.conversation(conversation);
    if (!known) return settled;
    {
        auto any = m_sql.read(kAnyFor, device);
        if (!any.next()) return settled;
    }
    for (const TimelineTable::Row& timeline : m_timelines.all(known->id)) {
        const DeviceId& author = timeline.head.author;
        if (!m_directory.isOwn(author)) continue;
        const qint64 claimed = storedNumber(m_peers.heldBy(timeline, device, self));
        std::vector<DepositCounter> counters;
        {
            auto row = m_sql.read(kBelow, device, known->id, author, claimed, claimed);
            while (row.next()) counters.push_back(row.number(0));
        }
        if (counters.empty()) continue;
        m_sql.write(
            "DELETE FROM deposit_range WHERE device = ? AND conversation = ? AND author = ? AND first <= ? "
            "AND last <= ?",
            device, known->id, author, claimed, claimed);
        for (const DepositCounter counter : counters) {
            const auto deposit = row(counter);
            if (!deposit || !deposit->isHeld || hasRanges(counter, device)) continue;
            end(counter, device);
            settled.push_back({deposit->relay, counter, device});
        }
    }
    return settled;
}

std::vector<SettledDeposit> DepositTable::giveUp(const DeviceId& device) {
    std::vector<SettledDeposit> settled;
    for (const DepositCounter counter : heldFor(device))
        if (const auto deposit = row(counter)) settled.push_back({deposit->relay, counter, device});
    for (const SettledDeposit& one : settled) end(one.counter, device);
    m_sql.write(kDoubt, device);
    m_heads.owe(device);
    return settled;
}

std::vector<SettledDeposit> DepositTable::leaveBut(const DeviceId& device,
                                                   const std::vector<RelayKey>& relays) {
    std::vector<SettledDeposit> settled;
    for (const DepositCounter counter : heldFor(device)) {
        const auto deposit = row(counter);
        if (!deposit || std::find(relays.begin(), relays.end(), deposit->relay) != relays.end()) continue;
        if (deposit->box == Box::Heads) m_heads.owe(device);
        settled.push_back({deposit->relay, counter, device});
    }
    for (const SettledDeposit& one : settled) end(one.counter, device);
    return settled;
}

std::vector<SettledDeposit> DepositTable::expire(WallTime now) {
    std::vector<SettledDeposit> settled;
    for (const DepositCounter counter : expired(now)) {
        const auto deposit = row(counter);
        if (!deposit) continue;
        for (const DeviceId& device : devicesOf(counter)) {
            end(counter, device);
            if (deposit->box == Box::Heads) m_heads.owe(device);
            settled.push_back({deposit->relay, counter, device});
        }
    }
    return settled;
}

std::optional<WallTime> DepositTable::nextExpiry() {
    auto row = m_sql.read("SELECT min(expires) FROM deposit WHERE expires IS NOT NULL");
    if (!row.next() || row.isNull(0)) return std::nullopt;
    return fromUnixMillis(row.integer(0));
}

// Views --------------------------------------------------------------------------------------------------------------------

std::optional<RelayToken> DepositTable::tokenIn(DepositCounter counter, const DeviceId& device) {
    auto row = m_sql.read("SELECT message FROM deposit WHERE counter = ? AND message IS NOT NULL", counter);
    if (!row.next()) return std::nullopt;
    const auto message = decoded(counter, row.bytes(0));
    if (!message) return std::nullopt;
    for (const wire::relay::Recipient& recipient : message->recipients)
        if (recipient.to.device == device) return recipient.to.token;
    return std::nullopt;
}

std::optional<DepositRecord> DepositTable::find(DepositCounter counter) {
    DepositRecord record;
    {
        auto row = m_sql.read("SELECT relay, epoch, box, expires FROM deposit WHERE counter = ?", counter);
        if (!row.next()) return std::nullopt;
        record.relay = row.id<RelayKey>(0);
        record.counter = counter;
        record.epoch = row.number(1);
        record.box = row.integer(2) == 0 ? Box::Messages : Box::Heads;
        if (!row.isNull(3)) record.expires = fromUnixMillis(row.integer(3));
    }
    auto row =
        m_sql.read("SELECT device, prekey FROM deposit_recipient WHERE counter = ? ORDER BY device", counter);
    while (row.next()) record.recipients.push_back({row.id<DeviceId>(0), row.id<PrekeyId>(1)});
    return record;
}

DepositCounter DepositTable::newest() {
    auto row = m_sql.read("SELECT max(counter) FROM deposit");
    return row.next() && !row.isNull(0) ? row.number(0) : 0;
}

std::vector<EntryRange> DepositTable::entriesOf(DepositCounter counter) {
    std::vector<EntryRange> result;
    auto row = m_sql.read(kEntriesOf, counter);
    while (row.next())
        if (const Directory::Conversation* const known = m_directory.conversation(row.integer(0)))
            result.push_back({known->key, row.id<DeviceId>(1), row.number(2), row.number(3)});
    return result;
}

bool DepositTable::isDoubted(DepositCounter counter, const DeviceId& device) {
    auto row = m_sql.read("SELECT doubted FROM deposit_recipient WHERE counter = ? AND device = ?", counter, device);
    return row.next() && row.integer(0) != 0;
}

std::vector<DepositCounter> DepositTable::heldFor(const DeviceId& device) {
    std::vector<DepositCounter> result;
    auto row = m_sql.read(kHeldFor, device);
    while (row.next()) result.push_back(row.number(0));
    return result;
}

std::vector<DepositCounter> DepositTable::expired(WallTime now) {
    std::vector<DepositCounter> result;
    auto row = m_sql.read(kExpired, toUnixMillis(now));
    while (row.next()) result.push_back(row.number(0));
    return result;
}

void DepositTable::addUndelivered(const DeviceId& device, const Directory::Conversation& conversation,
                                  WallTime now, std::size_t most, const DeviceId& self,
                                  std::vector<EntryRange>& result) {
    for (const TimelineTable::Row& timeline : m_timelines.all(conversation.id)) {
        const timeline::TimelineHead& head = timeline.head;
        if (head.author == device || !m_directory.isOwn(head.author)) continue;
        EntryNumber next = std::max(m_peers.heldBy(timeline, device, self), head.baseNumber) + 1;
        if (next > head.number) continue;
        const EntryRange whole{conversation.key, head.author, 0, 0};
        auto covered = m_sql.read(kCovered, device, conversation.id, head.author, earliestOf(next) - 1,
                                  storedNumber(next - 1), toUnixMillis(now));
        while (result.size() < most && next <= head.number && covered.next()) {
            const EntryNumber first = covered.number(0);
            if (first > next) {
                EntryRange gap = whole;
                gap.first = next;
                gap.last = std::min(first - 1, head.number);
                addRanges(gap, most, result);
            }
            next = std::max(next, covered.number(1) + 1);
        }
        EntryRange rest = whole;
        rest.first = next;
        rest.last = head.number;
        addRanges(rest, most, result);
    }
}

std::vector<EntryRange> DepositTable::undelivered(const DeviceId& device, WallTime now, std::size_t most,
                                                  const DeviceId& self) {
    std::vector<EntryRange> result;
    const Directory::Person* const person = m_directory.personOf(device);
    if (!person || person->standing == timeline::Standing::Blocked) return result;
    for (const auto& [id, conversation] : m_directory.conversations()) {
        const auto& members = conversation.members;
        if (result.size() >= most) break;
        if (std::find(members.begin(), members.end(), person->id) != members.end())
            addUndelivered(device, conversation, now, most, self, result);
    }
    return result;
}

std::vector<DepositTable::Member> DepositTable::others(const Directory::Conversation& conversation,
                                                       const DeviceId& author) {
    std::vector<Member> result;
    for (const qint64 member : conversation.members) {
        const Directory::Person* const person = m_directory.person(member);
        if (!person || person->key == m_directory.self()) continue;
        Member one{m_peers.marksOf(member, conversation, author).delivered, {}};
        for (const auto& [id, device] : m_directory.devices())
            if (device.person == member) one.devices.push_back(device.key);
        result.push_back(std::move(one));
    }
    return result;
}

std::optional<WallTime> DepositTable::heldUntil(const Directory::Conversation& conversation,
                                                const EntryRef& entry, const std::vector<Member>& others,
                                                WallTime now) {
    std::optional<WallTime> until;
    for (const Member& member : others) {
        if (member.delivered >= entry.number) continue;
        std::optional<WallTime> latest;
        for (const DeviceId& device : member.devices) {
            auto row = m_sql.read(kHeldUntil, device, conversation.id, entry.author, earliestOf(entry.number),
                                  storedNumber(entry.number), storedNumber(entry.number), toUnixMillis(now));
            if (row.next() && !row.isNull(0)) latest = std::max(latest, {fromUnixMillis(row.integer(0))});
        }
        if (!latest) return std::nullopt;
        until = until ? std::min(until, latest) : latest;
    }
    return until;
}

}  // namespace landline::app
