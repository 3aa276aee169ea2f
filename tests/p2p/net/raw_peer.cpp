#include "tests/p2p/net/raw_peer.h"

#include <QNetworkProxy>

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
                 std::optional<wire::TransferId> transfer, std::shared_ptr<const net::LocalIdentity> identity,
                 const QHostAddress& from)
    : m_identity(std::move(identity)),
      m_party(partyOf(*m_identity, listenPort)),
      m_purpose(purpose),
      m_transfer(transfer),
      m_links(net::SessionParts{m_party, m_random, m_clock}, nullptr),
      m_dialling(new QTcpSocket(this)) {
    m_dialling->setProxy(QNetworkProxy::NoProxy);
    m_dialling->bind(from);
    connect(m_dialling, &QTcpSocket::connected, this, &RawPeer::begin);
    m_dialling->connectToHost(QHostAddress(QHostAddress::LocalHost), port);
}

RawPeer::~RawPeer() = default;

void RawPeer::begin() {
    m_dialling->disconnect(this);
    m_link = m_links.accept(m_dialling);
    m_link->setUser(this);
    m_link->begin(m_links.parts().dialler(m_purpose, wire::Suite::ChaChaPoly, {}, m_transfer));
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
