#include "p2p/base/clock.h"

#include <ctime>

namespace landline {

MonoTime SystemClock::mono() const {
#ifdef CLOCK_BOOTTIME
    timespec now{};
    if (clock_gettime(CLOCK_BOOTTIME, &now) == 0)
        return MonoTime(std::chrono::seconds(now.tv_sec) +
                        std::chrono::duration_cast<Duration>(std::chrono::nanoseconds(now.tv_nsec)));
#endif
    return MonoTime(std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()));
}

WallTime SystemClock::wall() const {
    return WallTime(std::chrono::duration_cast<WallClock::duration>(
        std::chrono::system_clock::now().time_since_epoch()));
}

}  // namespace landline
