#pragma once

#include "p2p/base/clock.h"

#include <deque>

namespace landline::app {

/// How fast something comes or goes, over the last seconds. Without a clock of its own.
class SpeedMeter {
public:
    /// So many bytes in all by now.
    void add(MonoTime now, std::uint64_t total);
    /// Bytes per second; 0 until enough is known, and once nothing more happens.
    [[nodiscard]] std::uint64_t perSecond(MonoTime now) const;

private:
    struct Sample {
        MonoTime at;
        std::uint64_t total = 0;
    };
    std::deque<Sample> m_samples;
};

}  // namespace landline::app
