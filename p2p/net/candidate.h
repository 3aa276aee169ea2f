#pragma once

#include <QHostAddress>
#include <QString>

#include <cstdint>

namespace landline::net {

/// An address at which a device may be reached.
struct Candidate {
    QHostAddress address;
    std::uint16_t port = 0;
    friend bool operator==(const Candidate&, const Candidate&) = default;
};

/// An IPv4 address that came in IPv6 clothes (::ffff:a.b.c.d, as a dual-stack socket reports it) in its own form.
[[nodiscard]] QHostAddress normalised(const QHostAddress& address);

/// ADDRESS:PORT, with brackets around IPv6.
[[nodiscard]] QString describe(const Candidate& candidate);

}  // namespace landline::net
