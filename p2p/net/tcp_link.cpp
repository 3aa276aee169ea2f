#include "p2p/net/tcp_link.h"

#include "p2p/net/thread_check.h"

#include <QNetworkProxy>
#include <QSocketNotifier>
#include <QTcpSocket>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace landline::net {

namespace {

/// What is given to the system with one call.
constexpr std::size_t kVectors = 32;

/// Bytes that the system holds beyond those that are on their way: a file is encrypted a little before it leaves, and not
/// megabytes at once with pauses in between, while which nobody works.
[[maybe_unused]] constexpr int kUnsent = 256 * 1024;

bool isTransient(int error) {
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

TcpLink::TcpLink(const Candidate& peer) : m_peer(peer), m_dialling(new QTcpSocket(this)) {
    m_dialling->setProxy(QNetworkProxy::NoProxy);
    connect(m_dialling, &QTcpSocket::connected, this, [this] {
        takeOver(std::exchange(m_dialling, nullptr));
        if (!m_ending) Q_EMIT connected();
    });
    connect(m_dialling, &QTcpSocket::errorOccurred, this, [this] {
        if (m_dialling) endSoon(reasonOfDial());
    });
    // Where there is no route the socket fails before the call returns, and nobody listens yet.
    QMetaObject::invokeMethod(this, &TcpLink::dial, Qt::QueuedConnection);
}

TcpLink::TcpLink(QTcpSocket* accepted) : m_peer{normalised(accepted->peerAddress()), accepted->peerPort()} {
    takeOver(accepted);
}

TcpLink::~TcpLink() {
    closeSocket();
}

void TcpLink::dial() {
    if (m_dialling && !m_ended) m_dialling->connectToHost(m_peer.address, m_peer.port);
}

/// The connection lives on under another descriptor when Qt's socket closes its own.
void TcpLink::takeOver(QTcpSocket* socket) {
    m_local = normalised(socket->localAddress());
    m_early = socket->readAll();
    m_socket = fcntl(static_cast<int>(socket->socketDescriptor()), F_DUPFD_CLOEXEC, 0);
    const int error = errno;
    socket->disconnect(this);
    socket->abort();
    socket->deleteLater();
    if (m_socket < 0) return endSoon(reasonOf(error));
    const int on = 1;
    (void)setsockopt(m_socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
#ifdef TCP_NOTSENT_LOWAT
    (void)setsockopt(m_socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kUnsent, sizeof kUnsent);
#endif
    m_readable.reset(new QSocketNotifier(m_socket, QSocketNotifier::Read, this));
    m_writable.reset(new QSocketNotifier(m_socket, QSocketNotifier::Write, this));
    m_readable->setEnabled(m_reading);
    m_writable->setEnabled(false);
    connect(m_readable.get(), &QSocketNotifier::activated, this, &Link::readable);
    connect(m_writable.get(), &QSocketNotifier::activated, this, [this] {
        m_writable->setEnabled(false);
        Q_EMIT writable();
    });
    if (!m_early.isEmpty()) QMetaObject::invokeMethod(this, &Link::readable, Qt::QueuedConnection);
}

std::size_t TcpLink::read(std::span<std::uint8_t> out) {
    assertThread(*this);
    if (!m_early.isEmpty()) {
        const auto count = std::min(out.size(), static_cast<std::size_t>(m_early.size()));
        std::copy_n(m_early.begin(), count, out.begin());
        m_early.remove(0, static_cast<qsizetype>(count));
        return count;
    }
    if (m_socket < 0 || out.empty()) return 0;
    const ssize_t count = recv(m_socket, out.data(), out.size(), 0);
    if (count > 0) return static_cast<std::size_t>(count);
    const int error = count == 0 ? 0 : errno;
    if (!isTransient(error)) endSoon(reasonOf(error));
    return 0;
}

std::size_t TcpLink::write(std::span<const ByteView> parts) {
    assertThread(*this);
    // Where it took not all it says so once it takes more.
    if (m_socket < 0 || m_writable->isEnabled()) return 0;
    std::array<iovec, kVectors> vectors{};
    const std::size_t count = std::min(parts.size(), kVectors);
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < count; ++i) {
        // The system's structure is the same for reading, and so not const.
        vectors[i] = {const_cast<std::uint8_t*>(parts[i].data()), parts[i].size()};
        bytes += parts[i].size();
    }
    msghdr message{};
    message.msg_iov = vectors.data();
    message.msg_iovlen = count;
    const ssize_t taken = sendmsg(m_socket, &message, MSG_NOSIGNAL);
    if (taken < 0 && !isTransient(errno)) {
        endSoon(reasonOf(errno));
        return 0;
    }
    const std::size_t done = taken < 0 ? 0 : static_cast<std::size_t>(taken);
    if (done < bytes || count < parts.size()) m_writable->setEnabled(true);
    return done;
}

void TcpLink::setReading(bool on) {
    assertThread(*this);
    m_reading = on;
    if (m_readable) m_readable->setEnabled(on && !m_ending);
}

void TcpLink::abort() {
    assertThread(*this);
    m_ended = true;
    if (m_dialling) m_dialling->abort();
    m_early.clear();
    closeSocket();
}

void TcpLink::closeSocket() {
    if (m_readable) m_readable->setEnabled(false);
    if (m_writable) m_writable->setEnabled(false);
    m_readable.reset();
    m_writable.reset();
    if (m_socket >= 0) ::close(std::exchange(m_socket, -1));
}

void TcpLink::endSoon(const QString& why) {
    if (std::exchange(m_ending, true)) return;
    m_why = why;
    if (m_readable) m_readable->setEnabled(false);
    if (m_writable) m_writable->setEnabled(false);
    QMetaObject::invokeMethod(this, &TcpLink::tellEnd, Qt::QueuedConnection);
}

void TcpLink::tellEnd() {
    if (!std::exchange(m_ended, true)) Q_EMIT ended(m_why);
}

QString TcpLink::reasonOf(int error) const {
    if (error == 0 || error == ECONNRESET || error == EPIPE)
        return tr("%1 closed the connection.").arg(describe(m_peer));
    return tr("The connection to %1 was lost: %2.").arg(describe(m_peer), qt_error_string(error));
}

QString TcpLink::reasonOfDial() const {
    const QString at = describe(m_peer);
    switch (m_dialling->error()) {
        case QAbstractSocket::ConnectionRefusedError:
            return tr("%1 refused the connection: Landline does not run there, or a firewall is in the way.")
                .arg(at);
        case QAbstractSocket::SocketTimeoutError:
            return tr("%1 does not answer: it is off, or a firewall is in the way.").arg(at);
        default:
            return tr("%1 cannot be reached: %2.").arg(at, m_dialling->errorString());
    }
}

}  // namespace landline::net
