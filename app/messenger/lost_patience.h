#pragma once

#include "p2p/base/clock.h"
#include "p2p/base/limits.h"

#include <algorithm>

namespace landline::app {

/// How long contacts are not told again that envelopes got lost. Each time they are told, they deposit again what they have
/// held, and whoever can leave garbage can bring that about: so the wait doubles while losses go on, up to `most`, and
/// begins anew once there was none for that long.
class LostPatience {
public:
    struct Limits {
        Duration least = limits::kLostToldOnce;
        Duration most = limits::kLostToldMost;
    };

    explicit LostPatience(Limits limits) : m_limits(limits) {}

    /// An envelope was lost.
    void lost(MonoTime now) {
        if (now - m_lostAt >= m_limits.most) m_wait = Duration(0);
        m_lostAt = now;
    }
    /// Contacts are told now; gives how long they are not told again.
    [[nodiscard]] Duration told() {
        m_wait = std::clamp(2 * m_wait, m_limits.least, m_limits.most);
        return m_wait;
    }

private:
    Limits m_limits;
    Duration m_wait{0};
    MonoTime m_lostAt{};
};

}  // namespace landline::app
