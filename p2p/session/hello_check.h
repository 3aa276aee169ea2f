#pragma once

#include "p2p/session/session.h"

#include <variant>

namespace landline::session {

/// Why a hello is not accepted. `error` is empty when a program met itself.
struct HelloRefusal {
    wire::CloseReason reason = wire::CloseReason::Violation;
    std::optional<Error> error;
};

/// What a received hello is held against.
struct HelloContext {
    const LocalParty& self;
    const ExpectedParty& expected;
    NoiseKey handshakeKey;  ///< the other side's static key, as the handshake proved it
    wire::Purpose purpose;
    Role role;  ///< ours
};

[[nodiscard]] wire::Hello makeHello(const LocalParty& self, std::optional<wire::TransferId> transfer);
/// Certificate, its key, whom the dialler expected, version, oneself. The name that comes back may be shown.
[[nodiscard]] std::variant<RemoteParty, HelloRefusal> checkHello(wire::Hello hello,
                                                                 const HelloContext& context);

/// The sentence for a session that ends for `reason`, or nothing where that is no failure. `text` is what the
/// closing side said; the other side's is quoted, as it proves nothing.
[[nodiscard]] std::optional<Error> closeError(wire::CloseReason reason, const std::string& text, bool byPeer);

}  // namespace landline::session
