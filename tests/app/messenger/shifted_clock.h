#pragma once

#include "p2p/base/clock.h"

#include <optional>

namespace landline::app::test {

/// The system's clocks, put forward. Once stopped, the one for timeouts only goes on as it is put forward.
class ShiftedClock final : public Clock {
public:
    [[nodiscard]] MonoTime mono() const override { return m_stoppedAt.value_or(m_system.mono()) + ahead; }
    [[nodiscard]] WallTime wall() const override {
        return m_system.wall() + std::chrono::duration_cast<std::chrono::milliseconds>(ahead);
    }
    void stop() { m_stoppedAt = m_system.mono(); }
    Duration ahead{0};

private:
    SystemClock m_system;
    std::optional<MonoTime> m_stoppedAt;
};

}  // namespace landline::app::test
