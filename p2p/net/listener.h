#pragma once

#include "p2p/discovery/verify_budget.h"
#include "p2p/net/link_keeper.h"

#include <functional>
#include <list>
#include <unordered_map>

class QTcpServer;

namespace landline::net {

/// Accepts connections and carries them through the handshake. Only so many are kept that have not proven a device, and only
/// so many from one address; a new one beyond that takes the place of the oldest, of its own address or of the address
/// with the most, so that a flood of silent or slow connections cannot lock out honest ones, which need a few
/// milliseconds. Whom the budget of handshakes does not allow is closed at once: a handshake costs us more than the one
/// who asks for it.
class Listener final : public QObject, private LinkUser {
    Q_OBJECT

public:
    /// Takes a connection whose session has opened.
    using Accepted = std::function<void(LinkHandle, session::RemoteParty, wire::Purpose)>;

    struct Bounds {
        std::size_t unauthenticated = limits::kUnauthenticatedConnections;
        std::size_t perAddress = limits::kUnauthenticatedPerAddress;
        int backlog = 256;
        /// An address stands for its network (discovery::Address::network): for a listener that the whole internet reaches.
        bool byNetwork = false;
        /// Whether one more handshake may begin; nothing: limits::kHandshakes and kHandshakesPerAddress.
        std::function<bool(const discovery::Address&)> allows = {};
    };

    Listener(LinkKeeper& links, Accepted accepted, QObject* parent);
    Listener(LinkKeeper& links, Accepted accepted, Bounds bounds, QObject* parent);
    ~Listener() override;

    /// Port 0: any free one; by default on every address, IPv4 and IPv6. False if it cannot be had; see error.
    [[nodiscard]] bool listen(std::uint16_t port, const QHostAddress& at = QHostAddress::Any);
    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] QString error() const;
    void stop();
    [[nodiscard]] std::size_t unauthenticated() const { return m_waiting.size(); }
    void setBounds(std::size_t unauthenticated, std::size_t perAddress);

Q_SIGNALS:
    /// Another program with this device's key has dialled.
    void cloneMet();
    /// A program at the address `at` speaks another version of the protocol; `why` is a sentence.
    void otherVersionMet(const QString& at, const QString& why);

private:
    struct Waiting {
        LinkHandle link;
        discovery::Address from;  ///< or its network
    };

    void acceptWaiting();
    void makeRoom(const discovery::Address& from);
    void forget(const discovery::Address& from);
    [[nodiscard]] discovery::Address busiest() const;
    void dropOldestOf(const discovery::Address& from);
    [[nodiscard]] LinkHandle release(const LinkDriver& driver);
    void sessionOpened(LinkDriver& driver, session::RemoteParty remote) override;
    void linkEnded(LinkDriver& driver, const session::Ended& ended) override;

    LinkKeeper& m_links;
    Accepted m_accepted;
    Bounds m_bounds;
    QTcpServer* m_server;
    bool m_isAccepting = false;                         ///< at the next turn of the event loop
    std::unique_ptr<discovery::SourceBudget> m_budget;  ///< of handshakes; null where the bounds have one
    std::list<Waiting> m_waiting;                       ///< oldest first
    std::unordered_map<discovery::Address, std::size_t> m_countOf;  ///< of those
};

}  // namespace landline::net
