#include "p2p/net/tcp_link.h"

#include <QNetworkProxy>
#include <QTcpSocket>

namespace landline::net {

TcpLink::TcpLink(const Candidate& peer) : m_peer(peer) {
    adopt(new QTcpSocket);
    // Where there is no route the socket fails before the call returns, and nobody listens yet.
    QMetaObject::invokeMethod(this, &TcpLink::dial, Qt::QueuedConnection);
}

TcpLink::TcpLink(QTcpSocket* accepted)
    : m_peer{normalised(accepted->peerAddress()), accepted->peerPort()}, m_wasConnected(true) {
    adopt(accepted);
    m_socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
}

void TcpLink::adopt(QTcpSocket* socket) {
    m_socket = socket;
    socket->setParent(this);
    socket->setProxy(QNetworkProxy::NoProxy);
    connect(socket, &QTcpSocket::connected, this, [this] {
        m_wasConnected = true;
        m_socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
        Q_EMIT connected();
    });
    connect(socket, &QTcpSocket::readyRead, this, &Link::readable);
    connect(socket, &QTcpSocket::bytesWritten, this, &Link::written);
    connect(socket, &QTcpSocket::disconnected, this, &TcpLink::onEnded);
    connect(socket, &QTcpSocket::errorOccurred, this, [this] {
        // An error of an established connection is followed by disconnected; a failed dial is not.
        if (!m_wasConnected) onEnded();
    });
}

void TcpLink::dial() {
    if (!m_ended) m_socket->connectToHost(m_peer.address, m_peer.port);
}

std::size_t TcpLink::read(std::span<std::uint8_t> out) {
    if (!m_socket->isOpen()) return 0;
    const qint64 count = m_socket->read(reinterpret_cast<char*>(out.data()), static_cast<qint64>(out.size()));
    return count > 0 ? static_cast<std::size_t>(count) : 0;
}

void TcpLink::write(ByteView bytes) {
    m_socket->write(reinterpret_cast<const char*>(bytes.data()), static_cast<qint64>(bytes.size()));
}

void TcpLink::flush() {
    m_socket->flush();
}

std::size_t TcpLink::bytesToWrite() const {
    return static_cast<std::size_t>(m_socket->bytesToWrite());
}

void TcpLink::setReadLimit(std::size_t bytes) {
    m_socket->setReadBufferSize(static_cast<qint64>(bytes));
}

void TcpLink::abort() {
    m_ended = true;
    m_socket->abort();
}

QHostAddress TcpLink::localAddress() const {
    return normalised(m_socket->localAddress());
}

void TcpLink::onEnded() {
    if (std::exchange(m_ended, true)) return;
    Q_EMIT ended(reason());
}

QString TcpLink::reason() const {
    const QString at = describe(m_peer);
    if (m_wasConnected) {
        return m_socket->error() == QAbstractSocket::RemoteHostClosedError
                   ? tr("%1 closed the connection.").arg(at)
                   : tr("The connection to %1 was lost: %2.").arg(at, m_socket->errorString());
    }
    switch (m_socket->error()) {
        case QAbstractSocket::ConnectionRefusedError:
            return tr("%1 refused the connection: Landline does not run there, or a firewall is in the way.")
                .arg(at);
        case QAbstractSocket::SocketTimeoutError:
            return tr("%1 does not answer: it is off, or a firewall is in the way.").arg(at);
        default:
            return tr("%1 cannot be reached: %2.").arg(at, m_socket->errorString());
    }
}

}  // namespace landline::net
