#include "p2p/discovery/announcer.h"

#include "p2p/base/limits.h"
#include "tests/support/seeded_random.h"

#include <gtest/gtest.h>

namespace landline::discovery {
namespace {

using namespace std::chrono_literals;

constexpr MonoTime kStart{1h};

struct Sent {
    MonoTime at;
    Send send;
};

/// Runs an announcer through virtual time and keeps what it sent.
class Timeline {
public:
    explicit Timeline(std::uint64_t seed) : m_random(seed), announcer(m_random) {}

    void until(MonoTime end) {
        for (auto next = announcer.nextTimeout(); next && *next <= end; next = announcer.nextTimeout()) {
            now = std::max(now, *next);
            announcer.advance(present, now);
            take();
        }
        now = end;
    }
    void take() {
        while (const auto send = announcer.nextSend()) sent.push_back({now, *send});
    }
    [[nodiscard]] std::vector<Sent> ofType(BeaconType type) const {
        std::vector<Sent> result;
        for (const Sent& one : sent)
            if (one.send.type == type) result.push_back(one);
        return result;
    }
    /// Started, greeted, nothing noted yet.
    void settle() {
        announcer.start(now);
        until(now + 5s);
        sent.clear();
    }

private:
    test::SeededRandom m_random;

public:
    Announcer announcer;
    MonoTime now = kStart;
    std::size_t present = 0;
    std::vector<Sent> sent;
};

Endpoint newcomer(std::uint32_t number) {
    return {Address::fromIpv4(0x0A000000 + number), 5000};
}

constexpr std::uint64_t kSeeds = 200;

TEST(Announcer, saysNothingBeforeItsStart) {
    Timeline run(1);
    run.announcer.networkChanged(run.now);
    run.announcer.owe({}, newcomer(1), 0, run.now);
    run.until(kStart + 1h);
    EXPECT_FALSE(run.announcer.nextTimeout());
    EXPECT_TRUE(run.sent.empty());
}

TEST(Announcer, repeatsItsHelloWithinTwoSeconds) {
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
        Timeline run(seed);
        run.announcer.start(run.now);
        run.until(kStart + 10s);
        ASSERT_EQ(run.sent.size(), 4U) << seed;
        EXPECT_LE(run.sent.front().at, kStart + 150ms);
        EXPECT_LE(run.sent.back().at, kStart + 1800ms + 1us);
        for (const Sent& one : run.sent) EXPECT_EQ(one.send, (Send{BeaconType::Hello, std::nullopt}));
    }
}

TEST(Announcer, saysHelloLessOftenInACrowd) {
    Timeline run(1);
    run.present = 65;
    run.announcer.start(run.now);
    run.until(kStart + 10s);
    EXPECT_EQ(run.ofType(BeaconType::Hello).size(), 3U);
}

TEST(Announcer, networkChangesInABurstMakeFewHellos) {
    Timeline run(1);
    run.settle();
    for (int i = 0; i < 100; ++i) {
        run.announcer.networkChanged(run.now);
        run.until(run.now + 50ms);
    }
    run.until(run.now + 5s);
    EXPECT_GE(run.ofType(BeaconType::Hello).size(), 4U);
    EXPECT_LE(run.ofType(BeaconType::Hello).size(), 4U * 4U);
}

TEST(Announcer, announcesEachPeriodMoreOrLess) {
    struct Case {
        std::size_t present;
        std::chrono::seconds period;
    };
    for (const Case& one :
         {Case{0, 20s}, Case{100, 20s}, Case{500, 20s}, Case{1000, 40s}, Case{4096, 120s}}) {
        EXPECT_EQ(Announcer::period(one.present), one.period);
        Timeline run(one.present + 1);
        run.present = one.present;
        run.settle();
        run.until(run.now + 1000 * one.period);
        ASSERT_GT(run.sent.size(), 2U);
        for (std::size_t i = 1; i < run.sent.size(); ++i) {
            const Duration gap = run.sent[i].at - run.sent[i - 1].at;
            EXPECT_GE(gap, one.period * 3 / 4);
            EXPECT_LE(gap, one.period * 5 / 4);
        }
        EXPECT_NEAR(static_cast<double>(run.sent.size()), 1000, 30);
    }
}

TEST(Announcer, greetsAgainAfterHavingBeenStopped) {
    Timeline run(1);
    run.settle();
    run.now += 1h;  // nobody called it meanwhile
    run.announcer.advance(0, run.now);
    run.take();
    ASSERT_EQ(run.sent.size(), 1U);
    EXPECT_EQ(run.sent[0].send.type, BeaconType::Hello);
    run.until(run.now + 5s);
    EXPECT_EQ(run.ofType(BeaconType::Hello).size(), 4U);
}

TEST(Announcer, announcesAtOnceWhatHasChanged) {
    Timeline run(1);
    run.settle();
    run.announcer.announceSoon(run.now);
    run.until(run.now + 150ms);
    ASSERT_EQ(run.sent.size(), 1U);
    EXPECT_EQ(run.sent[0].send, (Send{BeaconType::Announce, std::nullopt}));
}

TEST(Announcer, answersOneNewcomerByUnicastAndAgainAgainstLoss) {
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
        Timeline run(seed);
        run.settle();
        const MonoTime asked = run.now;
        run.announcer.owe({}, newcomer(1), 1, asked);
        run.until(asked + 3s);
        const auto answers = run.ofType(BeaconType::Answer);
        ASSERT_EQ(answers.size(), 4U);
        for (const Sent& one : answers) EXPECT_EQ(one.send.to, newcomer(1));
        EXPECT_LE(answers.front().at, asked + 50ms);
        EXPECT_LE(answers.back().at, asked + 1150ms);
    }
}

TEST(Announcer, answersLaterWhereMoreArePresent) {
    for (const std::size_t present : {10U, 200U, 1000U, 4000U}) {
        const Duration window = std::clamp<Duration>(2ms * static_cast<std::int64_t>(present + 1), 50ms, 2s);
        Duration latest{};
        for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
            Timeline run(seed);
            run.present = present;
            run.settle();
            const MonoTime asked = run.now;
            run.announcer.owe({}, newcomer(1), present, asked);
            run.until(asked + 2s);
            ASSERT_FALSE(run.ofType(BeaconType::Answer).empty());
            const Duration waited = run.ofType(BeaconType::Answer).front().at - asked;
            EXPECT_LE(waited, window);
            latest = std::max(latest, waited);
        }
        EXPECT_GE(latest, window * 9 / 10) << "the whole window is used";
    }
}

TEST(Announcer, answersSeveralNewcomersByOneBroadcast) {
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
        Timeline run(seed);
        run.present = 1000;
        run.settle();
        for (std::uint32_t i = 0; i < 500; ++i) run.announcer.owe({}, newcomer(i), 1000, run.now);
        run.until(run.now + 8s);  // three windows, and a margin for the jitter
        const auto answers = run.ofType(BeaconType::Answer);
        ASSERT_EQ(answers.size(), 3U) << "one, and two against loss";
        for (const Sent& one : answers) EXPECT_FALSE(one.send.to);
    }
}

TEST(Announcer, broadcastThatHappensAnywayIsTheAnswer) {
    Timeline run(4);
    run.present = 1000;
    run.settle();
    run.announcer.owe({}, newcomer(1), 1000, run.now);
    run.announcer.networkChanged(run.now);
    run.until(run.now + 10s);
    // Hellos within the window or after the first unicast: they stand for the repetitions.
    EXPECT_EQ(run.ofType(BeaconType::Hello).size(), 3U);
    EXPECT_LE(run.ofType(BeaconType::Answer).size(), 1U);
}

TEST(Announcer, whoGreetsAnswersSeveralByItsNextHello) {
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
        Timeline run(seed);
        run.announcer.start(run.now);
        run.until(kStart + 160ms);
        for (std::uint32_t i = 0; i < 999; ++i) run.announcer.owe({}, newcomer(i), i, run.now);
        run.present = 999;
        run.until(kStart + 5s);
        EXPECT_EQ(run.ofType(BeaconType::Hello).size(), 3U);
        EXPECT_LE(run.ofType(BeaconType::Answer).size(), 1U) << "the last repetition";
    }
}

TEST(Announcer, steadyStreamOfNewcomersIsAnsweredAtABoundedRate) {
    for (const std::size_t present : {0U, 64U, 1000U}) {
        Timeline run(present);
        run.present = present;
        run.settle();
        const MonoTime begin = run.now;
        for (std::uint32_t i = 0; i < 10'000; ++i) {
            run.announcer.owe({}, newcomer(i), present, run.now);
            run.until(run.now + 1ms);
        }
        const Duration window = std::clamp<Duration>(2ms * static_cast<std::int64_t>(present + 1), 50ms, 2s);
        const auto most = static_cast<std::size_t>((run.now - begin) / window + 2);
        EXPECT_LE(run.sent.size(), most) << present;
        EXPECT_GE(run.sent.size(), most / 8) << present;
    }
}

TEST(Announcer, owesNothingMoreToWhoeverFoundIt) {
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
        Timeline run(seed);
        run.settle();
        const DeviceId met = DeviceId::from(Bytes(32, 1)).value();
        const DeviceId other = DeviceId::from(Bytes(32, 2)).value();
        run.announcer.owe(met, newcomer(1), 2, run.now);
        run.announcer.owe(other, newcomer(2), 2, run.now);
        run.announcer.settle(met);
        run.until(run.now + 3s);
        ASSERT_FALSE(run.sent.empty());
        for (const auto& sent : run.sent) EXPECT_EQ(sent.send, (Send{BeaconType::Answer, newcomer(2)}));
        run.sent.clear();
        run.announcer.owe(other, newcomer(2), 2, run.now);
        run.announcer.settle(other);
        run.until(run.now + 3s);
        EXPECT_TRUE(run.sent.empty());
    }
}

TEST(Announcer, goodbyeIsTheLastWord) {
    Timeline run(1);
    run.settle();
    run.announcer.owe({}, newcomer(1), 1, run.now);
    run.announcer.stop();
    run.take();
    run.until(run.now + 1h);
    ASSERT_EQ(run.sent.size(), 1U);
    EXPECT_EQ(run.sent[0].send, (Send{BeaconType::Goodbye, std::nullopt}));
    run.announcer.stop();
    EXPECT_FALSE(run.announcer.nextSend());
}

}  // namespace
}  // namespace landline::discovery
