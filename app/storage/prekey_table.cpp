#include "app/storage/prekey_table.h"

#include "p2p/base/limits.h"

#include <algorithm>
#include <limits>

namespace landline::app {

using envelope::HeldPrekey;
using envelope::Prekey;

// Where others can be left something ---------------------------------------------------------------------------------------

bool PrekeyTable::takeEdition(const DeviceId& device, std::uint64_t edition) {
    // What has no place in SQLite's integers is as good as the highest.
    const std::uint64_t stated = std::min<std::uint64_t>(edition, std::numeric_limits<qint64>::max());
    std::uint64_t known = 0;
    {
        auto row = m_sql.read("SELECT edition FROM told_edition WHERE device = ?", device);
        if (row.next()) known = row.number(0);
    }
    if (stated > known)
        m_sql.write(
            "INSERT OR REPLACE INTO told_edition(device, edition) SELECT key, ? FROM device WHERE key = ?",
            stated, device);
    return stated >= known;
}

namespace {

std::optional<DeviceGrant> grantFrom(const Rows& row) {
    auto url = identity::parseRelayUrl(row.text(1).toStdString());
    if (!url || url->key != row.id<RelayKey>(2)) return std::nullopt;
    return DeviceGrant{row.id<DeviceId>(0), {*std::move(url), row.id<RelayToken>(3)}};
}

}  // namespace

std::vector<PrekeyTable::GrantRow> PrekeyTable::grantRows(const DeviceId& device) {
    std::vector<GrantRow> result;
    auto row = m_sql.read(
        "SELECT device, url, relay, token, place, linked FROM relay_grant WHERE device = ? ORDER BY place", device);
    while (row.next()) {
        auto grant = grantFrom(row);
        if (!grant) {
            m_sql.failDamaged();
            return {};
        }
        result.push_back({static_cast<int>(row.integer(4)), row.integer(5) != 0, std::move(grant->grant)});
    }
    return result;
}

void PrekeyTable::write(const DeviceId& device, const GrantRow& row) {
    const QString url = QString::fromStdString(identity::formatRelayUrl(row.grant.relay));
    m_sql.write(
        "INSERT OR REPLACE INTO relay_grant(device, place, relay, url, token, linked) VALUES(?, ?, ?, ?, ?, ?)",
        device, row.place, row.grant.relay.key, url, row.grant.token, row.isLinked);
}

bool PrekeyTable::putGrants(const DeviceId& device, const std::vector<identity::RelayGrant>& grants) {
    {
        auto known = m_sql.read("SELECT 1 FROM device WHERE key = ?", device);
        if (!known.next()) return false;
    }
    const std::size_t count = std::min(grants.size(), limits::kRelaysPerContact);
    const std::vector<identity::RelayGrant> kept(grants.begin(),
                                                 grants.begin() + static_cast<std::ptrdiff_t>(count));
    const std::vector<GrantRow> rows = grantRows(device);
    std::vector<identity::RelayGrant> told;
    for (const GrantRow& row : rows)
        if (!row.isLinked) told.push_back(row.grant);
    // What is beside them may have come before them since.
    const bool isAsBefore = kept == told || (rows.size() != told.size() &&
                                             std::is_permutation(kept.begin(), kept.end(), told.begin(), told.end()));
    // Who has none has none by links either.
    if (isAsBefore && (!kept.empty() || rows.empty())) return false;
    m_sql.write("DELETE FROM relay_grant WHERE device = ?", device);
    int place = 0;
    for (const identity::RelayGrant& grant : kept) write(device, {place++, false, grant});
    m_sql.write(
        "DELETE FROM prekey WHERE device = ? AND relay NOT IN (SELECT relay FROM relay_grant WHERE device = "
        "?)",
        device, device);
    return true;
}

bool PrekeyTable::putLinked(const DeviceId& device, const std::vector<identity::RelayGrant>& grants) {
    std::vector<GrantRow> rows = grantRows(device);
    const std::size_t before = rows.size();
    for (const identity::RelayGrant& grant : grants) {
        const bool isKnown =
            std::any_of(rows.begin(), rows.end(), [&grant](const GrantRow& row) { return row.grant == grant; });
        if (!isKnown) rows.push_back({0, true, grant});
    }
    if (rows.size() == before) return false;
    // The first may be in use, and the last are of this link.
    auto linked = std::count_if(rows.begin(), rows.end(), [](const GrantRow& row) { return row.isLinked; });
    for (auto row = rows.begin(); row != rows.end() && linked > static_cast<std::ptrdiff_t>(limits::kRelaysPerContact);)
        if (row != rows.begin() && row->isLinked) {
            row = rows.erase(row);
            --linked;
        } else {
            ++row;
        }
    m_sql.write("DELETE FROM relay_grant WHERE device = ?", device);
    int place = 0;
    for (GrantRow& row : rows) {
        row.place = place++;
        write(device, row);
    }
    return true;
}

bool PrekeyTable::refused(const DeviceId& device, const RelayKey& relay, const RelayToken& token) {
    std::vector<GrantRow> rows = grantRows(device);
    std::erase_if(rows, [&relay](const GrantRow& row) { return row.grant.relay.key != relay; });
    std::vector<int> places;
    for (const GrantRow& row : rows) places.push_back(row.place);
    const auto others = std::stable_partition(rows.begin(), rows.end(),
                                              [&token](const GrantRow& row) { return row.grant.token != token; });
    if (others == rows.begin()) return false;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        rows[i].place = places[i];
        write(device, rows[i]);
    }
    return true;
}

std::vector<identity::RelayGrant> PrekeyTable::grants(const DeviceId& device) {
    std::vector<identity::RelayGrant> result;
    for (GrantRow& row : grantRows(device)) result.push_back(std::move(row.grant));
    return result;
}

std::vector<DeviceGrant> PrekeyTable::allGrants() {
    std::vector<DeviceGrant> result;
    auto row = m_sql.read("SELECT device, url, relay, token FROM relay_grant ORDER BY device, place");
    while (row.next()) {
        auto grant = grantFrom(row);
        if (!grant) {
            m_sql.failDamaged();
            return {};
        }
        result.push_back(*std::move(grant));
    }
    return result;
}

// Prekeys of others ----------------------------------------------------------------------------------------------------------

bool PrekeyTable::put(const RelayKey& relay, const Prekey& prekey, WallTime now) {
    const bool isAhead = prekey.created() > now + limits::kClockAhead;
    const qint64 created = isAhead ? 0 : toUnixMillis(prekey.created());
    {
        auto row = m_sql.read("SELECT created FROM prekey WHERE device = ? AND relay = ?", prekey.device(), relay);
        if (row.next() && row.integer(0) > toUnixMillis(prekey.created())) return false;
    }
    m_sql.write("INSERT OR REPLACE INTO prekey(device, relay, prekey, created) VALUES(?, ?, ?, ?)",
                prekey.device(), relay, prekey.encoded(), created);
    return true;
}

std::optional<Prekey> PrekeyTable::find(const DeviceId& device, const RelayKey& relay, WallTime now) {
    auto row = m_sql.read("SELECT prekey FROM prekey WHERE device = ? AND relay = ?", device, relay);
    if (!row.next()) return std::nullopt;
    const Bytes bytes = row.bytes(0);
    if (bytes.empty()) return std::nullopt;
    auto prekey = Prekey::parse(bytes);
    if (!prekey || prekey->device() != device) {
        m_sql.failDamaged();
        return std::nullopt;
    }
    if (prekey->expires() <= now) return std::nullopt;
    return *std::move(prekey);
}

void PrekeyTable::forget(const DeviceId& device, const RelayKey& relay) {
    m_sql.write("UPDATE prekey SET prekey = x'' WHERE device = ? AND relay = ?", device, relay);
}

void PrekeyTable::forget(const DeviceId& device) {
    m_sql.write("UPDATE prekey SET prekey = x'' WHERE device = ?", device);
}

// Own prekeys ----------------------------------------------------------------------------------------------------------------

void PrekeyTable::putOwn(const RelayKey& relay, const std::vector<HeldPrekey>& held, RelayEpoch confirmedIn) {
    for (const HeldPrekey& one : held) {
        const bool isNewest = &one == &held.back();
        const auto& gone = one.superseded;
        const auto epoch = gone ? std::optional(gone->epoch) : std::nullopt;
        const auto messages = gone ? std::optional(gone->messages) : std::nullopt;
        const auto heads = gone ? std::optional(gone->heads) : std::nullopt;
        const auto until = gone ? std::optional(toUnixMillis(gone->until)) : std::nullopt;
        m_sql.write(
            "INSERT INTO own_prekey(relay, id, prekey, secret, confirmed, confirmed_in, superseded_epoch, "
            "superseded_messages, superseded_heads, superseded_until) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT(relay, id) DO UPDATE SET confirmed = excluded.confirmed, confirmed_in = "
            "excluded.confirmed_in, superseded_epoch = excluded.superseded_epoch, superseded_messages = "
            "excluded.superseded_messages, superseded_heads = excluded.superseded_heads, superseded_until = "
            "excluded.superseded_until",
            relay, one.prekey.id(), one.prekey.encoded(), one.secret.view(), one.isConfirmed,
            isNewest ? confirmedIn : RelayEpoch{0}, epoch, messages, heads, until);
    }
}

std::optional<HeldPrekey> PrekeyTable::readOwn(const Rows& row) {
    auto prekey = Prekey::parse(row.bytes(0));
    Bytes secret = row.bytes(1);
    if (!prekey || secret.size() != Secret<32>::kSize) {
        sodium_memzero(secret.data(), secret.size());
        m_sql.failDamaged();
        return std::nullopt;
    }
    HeldPrekey held{*std::move(prekey), Secret<32>(std::span<const std::uint8_t, 32>(secret)),
                    row.integer(2) != 0, std::nullopt};
    sodium_memzero(secret.data(), secret.size());
    if (noise::KeyPair::fromSecret(held.secret.clone()).publicKey != held.prekey.key()) {
        m_sql.failDamaged();
        return std::nullopt;
    }
    if (!row.isNull(4))
        held.superseded = HeldPrekey::Superseded{row.number(4), row.number(5), row.number(6),
                                                 fromUnixMillis(row.integer(7))};
    return held;
}

OwnPrekeys PrekeyTable::own(const RelayKey& relay) {
    OwnPrekeys result;
    auto row = m_sql.read(
        "SELECT prekey, secret, confirmed, confirmed_in, superseded_epoch, superseded_messages, "
        "superseded_heads, superseded_until FROM own_prekey WHERE relay = ?",
        relay);
    while (row.next()) {
        auto held = readOwn(row);
        if (!held) return {};
        if (row.number(3) != 0) result.confirmedIn = row.number(3);
        result.held.push_back(*std::move(held));
    }
    return result;
}

void PrekeyTable::eraseOwn(const RelayKey& relay, const std::vector<PrekeyId>& ids) {
    for (const PrekeyId& id : ids)
        m_sql.write("DELETE FROM own_prekey WHERE relay = ? AND id = ?", relay, id);
}

}  // namespace landline::app
