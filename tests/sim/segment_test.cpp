#include "tests/sim/segment.h"

#include <gtest/gtest.h>

#include <iostream>

namespace landline::sim {
namespace {

// The promises of the announce schedule (p2p/discovery/announcer.h). Virtual time: the figures never vary with the machine.
TEST(Segment, thousandDevicesFindEachOtherCheaply) {
    const SegmentFigures figures = runSegment({});
    std::cout << describe(figures);
    EXPECT_GE(figures.startSeen, 0.95);
    EXPECT_GE(figures.newcomerSees, 0.95);
    EXPECT_GE(figures.newcomerIsSeen, 0.95);
    EXPECT_LE(figures.newcomerBytes, 20e6);
    EXPECT_LE(figures.startBytes, 20e6);
    EXPECT_LE(figures.steadyBytesPerSecond, 20e3);
    EXPECT_GT(figures.steadyBytesPerSecond, 1e3) << "they do announce themselves";
}

TEST(Segment, hundredDevicesFindEachOtherThoughAFifthOfAllIsLost) {
    SegmentConfig config;
    config.peers = 100;
    config.lossPercent = 20;
    const SegmentFigures figures = runSegment(config);
    std::cout << describe(figures);
    EXPECT_GE(figures.startSeen, 0.95);
    EXPECT_GE(figures.newcomerSees, 0.95);
    EXPECT_GE(figures.newcomerIsSeen, 0.95);
    EXPECT_LE(figures.steadyBytesPerSecond, 20e3);
}

TEST(Segment, fiftyDevicesAllSeeEachOtherWithinThreeSeconds) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        SegmentConfig config;
        config.peers = 50;
        config.seed = seed;
        config.steadySeconds = 10;
        const SegmentFigures figures = runSegment(config);
        EXPECT_EQ(figures.startSeen, 1.0) << "seed " << seed;
        EXPECT_EQ(figures.newcomerSees, 1.0) << "seed " << seed;
        EXPECT_GE(figures.newcomerSecondsTo95, 0.0) << "seed " << seed;
        EXPECT_LE(figures.newcomerSecondsTo95, 1.0) << "seed " << seed;
    }
}

}  // namespace
}  // namespace landline::sim
