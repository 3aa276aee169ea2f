#pragma once

#include "relay/clients/hub_types.h"

#include <unordered_map>

namespace landline::relay {

/// Who is here, and who wants to know. One session for a device: a later one takes the earlier one's place. Owned by a Hub.
class PresenceBook {
public:
    struct Change {
        ClientId watcher = 0;
        DeviceId device;
        bool online = false;
    };

    void come(ClientId client, const DeviceId& device, bool visible);
    /// A later session of a device that is here: it stays so, whatever becomes of the earlier one.
    void inherit(ClientId client, const DeviceId& device);
    /// Nothing if the device has another session by now.
    void go(ClientId client, const DeviceId& device);
    /// The session of an admitted device; 0 if it is not here.
    [[nodiscard]] ClientId clientOf(const DeviceId& device) const;

    /// In the place of what it watched before. `good`: which of them it may know of; the others are offline for it. Tells how
    /// they are now. Nothing if all watches together are too many, or those of guests more than a quarter of that.
    [[nodiscard]] std::optional<wire::relay::Presence> watch(ClientId client, bool isGuest, const std::vector<Addressee>& devices,
                                                             const std::vector<bool>& good);
    void unwatch(ClientId client);
    /// Nobody watches any more: all are about to go, and need not hear of each other.
    void unwatchAll();
    /// These are the device's tokens now: who watches it with another one is told no more.
    void setTokens(const DeviceId& device, const std::vector<RelayToken>& tokens);

    [[nodiscard]] std::vector<Change> takeChanges() { return std::exchange(m_changes, {}); }
    [[nodiscard]] std::size_t watches() const { return m_watchCount; }

private:
    struct Here {
        ClientId client = 0;
        bool visible = true;
    };
    struct Watcher {
        std::optional<RelayToken> token;
        bool isGood = false;
    };
    struct Watched {
        std::vector<DeviceId> devices;
        bool isGuest = false;
    };
    [[nodiscard]] bool isOnline(const DeviceId& device) const;
    void tell(const DeviceId& device, bool online);

    std::unordered_map<DeviceId, Here> m_here;
    std::unordered_map<DeviceId, std::unordered_map<ClientId, Watcher>> m_watchers;
    std::unordered_map<ClientId, Watched> m_watched;
    std::vector<Change> m_changes;
    std::size_t m_watchCount = 0;
    std::size_t m_guestWatchCount = 0;  ///< of these
};

}  // namespace landline::relay
