#include "p2p/net/host_dialler.h"

#include "p2p/net/times.h"

#include <QHostInfo>

#include <algorithm>

namespace landline::net {

HostDialler::HostDialler(LinkKeeper& links, DialAttempt::Opened opened, IsConnected isConnected,
                         QObject* parent)
    : QObject(parent),
      m_links(links),
      m_opened(std::move(opened)),
      m_isConnected(std::move(isConnected)),
      m_timer(this) {
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &HostDialler::tick);
}

HostDialler::~HostDialler() {
    stop();
}

void HostDialler::start() {
    m_active = true;
    tick();
}

void HostDialler::stop() {
    m_active = false;
    m_timer.stop();
    for (const auto& [target, attempt] : m_attempts) attempt->cancel();
    m_attempts.clear();
}

Expected<void> HostDialler::add(const QString& host) {
    const auto entry = parseHostEntry(host);
    if (!entry) return Unexpected(entry.error());
    auto added = m_probe.add(*entry, m_links.parts().clock.mono());
    if (m_active) tick();
    return added;
}

void HostDialler::networkChanged() {
    m_probe.restart(m_links.parts().clock.mono());
    if (m_active) tick();
}

void HostDialler::tick() {
    const MonoTime now = m_links.parts().clock.mono();
    while (const auto target = m_probe.next(now)) resolve(*target);
    const auto next = m_probe.nextTimeout();
    if (!next) return m_timer.stop();
    m_timer.start(ceilMillis(std::max(*next - now, Duration::zero())));
}

void HostDialler::resolve(const ProbeTarget& target) {
    const QHostAddress literal(target.host);
    if (!literal.isNull()) return dial(target, {literal});
    QHostInfo::lookupHost(target.host, this, [this, target](const QHostInfo& info) {
        if (!m_active) return;
        const auto found = info.addresses();
        dial(target, {found.begin(), found.end()});
    });
}

void HostDialler::dial(const ProbeTarget& target, const std::vector<QHostAddress>& addresses) {
    if (addresses.empty()) return finished(target);
    DialPlan plan;
    for (const QHostAddress& address : addresses) plan.candidates.push_back({address, target.port});
    m_attempts[target].reset(new DialAttempt(
        m_links, std::move(plan),
        [this, target](LinkHandle link, session::RemoteParty remote, const Candidate& at) {
            onOpened(target, std::move(link), std::move(remote), at);
        },
        [this, target](const DialFailure& failure) {
            finished(target);
            if (failure.clone) Q_EMIT cloneMet();
        },
        this));
}

void HostDialler::onOpened(const ProbeTarget& target, LinkHandle link, session::RemoteParty remote,
                           const Candidate& at) {
    const DeviceId device = remote.certificate.device();
    m_attempts.erase(target);
    m_met.insert_or_assign(device, target);
    m_opened(std::move(link), std::move(remote), at);
    if (m_isConnected(device)) return connected(device);
    m_met.erase(device);
    finished(target);
}

void HostDialler::finished(const ProbeTarget& target) {
    m_attempts.erase(target);
    m_probe.finished(target);
    tick();
}

void HostDialler::connected(const DeviceId& device) {
    const auto met = m_met.find(device);
    if (met == m_met.end()) return;
    m_probe.connected(met->second);
    tick();
}

void HostDialler::disconnected(const DeviceId& device) {
    const auto met = m_met.find(device);
    if (met == m_met.end() || !m_active) return;
    m_probe.finished(met->second);
    tick();
}

}  // namespace landline::net
