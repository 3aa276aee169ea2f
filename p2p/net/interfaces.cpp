#include "p2p/net/interfaces.h"

#include <QNetworkInterface>

#include <algorithm>
#include <tuple>

namespace landline::net {

namespace {

bool isIpv4(const QHostAddress& address) {
    return address.protocol() == QAbstractSocket::IPv4Protocol;
}

bool isUsable(const QNetworkInterface& interface) {
    const auto flags = interface.flags();
    return flags.testFlag(QNetworkInterface::IsUp) && flags.testFlag(QNetworkInterface::IsRunning);
}

/// Where beacons go from this address; null if it can reach nobody so.
QHostAddress groupOf(const QNetworkInterface& interface, const QNetworkAddressEntry& entry) {
    const bool loopback = interface.flags().testFlag(QNetworkInterface::IsLoopBack);
    if (isIpv4(entry.ip())) {
        if (loopback) return QHostAddress(quint32{0x7FFFFFFF});
        return interface.flags().testFlag(QNetworkInterface::CanBroadcast) ? entry.broadcast()
                                                                           : QHostAddress();
    }
    const bool multicast = interface.flags().testFlag(QNetworkInterface::CanMulticast);
    if (loopback || !multicast || !entry.ip().isLinkLocal()) return {};
    return QHostAddress(QLatin1String(kBeaconGroup));
}

void appendAddresses(const QNetworkInterface& interface, std::vector<InterfaceAddress>& out) {
    bool hasIpv6 = false;
    for (const QNetworkAddressEntry& entry : interface.addressEntries()) {
        const QHostAddress group = groupOf(interface, entry);
        if (group.isNull() || (hasIpv6 && !isIpv4(entry.ip()))) continue;
        hasIpv6 |= !isIpv4(entry.ip());
        out.push_back({interface.name(), interface.index(), entry.ip(), entry.prefixLength(), group,
                       interface.flags().testFlag(QNetworkInterface::IsLoopBack)});
    }
}

}  // namespace

std::vector<InterfaceAddress> readInterfaces() {
    std::vector<InterfaceAddress> result;
    for (const QNetworkInterface& interface : QNetworkInterface::allInterfaces())
        if (isUsable(interface)) appendAddresses(interface, result);
    std::sort(result.begin(), result.end(), [](const InterfaceAddress& a, const InterfaceAddress& b) {
        return std::tuple(a.index, a.address.toString()) < std::tuple(b.index, b.address.toString());
    });
    return result;
}

std::vector<QHostAddress> routableAddresses() {
    std::vector<QHostAddress> result;
    for (const QNetworkInterface& interface : QNetworkInterface::allInterfaces()) {
        if (!isUsable(interface)) continue;
        for (const QNetworkAddressEntry& entry : interface.addressEntries())
            if (!entry.ip().isLoopback() && !entry.ip().isLinkLocal()) result.push_back(entry.ip());
    }
    std::stable_partition(result.begin(), result.end(), isIpv4);
    return result;
}

const InterfaceAddress* interfaceTowards(const QHostAddress& peer,
                                         const std::vector<InterfaceAddress>& interfaces) {
    for (const InterfaceAddress& interface : interfaces) {
        if (isIpv4(interface.address) != isIpv4(peer)) continue;
        const bool scopeFits = isIpv4(peer) || peer.scopeId() == interface.address.scopeId();
        const int prefix = interface.loopback ? 8 : interface.prefixLength;
        if (scopeFits && peer.isInSubnet(interface.address, prefix)) return &interface;
    }
    return nullptr;
}

bool isOnLink(const QHostAddress& source, const std::vector<InterfaceAddress>& interfaces) {
    return interfaceTowards(source, interfaces) != nullptr;
}

discovery::Address toAddress(const QHostAddress& address) {
    if (isIpv4(address)) return discovery::Address::fromIpv4(address.toIPv4Address());
    discovery::Address result;
    const Q_IPV6ADDR raw = address.toIPv6Address();
    std::copy(std::begin(raw.c), std::end(raw.c), result.bytes.data());
    if (!address.scopeId().isEmpty())
        result.scope =
            static_cast<std::uint32_t>(QNetworkInterface::interfaceIndexFromName(address.scopeId()));
    return result;
}

QHostAddress toHostAddress(const discovery::Address& address) {
    QHostAddress result(address.bytes.data());
    bool mapped = false;
    const quint32 ipv4 = result.toIPv4Address(&mapped);
    if (mapped) return QHostAddress(ipv4);
    if (address.scope != 0)
        result.setScopeId(QNetworkInterface::interfaceNameFromIndex(static_cast<int>(address.scope)));
    return result;
}

}  // namespace landline::net
