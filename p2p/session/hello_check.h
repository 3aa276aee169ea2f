#pragma once

#include "p2p/session/refusal.h"
#include "p2p/session/session.h"

#include <variant>

namespace landline::session {

/// What a received hello is held against.
struct HelloContext {
    const LocalParty& self;
    const ExpectedParty& expected;
    NoiseKey handshakeKey;  ///< the other side's static key, as the handshake proved it
    wire::Purpose purpose;
    Role role;  ///< ours
};

/// With purpose Relay it says neither name nor port.
[[nodiscard]] wire::Hello makeHello(const LocalParty& self, wire::Purpose purpose,
                                    std::optional<wire::TransferId> transfer);
/// Certificate, its key, whom the dialler expected, version, oneself. The name that comes back may be shown.
[[nodiscard]] std::variant<RemoteParty, Refusal> checkHello(wire::Hello hello, const HelloContext& context);

}  // namespace landline::session
