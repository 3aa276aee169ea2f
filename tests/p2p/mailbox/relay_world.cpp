#include "tests/p2p/mailbox/relay_world.h"

#include "p2p/wire/messages.h"

#include <algorithm>

namespace landline::test {

using namespace wire::relay;
using namespace std::chrono_literals;
using sim::SimTime;

namespace {

constexpr auto kDay = std::chrono::hours(24);

/// As it comes out of the other end of a session.
Frame carried(const Frame& frame) {
    return std::get<Frame>(wire::decodeMessage(wire::encodeMessage(frame)).value());
}

}  // namespace

RelayWorld::RelayWorld(std::uint64_t seed) {
    random = SeededRandom(seed);
    m_isHostile = dice(4) == 0;
    makeDevices();
    makeRelays();
    for (std::size_t i = 0; i < m_everybody.size(); ++i)
        m_devices.push_back(std::make_unique<SimDevice>(*this, i, m_everybody, m_relays.size()));
}

void RelayWorld::makeDevices() {
    m_relays.resize(1 + dice(2));
    const std::size_t count = 2 + dice(3);
    for (std::size_t i = 0; i < count; ++i) {
        SimDevice::Identity one{
            identity::DeviceKeys::generate(random), random.make<PersonId>(), random.make<RelayToken>(), {}};
        const std::size_t home = dice(m_relays.size());
        one.at = {home};
        // Some are at all relays; the others come to the relay of somebody as guests.
        if (dice(2) == 0)
            for (std::size_t relay = 0; relay < m_relays.size(); ++relay)
                if (relay != home) one.at.push_back(relay);
        m_index[one.keys.id()] = i;
        m_everybody.push_back(std::move(one));
    }
}

void RelayWorld::makeRelays() {
    for (std::size_t i = 0; i < m_relays.size(); ++i) {
        Host& host = m_relays[i];
        host.relay = std::make_unique<ReferenceRelay>(random.next64());
        host.relay->send = [this, i](ReferenceRelay::Session session, const Frame& frame) {
            toDevice(i, session, frame);
        };
        host.relay->close = [this](ReferenceRelay::Session session) { closedByRelay(session); };
        host.relay->fault = [this](const std::string& what) { fault(what); };
        host.relay->acknowledging = [this, i](const DeviceId& device, const Acknowledge& what) {
            const mailbox::Position committed = m_devices[m_index.at(device)]->committed(i, what.box);
            if (committed.epoch != what.epoch || committed.through < what.through)
                fault("a device acknowledged what it had not committed");
        };
        if (dice(3) == 0) host.relay->setQuota(4000);
    }
}

void RelayWorld::fault(const std::string& what) {
    if (m_faults.size() < 5) m_faults.push_back(what);
}

std::string RelayWorld::whyNotHeld(std::size_t relay, RelayEpoch epoch, std::size_t sender,
                                   DepositCounter counter, const DeviceId& recipient) {
    const bool isStored =
        m_relays[relay].relay->everStored(epoch, m_everybody[sender].keys.id(), counter, recipient);
    return isStored ? std::string() : std::string("the relay never had it on its disk");
}

Hello RelayWorld::invitation(std::size_t device, std::size_t relay) {
    Hello hello;
    const auto isAt = [relay](const SimDevice::Identity& one) {
        return std::find(one.at.begin(), one.at.end(), relay) != one.at.end();
    };
    if (isAt(m_everybody[device])) {
        hello.invite = m_relays[relay].relay->makeInvite(1);
        return hello;
    }
    std::vector<std::size_t> hosts;
    for (std::size_t other = 0; other < m_everybody.size(); ++other)
        if (isAt(m_everybody[other])) hosts.push_back(other);
    if (hosts.empty()) return hello;
    const SimDevice::Identity& one = m_everybody[hosts[dice(hosts.size())]];
    hello.pass = Addressee{one.keys.id(), one.token};
    return hello;
}

// --- Connections -------------------------------------------------------------------------------------------------

void RelayWorld::dial(std::size_t device, std::size_t relay) {
    const ReferenceRelay::Session session = ++m_lastSession;
    m_current[{device, relay}] = session;
    m_connections[session] = {device, relay, false, false, {}, {}};
    scheduler.after(latency(), [this, session, device, relay] {
        if (m_current[{device, relay}] != session) return;
        if (!m_relays[relay].isUp || (!m_isCalm && dice(20) == 0)) {
            m_current[{device, relay}] = 0;
            return m_devices[device]->disconnected(relay);
        }
        Connection& connection = m_connections[session];
        connection.isAtDevice = connection.isAtRelay = true;
        m_relays[relay].relay->opened(session, m_everybody[device].keys.id(), m_everybody[device].person);
        m_devices[device]->connected(relay);
    });
}

/// The device's side is gone. The relay hears of it soon, or, where a connection broke without a word, after minutes in which
/// what was on its way still arrives.
void RelayWorld::hangUp(std::size_t device, std::size_t relay) {
    const ReferenceRelay::Session session = std::exchange(m_current[{device, relay}], 0);
    if (session == 0) return;
    m_connections[session].isAtDevice = false;
    const SimTime heard = !m_isCalm && dice(3) == 0 ? SimTime(dice(600'000'000)) : latency();
    scheduler.after(heard, [this, session, relay] {
        Connection& connection = m_connections[session];
        if (!std::exchange(connection.isAtRelay, false)) return;
        m_relays[relay].relay->closed(session);
    });
    if (!m_isCalm && dice(2) == 0) m_connections[session].isAtRelay = false;  // and nothing arrives any more
}

void RelayWorld::breakLink(std::size_t device, std::size_t relay) {
    const auto current = m_current.find({device, relay});
    if (current == m_current.end() || current->second == 0 || !m_connections[current->second].isAtDevice)
        return;
    hangUp(device, relay);
    m_devices[device]->disconnected(relay);
}

void RelayWorld::send(std::size_t device, std::size_t relay, const Frame& frame) {
    const ReferenceRelay::Session session = m_current[{device, relay}];
    if (session == 0 || !m_connections[session].isAtDevice) return;
    Connection& connection = m_connections[session];
    connection.lastToRelay = std::max(connection.lastToRelay, scheduler.now() + latency());
    scheduler.at(connection.lastToRelay, [this, session, relay, frame = carried(frame)] {
        if (!m_connections[session].isAtRelay) return;
        m_relays[relay].relay->receive(session, frame, now().wall);
        planCommit(relay);
    });
}

void RelayWorld::toDevice(std::size_t relay, ReferenceRelay::Session session, const Frame& frame) {
    Connection& connection = m_connections[session];
    Frame copy = carried(frame);
    if (auto* pulled = std::get_if<Pulled>(&copy.message); pulled && m_isHostile && !m_isCalm)
        for (Item& item : pulled->items)
            if (dice(50) == 0) {
                item.body[0] = 0xFF;
                ++m_altered;
            }
    connection.lastToDevice = std::max(connection.lastToDevice, scheduler.now() + latency());
    scheduler.at(connection.lastToDevice, [this, session, relay, frame = std::move(copy)] {
        const Connection& one = m_connections[session];
        if (one.isAtDevice && m_current[{one.device, relay}] == session)
            m_devices[one.device]->receive(relay, frame);
    });
}

void RelayWorld::closedByRelay(ReferenceRelay::Session session) {
    Connection& connection = m_connections[session];
    connection.isAtRelay = false;
    scheduler.at(std::max(connection.lastToDevice, scheduler.now() + latency()), [this, session] {
        Connection& one = m_connections[session];
        if (!std::exchange(one.isAtDevice, false) || m_current[{one.device, one.relay}] != session) return;
        m_current[{one.device, one.relay}] = 0;
        m_devices[one.device]->disconnected(one.relay);
    });
}

void RelayWorld::planCommit(std::size_t relay) {
    Host& host = m_relays[relay];
    if (std::exchange(host.isCommitPlanned, true)) return;
    const SimTime delay = !m_isCalm && dice(50) == 0 ? SimTime(5s) : SimTime(dice(10'000));
    scheduler.after(delay, [this, relay, life = host.life] {
        Host& one = m_relays[relay];
        if (life != one.life) return;
        one.isCommitPlanned = false;
        one.relay->commit(now().wall);
    });
}

void RelayWorld::stopRelay(std::size_t relay, SimTime downtime) {
    Host& host = m_relays[relay];
    if (!host.isUp) return;
    host.isUp = false;
    host.isCommitPlanned = false;
    ++host.life;
    host.relay->crash();
    for (auto& [session, connection] : m_connections)
        if (connection.relay == relay && connection.isAtRelay) closedByRelay(session);
    scheduler.after(downtime, [this, relay] { m_relays[relay].isUp = true; });
}

// --- What goes wrong ---------------------------------------------------------------------------------------------

SimTime RelayWorld::pause() {
    const std::uint64_t kind = dice(100);
    if (kind < 60) return SimTime(dice(3'000'000));
    if (kind < 90) return SimTime(4h) * static_cast<SimTime::rep>(dice(1000)) / 1000;
    return SimTime(12 * kDay) * static_cast<SimTime::rep>(dice(1000)) / 1000;
}

void RelayWorld::mishap() {
    const std::uint64_t kind = dice(100);
    const std::size_t device = dice(m_devices.size());
    if (kind < 85)
        mishapOfDevice(kind, device);
    else
        mishapOfRelay(kind, dice(m_relays.size()));
}

void RelayWorld::mishapOfDevice(std::uint64_t kind, std::size_t device) {
    SimDevice& one = *m_devices[device];
    if (kind < 40) return one.write(1 + dice(10));
    if (kind < 55) return breakLink(device, dice(m_relays.size()));
    if (kind < 65) return one.crash();
    if (kind < 78) return one.start();
    if (kind < 82) return SimDevice::meet(one, *m_devices[dice(m_devices.size())]);
    isDeviceCommitSlow = dice(3) == 0;
}

void RelayWorld::mishapOfRelay(std::uint64_t kind, std::size_t relay) {
    Host& host = m_relays[relay];
    if (kind < 89) return stopRelay(relay, dice(4) == 0 ? SimTime(kDay) : SimTime(dice(60'000'000)));
    if (kind < 91) {
        host.relay->goAway(std::chrono::milliseconds(dice(20'000)));
        scheduler.after(2s, [this, relay] { stopRelay(relay, 5s); });
        return;
    }
    if (kind < 94) return host.relay->backup();
    if (kind < 95) {
        stopRelay(relay, 10s);
        host.relay->restore();
        ++m_restores;
        return;
    }
    host.relay->isBusy = true;
    scheduler.after(SimTime(dice(120'000'000)), [this, relay] { m_relays[relay].relay->isBusy = false; });
}

void RelayWorld::heal() {
    m_isCalm = true;
    isDeviceCommitSlow = false;
    for (Host& host : m_relays) {
        host.isUp = true;
        host.relay->isBusy = false;
        host.relay->setQuota(1024 * 1024);
    }
    for (const auto& device : m_devices) device->start();
}

// --- The whole ---------------------------------------------------------------------------------------------------

const std::vector<std::string>& RelayWorld::play() {
    for (const auto& device : m_devices) device->start();
    for (int i = 0; i < 250 && m_faults.empty(); ++i) {
        scheduler.runUntil(scheduler.now() + pause());
        mishap();
    }
    heal();
    // Longer than what was lost silently can take to run out.
    scheduler.runUntil(scheduler.now() + SimTime(35 * kDay));
    if (m_faults.empty()) check();
    return m_faults;
}

void RelayWorld::check() {
    const std::size_t count = m_devices.size();
    for (std::size_t author = 0; author < count; ++author)
        for (std::size_t reader = 0; reader < count; ++reader) {
            if (author == reader) continue;
            const std::uint64_t written = m_devices[author]->written();
            const std::string who = "of device " + std::to_string(author) + " at " + std::to_string(reader);
            if (m_devices[reader]->applied(author) != written)
                fault("entries " + who + " are lost: " + std::to_string(m_devices[reader]->applied(author)) +
                      " of " + std::to_string(written));
            else if (m_devices[author]->covered(reader) != written)
                fault("entries " + who + " are there, but their author does not know");
        }
    for (std::size_t device = 0; device < count; ++device) {
        std::uint64_t expired = 0;
        for (std::size_t relay = 0; relay < m_relays.size(); ++relay) {
            const DeviceId id = m_everybody[device].keys.id();
            expired += m_relays[relay].relay->expired(id);
            if (m_relays[relay].relay->waiting(id) != 0) fault("a mailbox was not drained");
            if (m_devices[device]->prekeys(relay) > 6) fault("private halves of prekeys pile up");
        }
        if (m_devices[device]->missed() > expired) fault("a device missed what had not expired");
        if (m_devices[device]->records() != 0) fault("a deposit was never settled");
    }
    if (unopened != 0 && m_restores == 0) fault("a prekey was destroyed too early");
}

std::uint64_t RelayWorld::heldAtRelays() const {
    std::uint64_t stored = 0;
    for (const Host& host : m_relays) stored += host.relay->stored();
    return stored;
}

std::string RelayWorld::summary() const {
    return std::to_string(heldAtRelays()) + " stored, " + std::to_string(heldReports) + " held, " +
           std::to_string(requeued) + " requeued, " + std::to_string(unopened) + " unopened, " +
           std::to_string(m_altered) + " altered, " + std::to_string(m_restores) + " restores, " +
           std::to_string(m_lastSession) + " connections";
}

}  // namespace landline::test
