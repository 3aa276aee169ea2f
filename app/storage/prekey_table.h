#pragma once

#include "app/storage/relay_records.h"
#include "app/storage/sql.h"

namespace landline::app {

/// What others gave of their relays, their prekeys there, and this device's own prekeys with their private halves. Part of
/// the database: its thread, its transaction, its errors. Private halves are overwritten where they are erased
/// (secure_delete), and stand in no log.
class PrekeyTable {
public:
    explicit PrekeyTable(Sql& sql) : m_sql(sql) {}

    // Where others can be left something ----------------------------------------------------------------------------------
    /// All there are of `device`, in its order, in the place of those before; at most limits::kRelaysPerContact. Their
    /// prekeys at relays that they left go as well. True if that changed anything. Nothing for a device that is not known.
    bool putGrants(const DeviceId& device, const std::vector<identity::RelayGrant>& grants);
    /// In the device's order.
    [[nodiscard]] std::vector<identity::RelayGrant> grants(const DeviceId& device);
    /// Of every device; by device, then in its order.
    [[nodiscard]] std::vector<DeviceGrant> allGrants();

    // Prekeys of others -----------------------------------------------------------------------------------------------------
    void put(const RelayKey& relay, const envelope::Prekey& prekey);
    /// Nothing if it was never fetched or nothing is sealed to it any more.
    [[nodiscard]] std::optional<envelope::Prekey> find(const DeviceId& device, const RelayKey& relay,
                                                       WallTime now);
    /// The relay has another one.
    void forget(const DeviceId& device, const RelayKey& relay);
    /// At all relays.
    void forget(const DeviceId& device);

    // Own prekeys -----------------------------------------------------------------------------------------------------------
    /// As PrekeyRing::rotate or confirmed left them. `confirmedIn`: the epoch in which the newest one was confirmed, or 0.
    /// Nothing is erased.
    void putOwn(const RelayKey& relay, const std::vector<envelope::HeldPrekey>& held, RelayEpoch confirmedIn);
    [[nodiscard]] OwnPrekeys own(const RelayKey& relay);
    /// What PrekeyRing::takeDue gave.
    void eraseOwn(const RelayKey& relay, const std::vector<PrekeyId>& ids);

private:
    [[nodiscard]] std::optional<envelope::HeldPrekey> readOwn(const Rows& row);

    Sql& m_sql;
};

}  // namespace landline::app
