#include "p2p/discovery/discovery.h"

#include <algorithm>

namespace landline::discovery {

namespace {

using namespace std::chrono_literals;

/// The roster is searched for devices that fell silent at most this often.
constexpr Duration kSweep = 5s;
/// A copy of one's own profile is reported at most this often.
constexpr Duration kOwnCloneAgain = 10min;

}  // namespace

Discovery::Discovery(Config config, Random& random)
    : m_config(std::move(config)),
      m_self(DeviceId::from(m_config.key->publicKey().view()).value()),
      m_counter(m_config.firstCounter),
      m_budget(random),
      m_announcer(random) {}

void Discovery::start(MonoTime now) {
    m_started = true;
    if (m_config.visible) m_announcer.start(now);
}

void Discovery::networkChanged(MonoTime now) {
    m_announcer.networkChanged(now);
}

void Discovery::stop() {
    m_started = false;
    m_announcer.stop();
}

void Discovery::setVisible(bool visible, MonoTime now) {
    m_config.visible = visible;
    if (!m_started) return;
    if (visible) {
        m_announcer.start(now);
    } else {
        m_announcer.stop();
    }
}

void Discovery::setName(const std::string& name, MonoTime now) {
    if (name == m_config.name) return;
    m_config.name = name;
    m_announcer.announceSoon(now);
}

void Discovery::receive(ByteView datagram, const Endpoint& source, bool onLink, MonoTime now) {
    ++m_statistics.received;
    const Expected<UncheckedBeacon> parsed = parseBeacon(datagram);
    if (!parsed) {
        ++(parsed.error().code == ErrorCode::VersionMismatch ? m_statistics.otherVersion
                                                             : m_statistics.malformed);
        return;
    }
    const Beacon& beacon = parsed->beacon;
    if (beacon.device == m_self) return receiveOwnKey(*parsed, source, now);
    if (!isWorthVerifying(beacon, source, now)) return;
    if (!m_config.verify(*parsed)) {
        ++m_statistics.badSignature;
        return;
    }
    ++m_statistics.accepted;
    const Roster::Applied applied = m_roster.apply(beacon, source.address, now);
    report(applied, {source.address, beacon.port});
    const bool isNewcomer = beacon.type == BeaconType::Hello && applied.entry != nullptr && !applied.clone;
    if (isNewcomer && onLink && !m_announcer.isSilent() && m_roster.takeAnswer(beacon.device, now))
        m_announcer.owe(beacon.device, source, m_roster.present(), now);
}

void Discovery::confirmInstance(const DeviceId& device, std::uint64_t instance) {
    m_roster.confirmInstance(device, instance);
    m_announcer.settle(device);
}

bool Discovery::isWorthVerifying(const Beacon& beacon, const Endpoint& source, MonoTime now) {
    if (!m_roster.isWorthVerifying(beacon, source.address)) {
        ++m_statistics.stale;
        return false;
    }
    if (m_roster.isRepetition(beacon, source.address, now)) {
        ++m_statistics.repeated;
        return false;
    }
    TokenBucket* known = m_roster.knownBucket(beacon.device);
    const bool allowed =
        known != nullptr ? m_budget.allowKnown(*known, now) : m_budget.allowStranger(source.address, now);
    if (!allowed) ++m_statistics.overBudget;
    return allowed;
}

void Discovery::receiveOwnKey(const UncheckedBeacon& unchecked, const Endpoint& source, MonoTime now) {
    const Beacon& beacon = unchecked.beacon;
    if (beacon.instance == m_config.instance) {
        ++m_statistics.ownEcho;
        return;
    }
    const bool reported = m_ownCloneReported && now - *m_ownCloneReported < kOwnCloneAgain;
    if (beacon.type == BeaconType::Goodbye || reported) return;
    if (!m_budget.allowKnown(m_ownKeyBucket, now)) {
        ++m_statistics.overBudget;
    } else if (!m_config.verify(unchecked)) {
        ++m_statistics.badSignature;
    } else {
        m_ownCloneReported = now;
        m_events.emplace_back(CloneSuspected{m_self, {source.address, beacon.port}});
    }
}

void Discovery::report(const Roster::Applied& applied, const Endpoint& source) {
    for (const DeviceId& device : applied.putOut) m_events.emplace_back(Gone{device});
    if (applied.entry == nullptr) return;
    const Roster::Entry& entry = *applied.entry;
    if (applied.clone) {
        m_events.emplace_back(CloneSuspected{entry.device, source});
    } else if (applied.left) {
        m_events.emplace_back(Gone{entry.device});
    } else if (entry.present && (applied.appeared || applied.changed || applied.newHello)) {
        m_events.emplace_back(Seen{entry.device, entry.person, entry.name, entry.candidates.front().endpoint,
                                   entry.instance, applied.appeared, applied.newHello});
    }
}

void Discovery::advance(MonoTime now) {
    if (now >= m_nextSweep) {
        for (const DeviceId& device : m_roster.expire(now)) m_events.emplace_back(Gone{device});
        m_nextSweep = now + kSweep;
    }
    m_announcer.advance(m_roster.present(), now);
}

std::optional<MonoTime> Discovery::nextTimeout() const {
    std::optional<MonoTime> next = m_announcer.nextTimeout();
    if (const auto expiry = m_roster.nextExpiry()) {
        const MonoTime sweep = std::max(*expiry, m_nextSweep);
        next = next ? std::min(*next, sweep) : sweep;
    }
    return next;
}

Bytes Discovery::makeBeacon(BeaconType type) {
    Beacon beacon;
    beacon.type = type;
    beacon.port = m_config.port;
    beacon.period = Announcer::period(m_roster.present());
    beacon.instance = m_config.instance;
    beacon.counter = ++m_counter;
    beacon.person = hintOf(m_config.person);
    beacon.name = m_config.name;
    return encodeBeacon(beacon, *m_config.key);
}

std::optional<Event> Discovery::nextEvent() {
    if (m_events.empty()) return std::nullopt;
    Event event = std::move(m_events.front());
    m_events.pop_front();
    return event;
}

}  // namespace landline::discovery
