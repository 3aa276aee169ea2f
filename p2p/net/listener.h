#pragma once

#include "p2p/discovery/verify_budget.h"
#include "p2p/net/link_keeper.h"

#include <functional>
#include <list>

class QTcpServer;

namespace landline::net {

/// Accepts connections on every address, IPv4 and IPv6, and carries them through the handshake. At most
/// limits::kUnauthenticatedConnections are kept that have not proven a device, limits::kUnauthenticatedPerAddress from
/// one address; a new one beyond that takes the place of the oldest, of its own address or of the address with the
/// most, so that a flood of silent or slow connections cannot lock out honest ones, which need a few milliseconds. Beyond
/// limits::kHandshakes a connection is closed at once: a handshake costs us more than the one who asks for it.
class Listener final : public QObject, private LinkUser {
    Q_OBJECT

public:
    /// Takes a connection whose session has opened.
    using Accepted = std::function<void(LinkHandle, session::RemoteParty, wire::Purpose)>;

    Listener(LinkKeeper& links, Accepted accepted, QObject* parent);
    ~Listener() override;

    /// Port 0: any free one. False if it cannot be had; see error.
    [[nodiscard]] bool listen(std::uint16_t port);
    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] QString error() const;
    void stop();
    [[nodiscard]] std::size_t unauthenticated() const { return m_waiting.size(); }

Q_SIGNALS:
    /// Another program with this device's key has dialled.
    void cloneMet();
    /// A program at the address `at` speaks another version of the protocol; `why` is a sentence.
    void otherVersionMet(const QString& at, const QString& why);

private:
    struct Waiting {
        LinkHandle link;
        QHostAddress address;
    };

    void acceptWaiting();
    void makeRoom(const QHostAddress& address);
    [[nodiscard]] std::size_t countOf(const QHostAddress& address) const;
    [[nodiscard]] QHostAddress busiest() const;
    void dropOldestOf(const QHostAddress& address);
    [[nodiscard]] LinkHandle release(const LinkDriver& driver);
    void sessionOpened(LinkDriver& driver, session::RemoteParty remote) override;
    void linkEnded(LinkDriver& driver, const session::Ended& ended) override;

    LinkKeeper& m_links;
    Accepted m_accepted;
    QTcpServer* m_server;
    discovery::SourceBudget m_budget;  ///< of handshakes
    std::list<Waiting> m_waiting;      ///< oldest first
};

}  // namespace landline::net
