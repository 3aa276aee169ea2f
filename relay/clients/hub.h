#pragma once

#include "relay/clients/client.h"

#include <memory>
#include <set>

namespace landline::relay {

/// All clients of a relay: routes what comes from their sessions and from the store, and keeps what they share (PROTOCOL.md,
/// "Relay"). It owns no socket, no store and no clock: feed it, then do what `takeOutputs` says, in that order. One thread.
///
/// Answers of the store are told as they are given to it: only what is committed may be.
class Hub {
public:
    Hub(const ClientRules& rules, Random& random);

    /// Whether one more connection may be shaken hands with.
    [[nodiscard]] bool mayConnect(const discovery::Address& from, MonoTime now);
    /// A session is open, and has proven who it is. An older one of the device ends, and where there are too many that were
    /// not let in yet the oldest of the network with the most.
    [[nodiscard]] ClientId open(const Party& who, const discovery::Address& from, MonoTime now);
    void receive(ClientId client, wire::relay::Frame frame, MonoTime now);
    /// What was sent to the client and is not on its way yet. To be told when it changes.
    void setWaiting(ClientId client, std::size_t bytes, MonoTime now);
    /// The session has ended. Of clients that are not known any more nothing is taken.
    void end(ClientId client);

    void answer(TaggedAnswer answer, MonoTime now);
    void advance(MonoTime now);
    [[nodiscard]] MonoTime nextTimeout() const;

    void setRules(const ClientRules& rules) { m_world.rules = rules; }
    /// Takes no more clients, tells those there are when to come again, and closes each when it has its answers.
    void goAway(MonoTime now);
    /// Ends all sessions at once: what the store held is gone (a new epoch).
    void startOver();
    /// The operator has revoked the device: its session ends, and nobody watches it any more.
    void shutOut(const DeviceId& device);

    /// It has a session, and was let in.
    [[nodiscard]] bool isHere(const DeviceId& device) const { return m_world.presence.clientOf(device) != 0; }
    [[nodiscard]] bool isEmpty() const { return m_clients.empty(); }
    [[nodiscard]] std::vector<Output> takeOutputs();
    [[nodiscard]] const HubFigures& figures();

private:
    [[nodiscard]] Client* find(ClientId id);
    void makeRoom(const discovery::Address& network);
    /// After everything that a client was given.
    void settle(Client* client, ClientId id);
    void tellPresence();
    void tellPlacements(const std::vector<Placement>& placed);
    void forget(ClientId id);

    Surroundings m_world;
    RateTable<discovery::Address> m_handshakes{limits::kRelayRateKeys};
    RateTable<int> m_allHandshakes{1};  ///< of one key
    std::unordered_map<ClientId, std::unique_ptr<Client>> m_clients;
    std::unordered_map<DeviceId, ClientId> m_ofDevice;  ///< whether it is in or not
    std::set<std::pair<MonoTime, ClientId>> m_resuming;
    ClientId m_next = 1;
    MonoTime m_nextSweep{};
    bool m_isLeaving = false;
    MonoTime m_leavingUntil{};
};

}  // namespace landline::relay
