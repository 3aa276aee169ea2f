// A simulated segment of a thousand devices (tests/sim/segment.h) as figures of bench.py.
#include "tests/sim/segment.h"

#include <cstdio>

namespace {

void print(const char* name, double value, const char* unit) {
    std::printf("{\"name\": \"%s\", \"value\": %.3f, \"unit\": \"%s\"}\n", name, value, unit);
}

}  // namespace

int main() {
    constexpr double kNever = 999;
    const landline::sim::SegmentFigures figures = landline::sim::runSegment({});
    print("segment.start-95", figures.startSecondsTo95 < 0 ? kNever : figures.startSecondsTo95, "s");
    print("segment.newcomer-sees", 100 * figures.newcomerSees, "%");
    print("segment.newcomer-seen", 100 * figures.newcomerIsSeen, "%");
    print("segment.newcomer-traffic", figures.newcomerBytes / 1e6, "MB");
    print("segment.steady", figures.steadyBytesPerSecond / 1e3, "KB/s");
    return 0;
}
