#pragma once

#include "p2p/net/link_keeper.h"
#include "tests/p2p/net/test_node.h"

#include <QTcpSocket>

namespace landline::test {

/// A device that speaks the session but keeps to no further rule: it sends whatever the test says.
class RawPeer final : public QObject, private net::LinkUser {
    Q_OBJECT

public:
    /// Dials the node that listens on this port here, from the address `from`; `listenPort` is what its own hello claims.
    RawPeer(quint16 port, quint16 listenPort, wire::Purpose purpose = wire::Purpose::Conversation,
            std::optional<wire::TransferId> transfer = {},
            std::shared_ptr<const net::LocalIdentity> identity = makeIdentity(),
            const QHostAddress& from = QHostAddress(QHostAddress::LocalHost));
    RawPeer(const TestNode& node, quint16 listenPort, wire::Purpose purpose = wire::Purpose::Conversation,
            std::optional<wire::TransferId> transfer = {},
            std::shared_ptr<const net::LocalIdentity> identity = makeIdentity(),
            const QHostAddress& from = QHostAddress(QHostAddress::LocalHost))
        : RawPeer(node.port(), listenPort, purpose, transfer, std::move(identity), from) {}
    ~RawPeer() override;

    void send(const wire::Message& message) { m_link->send(message); }
    /// While false it leaves everything in its socket.
    void setReading(bool on) { m_link->setReading(on); }
    void close(wire::CloseReason reason) { m_link->close(reason, {}); }

    bool open = false;
    std::optional<session::Ended> ended;
    std::vector<wire::Message> received;

private:
    void begin();
    void sessionOpened(net::LinkDriver& driver, session::RemoteParty remote) override;
    void sessionReceived(net::LinkDriver& driver, wire::Message message) override;
    void linkEnded(net::LinkDriver& driver, const session::Ended& why) override;

    std::shared_ptr<const net::LocalIdentity> m_identity;
    SystemRandom m_random;
    SystemClock m_clock;
    session::LocalParty m_party;
    wire::Purpose m_purpose;
    std::optional<wire::TransferId> m_transfer;
    net::LinkKeeper m_links;
    QTcpSocket* m_dialling;  ///< the link's once it is connected
    net::LinkHandle m_link;
};

}  // namespace landline::test
