#pragma once

#include "p2p/base/clock.h"

namespace landline::relay {

/// The relay's time, by which deposits expire. It follows the wall clock as long as that goes as time does. A step of more
/// than kClockStep, either way, is believed only once it has lasted for kClockBelieved: a clock that is wrong for a
/// minute must not end everything that is held. Until then, and over a restart, the time goes on as before.
class ExpiryClock {
public:
    /// `kept`: this clock's time when the relay last ran; epoch of the clock: it never did.
    ExpiryClock(WallTime kept, WallTime wall, MonoTime mono);

    [[nodiscard]] WallTime now(WallTime wall, MonoTime mono);
    /// The wall clock says something else that is not believed yet.
    [[nodiscard]] bool doubts() const { return m_doubting; }

private:
    WallTime m_base;  ///< the time at m_baseMono
    MonoTime m_baseMono;
    MonoTime m_doubtsSince{};
    WallTime m_doubted{};  ///< what the wall clock said when the doubt began
    bool m_doubting = false;
};

}  // namespace landline::relay
