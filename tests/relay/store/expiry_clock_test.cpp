#include "relay/store/expiry_clock.h"

#include <gtest/gtest.h>

namespace landline::relay {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kNoon = WallTime(1'700'000'000'000ms);

class ExpiryClockTest : public ::testing::Test {
protected:
    WallTime after(Duration time) {
        mono += time;
        wall += std::chrono::duration_cast<std::chrono::milliseconds>(time);
        return clock.now(wall, mono);
    }
    WallTime wall = kNoon;
    MonoTime mono = MonoTime(50s);
    ExpiryClock clock{{}, kNoon, MonoTime(50s)};
};

TEST_F(ExpiryClockTest, followsTheWallClock) {
    EXPECT_EQ(after(0s), kNoon);
    EXPECT_EQ(after(10min), kNoon + 10min);
    wall += 20min;  // within what is believed at once
    EXPECT_EQ(after(1min), kNoon + 31min);
    wall -= 30min;
    EXPECT_EQ(after(0s), kNoon + 1min);
    EXPECT_FALSE(clock.doubts());
}

TEST_F(ExpiryClockTest, aJumpThatDoesNotLastChangesNothing) {
    for (const auto jump : {std::chrono::hours(24 * 400), std::chrono::hours(-24 * 400)}) {
        const WallTime before = after(1s);
        wall += jump;
        EXPECT_EQ(after(30min), before + 30min);
        EXPECT_TRUE(clock.doubts());
        wall -= jump;
        EXPECT_EQ(after(1min), before + 31min);
        EXPECT_FALSE(clock.doubts());
    }
}

TEST_F(ExpiryClockTest, aJumpThatLastsIsBelieved) {
    const WallTime before = after(1s);
    wall += 100h;
    EXPECT_EQ(after(59min), before + 59min);
    EXPECT_EQ(after(2min), before + 61min);  // the doubt began with the look at the clock 59 min later
    EXPECT_EQ(after(60min), before + 100h + 121min);
    EXPECT_FALSE(clock.doubts());
}

TEST_F(ExpiryClockTest, eachJumpIsDoubtedAnew) {
    const WallTime before = after(1s);
    for (int i = 1; i <= 10; ++i) {
        wall += 100h;
        EXPECT_EQ(after(30min), before + i * 30min);
    }
}

TEST_F(ExpiryClockTest, aStartWithAClockThatCannotBeGoesOnFromTheKeptTime) {
    EXPECT_EQ(ExpiryClock(kNoon, kNoon + 47h, mono).now(kNoon + 47h, mono), kNoon + 47h);
    // The battery is dead, or the relay was off for long: nothing expires at once.
    EXPECT_EQ(ExpiryClock(kNoon, WallTime(1h), mono).now(WallTime(1h), mono), kNoon);
    EXPECT_EQ(ExpiryClock(kNoon, kNoon + 500h, mono).now(kNoon + 500h, mono), kNoon);
}

}  // namespace
}  // namespace landline::relay
