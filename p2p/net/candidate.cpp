#include "p2p/net/candidate.h"

namespace landline::net {

QHostAddress normalised(const QHostAddress& address) {
    bool mapped = false;
    const quint32 ipv4 = address.toIPv4Address(&mapped);
    return mapped && address.protocol() == QAbstractSocket::IPv6Protocol ? QHostAddress(ipv4) : address;
}

QString describe(const Candidate& candidate) {
    const bool ipv6 = candidate.address.protocol() == QAbstractSocket::IPv6Protocol;
    const QString host = candidate.address.toString();
    return (ipv6 ? u'[' + host + u']' : host) + u':' + QString::number(candidate.port);
}

}  // namespace landline::net
