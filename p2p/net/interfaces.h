#pragma once

#include "p2p/discovery/endpoint.h"

#include <QHostAddress>
#include <QString>

#include <vector>

namespace landline::net {

/// One address of this machine over which beacons go out.
struct InterfaceAddress {
    QString interface;     ///< the system's name of it
    int index = 0;         ///< the system's number of it
    QHostAddress address;  ///< IPv4, or IPv6 link-local with its scope
    int prefixLength = 0;
    QHostAddress group;  ///< where a beacon goes: the directed broadcast address or kBeaconGroup
    bool loopback = false;

    friend bool operator==(const InterfaceAddress&, const InterfaceAddress&) = default;
};

/// The IPv6 multicast group of beacons: link-local scope, transient ("LNDL" in ASCII as its last four bytes).
inline constexpr char kBeaconGroup[] = "ff12::4c4e:444c";

/// Reads the system's interfaces anew: those that are up, with each IPv4 address that has a broadcast address
/// and one IPv6 link-local address each; the loopback by 127.255.255.255, so that two people on one machine
/// meet. Ordered, so that two readings can be compared.
[[nodiscard]] std::vector<InterfaceAddress> readInterfaces();

/// The addresses at which machines of other networks may reach this one: IPv4 first, then IPv6, without loopback and
/// link-local ones.
[[nodiscard]] std::vector<QHostAddress> routableAddresses();

/// True if `source` belongs to a network that one of `interfaces` is on: its answer crosses no router.
[[nodiscard]] bool isOnLink(const QHostAddress& source, const std::vector<InterfaceAddress>& interfaces);

/// The one of `interfaces` through which `peer` is reached without a router; null if there is none.
[[nodiscard]] const InterfaceAddress* interfaceTowards(const QHostAddress& peer,
                                                       const std::vector<InterfaceAddress>& interfaces);

// Between Qt's addresses and those of the core.
[[nodiscard]] discovery::Address toAddress(const QHostAddress& address);
[[nodiscard]] QHostAddress toHostAddress(const discovery::Address& address);

}  // namespace landline::net
