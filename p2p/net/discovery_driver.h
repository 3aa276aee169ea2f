#pragma once

#include "p2p/base/clock.h"
#include "p2p/discovery/discovery.h"
#include "p2p/net/beacon_sockets.h"

#include <QObject>
#include <QTimer>

namespace landline::net {

/// The one place where discovery's state machine, its sockets and a timer meet. Owned by the Node, on the net
/// thread.
class DiscoveryDriver : public QObject {
    Q_OBJECT

public:
    /// `config.key`, `clock` and `random` outlive the driver. `config.port` is the listener's port, already
    /// bound.
    DiscoveryDriver(discovery::Config config, quint16 discoveryPort, const Clock& clock, Random& random,
                    QObject* parent = nullptr);
    ~DiscoveryDriver() override;

    void start();
    /// Sends the goodbye at once and closes the sockets.
    void stop();
    void networkChanged(bool resumed);

    void setVisible(bool visible);
    void setName(const QString& name);
    /// Contacts and devices met before: their beacons come first and they are never put out of the roster.
    void setKnown(const DeviceId& device, bool known);
    /// Tell this when a session has opened: the instance of the peer's hello.
    void confirmInstance(const DeviceId& device, std::uint64_t instance);

    [[nodiscard]] const discovery::Discovery& discovery() const { return m_discovery; }
    [[nodiscard]] const BeaconSockets& sockets() const { return m_sockets; }

Q_SIGNALS:
    void seen(const landline::discovery::Seen& device);
    void gone(const landline::DeviceId& device);
    /// A hint only: see discovery::CloneSuspected. The device may be one's own.
    void cloneSuspected(const landline::DeviceId& device, const landline::discovery::Endpoint& candidate);
    void warning(const QString& text);
    /// Once: a beacon of another version of the protocol came from this address.
    void otherVersionHeard(const QString& at);

private:
    void drain();
    void tellOtherVersion(const discovery::Endpoint& source);
    void send(const discovery::Send& what);

    const Clock& m_clock;
    discovery::Discovery m_discovery;
    BeaconSockets m_sockets;
    QTimer m_timer;
    bool m_toldOtherVersion = false;
};

}  // namespace landline::net
