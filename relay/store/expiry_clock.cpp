#include "relay/store/expiry_clock.h"

#include "p2p/base/limits.h"

namespace landline::relay {

namespace {

/// A relay may well have been off for so long.
constexpr std::chrono::hours kOff{48};

std::chrono::milliseconds millis(Duration time) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(time);
}

bool isNear(WallTime one, WallTime other) {
    return one - other <= limits::kClockStep && other - one <= limits::kClockStep;
}

}  // namespace

ExpiryClock::ExpiryClock(WallTime kept, WallTime wall, MonoTime mono) : m_base(wall), m_baseMono(mono) {
    if (kept != WallTime{} && (wall < kept - limits::kClockStep || wall > kept + kOff)) m_base = kept;
}

WallTime ExpiryClock::now(WallTime wall, MonoTime mono) {
    const WallTime expected = m_base + millis(mono - m_baseMono);
    if (isNear(wall, expected)) {
        m_doubting = false;
        m_base = wall;
        m_baseMono = mono;
        return wall;
    }
    // Another step while in doubt begins anew.
    if (!m_doubting || !isNear(wall, m_doubted + millis(mono - m_doubtsSince))) {
        m_doubting = true;
        m_doubtsSince = mono;
        m_doubted = wall;
    }
    if (mono - m_doubtsSince < limits::kClockBelieved) return expected;
    m_doubting = false;
    m_base = wall;
    m_baseMono = mono;
    return wall;
}

}  // namespace landline::relay
