#include "p2p/net/beacon_sockets.h"

#include "p2p/base/limits.h"

#include <QNetworkDatagram>
#include <QNetworkInterface>
#include <QNetworkProxy>

#include <algorithm>

namespace landline::net {

namespace {

/// After so many datagrams of one socket the others and the timers get their turn.
constexpr int kDatagramsAtOnce = 64;
/// A thousand devices that start together are not to overrun the socket.
constexpr int kReceiveBuffer = 1024 * 1024;

bool isIpv6(const QHostAddress& address) {
    return address.protocol() == QAbstractSocket::IPv6Protocol;
}

}  // namespace

BeaconSockets::BeaconSockets(quint16 port, QObject* parent) : QObject(parent), m_port(port) {}
BeaconSockets::~BeaconSockets() = default;

void BeaconSockets::open() {
    m_open = true;
    refresh();
}

void BeaconSockets::close() {
    m_open = false;
    m_senders.clear();
    m_listener4.reset();
    m_listener6.reset();
    m_interfaces.clear();
}

void BeaconSockets::refresh(bool rebuild) {
    if (!m_open) return;
    if (rebuild) m_senders.clear();
    m_interfaces = readInterfaces();
    const auto vanished = [this](const Sender& sender) {
        return std::find(m_interfaces.begin(), m_interfaces.end(), sender.interface) == m_interfaces.end();
    };
    m_senders.erase(std::remove_if(m_senders.begin(), m_senders.end(), vanished), m_senders.end());
    listen();
    for (const InterfaceAddress& interface : m_interfaces) {
        const bool has = std::any_of(m_senders.begin(), m_senders.end(), [&interface](const Sender& sender) {
            return sender.interface == interface;
        });
        if (!has) addSender(interface);
    }
}

void BeaconSockets::broadcast(const std::function<Bytes()>& make) {
    refresh();
    for (const Sender& sender : m_senders) {
        const Bytes datagram = make();
        sender.socket->writeDatagram(reinterpret_cast<const char*>(datagram.data()),
                                     static_cast<qint64>(datagram.size()), sender.interface.group, m_port);
    }
}

void BeaconSockets::sendTo(const discovery::Endpoint& to, const Bytes& datagram) {
    const QHostAddress address = toHostAddress(to.address);
    const InterfaceAddress* interface = interfaceTowards(address, m_interfaces);
    if (interface == nullptr) return;
    for (const Sender& sender : m_senders) {
        if (sender.interface != *interface) continue;
        sender.socket->writeDatagram(reinterpret_cast<const char*>(datagram.data()),
                                     static_cast<qint64>(datagram.size()), address, to.port);
    }
}

std::unique_ptr<QUdpSocket> BeaconSockets::makeSocket() {
    auto socket = std::make_unique<QUdpSocket>();
    socket->setProxy(QNetworkProxy::NoProxy);
    connect(socket.get(), &QUdpSocket::readyRead, this, [this, raw = socket.get()] { read(*raw); });
    return socket;
}

void BeaconSockets::listen() {
    if (!m_listener4) m_listener4 = listenOn(QHostAddress::AnyIPv4);
    if (!m_listener6) m_listener6 = listenOn(QHostAddress::AnyIPv6);
}

std::unique_ptr<QUdpSocket> BeaconSockets::listenOn(const QHostAddress& wildcard) {
    auto socket = makeSocket();
    if (!socket->bind(wildcard, m_port, QUdpSocket::ShareAddress | QUdpSocket::ReuseAddressHint)) {
        // A machine without IPv6 is nothing to warn of, unlike a port that is taken.
        if (socket->error() == QAbstractSocket::AddressInUseError && !m_warned) {
            m_warned = true;
            Q_EMIT warning(
                tr("Another program keeps UDP port %1 to itself, so this device does not hear others "
                   "announce themselves. It still announces itself. Close that program, and people "
                   "nearby will appear.")
                    .arg(m_port));
        }
        return nullptr;
    }
    socket->setSocketOption(QAbstractSocket::ReceiveBufferSizeSocketOption, kReceiveBuffer);
    return socket;
}

void BeaconSockets::joinGroup(const InterfaceAddress& interface) {
    if (!m_listener6) return;
    // Fails where it has been joined before, which is as good.
    m_listener6->joinMulticastGroup(interface.group, QNetworkInterface::interfaceFromIndex(interface.index));
}

void BeaconSockets::addSender(const InterfaceAddress& interface) {
    auto socket = makeSocket();
    // An IPv6 address that is still being checked for duplicates cannot be bound yet: the next refresh tries
    // again.
    if (!socket->bind(interface.address, 0)) return;
    if (isIpv6(interface.address)) {
        socket->setMulticastInterface(QNetworkInterface::interfaceFromIndex(interface.index));
        joinGroup(interface);
    }
    m_senders.push_back({interface, std::move(socket)});
}

void BeaconSockets::read(QUdpSocket& socket) {
    for (int i = 0; i < kDatagramsAtOnce && socket.hasPendingDatagrams(); ++i) {
        QByteArray datagram(static_cast<qsizetype>(limits::kBeaconBytes + 1), Qt::Uninitialized);
        QHostAddress from;
        quint16 port = 0;
        const qint64 size = socket.readDatagram(datagram.data(), datagram.size(), &from, &port);
        if (size < 0) continue;  // the system reports the failure of an earlier sending here
        datagram.truncate(size);
        Q_EMIT received(datagram, {toAddress(from), port}, isOnLink(from, m_interfaces));
    }
}

}  // namespace landline::net
