#include "relay/clients/hub.h"

#include "p2p/base/limits.h"

#include <algorithm>

namespace landline::relay {

namespace {

using std::chrono::milliseconds;

/// Between two looks at all clients for those that are silent.
constexpr Duration kSweep = std::chrono::seconds(1);
/// Handshakes of all together that may begin at once after a silence, in seconds of their rate.
constexpr double kHandshakeBurst = 2;

}  // namespace

Hub::Hub(const ClientRules& rules, Random& random) : m_world{rules, random} {}

Client* Hub::find(ClientId id) {
    const auto found = m_clients.find(id);
    return found == m_clients.end() ? nullptr : found->second.get();
}

bool Hub::mayConnect(const discovery::Address& from, MonoTime now) {
    if (m_isLeaving) return false;
    const Rate& ofNetwork = m_world.rules.handshakesPerAddress;
    if (!m_handshakes.spend(from.network(), 1, ofNetwork, Duration::zero(), now).allowed) return false;
    // There are more networks than the relay can shake hands with, and those that are in need its thread.
    const auto perSecond = static_cast<double>(limits::kRelayHandshakes);
    return m_allHandshakes.spend(0, 1, {perSecond, perSecond * kHandshakeBurst}, Duration::zero(), now).allowed;
}

ClientId Hub::open(const Party& who, const discovery::Address& from, MonoTime now) {
    const ClientId id = m_next++;
    if (const auto older = m_ofDevice.find(who.device); older != m_ofDevice.end()) {
        const ClientId olderId = older->second;
        m_world.presence.inherit(id, who.device);
        Client* const client = find(olderId);
        client->close(wire::CloseReason::Superseded, {});
        settle(client, olderId);
    }
    const discovery::Address network = from.network();
    makeRoom(network);
    m_ofDevice[who.device] = id;
    m_clients[id] = std::make_unique<Client>(id, who, network, m_world, now);
    if (m_isLeaving) {
        Client* const client = find(id);
        client->leave(m_world.spread());
        settle(client, id);
    }
    return id;
}

void Hub::makeRoom(const discovery::Address& network) {
    // Whoever dials can have a session: those that were let in lose nothing by it.
    const ClientRules& rules = m_world.rules;
    const std::size_t left = rules.sessions - std::min<std::size_t>(rules.sessions, m_world.figures.clients);
    const std::size_t most = std::max<std::size_t>(std::min(rules.clients / 4, left), 1);
    const ClientId id = m_world.strangers.oneTooMany(network, rules.strangersPerAddress, most);
    Client* const client = find(id);
    if (!client) return;
    client->giveWay();
    settle(client, id);
}

void Hub::receive(ClientId id, wire::relay::Frame frame, MonoTime now) {
    Client* const client = find(id);
    if (!client) return;
    client->receive(std::move(frame), now);
    settle(client, id);
}

void Hub::setWaiting(ClientId id, std::size_t bytes, MonoTime now) {
    Client* const client = find(id);
    if (!client) return;
    client->setWaiting(bytes, now);
    settle(client, id);
}

void Hub::end(ClientId id) {
    Client* const client = find(id);
    if (!client) return;
    client->close(wire::CloseReason::Unknown, {});
    m_world.out.pop_back();  // there is nobody to close
    settle(client, id);
}

void Hub::answer(TaggedAnswer tagged, MonoTime now) {
    const auto* const refusal = std::get_if<StoreRefusal>(&tagged.answer);
    if (refusal && refusal->reason == StoreRefusal::Reason::Damaged) return startOver();
    // Who watches with a token that is gone is told no more, whether its device is still here or not.
    if (const auto* const change = std::get_if<ChangeAnswer>(&tagged.answer); change && change->tokens)
        m_world.presence.setTokens(change->tokens->device, change->tokens->now);
    // First the depositor hears: what lies in the mailbox now is told to its owner whether the depositor is there or not.
    std::vector<Placement> placed;
    if (auto* const deposit = std::get_if<DepositAnswer>(&tagged.answer)) placed = std::move(deposit->placed);
    const ClientId id = tagged.tag >> 32;
    if (Client* const client = find(id)) {
        client->answer(static_cast<std::uint32_t>(tagged.tag), std::move(tagged.answer), now);
        settle(client, id);
    }
    tellPlacements(placed);
    tellPresence();
}

void Hub::tellPlacements(const std::vector<Placement>& placed) {
    for (const Placement& one : placed)
        if (Client* const owner = find(m_world.presence.clientOf(one.device))) owner->placed(one.box, one.number);
}

void Hub::tellPresence() {
    for (const PresenceBook::Change& change : m_world.presence.takeChanges())
        if (Client* const watcher = find(change.watcher)) watcher->presenceChanged(change.device, change.online);
}

void Hub::settle(Client* client, ClientId id) {
    if (client->isClosed())
        forget(id);
    else if (const auto at = client->resumesAt())
        m_resuming.emplace(*at, id);
    tellPresence();
}

void Hub::forget(ClientId id) {
    const auto found = m_clients.find(id);
    const auto ofDevice = m_ofDevice.find(found->second->who().device);
    if (ofDevice != m_ofDevice.end() && ofDevice->second == id) m_ofDevice.erase(ofDevice);
    m_clients.erase(found);
}

void Hub::advance(MonoTime now) {
    while (!m_resuming.empty() && m_resuming.begin()->first <= now) {
        const ClientId id = m_resuming.begin()->second;
        m_resuming.erase(m_resuming.begin());
        if (Client* const client = find(id)) {
            client->advance(now);
            settle(client, id);
        }
    }
    if (now < m_nextSweep) return;
    m_nextSweep = now + kSweep;
    std::vector<ClientId> ended;
    for (const auto& [id, client] : m_clients) {
        client->advance(now);
        if (m_isLeaving && now >= m_leavingUntil) client->close(wire::CloseReason::Goodbye, {});
        if (client->isClosed()) ended.push_back(id);
    }
    for (const ClientId id : ended) forget(id);
    tellPresence();
}

MonoTime Hub::nextTimeout() const {
    return m_resuming.empty() ? m_nextSweep : std::min(m_nextSweep, m_resuming.begin()->first);
}

void Hub::goAway(MonoTime now) {
    if (std::exchange(m_isLeaving, true)) return;
    m_leavingUntil = now + limits::kRelayLeaving;
    const auto spread = static_cast<std::uint64_t>(m_world.spread().count());
    std::vector<ClientId> ended;
    m_world.presence.unwatchAll();
    for (const auto& [id, client] : m_clients) {
        // Not before a program that is started anew can be up.
        client->leave(milliseconds(1'000 + m_world.random.below(spread)));
        if (client->isClosed()) ended.push_back(id);
    }
    for (const ClientId id : ended) forget(id);
    (void)m_world.presence.takeChanges();  // everybody goes
}

void Hub::startOver() {
    m_world.presence.unwatchAll();
    for (const auto& [id, client] : m_clients)
        client->close(wire::CloseReason::Storage, "The relay begins anew. What was left there is sent again.");
    m_clients.clear();
    m_ofDevice.clear();
    m_resuming.clear();
    (void)m_world.presence.takeChanges();
}

void Hub::shutOut(const DeviceId& device) {
    m_world.presence.setTokens(device, {});
    tellPresence();
    const auto found = m_ofDevice.find(device);
    if (found == m_ofDevice.end()) return;
    const ClientId id = found->second;
    Client* const client = find(id);
    client->close(wire::CloseReason::NotWelcome, wire::relay::sentenceOf(Reason::Revoked));
    settle(client, id);
}

std::vector<Output> Hub::takeOutputs() {
    return std::exchange(m_world.out, {});
}

const HubFigures& Hub::figures() {
    m_world.figures.guests = m_world.guestCount;
    m_world.figures.strangers = m_world.strangers.size();
    return m_world.figures;
}

}  // namespace landline::relay
