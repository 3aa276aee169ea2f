#include "p2p/net/discovery_driver.h"

#include <algorithm>

namespace landline::net {

DiscoveryDriver::DiscoveryDriver(discovery::Config config, quint16 discoveryPort, const Clock& clock,
                                 Random& random, QObject* parent)
    : QObject(parent), m_clock(clock), m_discovery(std::move(config), random), m_sockets(discoveryPort) {
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, &DiscoveryDriver::drain);
    connect(&m_sockets, &BeaconSockets::warning, this, &DiscoveryDriver::warning);
    connect(&m_sockets, &BeaconSockets::received, this,
            [this](const QByteArray& datagram, const discovery::Endpoint& source, bool onLink) {
                const auto* bytes = reinterpret_cast<const std::uint8_t*>(datagram.constData());
                m_discovery.receive({bytes, static_cast<std::size_t>(datagram.size())}, source, onLink,
                                    m_clock.mono());
                tellOtherVersion(source);
                drain();
            });
}

DiscoveryDriver::~DiscoveryDriver() = default;

void DiscoveryDriver::start() {
    m_sockets.open();
    m_discovery.start(m_clock.mono());
    drain();
}

void DiscoveryDriver::stop() {
    m_discovery.stop();
    while (const auto what = m_discovery.nextSend()) send(*what);
    m_timer.stop();
    m_sockets.close();
}

void DiscoveryDriver::networkChanged(bool resumed) {
    m_sockets.refresh(resumed);
    m_discovery.networkChanged(m_clock.mono());
    drain();
}

void DiscoveryDriver::setVisible(bool visible) {
    m_discovery.setVisible(visible, m_clock.mono());
    drain();
}

void DiscoveryDriver::setName(const QString& name) {
    m_discovery.setName(name.toStdString(), m_clock.mono());
    drain();
}

void DiscoveryDriver::setKnown(const DeviceId& device, bool known) {
    m_discovery.setKnown(device, known);
}

void DiscoveryDriver::confirmInstance(const DeviceId& device, std::uint64_t instance) {
    m_discovery.confirmInstance(device, instance);
}

void DiscoveryDriver::drain() {
    m_discovery.advance(m_clock.mono());
    while (const auto what = m_discovery.nextSend()) send(*what);
    while (const auto event = m_discovery.nextEvent()) {
        if (const auto* device = std::get_if<discovery::Seen>(&*event)) {
            Q_EMIT seen(*device);
        } else if (const auto* left = std::get_if<discovery::Gone>(&*event)) {
            Q_EMIT gone(left->device);
        } else if (const auto* clone = std::get_if<discovery::CloneSuspected>(&*event)) {
            Q_EMIT cloneSuspected(clone->device, clone->candidate);
        }
    }
    const std::optional<MonoTime> next = m_discovery.nextTimeout();
    if (!next) return m_timer.stop();
    using std::chrono::milliseconds;
    const auto wait = std::chrono::ceil<milliseconds>(*next - m_clock.mono());
    m_timer.start(std::max(wait, milliseconds(0)));
}

void DiscoveryDriver::tellOtherVersion(const discovery::Endpoint& source) {
    if (m_toldOtherVersion || m_discovery.statistics().otherVersion == 0) return;
    m_toldOtherVersion = true;
    Q_EMIT otherVersionHeard(toHostAddress(source.address).toString());
}

void DiscoveryDriver::send(const discovery::Send& what) {
    if (what.to) {
        m_sockets.sendTo(*what.to, m_discovery.makeBeacon(what.type));
    } else {
        m_sockets.broadcast([this, &what] { return m_discovery.makeBeacon(what.type); });
    }
}

}  // namespace landline::net
