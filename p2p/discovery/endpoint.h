#pragma once

#include "p2p/base/bytes.h"

#include <algorithm>
#include <cstdint>

namespace landline::discovery {

/// An IP address: sixteen bytes, IPv4 as ::ffff:a.b.c.d (RFC 4291, section 2.5.5.2), and for IPv6 link-local
/// ones the index of the interface they are valid on (0 otherwise).
struct Address {
    FixedBytes<struct AddressTag, 16> bytes;
    std::uint32_t scope = 0;

    [[nodiscard]] static Address fromIpv4(std::uint32_t hostOrder) {
        Address address;
        address.bytes.data()[10] = 0xFF;
        address.bytes.data()[11] = 0xFF;
        storeBe32(address.bytes.data() + 12, hostOrder);
        return address;
    }

    /// What one customer has of the network: of IPv6 a whole /64, IPv4 as it is.
    [[nodiscard]] Address network() const {
        constexpr std::size_t kIpv6Network = 8;
        constexpr std::size_t kMapped = 12;
        const Address mapped = fromIpv4(0);
        if (std::equal(bytes.data(), bytes.data() + kMapped, mapped.bytes.data())) return *this;
        Address network;
        std::copy_n(bytes.data(), kIpv6Network, network.bytes.data());
        return network;
    }

    friend constexpr auto operator<=>(const Address&, const Address&) = default;
};

/// Where a datagram came from or goes to, or where a device listens (TCP).
struct Endpoint {
    Address address;
    std::uint16_t port = 0;

    friend constexpr auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

}  // namespace landline::discovery

template <>
struct std::hash<landline::discovery::Address> {
    std::size_t operator()(const landline::discovery::Address& address) const noexcept {
        const std::uint64_t high = landline::loadBe64(address.bytes.data());
        const std::uint64_t low = landline::loadBe64(address.bytes.data() + 8);
        return static_cast<std::size_t>((high * 0x9E3779B97F4A7C15ULL) ^ (low * 0xC2B2AE3D27D4EB4FULL) ^
                                        address.scope);
    }
};
