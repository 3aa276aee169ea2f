#pragma once

#include "p2p/base/error.h"
#include "p2p/wire/messages.h"

#include <optional>
#include <string>

namespace landline::session {

/// Why the other side is not accepted. `error` is empty when a program met itself.
struct Refusal {
    wire::CloseReason reason = wire::CloseReason::Violation;
    std::optional<Error> error;
};

/// The sentence for a session that ends for `reason`, or nothing where that is no failure. `text` is what the
/// closing side said; the other side's is quoted, as it proves nothing.
[[nodiscard]] std::optional<Error> closeError(wire::CloseReason reason, const std::string& text, bool byPeer);

}  // namespace landline::session
