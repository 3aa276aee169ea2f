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
// What is taken in one turn of the event loop. The system keeps the rest meanwhile: where many come at once, those that were
// taken finish their handshakes before more are, and are not pushed out by them.
constexpr int kPerTurn = 16;
}  // namespace

Listener::Listener(LinkKeeper& links, Accepted accepted, QObject* parent)
    : Listener(links, std::move(accepted), Bounds{}, parent) {}

Listener::Listener(LinkKeeper& links, Accepted accepted, Bounds bounds, QObject* parent)
    : QObject(parent),
      m_links(links),
      m_accepted(std::move(accepted)),
      m_bounds(std::move(bounds)),
      m_server(new QTcpServer(this)) {
    using Rate = discovery::TokenBucket::Rate;
    if (!m_bounds.allows)
        m_budget = std::make_unique<discovery::SourceBudget>(
            links.parts().random, Rate{limits::kHandshakes, limits::kHandshakesBurst},
            Rate{limits::kHandshakesPerAddress, limits::kHandshakesPerAddressBurst});
    m_server->setProxy(QNetworkProxy::NoProxy);
    m_server->setListenBacklogSize(m_bounds.backlog);
    m_server->setMaxPendingConnections(kPerTurn);
    connect(m_server, &QTcpServer::newConnection, this, [this] {
        if (!std::exchange(m_isAccepting, true))
            QMetaObject::invokeMethod(this, &Listener::acceptWaiting, Qt::QueuedConnection);
    });
    connect(m_server, &QTcpServer::acceptError, this,
            [this] { QTimer::singleShot(kAcceptPause, m_server, &QTcpServer::resumeAccepting); });
}

Listener::~Listener() = default;

bool Listener::listen(std::uint16_t port, const QHostAddress& at) {
    return m_server->listen(at, port);
}

void Listener::setBounds(std::size_t unauthenticated, std::size_t perAddress) {
    m_bounds.unauthenticated = unauthenticated;
    m_bounds.perAddress = perAddress;
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
    m_countOf.clear();
}

void Listener::acceptWaiting() {
    m_isAccepting = false;
    while (QTcpSocket* const socket = m_server->nextPendingConnection()) {
        const discovery::Address address = toAddress(normalised(socket->peerAddress()));
        const discovery::Address from = m_bounds.byNetwork ? address.network() : address;
        if (!(m_budget ? m_budget->allow(address, m_links.parts().clock.mono()) : m_bounds.allows(address))) {
            socket->abort();
            socket->deleteLater();
            continue;
        }
        makeRoom(from);
        LinkHandle link = m_links.accept(socket);
        LinkDriver& driver = *link;
        driver.setUser(this);
        m_waiting.push_back({std::move(link), from});
        ++m_countOf[from];
        driver.begin(m_links.parts().responder());
    }
}

void Listener::makeRoom(const discovery::Address& from) {
    const auto count = m_countOf.find(from);
    if (count != m_countOf.end() && count->second >= m_bounds.perAddress) dropOldestOf(from);
    if (m_waiting.size() >= m_bounds.unauthenticated) dropOldestOf(busiest());
}

void Listener::forget(const discovery::Address& from) {
    const auto count = m_countOf.find(from);
    if (count != m_countOf.end() && --count->second == 0) m_countOf.erase(count);
}

discovery::Address Listener::busiest() const {
    return std::max_element(m_countOf.begin(), m_countOf.end(),
                            [](const auto& a, const auto& b) { return a.second < b.second; })
        ->first;
}

void Listener::dropOldestOf(const discovery::Address& from) {
    const auto oldest = std::find_if(m_waiting.begin(), m_waiting.end(),
                                     [&](const Waiting& one) { return one.from == from; });
    if (oldest == m_waiting.end()) return;
    forget(oldest->from);
    oldest->link->setUser(nullptr);
    m_waiting.erase(oldest);
}

LinkHandle Listener::release(const LinkDriver& driver) {
    const auto found = std::find_if(m_waiting.begin(), m_waiting.end(),
                                    [&](const Waiting& one) { return one.link.get() == &driver; });
    if (found == m_waiting.end()) return {};
    LinkHandle link = std::move(found->link);
    forget(found->from);
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
