#pragma once

#include "p2p/base/bytes.h"
#include "p2p/discovery/endpoint.h"
#include "p2p/net/interfaces.h"

#include <QObject>
#include <QUdpSocket>

#include <functional>
#include <memory>
#include <vector>

namespace landline::net {

/// The UDP sockets of discovery. Lives on the net thread.
///
/// Listening: one socket per family on the wildcard address and the discovery port, shared (address and port
/// reuse) with other nodes of this machine; a broadcast reaches all that share. A unicast would reach only
/// one of them, and a socket bound to an interface's address hears no broadcast: hence sending: one socket
/// per interface address, on a port of its own, from which beacons go to the interface's directed broadcast
/// address (IPv4) or to kBeaconGroup (IPv6 link-local), and at which the answers arrive.
///
/// Interfaces are read anew before each broadcast; sockets follow them.
class BeaconSockets : public QObject {
    Q_OBJECT

public:
    explicit BeaconSockets(quint16 port, QObject* parent = nullptr);
    ~BeaconSockets() override;

    /// Opens whatever can be opened. Where another program holds the port exclusively a warning is given,
    /// sending goes on, and listening is tried again each time the interfaces are read.
    void open();
    void close();
    /// Reads the interfaces and follows their changes; `rebuild` opens every sending socket anew (after a
    /// resume).
    void refresh(bool rebuild = false);

    /// One datagram to everybody per interface; `make` gives each of them.
    void broadcast(const std::function<Bytes()>& make);
    /// To one on-link endpoint, from the interface that faces it.
    void sendTo(const discovery::Endpoint& to, const Bytes& datagram);

    [[nodiscard]] bool isListening() const { return m_listener4 != nullptr || m_listener6 != nullptr; }
    [[nodiscard]] const std::vector<InterfaceAddress>& interfaces() const { return m_interfaces; }

Q_SIGNALS:
    /// `datagram` is at most limits::kBeaconBytes + 1 bytes (a longer one is cut, and so void).
    void received(const QByteArray& datagram, const landline::discovery::Endpoint& source, bool onLink);
    void warning(const QString& text);

private:
    struct Sender {
        InterfaceAddress interface;
        std::unique_ptr<QUdpSocket> socket;
    };

    [[nodiscard]] std::unique_ptr<QUdpSocket> makeSocket();
    void listen();
    [[nodiscard]] std::unique_ptr<QUdpSocket> listenOn(const QHostAddress& wildcard);
    void joinGroup(const InterfaceAddress& interface);
    void addSender(const InterfaceAddress& interface);
    void read(QUdpSocket& socket);

    quint16 m_port;
    bool m_open = false;
    bool m_warned = false;
    std::unique_ptr<QUdpSocket> m_listener4;
    std::unique_ptr<QUdpSocket> m_listener6;
    std::vector<InterfaceAddress> m_interfaces;
    std::vector<Sender> m_senders;
};

}  // namespace landline::net
