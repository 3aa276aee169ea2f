#pragma once

#include "p2p/base/clock.h"

#include <cstdint>

namespace landline::timeline {

/// A hybrid logical clock value: unix milliseconds << 16 | counter. Ordered as a number. (Kulkarni et al., "Logical
/// Physical Clocks", 2014.)
using HybridTime = std::uint64_t;

[[nodiscard]] HybridTime hybridFrom(WallTime wall);
[[nodiscard]] WallTime wallOf(HybridTime time);

/// The clock of a new entry: after `last` (the highest this device has issued or merged), and not before the wall
/// clock. A `last` further ahead of the wall clock than limits::kClockAhead is a wrong clock of the past and is
/// dropped: the device starts again from the wall clock.
[[nodiscard]] HybridTime nextHybrid(HybridTime last, WallTime now);

/// What `last` becomes on seeing `seen` in a foreign entry: the higher one, but never one further ahead of `now` than
/// limits::kClockAhead.
[[nodiscard]] HybridTime mergedHybrid(HybridTime last, HybridTime seen, WallTime now);

}  // namespace landline::timeline
