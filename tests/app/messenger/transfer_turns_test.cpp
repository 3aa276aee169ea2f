#include "app/messenger/transfer_turns.h"

#include "app/messenger/speed_meter.h"

#include <gtest/gtest.h>

namespace landline::app {

namespace {

using namespace std::chrono_literals;

wire::TransferId id(std::uint8_t number) {
    return *wire::TransferId::from(Bytes(16, number));
}

/// A line such as "rwRW": r runs, w waits; capital: the sender is here.
std::vector<InLine> lineOf(const std::string& text) {
    std::vector<InLine> line;
    for (std::size_t i = 0; i < text.size(); ++i)
        line.push_back(
            {id(std::uint8_t(i)), text[i] == 'r' || text[i] == 'R', text[i] == 'R' || text[i] == 'W'});
    return line;
}

/// What becomes of it.
std::string after(std::string text, int atOnce) {
    const Turns turns = turnsOf(lineOf(text), atOnce);
    for (std::size_t i = 0; i < text.size(); ++i) {
        for (const auto& start : turns.start)
            if (start == id(std::uint8_t(i))) text[i] = 'R';
        for (const auto& back : turns.putBack)
            if (back == id(std::uint8_t(i))) text[i] = 'W';
    }
    return text;
}

}  // namespace

TEST(TransferTurns, theFirstOfThoseWhoseSenderIsHereRun) {
    const struct {
        const char* before;
        int atOnce;
        const char* after;
    } cases[] = {
        {"", 3, ""},         {"WWWW", 2, "RRWW"},     {"RRRR", 2, "RRWW"}, {"WRRW", 2, "RRWW"},
        {"wWwW", 1, "wRwW"}, {"rrRR", 1, "rrRW"},     {"rWrR", 1, "rRrW"}, {"RRWW", 100, "RRRR"},
        {"wwrr", 2, "wwrr"}, {"RWRWRW", 3, "RRRWWW"},
    };
    for (const auto& one : cases) EXPECT_EQ(after(one.before, one.atOnce), one.after) << one.before;
}

TEST(TransferTurns, fewRunWhoseSenderIsAway) {
    const std::string most(kRunningAway, 'r');
    EXPECT_EQ(after(std::string(kRunningAway + 4, 'r'), 2), std::string(most).append("WWWW"));
    EXPECT_EQ(after(std::string(most).append("W"), 1), std::string(most).append("R"));
}

TEST(TransferTurns, isSettledAfterOnce) {
    for (int atOnce = 1; atOnce < 4; ++atOnce)
        for (const char* line : {"WrRwWRr", "RRRRR", "wWwWwW"}) {
            const std::string once = after(line, atOnce);
            EXPECT_EQ(after(once, atOnce), once);
        }
}

TEST(SpeedMeter, tellsTheLastSeconds) {
    SpeedMeter meter;
    MonoTime now{1h};
    EXPECT_EQ(meter.perSecond(now), 0U);
    std::uint64_t total = 0;
    const auto run = [&](Duration time, std::uint64_t perSecond) {
        for (const MonoTime end = now + time; now < end;) {
            now += 100ms;
            total += perSecond / 10;
            meter.add(now, total);
        }
    };
    meter.add(now, total);
    EXPECT_EQ(meter.perSecond(now), 0U) << "too early to tell";
    run(2s, 1000);
    EXPECT_NEAR(double(meter.perSecond(now)), 1000, 10);
    run(60s, 50'000);
    EXPECT_NEAR(double(meter.perSecond(now)), 50'000, 500);
    run(6s, 1000);
    EXPECT_NEAR(double(meter.perSecond(now)), 1000, 50);
    EXPECT_LT(meter.perSecond(now + 4s), 900U) << "nothing comes any more";
    EXPECT_EQ(meter.perSecond(now + 10s), 0U);
}

TEST(SpeedMeter, anotherAttemptCountsAnew) {
    SpeedMeter meter;
    MonoTime now{1h};
    for (int i = 0; i < 20; ++i) meter.add(now += 100ms, 1'000'000 + std::uint64_t(i) * 100);
    meter.add(now += 100ms, 100);
    EXPECT_EQ(meter.perSecond(now), 0U);
    for (int i = 2; i < 30; ++i) meter.add(now += 100ms, std::uint64_t(i) * 100);
    EXPECT_NEAR(double(meter.perSecond(now)), 1000, 10);
}

TEST(SpeedMeter, keepsLittleOfManyReports) {
    SpeedMeter meter;
    MonoTime now{1h};
    std::uint64_t total = 0;
    for (int i = 0; i < 100'000; ++i) meter.add(now += 1ms, total += 5);
    EXPECT_NEAR(double(meter.perSecond(now)), 5000, 150);
}

}  // namespace landline::app
