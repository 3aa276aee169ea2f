#include "p2p/net/listener.h"

#include "p2p/base/limits.h"
#include "p2p/net/interfaces.h"

#include <QNetworkProxy>
#include <QTcpServer>
#include <QTcpSocket>

#include <algorithm>

namespace landline::net {

namespace {
// After running out of descriptors or memory; by then some will have been given back.
constexpr std::chrono::seconds kAcceptPause{1};
}  // namespace

Listener::Listener(LinkKeeper& links, Accepted accepted, QObject* parent)
    : QObject(parent),
      m_links(links),
      m_accepted(std::move(accepted)),
      m_server(new QTcpServer(this)),
      m_budget(links.parts().random, {limits::kHandshakes, limits::kHandshakesBurst},
               {limits::kHandshakesPerAddress, limits::kHandshakesPerAddressBurst}) {
    m_server->setProxy(QNetworkProxy::NoProxy);
    m_server->setListenBacklogSize(256);
    connect(m_server, &QTcpServer::newConnection, this, &Listener::acceptWaiting);
    connect(m_server, &QTcpServer::acceptError, this,
            [this] { QTimer::singleShot(kAcceptPause, m_server, &QTcpServer::resumeAccepting); });
}

Listener::~Listener() = default;

bool Listener::listen(std::uint16_t port) {
    return m_server->listen(QHostAddress::Any, port);
}

std::uint16_t Listener::port() const {
    return m_server->serverPort();
}

QString Listener::error() const {
    return m_server->errorString();
}

void Listener::stop() {
    m_server->close();
    m_waiting.clear();
}

void Listener::acceptWaiting() {
    while (QTcpSocket* const socket = m_server->nextPendingConnection()) {
        const QHostAddress address = normalised(socket->peerAddress());
        if (!m_budget.allow(toAddress(address), m_links.parts().clock.mono())) {
            socket->abort();
            socket->deleteLater();
            continue;
        }
        makeRoom(address);
        LinkHandle link = m_links.accept(socket);
        LinkDriver& driver = *link;
        driver.setUser(this);
        m_waiting.push_back({std::move(link), address});
        driver.begin(m_links.parts().responder());
    }
}

void Listener::makeRoom(const QHostAddress& address) {
    if (countOf(address) >= limits::kUnauthenticatedPerAddress) dropOldestOf(address);
    if (m_waiting.size() >= limits::kUnauthenticatedConnections) dropOldestOf(busiest());
}

std::size_t Listener::countOf(const QHostAddress& address) const {
    return static_cast<std::size_t>(std::count_if(
        m_waiting.begin(), m_waiting.end(), [&](const Waiting& one) { return one.address == address; }));
}

QHostAddress Listener::busiest() const {
    const auto most = std::max_element(
        m_waiting.begin(), m_waiting.end(),
        [this](const Waiting& a, const Waiting& b) { return countOf(a.address) < countOf(b.address); });
    return most->address;
}

void Listener::dropOldestOf(const QHostAddress& address) {
    const auto oldest = std::find_if(m_waiting.begin(), m_waiting.end(),
                                     [&](const Waiting& one) { return one.address == address; });
    if (oldest == m_waiting.end()) return;
    oldest->link->setUser(nullptr);
    m_waiting.erase(oldest);
}

LinkHandle Listener::release(const LinkDriver& driver) {
    const auto found = std::find_if(m_waiting.begin(), m_waiting.end(),
                                    [&](const Waiting& one) { return one.link.get() == &driver; });
    if (found == m_waiting.end()) return {};
    LinkHandle link = std::move(found->link);
    m_waiting.erase(found);
    return link;
}

void Listener::sessionOpened(LinkDriver& driver, session::RemoteParty remote) {
    LinkHandle link = release(driver);
    link->setUser(nullptr);
    const wire::Purpose purpose = link->purpose();
    m_accepted(std::move(link), std::move(remote), purpose);
}

void Listener::linkEnded(LinkDriver& driver, const session::Ended& ended) {
    const QString at = driver.peer().address.toString();
    (void)release(driver);
    if (ended.reason == wire::CloseReason::Clone) Q_EMIT cloneMet();
    if (ended.error && ended.error->code == ErrorCode::VersionMismatch)
        Q_EMIT otherVersionMet(at, QString::fromStdString(ended.error->text));
}

}  // namespace landline::net
