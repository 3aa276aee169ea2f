#pragma once

#include "p2p/net/relay_link.h"

namespace landline::net {

/// The relays of a node, each on its own. Child of the node, on its thread.
class Relays final : public QObject {
    Q_OBJECT

public:
    Relays(LinkKeeper& links, QObject* parent) : QObject(parent), m_links(links) {}
    ~Relays() override;

    /// Nothing is dialled before.
    void start();
    void stop();
    /// One with the same number goes.
    void add(const RelaySetup& setup);
    void remove(RelayNumber number);
    /// Null if there is none.
    [[nodiscard]] RelayLink* find(RelayNumber number) const;
    void networkChanged(bool resumed, const std::set<QString>& localAddresses);

Q_SIGNALS:
    // As those of RelayLink.
    void told(landline::net::RelayNumber relay, const landline::mailbox::Event& event);
    void down(landline::net::RelayNumber relay, const landline::net::RelayDown& down);
    void wrongKey(landline::net::RelayNumber relay, const QString& at);

private:
    [[nodiscard]] std::vector<RelayLink*> all() const;

    LinkKeeper& m_links;
    std::map<RelayNumber, LaterPtr<RelayLink>> m_relays;
    bool m_active = false;
};

}  // namespace landline::net
