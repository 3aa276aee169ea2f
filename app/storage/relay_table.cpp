#include "app/storage/relay_table.h"

#include "p2p/base/limits.h"

#include <algorithm>

namespace landline::app {

namespace {

RelayStanding standingFrom(qint64 value) {
    const bool known = value >= 0 && value <= static_cast<qint64>(RelayStanding::ShutOut);
    return known ? static_cast<RelayStanding>(value) : RelayStanding::New;
}

QString textOf(const identity::RelayUrl& url) {
    return QString::fromStdString(identity::formatRelayUrl(url));
}

/// The contact link's is nobody's: zeros.
PersonId holderOf(const std::optional<PersonId>& contact) {
    return contact.value_or(PersonId{});
}

}  // namespace

// Relays -----------------------------------------------------------------------------------------------------------------

std::optional<RelayRecord> RelayTable::readRow(const Rows& row) {
    auto url = identity::parseRelayUrl(row.text(1).toStdString());
    if (!url || url->key != row.id<RelayKey>(0)) {
        m_sql.failDamaged();
        return std::nullopt;
    }
    RelayRecord record{*std::move(url), row.integer(2), standingFrom(row.integer(3)), {}};
    if (!row.isNull(4)) record.reason = static_cast<wire::relay::Reason>(row.integer(4));
    return record;
}

std::vector<RelayRecord> RelayTable::all() {
    std::vector<RelayRecord> result;
    auto row = m_sql.read("SELECT key, url, added, standing, reason FROM relay ORDER BY place, added, key");
    while (row.next())
        if (auto record = readRow(row)) result.push_back(*std::move(record));
    return result;
}

std::optional<RelayRecord> RelayTable::find(const RelayKey& relay) {
    auto row = m_sql.read("SELECT key, url, added, standing, reason FROM relay WHERE key = ?", relay);
    return row.next() ? readRow(row) : std::nullopt;
}

void RelayTable::put(const identity::RelayUrl& url, WallTime now) {
    const auto before = find(url.key);
    if (!before) {
        m_sql.write(
            "INSERT INTO relay(key, url, added, place, standing) VALUES(?, ?, ?, (SELECT "
            "coalesce(max(place), 0) + 1 FROM relay), ?)",
            url.key, textOf(url), toUnixMillis(now), static_cast<int>(RelayStanding::New));
        return;
    }
    // An invite that has not been used yet is not lost to a URL without one.
    identity::RelayUrl merged = url;
    if (!merged.invite) merged.invite = before->url.invite;
    // One that has let this device in stays in use while the invite is offered: contacts must not be told otherwise.
    const bool isIn = before->standing == RelayStanding::Entered;
    const auto standing = isIn ? RelayStanding::Entered : RelayStanding::New;
    m_sql.write("UPDATE relay SET url = ?, standing = ?, reason = NULL WHERE key = ?", textOf(merged),
                static_cast<int>(standing), url.key);
}

void RelayTable::setEntered(const RelayKey& relay) {
    auto record = find(relay);
    if (!record || (record->standing == RelayStanding::Entered && !record->url.invite)) return;
    record->url.invite.reset();
    m_sql.write("UPDATE relay SET url = ?, standing = ?, reason = NULL WHERE key = ?", textOf(record->url),
                static_cast<int>(RelayStanding::Entered), relay);
}

void RelayTable::setShutOut(const RelayKey& relay, wire::relay::Reason reason) {
    m_sql.write("UPDATE relay SET standing = ?, reason = ? WHERE key = ?",
                static_cast<int>(RelayStanding::ShutOut), static_cast<qint64>(reason), relay);
}

void RelayTable::remove(const RelayKey& relay) {
    m_sql.write("DELETE FROM relay WHERE key = ?", relay);
    m_sql.write("DELETE FROM relay_token WHERE relay = ?", relay);
    m_sql.write("DELETE FROM own_prekey WHERE relay = ?", relay);
    m_sql.write("DELETE FROM relay_position WHERE relay = ?", relay);
}

// Own tokens ---------------------------------------------------------------------------------------------------------------

std::optional<RelayToken> RelayTable::tokenFor(const RelayKey& relay, const std::optional<PersonId>& contact,
                                               Random& random) {
    if (const auto token = tokenOf(relay, contact)) return token;
    {
        auto row = m_sql.read(
            "SELECT count(*), EXISTS(SELECT 1 FROM relay WHERE key = ?) FROM relay_token WHERE relay = ?",
            relay, relay);
        const bool has = row.next();
        if (!has || row.number(0) >= limits::kTokensPerDevice || row.integer(1) == 0) return std::nullopt;
    }
    const auto token = random.make<RelayToken>();
    const int made = m_sql.write("INSERT INTO relay_token(relay, person, token) VALUES(?, ?, ?)", relay,
                                 holderOf(contact), token);
    return made == 1 ? std::optional(token) : std::nullopt;
}

std::optional<RelayToken> RelayTable::tokenOf(const RelayKey& relay, const std::optional<PersonId>& contact) {
    const PersonId holder = holderOf(contact);
    auto row = m_sql.read("SELECT token FROM relay_token WHERE relay = ? AND person = ?", relay, holder);
    return row.next() ? std::optional(row.id<RelayToken>(0)) : std::nullopt;
}

std::vector<wire::relay::Token> RelayTable::tokens(const RelayKey& relay) {
    std::vector<wire::relay::Token> result;
    auto row = m_sql.read("SELECT token FROM relay_token WHERE relay = ? ORDER BY token", relay);
    while (row.next()) result.push_back({row.id<RelayToken>(0), 0});
    return result;
}

bool RelayTable::revoke(const std::optional<PersonId>& contact) {
    const PersonId holder = holderOf(contact);
    return m_sql.write("DELETE FROM relay_token WHERE person = ?", holder) > 0;
}

// Positions ----------------------------------------------------------------------------------------------------------------

mailbox::Position RelayTable::position(const RelayKey& relay, wire::relay::Box box) {
    auto row = m_sql.read("SELECT epoch, through FROM relay_position WHERE relay = ? AND box = ?", relay,
                          static_cast<int>(box));
    if (!row.next()) return {};
    return {row.number(0), row.number(1)};
}

void RelayTable::setPosition(const RelayKey& relay, wire::relay::Box box, mailbox::Position position) {
    m_sql.write("INSERT OR REPLACE INTO relay_position(relay, box, epoch, through) VALUES(?, ?, ?, ?)", relay,
                static_cast<int>(box), position.epoch, position.through);
}

void RelayTable::setBack(const RelayKey& relay, const wire::relay::Welcome& welcome) {
    using wire::relay::Box;
    for (const Box box : {Box::Messages, Box::Heads}) {
        const bool isOfMessages = box == Box::Messages;
        const mailbox::Position known = position(relay, box);
        if (known.epoch != welcome.epoch) continue;
        if (known.through <= (isOfMessages ? welcome.highest : welcome.highestHeads)) continue;
        setPosition(relay, box, {welcome.epoch, isOfMessages ? welcome.freed : 0});
    }
}

void RelayTable::dropDevice() {
    m_sql.write("UPDATE relay SET standing = ?, reason = NULL", static_cast<int>(RelayStanding::New));
    m_sql.write("DELETE FROM relay_token");
    m_sql.write("DELETE FROM own_prekey");
    m_sql.write("DELETE FROM relay_position");
    m_sql.write("DELETE FROM deposit");
    m_sql.write("DELETE FROM deposit_recipient");
    m_sql.write("DELETE FROM deposit_range");
    m_sql.write("DELETE FROM heads_owed");
    m_sql.write("DELETE FROM relay_number WHERE name = 'lost'");
}

}  // namespace landline::app
