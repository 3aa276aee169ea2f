#pragma once

#include "p2p/base/clock.h"

namespace landline::app::test {

/// The system's clocks, put forward.
class ShiftedClock final : public Clock {
public:
    [[nodiscard]] MonoTime mono() const override { return m_system.mono() + ahead; }
    [[nodiscard]] WallTime wall() const override {
        return m_system.wall() + std::chrono::duration_cast<std::chrono::milliseconds>(ahead);
    }
    Duration ahead{0};

private:
    SystemClock m_system;
};

}  // namespace landline::app::test
