#pragma once

#include "p2p/base/clock.h"

namespace landline::net {

/// Lets progress through ten times a second, so that a fast transfer does not flood its listeners.
class ProgressGate {
public:
    [[nodiscard]] bool pass(MonoTime now) {
        if (m_last != MonoTime{} && now - m_last < std::chrono::milliseconds(100)) return false;
        m_last = now;
        return true;
    }

private:
    MonoTime m_last;
};

}  // namespace landline::net
