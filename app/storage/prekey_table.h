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
    /// All there are of `device`, in its order, in the place of those before, those of links included; at most
    /// limits::kRelaysPerContact. Their prekeys at relays that they left go as well. True if that changed anything. Nothing
    /// for a device that is not known.
    bool putGrants(const DeviceId& device, const std::vector<identity::RelayGrant>& grants);
    /// What a contact link says, which may be older or newer than what is known: kept behind that, also of a relay that is
    /// known by another address or token, at most limits::kRelaysPerContact beside those of the device itself. True if that
    /// changed anything.
    bool putLinked(const DeviceId& device, const std::vector<identity::RelayGrant>& grants);
    /// The relay does not take this token for the device: those of the same relay with another one come before it from now on.
    /// False if there are none.
    bool refused(const DeviceId& device, const RelayKey& relay, const RelayToken& token);
    /// In the device's order, those of links last. Of several of one relay the first is to be used.
    [[nodiscard]] std::vector<identity::RelayGrant> grants(const DeviceId& device);
    /// Of every device; by device, then in its order.
    [[nodiscard]] std::vector<DeviceGrant> allGrants();

    /// Whether the device said nothing with a higher number of itself before: then it counts, from now on. 0, of those that
    /// state none, is lower than any.
    [[nodiscard]] bool takeEdition(const DeviceId& device, std::uint64_t edition);

    // Prekeys of others -----------------------------------------------------------------------------------------------------
    /// False, and nothing is put, if it was made before the newest that was seen of the device there: a relay that goes on
    /// giving one away whose private half is gone must not have everything sealed to that. One that is dated ahead of `now`
    /// was made under a wrong clock, and is in no later one's way.
    [[nodiscard]] bool put(const RelayKey& relay, const envelope::Prekey& prekey, WallTime now);
    /// Nothing if it was never fetched, is to be fetched anew, or nothing is sealed to it any more.
    [[nodiscard]] std::optional<envelope::Prekey> find(const DeviceId& device, const RelayKey& relay,
                                                       WallTime now);
    /// The relay has another one: it is to be fetched, and is none that was made earlier.
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
    struct GrantRow {
        int place = 0;
        bool isLinked = false;
        identity::RelayGrant grant;
    };
    [[nodiscard]] std::vector<GrantRow> grantRows(const DeviceId& device);
    void write(const DeviceId& device, const GrantRow& row);
    [[nodiscard]] std::optional<envelope::HeldPrekey> readOwn(const Rows& row);

    Sql& m_sql;
};

}  // namespace landline::app
