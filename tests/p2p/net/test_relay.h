#pragma once

#include "p2p/identity/relay_url.h"
#include "p2p/net/link_keeper.h"
#include "tests/p2p/net/test_node.h"
#include "tests/support/reference_relay.h"

#include <QTcpServer>

namespace landline::test {

/// A relay on 127.0.0.1, on the test's thread: real sockets and sessions around a ReferenceRelay, which remembers everything
/// over its stops. It commits at once.
class TestRelay final : public QObject, private net::LinkUser {
    Q_OBJECT

public:
    TestRelay();
    ~TestRelay() override;

    /// On the port that it had before.
    void start();
    /// Gone without a word.
    void stop();
    /// Says when to come back, and closes.
    void leave(std::chrono::milliseconds comeBackAfter);
    /// While false it leaves everything in its sockets.
    void setReading(bool on);
    void sendToAll(const wire::relay::Frame& frame);

    [[nodiscard]] identity::RelayUrl url(const std::string& host = "127.0.0.1") const;
    [[nodiscard]] ReferenceRelay& book() { return m_book; }
    /// Connections that ever came.
    [[nodiscard]] int connections() const { return m_connections; }
    /// Sessions that ever opened.
    [[nodiscard]] int opened() const { return m_opened; }

private:
    void accept();
    void sessionOpened(net::LinkDriver& driver, session::RemoteParty remote) override;
    void sessionReceived(net::LinkDriver& driver, wire::Message message) override;
    void linkEnded(net::LinkDriver& driver, const session::Ended& why) override;
    [[nodiscard]] ReferenceRelay::Session numberOf(const net::LinkDriver& driver) const;
    /// Not within a call of the book's, which walks its sessions.
    void forgetSoon(ReferenceRelay::Session session);

    std::shared_ptr<const net::LocalIdentity> m_identity = makeIdentity();
    SystemRandom m_random;
    SystemClock m_clock;
    session::LocalParty m_party;
    net::LinkKeeper m_links;
    QTcpServer m_server;
    quint16 m_port = 0;
    ReferenceRelay m_book{1};
    std::map<ReferenceRelay::Session, net::LinkHandle> m_sessions;
    ReferenceRelay::Session m_last = 0;
    int m_connections = 0;
    int m_opened = 0;
};

}  // namespace landline::test
