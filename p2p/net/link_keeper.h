#pragma once

#include "p2p/net/link_driver.h"

#include <deque>

class QTcpSocket;

namespace landline::net {

/// What every session of this node is made with. Lives as long as the node.
struct SessionParts {
    const session::LocalParty& party;
    Random& random;
    const Clock& clock;
    /// What a listener takes: Relay, or anything else for what devices want of each other.
    wire::Purpose listens = wire::Purpose::Conversation;

    [[nodiscard]] std::unique_ptr<session::Session> dialler(
        wire::Purpose purpose, wire::Suite suite, const session::ExpectedParty& expected,
        const std::optional<wire::TransferId>& transfer) const;
    [[nodiscard]] std::unique_ptr<session::Session> responder() const;
};

/// Parent of links, and the only one who deletes them; users hold handles. A node has one for the net thread and one for
/// the bulk thread. Bounds the links that linger after their last words: beyond `mostLingering` the oldest is cut off.
class LinkKeeper final : public QObject {
    Q_OBJECT

public:
    LinkKeeper(const SessionParts& parts, QObject* parent, std::size_t mostLingering = limits::kLingeringLinks)
        : QObject(parent), m_parts(parts), m_mostLingering(mostLingering) {}
    ~LinkKeeper() override;

    [[nodiscard]] const SessionParts& parts() const { return m_parts; }
    [[nodiscard]] LinkHandle dial(const Candidate& candidate);
    [[nodiscard]] LinkHandle accept(QTcpSocket* socket);
    /// One that another keeper has let go of; from then on it is as one of its own.
    [[nodiscard]] LinkHandle adopt(std::unique_ptr<LinkDriver> driver);
    /// Its keeper does not know it any more.
    static void letGo(LinkDriver& driver);
    [[nodiscard]] bool isEmpty() const { return children().isEmpty(); }

Q_SIGNALS:
    /// The last link is gone.
    void emptied();

private:
    [[nodiscard]] LinkHandle keep(std::unique_ptr<Link> link);
    void onGone();
    void onRetired(LinkDriver* driver);

    SessionParts m_parts;
    const std::size_t m_mostLingering;
    std::deque<LinkDriver*> m_lingering;
};

}  // namespace landline::net
