#pragma once

#include "p2p/base/clock.h"
#include "p2p/base/limits.h"
#include "p2p/base/random.h"

#include <algorithm>

namespace landline {

/// How long to wait before dialling the same device again: limits::kBackoffFirst, doubled with each failure
/// up to limits::kBackoffMost, of which a random half is taken off, so that devices that lost each other at
/// the same moment do not all return at the same moment.
class Backoff {
public:
    /// A connection that lasted so long was a good one, however it ended.
    static constexpr Duration kGood = std::chrono::minutes(1);

    /// The wait after one more failure.
    [[nodiscard]] Duration next(Random& random) {
        const Duration whole = m_wait;
        m_wait = std::min<Duration>(m_wait * 2, limits::kBackoffMost);
        const auto half = static_cast<std::uint64_t>(whole.count() / 2);
        return Duration(whole.count() - static_cast<Duration::rep>(random.below(half + 1)));
    }
    /// A dial succeeded, or there is a new reason to hope (the network changed, a beacon came). Where whoever answers may hang
    /// up at once, for reasons of its own or because it has to: only after kGood.
    void reset() { m_wait = limits::kBackoffFirst; }

private:
    Duration m_wait = limits::kBackoffFirst;
};

}  // namespace landline
