#include "p2p/net/dialler.h"

#include "p2p/base/limits.h"
#include "p2p/net/times.h"

#include <algorithm>
#include <utility>

namespace landline::net {

namespace {

// A session that stood this long was a good one: the next failure is a first failure.
constexpr Duration kGoodSession = std::chrono::seconds(10);
constexpr Duration kStorageWait = std::chrono::seconds(10);

bool isFinal(wire::CloseReason reason) {
    switch (reason) {
        case wire::CloseReason::Goodbye:
        case wire::CloseReason::NotWelcome:
        case wire::CloseReason::Idle:
        case wire::CloseReason::Version:
        case wire::CloseReason::Clone:
            return true;
        case wire::CloseReason::Unknown:
        case wire::CloseReason::Superseded:
        case wire::CloseReason::Renew:
        case wire::CloseReason::Violation:
        case wire::CloseReason::Storage:
            return false;
    }
    return false;
}

Duration leastWait(wire::CloseReason reason) {
    switch (reason) {
        case wire::CloseReason::NotWelcome:
        case wire::CloseReason::Version:
        case wire::CloseReason::Clone:
            return limits::kBackoffMost;
        case wire::CloseReason::Violation:
        case wire::CloseReason::Storage:
            return kStorageWait;
        case wire::CloseReason::Unknown:
        case wire::CloseReason::Goodbye:
        case wire::CloseReason::Superseded:
        case wire::CloseReason::Renew:
        case wire::CloseReason::Idle:
            return Duration::zero();
    }
    return Duration::zero();
}

}  // namespace

Dialler::Dialler(LinkKeeper& links, const DeviceId& self, DialAttempt::Opened opened, QObject* parent)
    : QObject(parent), m_links(links), m_self(self), m_opened(std::move(opened)) {}

Dialler::~Dialler() {
    stop();
}

void Dialler::start() {
    m_active = true;
    for (const auto& [device, known] : m_peers) dialIn(*known, Duration::zero());
}

void Dialler::stop() {
    m_active = false;
    for (const auto& [device, known] : m_peers) {
        known->timer.stop();
        endAttempt(*known);
    }
}

Dialler::Peer& Dialler::peer(const DeviceId& device) {
    std::unique_ptr<Peer>& slot = m_peers[device];
    if (slot) return *slot;
    slot = std::make_unique<Peer>();
    Peer& made = *slot;
    made.device = device;
    made.timer.setSingleShot(true);
    connect(&made.timer, &QTimer::timeout, this, [this, &made] { dial(made); });
    return made;
}

void Dialler::want(const Contact& contact) {
    if (contact.device == m_self) return;
    Peer& wanted = peer(contact.device);
    wanted.wanted = true;
    if (contact.noiseKey) wanted.noiseKey = contact.noiseKey;
    for (const Candidate& candidate : contact.remembered) wanted.addresses.addLast(candidate);
    wanted.backoff.reset();
    dialIn(wanted, Duration::zero());
}

void Dialler::unwant(const DeviceId& device) {
    const auto found = m_peers.find(device);
    if (found == m_peers.end()) return;
    found->second->wanted = false;
    if (!mayDial(*found->second)) found->second->timer.stop();
    forgetIfUseless(device);
}

void Dialler::sighted(const DeviceId& device, const Candidate& candidate, bool fresh) {
    if (device == m_self) return;
    Peer& seen = peer(device);
    const bool news = seen.addresses.add(candidate) || !seen.sighted || fresh;
    seen.sighted = true;
    if (!news && seen.timer.isActive()) return;
    if (news) seen.backoff.reset();
    dialIn(seen, yieldFor(device));
}

void Dialler::gone(const DeviceId& device) {
    const auto found = m_peers.find(device);
    if (found == m_peers.end()) return;
    found->second->sighted = false;
    if (!mayDial(*found->second)) found->second->timer.stop();
    forgetIfUseless(device);
}

void Dialler::setRefused(const std::set<PersonId>& persons) {
    m_refused = persons;
    // Those that are refused no longer; whoever waits goes on waiting.
    for (const auto& [device, known] : m_peers)
        if (!known->timer.isActive()) dialIn(*known, Duration::zero());
}

void Dialler::setVisible(bool visible) {
    if (std::exchange(m_visible, visible) == visible || !visible) return;
    for (const auto& [device, known] : m_peers) dialIn(*known, Duration::zero());
}

void Dialler::connected(const SessionInfo& session) {
    Peer& met = peer(session.device());
    met.noiseKey = session.remote->certificate.noiseKey();
    met.person = session.person();
    met.addresses.add(session.candidate);
    met.timer.stop();
    // Whoever dials us unasked does not keep us from dialling others.
    if (!met.connected) met.isCounted = session.outgoing || met.wanted;
    if (!met.connected && met.isCounted) ++m_standing;
    met.connected = true;
    met.connectedAt = now();
    if (met.attempt && !met.attempt->isShaking()) endAttempt(met);
}

void Dialler::disconnected(const DeviceId& device, wire::CloseReason reason) {
    const auto found = m_peers.find(device);
    if (found == m_peers.end() || !found->second->connected) return;
    Peer& lost = *found->second;
    lost.connected = false;
    if (lost.isCounted) --m_standing;
    if (now() - lost.connectedAt >= kGoodSession) lost.backoff.reset();
    const Duration wait = std::max(lost.backoff.next(m_links.parts().random), leastWait(reason));
    if (lost.wanted || !isFinal(reason)) dialIn(lost, wait);
    forgetIfUseless(device);
}

void Dialler::dialBack(const DeviceId& device, const Candidate& candidate) {
    Peer& asking = peer(device);
    asking.addresses.add(candidate);
    const bool tooSoon =
        asking.dialledBackAt != MonoTime{} && now() - asking.dialledBackAt < limits::kBeaconAnswerOnce;
    if (!m_active || asking.attempt || tooSoon) return;
    asking.dialledBackAt = now();
    dial(asking);
}

void Dialler::networkChanged() {
    for (const auto& [device, known] : m_peers) {
        known->backoff.reset();
        if (known->attempt && !known->attempt->isShaking()) endAttempt(*known);
        known->timer.stop();
        dialIn(*known, Duration::zero());
    }
}

std::vector<Candidate> Dialler::addresses(const DeviceId& device) const {
    const auto found = m_peers.find(device);
    return found == m_peers.end() ? std::vector<Candidate>() : found->second->addresses.all();
}

std::vector<DeviceId> Dialler::wanted() const {
    std::vector<DeviceId> devices;
    for (const auto& [device, known] : m_peers)
        if (known->wanted) devices.push_back(device);
    return devices;
}

bool Dialler::isWanted(const DeviceId& device) const {
    const auto found = m_peers.find(device);
    return found != m_peers.end() && found->second->wanted;
}

bool Dialler::mayDial(const Peer& peer) const {
    if (peer.person && m_refused.count(*peer.person) != 0) return false;
    return peer.wanted || (m_visible && peer.sighted && m_standing < limits::kStandingSessions);
}

void Dialler::dialIn(Peer& peer, Duration wait) {
    if (!m_active || peer.connected || peer.attempt || peer.addresses.all().empty() || !mayDial(peer)) return;
    const auto millis = ceilMillis(wait);
    if (peer.timer.isActive() && peer.timer.remainingTimeAsDuration() <= millis) return;
    peer.timer.start(millis);
}

void Dialler::dial(Peer& peer) {
    if (!m_active || peer.attempt || (!peer.connected && !mayDial(peer))) return;
    DialPlan plan;
    plan.expected = {peer.device, peer.noiseKey};
    plan.candidates = peer.addresses.all();
    ++m_standing;
    peer.attempt.reset(new DialAttempt(
        m_links, std::move(plan),
        [this, &peer](LinkHandle link, session::RemoteParty remote, const Candidate& candidate) {
            onOpened(peer, std::move(link), std::move(remote), candidate);
        },
        [this, &peer](const DialFailure& failure) { onFailed(peer, failure); }, this));
}

void Dialler::onOpened(Peer& peer, LinkHandle link, session::RemoteParty remote, const Candidate& candidate) {
    endAttempt(peer);
    m_opened(std::move(link), std::move(remote), candidate);
}

void Dialler::onFailed(Peer& peer, const DialFailure& failure) {
    endAttempt(peer);
    for (const Candidate& candidate : failure.wrongKey) peer.addresses.remove(candidate);
    const bool hopeless = failure.error.code == ErrorCode::VersionMismatch;
    const Duration wait = peer.backoff.next(m_links.parts().random);
    const DeviceId device = peer.device;
    dialIn(peer, hopeless ? std::max<Duration>(wait, limits::kBackoffMost) : wait);
    forgetIfUseless(device);
    Q_EMIT dialFailed(device, QString::fromStdString(failure.error.text), failure.error.code);
}

void Dialler::endAttempt(Peer& peer) {
    if (!peer.attempt) return;
    --m_standing;
    peer.attempt->cancel();
    peer.attempt.reset();
}

void Dialler::forgetIfUseless(const DeviceId& device) {
    const auto found = m_peers.find(device);
    const Peer& known = *found->second;
    if (!known.wanted && !known.sighted && !known.connected && !known.attempt) m_peers.erase(found);
}

Duration Dialler::yieldFor(const DeviceId& device) {
    if (m_self < device) return Duration::zero();
    const auto most = static_cast<std::uint64_t>(Duration(limits::kYieldToDial).count());
    return limits::kYieldToDial + Duration(static_cast<Duration::rep>(m_links.parts().random.below(most)));
}

}  // namespace landline::net
