#include "app/storage/relay_table.h"

#include "p2p/base/limits.h"

#include <algorithm>

namespace landline::app {

namespace {

RelayStanding relayStandingFrom(qint64 value) {
    const bool known = value >= 0 && value <= static_cast<qint64>(RelayStanding::ShutOut);
    return known ? static_cast<RelayStanding>(value) : RelayStanding::New;
}

ListingWish wishFrom(qint64 value) {
    const bool known = value >= 0 && value <= static_cast<qint64>(ListingWish::TakeBack);
    return known ? static_cast<ListingWish>(value) : ListingWish::TakeBack;
}

QString textOf(const identity::RelayUrl& url) {
    return QString::fromStdString(identity::formatRelayUrl(url));
}

constexpr const char* kInUse =
    "SELECT key, url, added, standing, reason, leaving_since, listed FROM relay WHERE leaving_since IS NULL ORDER BY "
    "place, added, key";
constexpr const char* kLeaving =
    "SELECT key, url, added, standing, reason, leaving_since, listed FROM relay WHERE leaving_since IS NOT NULL ORDER "
    "BY key";
constexpr const char* kOne =
    "SELECT key, url, added, standing, reason, leaving_since, listed FROM relay WHERE key = ?";

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
    RelayRecord record{*std::move(url), row.integer(2), relayStandingFrom(row.integer(3)), {}};
    if (!row.isNull(4)) record.reason = static_cast<wire::relay::Reason>(row.integer(4));
    if (!row.isNull(5)) record.leavingSince = fromUnixMillis(row.integer(5));
    record.listing = wishFrom(row.integer(6));
    return record;
}

std::vector<RelayRecord> RelayTable::readAll(const char* statement) {
    std::vector<RelayRecord> result;
    auto row = m_sql.read(statement);
    while (row.next())
        if (auto record = readRow(row)) result.push_back(*std::move(record));
    return result;
}

std::vector<RelayRecord> RelayTable::all() {
    return readAll(kInUse);
}

std::vector<RelayRecord> RelayTable::leaving() {
    return readAll(kLeaving);
}

std::optional<RelayRecord> RelayTable::find(const RelayKey& relay) {
    auto row = m_sql.read(kOne, relay);
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
    if (before->leavingSince)
        m_sql.write(
            "UPDATE relay SET leaving_since = NULL, place = (SELECT max(place) + 1 FROM relay) WHERE key = ?",
            url.key);
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

void RelayTable::setListing(const RelayKey& relay, ListingWish wish) {
    m_sql.write("UPDATE relay SET listed = ? WHERE key = ?", static_cast<int>(wish), relay);
}

void RelayTable::leave(const RelayKey& relay, WallTime now) {
    m_sql.write("UPDATE relay SET listed = ? WHERE key = ? AND listed = ?", static_cast<int>(ListingWish::TakeBack), relay,
                static_cast<int>(ListingWish::Listed));
    m_sql.write("UPDATE relay SET leaving_since = ? WHERE key = ?", toUnixMillis(now), relay);
    m_sql.write("UPDATE relay_token SET confirmed = 0 WHERE relay = ?", relay);
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
    {
        auto row = m_sql.read("SELECT token FROM relay_token WHERE relay = ? AND person = ?", relay,
                              holderOf(contact));
        if (row.next()) return row.id<RelayToken>(0);
    }
    {
        auto row = m_sql.read("SELECT 1 FROM relay WHERE key = ?", relay);
        if (!row.next()) return std::nullopt;
    }
    if (isFull(relay)) return std::nullopt;
    const auto token = random.make<RelayToken>();
    const int made = m_sql.write("INSERT INTO relay_token(relay, person, token) VALUES(?, ?, ?)", relay,
                                 holderOf(contact), token);
    return made == 1 ? std::optional(token) : std::nullopt;
}

bool RelayTable::isFull(const RelayKey& relay) {
    auto row = m_sql.read("SELECT count(*) FROM relay_token WHERE relay = ?", relay);
    return !row.next() || row.number(0) >= limits::kTokensPerDevice;
}

std::optional<RelayToken> RelayTable::confirmedTokenOf(const RelayKey& relay,
                                                       const std::optional<PersonId>& contact) {
    auto row = m_sql.read("SELECT token FROM relay_token WHERE relay = ? AND person = ? AND confirmed = 1",
                          relay, holderOf(contact));
    return row.next() ? std::optional(row.id<RelayToken>(0)) : std::nullopt;
}

bool RelayTable::hasToken(const RelayKey& relay, const PersonId& contact) {
    auto row = m_sql.read("SELECT 1 FROM relay_token WHERE relay = ? AND person = ?", relay, holderOf(contact));
    return row.next();
}

std::optional<RelayToken> RelayTable::linkTokenOf(const RelayKey& relay) {
    auto row = m_sql.read("SELECT token FROM relay_token WHERE relay = ? AND person = ?", relay, holderOf(std::nullopt));
    return row.next() ? std::optional(row.id<RelayToken>(0)) : std::nullopt;
}

bool RelayTable::hasConfirmedToken(const RelayKey& relay) {
    auto row = m_sql.read("SELECT 1 FROM relay_token WHERE relay = ? AND confirmed = 1 LIMIT 1", relay);
    return row.next();
}

std::vector<std::optional<PersonId>> RelayTable::confirm(const RelayKey& relay,
                                                         const std::vector<wire::relay::Token>& tokens) {
    std::vector<std::optional<PersonId>> holders;
    {
        auto row = m_sql.read("SELECT person, token FROM relay_token WHERE relay = ? AND confirmed = 0", relay);
        while (row.next()) {
            const wire::relay::Token token{row.id<RelayToken>(1), 0};
            if (!std::binary_search(tokens.begin(), tokens.end(), token)) continue;
            const auto holder = row.id<PersonId>(0);
            holders.push_back(holder.isZero() ? std::nullopt : std::optional(holder));
        }
    }
    for (const auto& holder : holders)
        m_sql.write("UPDATE relay_token SET confirmed = 1 WHERE relay = ? AND person = ?", relay,
                    holderOf(holder));
    return holders;
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
    m_sql.write("DELETE FROM relay WHERE leaving_since IS NOT NULL");
    m_sql.write("UPDATE relay SET standing = ?, reason = NULL", static_cast<int>(RelayStanding::New));
    // There is no entry of this device's yet, and that of the other one is not this device's to take back.
    m_sql.write("UPDATE relay SET listed = ? WHERE listed = ?", static_cast<int>(ListingWish::None),
                static_cast<int>(ListingWish::TakeBack));
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
