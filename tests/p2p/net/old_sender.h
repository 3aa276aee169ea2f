#pragma once

#include "p2p/net/link_keeper.h"
#include "tests/p2p/net/test_node.h"

#include <QTcpServer>

namespace landline::test {

/// A device with a program of minor version 0, that offers one file: it answers one request of a session, ends it at a
/// second one and at skips, and does not know checks, which it ignores.
class OldSender final : public QObject, private net::LinkUser {
    Q_OBJECT

public:
    OldSender(const wire::TransferId& transfer, Bytes file);
    ~OldSender() override;

    [[nodiscard]] net::Contact contact() const;

    /// What it does to the first request of all.
    enum class Fault { None, Silence, WrongOffset, Refusal };
    Fault fault = Fault::None;
    std::vector<wire::FileRequest> requests;
    int unknown = 0;  ///< frames that it did not know

private:
    void sessionReceived(net::LinkDriver& driver, wire::Message message) override;
    void linkEnded(net::LinkDriver& driver, const session::Ended& why) override;
    void answer(net::LinkDriver& driver, const wire::FileRequest& request);
    void misbehave(net::LinkDriver& driver, const wire::FileRequest& request);

    wire::TransferId m_transfer;
    Bytes m_file;
    std::shared_ptr<const net::LocalIdentity> m_identity = makeIdentity();
    SystemRandom m_random;
    SystemClock m_clock;
    session::LocalParty m_party;
    net::LinkKeeper m_links;
    QTcpServer m_server;
    net::LinkHandle m_link;
    bool m_asked = false;  ///< in this session
};

}  // namespace landline::test
