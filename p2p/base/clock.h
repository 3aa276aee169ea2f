#pragma once

#include <chrono>
#include <cstdint>

namespace landline {

/// Tag of the clock that only goes forward; its zero means nothing. All timeouts use it. It stands still during
/// suspend on no account: see SystemClock.
struct MonoClock {
    using duration = std::chrono::microseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<MonoClock>;
    static constexpr bool is_steady = true;
};
using MonoTime = MonoClock::time_point;
using Duration = MonoClock::duration;

/// Tag of the calendar clock: milliseconds since 1970-01-01 UTC. It may jump and be wrong by years.
struct WallClock {
    using duration = std::chrono::milliseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<WallClock>;
    static constexpr bool is_steady = false;
};
using WallTime = WallClock::time_point;

[[nodiscard]] inline std::int64_t toUnixMillis(WallTime time) { return time.time_since_epoch().count(); }
[[nodiscard]] inline WallTime fromUnixMillis(std::int64_t millis) {
    return WallTime(std::chrono::milliseconds(millis));
}

/// Both clocks. State machines never hold one: they are given `now` with every call. Only net, app and the tests'
/// harnesses own clocks. Implementations may be called from any thread.
class Clock {
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual MonoTime mono() const = 0;
    [[nodiscard]] virtual WallTime wall() const = 0;
};

/// The system's clocks. The monotonic one counts time asleep as well (CLOCK_BOOTTIME where it exists), so that a
/// keepalive notices a resume.
class SystemClock final : public Clock {
public:
    [[nodiscard]] MonoTime mono() const override;
    [[nodiscard]] WallTime wall() const override;
};

}  // namespace landline
