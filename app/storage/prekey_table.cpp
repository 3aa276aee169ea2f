#include "app/storage/prekey_table.h"

#include "p2p/base/limits.h"

#include <algorithm>

namespace landline::app {

using envelope::HeldPrekey;
using envelope::Prekey;

// Where others can be left something ---------------------------------------------------------------------------------------

bool PrekeyTable::putGrants(const DeviceId& device, const std::vector<identity::RelayGrant>& grants) {
    {
        auto known = m_sql.read("SELECT 1 FROM device WHERE key = ?", device);
        if (!known.next()) return false;
    }
    const std::size_t count = std::min(grants.size(), limits::kRelaysPerContact);
    const std::vector<identity::RelayGrant> kept(grants.begin(),
                                                 grants.begin() + static_cast<std::ptrdiff_t>(count));
    if (kept == this->grants(device)) return false;
    m_sql.write("DELETE FROM relay_grant WHERE device = ?", device);
    int place = 0;
    for (const identity::RelayGrant& grant : kept) {
        const QString url = QString::fromStdString(identity::formatRelayUrl(grant.relay));
        m_sql.write("INSERT INTO relay_grant(device, place, relay, url, token) VALUES(?, ?, ?, ?, ?)", device,
                    place++, grant.relay.key, url, grant.token);
    }
    m_sql.write(
        "DELETE FROM prekey WHERE device = ? AND relay NOT IN (SELECT relay FROM relay_grant WHERE device = "
        "?)",
        device, device);
    return true;
}

namespace {

std::optional<DeviceGrant> grantFrom(const Rows& row) {
    auto url = identity::parseRelayUrl(row.text(1).toStdString());
    if (!url || url->key != row.id<RelayKey>(2)) return std::nullopt;
    return DeviceGrant{row.id<DeviceId>(0), {*std::move(url), row.id<RelayToken>(3)}};
}

}  // namespace

std::vector<identity::RelayGrant> PrekeyTable::grants(const DeviceId& device) {
    std::vector<identity::RelayGrant> result;
    auto row = m_sql.read("SELECT device, url, relay, token FROM relay_grant WHERE device = ? ORDER BY place",
                          device);
    while (row.next()) {
        auto grant = grantFrom(row);
        if (!grant) {
            m_sql.failDamaged();
            return {};
        }
        result.push_back(std::move(grant->grant));
    }
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

void PrekeyTable::put(const RelayKey& relay, const Prekey& prekey) {
    m_sql.write("INSERT OR REPLACE INTO prekey(device, relay, prekey) VALUES(?, ?, ?)", prekey.device(),
                relay, prekey.encoded());
}

std::optional<Prekey> PrekeyTable::find(const DeviceId& device, const RelayKey& relay, WallTime now) {
    auto row = m_sql.read("SELECT prekey FROM prekey WHERE device = ? AND relay = ?", device, relay);
    if (!row.next()) return std::nullopt;
    auto prekey = Prekey::parse(row.bytes(0));
    if (!prekey || prekey->device() != device) {
        m_sql.failDamaged();
        return std::nullopt;
    }
    if (prekey->expires() <= now) return std::nullopt;
    return *std::move(prekey);
}

void PrekeyTable::forget(const DeviceId& device, const RelayKey& relay) {
    m_sql.write("DELETE FROM prekey WHERE device = ? AND relay = ?", device, relay);
}

void PrekeyTable::forget(const DeviceId& device) {
    m_sql.write("DELETE FROM prekey WHERE device = ?", device);
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
