#include "app/control/network_probe.h"

#include "p2p/base/random.h"
#include "p2p/net/interfaces.h"

#include <QNetworkDatagram>
#include <QNetworkProxy>

#include <algorithm>

namespace landline::app::control {

namespace {

constexpr qint64 kTokenBytes = 16;

Reach reachOf(QAbstractSocket::SocketError error) {
    switch (error) {
        case QAbstractSocket::ConnectionRefusedError:
            return Reach::Refused;
        case QAbstractSocket::NetworkError:
        case QAbstractSocket::HostNotFoundError:
            return Reach::NoRoute;
        default:
            return Reach::TimedOut;  // a list of Qt's that no version of ours names whole
    }
}

}  // namespace

TcpProbe::TcpProbe(const QHostAddress& address, quint16 port, std::chrono::milliseconds patience,
                   QObject* parent)
    : QObject(parent) {
    m_socket.setProxy(QNetworkProxy::NoProxy);
    connect(&m_socket, &QTcpSocket::connected, this, [this] { finish(Reach::Connected); });
    connect(&m_socket, &QTcpSocket::errorOccurred, this,
            [this](QAbstractSocket::SocketError error) { finish(reachOf(error)); });
    connect(&m_timer, &QTimer::timeout, this, [this] { finish(Reach::TimedOut); });
    m_timer.setSingleShot(true);
    m_timer.start(patience);
    m_socket.connectToHost(address, port);
}

void TcpProbe::finish(Reach reach) {
    if (m_finished) return;
    m_finished = true;
    m_timer.stop();
    m_socket.abort();
    // Queued: an error may come from within the constructor, when nobody is connected yet.
    QMetaObject::invokeMethod(
        this, [this, reach] { Q_EMIT finished(reach); }, Qt::QueuedConnection);
}

BroadcastProbe::BroadcastProbe(quint16 port, std::chrono::milliseconds patience, QObject* parent)
    : QObject(parent) {
    m_listener.setProxy(QNetworkProxy::NoProxy);
    m_bound =
        m_listener.bind(QHostAddress::AnyIPv4, port, QUdpSocket::ShareAddress | QUdpSocket::ReuseAddressHint);
    connect(&m_listener, &QUdpSocket::readyRead, this, &BroadcastProbe::read);
    connect(&m_timer, &QTimer::timeout, this, &BroadcastProbe::finish);
    m_timer.setSingleShot(true);
    m_timer.start(m_bound ? patience : std::chrono::milliseconds(0));
    if (m_bound) sendAll(port);
}

void BroadcastProbe::sendAll(quint16 port) {
    SystemRandom random;
    for (const net::InterfaceAddress& interface : net::readInterfaces()) {
        if (interface.loopback || interface.address.protocol() != QAbstractSocket::IPv4Protocol) continue;
        QByteArray token(kTokenBytes, '\0');
        random.fill({reinterpret_cast<std::uint8_t*>(token.data()), static_cast<std::size_t>(kTokenBytes)});
        QUdpSocket sender;
        sender.setProxy(QNetworkProxy::NoProxy);
        const bool sent = sender.bind(interface.address, 0) &&
                          sender.writeDatagram(token, interface.group, port) == token.size();
        m_sent.push_back({interface.interface, sent ? token : QByteArray(), false});
    }
}

void BroadcastProbe::read() {
    while (m_listener.hasPendingDatagrams()) {
        const QByteArray datagram = m_listener.receiveDatagram(kTokenBytes + 1).data();
        for (Sent& sent : m_sent) {
            if (!sent.token.isEmpty() && sent.token == datagram) sent.cameBack = true;
        }
    }
    const bool all =
        std::all_of(m_sent.begin(), m_sent.end(), [](const Sent& sent) { return sent.cameBack; });
    if (all) finish();
}

void BroadcastProbe::finish() {
    if (m_finished) return;
    m_finished = true;
    m_listener.close();
    std::vector<Facts::Loop> loops;
    for (const Sent& sent : m_sent) loops.push_back({sent.interface, sent.cameBack});
    Q_EMIT finished(loops);
}

}  // namespace landline::app::control
