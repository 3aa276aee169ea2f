#include "p2p/net/link_keeper.h"

#include "p2p/base/limits.h"
#include "p2p/net/tcp_link.h"
#include "p2p/net/thread_check.h"

namespace landline::net {

using session::Role;
using session::Session;

std::unique_ptr<Session> SessionParts::dialler(wire::Purpose purpose, wire::Suite suite,
                                               const session::ExpectedParty& expected,
                                               const std::optional<wire::TransferId>& transfer) const {
    return std::make_unique<Session>(Role::Dialler, purpose, suite, party, expected, transfer, random,
                                     clock.mono());
}

std::unique_ptr<Session> SessionParts::responder() const {
    return std::make_unique<Session>(Role::Responder, listens, wire::Suite::ChaChaPoly,
                                     party, session::ExpectedParty{}, std::nullopt, random, clock.mono());
}

LinkKeeper::~LinkKeeper() {
    for (QObject* const child : children()) child->disconnect(this);
}

LinkHandle LinkKeeper::dial(const Candidate& candidate) {
    return keep(std::make_unique<TcpLink>(candidate));
}

LinkHandle LinkKeeper::accept(QTcpSocket* socket) {
    return keep(std::make_unique<TcpLink>(socket));
}

LinkHandle LinkKeeper::keep(std::unique_ptr<Link> link) {
    assertThread(*this);
    return adopt(std::make_unique<LinkDriver>(std::move(link), m_parts.clock, nullptr));
}

void LinkKeeper::letGo(LinkDriver& driver) {
    auto* const keeper = static_cast<LinkKeeper*>(driver.parent());
    assertThread(*keeper);
    driver.disconnect(keeper);
    driver.setParent(nullptr);
    QMetaObject::invokeMethod(keeper, &LinkKeeper::onGone, Qt::QueuedConnection);
}

LinkHandle LinkKeeper::adopt(std::unique_ptr<LinkDriver> given) {
    assertThread(*this);
    LinkHandle handle(given.release());
    LinkDriver* const driver = handle.get();
    driver->setParent(this);
    connect(driver, &LinkDriver::lingers, this, [this, driver] { onRetired(driver); });
    connect(driver, &QObject::destroyed, this, [this, driver] {
        std::erase(m_lingering, driver);
        // The child leaves the list of children only after this signal.
        QMetaObject::invokeMethod(this, &LinkKeeper::onGone, Qt::QueuedConnection);
    });
    return handle;
}

void LinkKeeper::onGone() {
    if (isEmpty()) Q_EMIT emptied();
}

void LinkKeeper::onRetired(LinkDriver* driver) {
    assertThread(*this);
    m_lingering.push_back(driver);
    if (m_lingering.size() <= m_mostLingering) return;
    LinkDriver* const oldest = m_lingering.front();
    m_lingering.pop_front();
    oldest->destroy();
}

}  // namespace landline::net
