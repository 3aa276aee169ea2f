#include "relay/clients/presence_book.h"

#include "p2p/base/limits.h"

#include <algorithm>
#include <set>

namespace landline::relay {

void PresenceBook::come(ClientId client, const DeviceId& device, bool visible) {
    const bool before = isOnline(device);
    m_here[device] = {client, visible};
    if (before != visible) tell(device, visible);
}

void PresenceBook::inherit(ClientId client, const DeviceId& device) {
    if (const auto found = m_here.find(device); found != m_here.end()) found->second.client = client;
}

void PresenceBook::go(ClientId client, const DeviceId& device) {
    const auto found = m_here.find(device);
    if (found == m_here.end() || found->second.client != client) return;
    const bool wasVisible = found->second.visible;
    m_here.erase(found);
    if (wasVisible) tell(device, false);
}

ClientId PresenceBook::clientOf(const DeviceId& device) const {
    const auto found = m_here.find(device);
    return found == m_here.end() ? 0 : found->second.client;
}

bool PresenceBook::isOnline(const DeviceId& device) const {
    const auto found = m_here.find(device);
    return found != m_here.end() && found->second.visible;
}

std::optional<wire::relay::Presence> PresenceBook::watch(ClientId client, bool isGuest, const std::vector<Addressee>& devices,
                                                         const std::vector<bool>& good) {
    unwatch(client);
    if (m_watchCount + devices.size() > limits::kRelayWatches) return std::nullopt;
    if (isGuest && m_guestWatchCount + devices.size() > limits::kRelayWatches / 4) return std::nullopt;
    wire::relay::Presence presence;
    std::set<DeviceId> seen;
    Watched watched{{}, isGuest};
    for (std::size_t at = 0; at < devices.size(); ++at) {
        const Addressee& one = devices[at];
        const bool isGood = at < good.size() && good[at];
        presence.devices.push_back({one.device, isGood && isOnline(one.device)});
        // A guest's token that is no good may be made up, and so may the device.
        if (!seen.insert(one.device).second || (isGuest && !isGood)) continue;
        m_watchers[one.device][client] = {one.token, isGood};
        watched.devices.push_back(one.device);
    }
    if (watched.devices.empty()) return presence;
    m_watchCount += watched.devices.size();
    if (isGuest) m_guestWatchCount += watched.devices.size();
    m_watched[client] = std::move(watched);
    return presence;
}

void PresenceBook::unwatch(ClientId client) {
    const auto found = m_watched.find(client);
    if (found == m_watched.end()) return;
    const Watched& watched = found->second;
    for (const DeviceId& device : watched.devices) {
        const auto watchers = m_watchers.find(device);
        watchers->second.erase(client);
        if (watchers->second.empty()) m_watchers.erase(watchers);
    }
    m_watchCount -= watched.devices.size();
    if (watched.isGuest) m_guestWatchCount -= watched.devices.size();
    m_watched.erase(found);
}

void PresenceBook::unwatchAll() {
    m_watchers.clear();
    m_watched.clear();
    m_watchCount = 0;
    m_guestWatchCount = 0;
}

void PresenceBook::setTokens(const DeviceId& device, const std::vector<RelayToken>& tokens) {
    const auto watchers = m_watchers.find(device);
    if (watchers == m_watchers.end()) return;
    const bool online = isOnline(device);
    for (auto& [client, one] : watchers->second) {
        if (!one.token) continue;
        const bool isGood = std::find(tokens.begin(), tokens.end(), *one.token) != tokens.end();
        if (std::exchange(one.isGood, isGood) != isGood && online) m_changes.push_back({client, device, isGood});
    }
}

void PresenceBook::tell(const DeviceId& device, bool online) {
    const auto watchers = m_watchers.find(device);
    if (watchers == m_watchers.end()) return;
    for (const auto& [client, one] : watchers->second)
        if (one.isGood) m_changes.push_back({client, device, online});
}

}  // namespace landline::relay
