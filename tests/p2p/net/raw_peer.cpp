#include "tests/p2p/net/raw_peer.h"

namespace landline::test {

namespace {

session::LocalParty partyOf(const net::LocalIdentity& identity, quint16 listenPort) {
    session::LocalParty party;
    party.keys = &identity.keys;
    party.certificate = &identity.certificate;
    party.name = "Raw";
    party.instance = 1;
    party.listenPort = listenPort;
    return party;
}

}  // namespace

RawPeer::RawPeer(quint16 port, quint16 listenPort, wire::Purpose purpose,
                 std::optional<wire::TransferId> transfer, std::shared_ptr<const net::LocalIdentity> identity)
    : m_identity(std::move(identity)),
      m_party(partyOf(*m_identity, listenPort)),
      m_purpose(purpose),
      m_transfer(transfer),
      m_links(net::SessionParts{m_party, m_random, m_clock}, nullptr),
      m_link(m_links.dial({QHostAddress(QHostAddress::LocalHost), port})) {
    m_link->setUser(this);
}

RawPeer::~RawPeer() = default;

void RawPeer::linkConnected(net::LinkDriver& driver) {
    driver.begin(m_links.parts().dialler(m_purpose, wire::Suite::ChaChaPoly, {}, m_transfer));
}

void RawPeer::sessionOpened(net::LinkDriver&, session::RemoteParty) {
    open = true;
}

void RawPeer::sessionReceived(net::LinkDriver&, wire::Message message) {
    received.push_back(std::move(message));
}

void RawPeer::linkEnded(net::LinkDriver&, const session::Ended& why) {
    ended = why;
}

}  // namespace landline::test
