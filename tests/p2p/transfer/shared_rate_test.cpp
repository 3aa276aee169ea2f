#include "p2p/transfer/shared_rate.h"

#include <gtest/gtest.h>

#include <map>

namespace landline::transfer {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kKibibyte = 1024;
constexpr std::size_t kMiB = 1024 * kKibibyte;

/// Virtual time, with a timer that comes as late as told.
struct Line {
    explicit Line(std::uint64_t perSecond, Duration late = 0us) : lateness(late) {
        rate.setRate(perSecond, now);
    }

    /// Runs until then; those who are `eager` stand in line again as soon as they were given something.
    void run(Duration time, bool eager = true) {
        const MonoTime end = now + time;
        while (true) {
            while (const auto taker = rate.next(now)) {
                given[*taker] += rate.share();
                total += rate.share();
                if (eager) rate.want(*taker);
            }
            const auto next = rate.nextTimeout();
            if (!next || *next + lateness > end) break;
            now = std::max(now, *next + lateness);
        }
        now = end;
    }

    SharedRate rate{16 * kKibibyte, kMiB};
    MonoTime now{1h};
    Duration lateness;
    std::map<SharedRate::Taker, std::uint64_t> given;
    std::uint64_t total = 0;
};

}  // namespace

TEST(SharedRate, holdsOverAnyTime) {
    for (const std::uint64_t perSecond :
         {std::uint64_t(20 * kKibibyte), std::uint64_t(kMiB), std::uint64_t(100 * kMiB)}) {
        for (const Duration late : {Duration(0us), Duration(2ms)}) {
            Line line(perSecond, late);
            line.rate.want(1);
            std::uint64_t before = 0;
            for (int second = 1; second <= 60; ++second) {
                line.run(1s);
                const double slack = double(perSecond) / 8 + double(line.rate.share());
                EXPECT_LE(double(line.total - before), double(perSecond) + slack) << perSecond;
                before = line.total;
            }
            EXPECT_NEAR(double(line.total), 60.0 * double(perSecond), 1.2 * double(perSecond)) << perSecond;
        }
    }
}

TEST(SharedRate, isSmooth) {
    Line line(10 * kMiB);
    line.rate.want(1);
    line.run(1s);
    std::uint64_t before = line.total;
    for (int tenth = 0; tenth < 50; ++tenth) {
        line.run(100ms);
        EXPECT_NEAR(double(line.total - before), double(kMiB), double(line.rate.share()) + 1);
        before = line.total;
    }
}

TEST(SharedRate, takersGetTheSame) {
    Line line(10 * kMiB);
    for (const SharedRate::Taker taker : {1U, 2U, 3U, 4U, 5U}) line.rate.want(taker);
    line.run(10s);
    for (const auto& [taker, bytes] : line.given)
        EXPECT_NEAR(double(bytes), double(20 * kMiB), double(2 * line.rate.share())) << taker;
    line.rate.leave(2);
    const auto before = line.given;
    line.run(10s);
    EXPECT_EQ(line.given[2], before.at(2));
    EXPECT_NEAR(double(line.given[1] - before.at(1)), double(25 * kMiB), double(2 * line.rate.share()));
}

TEST(SharedRate, savesLittleWhileNobodyWants) {
    Line line(kMiB);
    line.run(1h);
    line.rate.want(1);
    line.run(1s);
    EXPECT_LE(line.total, kMiB + kMiB / 8 + line.rate.share());
}

TEST(SharedRate, anotherRateHoldsAtOnce) {
    Line line(100 * kMiB);
    line.rate.want(1);
    line.run(10s);
    line.rate.setRate(100 * kKibibyte, line.now);
    std::uint64_t before = line.total;
    line.run(10s);
    EXPECT_NEAR(double(line.total - before), double(1000 * kKibibyte), double(64 * kKibibyte));
    line.rate.setRate(100 * kMiB, line.now);
    before = line.total;
    line.run(1s);
    EXPECT_GE(line.total - before, 90 * kMiB);
}

TEST(SharedRate, whatIsTakenPastTheLineCounts) {
    Line line(kMiB);
    line.rate.charge(5 * kMiB, line.now);
    line.rate.want(1);
    line.run(4s);
    EXPECT_EQ(line.total, 0U);
    line.run(2s);
    EXPECT_GT(line.total, 0U);
    EXPECT_LE(line.total, kMiB + kMiB / 4);
}

TEST(SharedRate, whatWasNotUsedIsGivenToTheNext) {
    Line line(kMiB);
    line.rate.want(1);
    line.rate.want(2);
    // The first never uses anything.
    std::uint64_t used = 0;
    for (const MonoTime end = line.now + 10s; line.now < end; line.now += 1ms) {
        while (const auto taker = line.rate.next(line.now)) {
            if (*taker == 1) {
                line.rate.giveBack(line.rate.share());
            } else {
                used += line.rate.share();
                line.rate.want(2);
            }
        }
        line.rate.want(1);
    }
    EXPECT_NEAR(double(used), double(10 * kMiB), double(kMiB));
}

TEST(SharedRate, withoutABoundEverybodyGoesAtOnce) {
    Line line(0);
    EXPECT_FALSE(line.rate.isBounded());
    line.rate.want(1);
    line.rate.want(2);
    line.rate.want(1);
    line.run(0s, false);
    EXPECT_EQ(line.given.size(), 2U);
    EXPECT_FALSE(line.rate.nextTimeout());
}

}  // namespace landline::transfer
