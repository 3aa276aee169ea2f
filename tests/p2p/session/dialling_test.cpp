#include "p2p/base/backoff.h"
#include "p2p/session/crossing.h"
#include "tests/support/seeded_random.h"

#include <gtest/gtest.h>

namespace landline::session {
namespace {

using namespace std::chrono_literals;

DeviceId device(std::uint8_t first) {
    DeviceId id;
    id.data()[0] = first;
    return id;
}

TEST(Crossing, keepsTheSmallerKeysDialWithinTenSecondsElseTheNewer) {
    const DeviceId low = device(1);
    const DeviceId high = device(2);
    struct Case {
        const char* what;
        Dialled first;
        Dialled second;
        Keep keep;
    };
    const MonoTime t(1h);
    const Case cases[] = {
        {"crossing, the smaller key's was first", {low, t}, {high, t + 1s}, Keep::First},
        {"crossing, the smaller key's was second", {high, t}, {low, t + 1s}, Keep::Second},
        {"crossing at the same moment", {high, t}, {low, t}, Keep::Second},
        {"crossing at the window's end", {low, t}, {high, t + 10s}, Keep::First},
        {"too far apart to have crossed", {low, t}, {high, t + 10s + 1us}, Keep::Second},
        {"too far apart, the smaller key's is newer", {high, t}, {low, t + 1h}, Keep::Second},
        {"dialled again by the same device", {low, t}, {low, t + 1s}, Keep::Second},
    };
    for (const Case& one : cases) {
        EXPECT_EQ(keepOf(one.first, one.second), one.keep) << one.what;
        const Keep swapped = one.keep == Keep::First ? Keep::Second : Keep::First;
        EXPECT_EQ(keepOf(one.second, one.first), swapped) << one.what << ", the other way round";
    }
}

TEST(Crossing, bothEndsAgreeWhicheverTheySawFirst) {
    test::SeededRandom random(5);
    for (int i = 0; i < 1000; ++i) {
        const Dialled byLow{device(1), MonoTime(1h)};
        const Dialled byHigh{device(2), MonoTime(1h) + Duration(random.below(4'000'000))};
        // The other end saw each up to three seconds earlier or later, so perhaps in another order.
        Dialled elsewhereLow{byLow.dialler, byLow.established + Duration(random.below(6'000'000)) - 3s};
        Dialled elsewhereHigh{byHigh.dialler, byHigh.established + Duration(random.below(3'000'000))};
        EXPECT_EQ(keepOf(byLow, byHigh), keepOf(elsewhereLow, elsewhereHigh));
    }
}

TEST(Backoff, growsToItsLimitWithJitterAndStartsOver) {
    test::SeededRandom random(6);
    for (int run = 0; run < 200; ++run) {
        Backoff backoff;
        Duration whole = limits::kBackoffFirst;
        for (int failure = 0; failure < 12; ++failure) {
            const Duration wait = backoff.next(random);
            EXPECT_LE(wait, whole);
            EXPECT_GE(wait, whole / 2);
            whole = std::min<Duration>(whole * 2, limits::kBackoffMost);
        }
        EXPECT_EQ(whole, limits::kBackoffMost);
        backoff.reset();
        EXPECT_LE(backoff.next(random), limits::kBackoffFirst);
    }
}

TEST(Backoff, waitsOfTwoDevicesDiffer) {
    test::SeededRandom one(1);
    test::SeededRandom two(2);
    Backoff first;
    Backoff second;
    int same = 0;
    for (int i = 0; i < 20; ++i) same += first.next(one) == second.next(two) ? 1 : 0;
    EXPECT_LT(same, 3);
}

}  // namespace
}  // namespace landline::session
