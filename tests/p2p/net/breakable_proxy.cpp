#include "tests/p2p/net/breakable_proxy.h"

#include <QNetworkProxy>
#include <QTcpSocket>

#include <algorithm>

namespace landline::test {

BreakableProxy::BreakableProxy(quint16 target) : m_target(target) {
    m_server.setProxy(QNetworkProxy::NoProxy);
    connect(&m_server, &QTcpServer::newConnection, this, &BreakableProxy::accept);
    if (!m_server.listen(QHostAddress::LocalHost)) qFatal("The proxy cannot listen.");
}

void BreakableProxy::accept() {
    while (QTcpSocket* const dialler = m_server.nextPendingConnection()) {
        auto* const target = new QTcpSocket(this);
        dialler->setParent(this);
        target->setProxy(QNetworkProxy::NoProxy);
        target->connectToHost(QHostAddress(QHostAddress::LocalHost), m_target);
        m_pairs.push_back({dialler, target});
        ++m_connections;
        connect(dialler, &QTcpSocket::readyRead, this, [this, dialler, target] { forward(dialler, target); });
        connect(target, &QTcpSocket::connected, this, [this, dialler, target] { forward(dialler, target); });
        connect(target, &QTcpSocket::readyRead, this, [this, dialler, target] { forward(target, dialler); });
        connect(dialler, &QTcpSocket::disconnected, this, [this, dialler] { cut(dialler); });
        connect(target, &QTcpSocket::disconnected, this, [this, target] { cut(target); });
    }
}

void BreakableProxy::forward(QTcpSocket* from, QTcpSocket* to) {
    Pair* const pair = pairOf(from);
    if (!pair || pair->frozen || to->state() != QAbstractSocket::ConnectedState) return;
    const QByteArray bytes = from->readAll();
    to->write(bytes);
    if (pair->target != from) return;
    pair->back += bytes.size();
    m_bytesBack += bytes.size();
    if (m_freezeAfter != 0 && pair->back >= m_freezeAfter) {
        pair->frozen = true;
        ++m_frozen;
    }
    if (m_breakAfter != 0 && pair->back >= m_breakAfter) cut(from);
}

BreakableProxy::Pair* BreakableProxy::pairOf(const QTcpSocket* either) {
    const auto pair = std::find_if(m_pairs.begin(), m_pairs.end(), [&](const Pair& one) {
        return one.dialler == either || one.target == either;
    });
    return pair == m_pairs.end() ? nullptr : &*pair;
}

void BreakableProxy::cut(QTcpSocket* either) {
    Pair* const pair = pairOf(either);
    if (!pair) return;
    const Pair both = *pair;
    m_pairs.erase(m_pairs.begin() + (pair - m_pairs.data()));
    for (QTcpSocket* const socket : {both.dialler, both.target}) {
        socket->disconnect(this);
        // What was on its way still arrives, as on a real network.
        socket->disconnectFromHost();
        socket->deleteLater();
    }
}

void BreakableProxy::breakAll() {
    while (!m_pairs.empty()) cut(m_pairs.front().dialler);
}

}  // namespace landline::test
