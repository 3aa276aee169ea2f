#pragma once

#include "p2p/base/clock.h"

namespace landline::net {

/// A duration for QTimer, rounded up so that the timer never fires before it is due.
[[nodiscard]] inline std::chrono::milliseconds ceilMillis(Duration duration) {
    return std::chrono::ceil<std::chrono::milliseconds>(duration);
}

}  // namespace landline::net
