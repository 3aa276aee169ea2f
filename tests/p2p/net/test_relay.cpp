#include "tests/p2p/net/test_relay.h"

#include <QNetworkProxy>
#include <QTcpSocket>

#include <algorithm>

namespace landline::test {

TestRelay::TestRelay() : m_links(net::SessionParts{m_party, m_random, m_clock}, nullptr) {
    m_party.keys = &m_identity->keys;
    m_party.certificate = &m_identity->certificate;
    m_party.instance = 1;
    m_server.setProxy(QNetworkProxy::NoProxy);
    connect(&m_server, &QTcpServer::newConnection, this, &TestRelay::accept);
    m_book.spread = {};
    m_book.send = [this](ReferenceRelay::Session session, const wire::relay::Frame& frame) {
        const auto found = m_sessions.find(session);
        if (found != m_sessions.end()) found->second->send(frame);
    };
    m_book.close = [this](ReferenceRelay::Session session) {
        const auto found = m_sessions.find(session);
        if (found != m_sessions.end()) found->second->close(wire::CloseReason::Superseded, {});
    };
    m_book.fault = [](const std::string& what) { qFatal("%s", what.c_str()); };
    start();
}

TestRelay::~TestRelay() {
    stop();
}

void TestRelay::start() {
    if (!m_server.listen(QHostAddress::LocalHost, m_port)) qFatal("no port");
    m_port = m_server.serverPort();
}

void TestRelay::stop() {
    m_server.close();
    for (auto& [number, link] : m_sessions) link.release()->destroy();
    m_sessions.clear();
    m_book.crash();
}

void TestRelay::leave(std::chrono::milliseconds comeBackAfter) {
    m_book.goAway(comeBackAfter);
    for (auto& [number, link] : m_sessions) {
        link->setUser(nullptr);
        link->close(wire::CloseReason::Goodbye, {});
    }
    m_sessions.clear();
    m_book.crash();
}

void TestRelay::setReading(bool on) {
    for (auto& [number, link] : m_sessions) link->setReading(on);
}

void TestRelay::sendToAll(const wire::relay::Frame& frame) {
    for (auto& [number, link] : m_sessions) link->send(frame);
}

identity::RelayUrl TestRelay::url(const std::string& host) const {
    return {host, m_port, m_identity->certificate.noiseKey(), {}};
}

void TestRelay::accept() {
    while (QTcpSocket* const socket = m_server.nextPendingConnection()) {
        ++m_connections;
        net::LinkDriver& driver = *(m_sessions[++m_last] = m_links.accept(socket));
        driver.setUser(this);
        driver.begin(std::make_unique<session::Session>(
            session::Role::Responder, wire::Purpose::Relay, wire::Suite::ChaChaPoly, m_party,
            session::ExpectedParty{}, std::nullopt, m_random, m_clock.mono()));
    }
}

void TestRelay::sessionOpened(net::LinkDriver& driver, session::RemoteParty remote) {
    ++m_opened;
    m_book.opened(numberOf(driver), remote.certificate.device(), remote.certificate.person());
}

void TestRelay::sessionReceived(net::LinkDriver& driver, wire::Message message) {
    m_book.receive(numberOf(driver), std::get<wire::relay::Frame>(message), m_clock.wall());
    m_book.commit(m_clock.wall());
}

void TestRelay::linkEnded(net::LinkDriver& driver, const session::Ended&) {
    forgetSoon(numberOf(driver));
}

ReferenceRelay::Session TestRelay::numberOf(const net::LinkDriver& driver) const {
    const auto found = std::find_if(m_sessions.begin(), m_sessions.end(),
                                    [&](const auto& one) { return one.second.get() == &driver; });
    return found == m_sessions.end() ? 0 : found->first;
}

void TestRelay::forgetSoon(ReferenceRelay::Session session) {
    QMetaObject::invokeMethod(
        this,
        [this, session] {
            m_book.closed(session);
            m_sessions.erase(session);
        },
        Qt::QueuedConnection);
}

}  // namespace landline::test
