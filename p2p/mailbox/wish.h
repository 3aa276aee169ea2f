#pragma once

#include "p2p/base/clock.h"
#include "p2p/base/limits.h"
#include "p2p/wire/relay_messages.h"

#include <algorithm>

namespace landline::mailbox {

/// A refusal of what is tried again by itself waits at least this long.
inline constexpr std::chrono::milliseconds kLeastRetry{1000};
/// And this long where it may have to be mended first.
inline constexpr std::chrono::milliseconds kLongRetry{60'000};

/// What a relay asks to wait is heeded up to limits::kComeBackMost.
[[nodiscard]] inline Duration bounded(std::chrono::milliseconds time) {
    return std::min<Duration>(time, limits::kComeBackMost);
}

/// A relay that refuses to let a device in for this reason is not asked again by itself.
[[nodiscard]] inline bool needsAPerson(wire::relay::Reason reason) {
    using wire::relay::Reason;
    return reason == Reason::NoAccount || reason == Reason::BadInvite || reason == Reason::InviteUsed ||
           reason == Reason::InviteExpired || reason == Reason::Revoked;
}

/// Something that a Mailbox keeps up at its relay.
struct Wish {
    bool isWanted = false;  ///< not at the relay as it should be
    MonoTime notBefore{};

    [[nodiscard]] bool isDue(MonoTime now) const { return isWanted && now >= notBefore; }
    /// The relay refused it: it is wanted again later.
    void refused(const wire::relay::Refusal& refusal, MonoTime now) {
        const auto least = wire::relay::isPassing(refusal.reason) ? kLeastRetry : kLongRetry;
        *this = {true, now + bounded(std::max(refusal.retryAfter, least))};
    }
};

}  // namespace landline::mailbox
