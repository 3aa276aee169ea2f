#include "p2p/timeline/hybrid_clock.h"

#include "p2p/base/limits.h"

#include <algorithm>

namespace landline::timeline {

namespace {

constexpr int kCounterBits = 16;

bool isTooFarAhead(HybridTime time, WallTime now) {
    return wallOf(time) > now + limits::kClockAhead;
}

}  // namespace

HybridTime hybridFrom(WallTime wall) {
    const std::int64_t millis = std::max<std::int64_t>(0, toUnixMillis(wall));
    return static_cast<HybridTime>(millis) << kCounterBits;
}

WallTime wallOf(HybridTime time) {
    return fromUnixMillis(static_cast<std::int64_t>(time >> kCounterBits));
}

HybridTime nextHybrid(HybridTime last, WallTime now) {
    const HybridTime wall = hybridFrom(now);
    if (isTooFarAhead(last, now)) return wall;
    return std::max(wall, last + 1);
}

HybridTime mergedHybrid(HybridTime last, HybridTime seen, WallTime now) {
    return isTooFarAhead(seen, now) ? last : std::max(last, seen);
}

}  // namespace landline::timeline
