#include "p2p/envelope/prekey_ring.h"

#include "p2p/base/limits.h"
#include "tests/support/seeded_random.h"

#include <gtest/gtest.h>

namespace landline::envelope {
namespace {

using namespace std::chrono_literals;
constexpr auto kDay = std::chrono::milliseconds(24h);
constexpr std::chrono::seconds kLife = limits::kDepositLife;
constexpr RelayEpoch kEpoch = 5;

class PrekeyRingTest : public ::testing::Test {
protected:
    bool rotate() { return m_ring.rotate(m_device, m_random, m_now); }
    PrekeyId newest() const { return m_ring.newest()->prekey.id(); }
    bool confirm(RelayEpoch epoch, MailboxNumber messages, MailboxNumber heads) {
        return m_ring.confirmed(newest(), epoch, messages, heads, kLife, m_now);
    }
    std::vector<PrekeyId> due(RelayEpoch epoch, MailboxNumber messages, MailboxNumber heads) {
        return m_ring.takeDue(epoch, messages, heads, m_now);
    }
    /// Two prekeys, the second one confirmed at (10, 3) and all time gone by.
    PrekeyId superseded() {
        rotate();
        const PrekeyId first = newest();
        confirm(kEpoch, 0, 0);
        m_now += limits::kPrekeyRotation;
        EXPECT_TRUE(rotate());
        confirm(kEpoch, 10, 3);
        return first;
    }

    test::SeededRandom m_random{1};
    identity::DeviceKeys m_device = identity::DeviceKeys::generate(m_random);
    WallTime m_now = fromUnixMillis(1'700'000'000'000);
    PrekeyRing m_ring{m_device.id()};
};

TEST_F(PrekeyRingTest, makesOneAndTheNextAWeekAfterItWasConfirmed) {
    EXPECT_EQ(m_ring.newest(), nullptr);
    EXPECT_TRUE(rotate());
    const PrekeyId first = newest();
    EXPECT_FALSE(rotate());
    EXPECT_TRUE(confirm(kEpoch, 0, 0));
    EXPECT_FALSE(confirm(kEpoch, 0, 0)) << "again";
    m_now += limits::kPrekeyRotation - 1ms;
    EXPECT_FALSE(rotate());
    m_now += 1ms;
    EXPECT_TRUE(rotate());
    EXPECT_NE(newest(), first);
    EXPECT_TRUE(m_ring.find(first)) << "the older one still opens";
}

TEST_F(PrekeyRingTest, doesNotPileUpPrekeysThatNoRelayConfirms) {
    rotate();
    for (int day = 0; day < 29; ++day) {
        m_now += kDay;
        EXPECT_FALSE(rotate()) << day;
    }
    m_now += 2 * kDay;
    EXPECT_TRUE(rotate()) << "nobody seals to one that has expired";
}

TEST_F(PrekeyRingTest, replacesOneThatAWrongClockDated) {
    m_now += 300 * kDay;
    rotate();
    m_now -= 300 * kDay;
    EXPECT_TRUE(rotate());
    EXPECT_FALSE(rotate());
}

TEST_F(PrekeyRingTest, thePrivateHalfStaysUntilConfirmedDrainedAndOutlived) {
    struct Case {
        const char* name;
        bool confirmed;
        RelayEpoch epoch;
        MailboxNumber messages, heads;
        std::chrono::milliseconds after;
        bool goes;
    };
    const Case cases[] = {
        {"all three", true, kEpoch, 10, 3, kLife, true},
        {"more than all", true, kEpoch, 99, 99, 5 * kLife, true},
        {"the successor is not confirmed", false, kEpoch, 10, 3, kLife, false},
        {"messages not drained", true, kEpoch, 9, 3, kLife, false},
        {"heads not drained", true, kEpoch, 10, 2, kLife, false},
        {"drained in another epoch", true, kEpoch + 1, 10, 3, kLife, false},
        {"not outlived", true, kEpoch, 10, 3, kLife - 1ms, false},
    };
    for (const Case& one : cases) {
        PrekeyRing ring(m_device.id());
        WallTime now = m_now;
        ring.rotate(m_device, m_random, now);
        const PrekeyId first = ring.newest()->prekey.id();
        ring.confirmed(first, kEpoch, 0, 0, kLife, now);
        now += limits::kPrekeyRotation;
        ring.rotate(m_device, m_random, now);
        if (one.confirmed) ring.confirmed(ring.newest()->prekey.id(), kEpoch, 10, 3, kLife, now);
        now += one.after;
        const auto due = ring.takeDue(one.epoch, one.messages, one.heads, now);
        EXPECT_EQ(due.size(), one.goes ? 1U : 0U) << one.name;
        EXPECT_EQ(ring.find(first).has_value(), !one.goes) << one.name;
        EXPECT_TRUE(ring.find(ring.newest()->prekey.id())) << one.name << ": the newest always stays";
    }
}

TEST_F(PrekeyRingTest, aNewEpochBeginsTheWaitAnew) {
    const PrekeyId first = superseded();
    m_now += kDay;
    EXPECT_TRUE(confirm(kEpoch + 1, 4, 1)) << "the relay was restored, and the prekey published again";
    m_now += kLife - 1ms;
    EXPECT_TRUE(due(kEpoch, 99, 99).empty());
    EXPECT_TRUE(due(kEpoch + 1, 4, 1).empty());
    m_now += 1ms;
    EXPECT_EQ(due(kEpoch + 1, 4, 1), std::vector{first});
}

TEST_F(PrekeyRingTest, noRelayKeepsAPrivateHalfForEver) {
    const PrekeyId first = superseded();
    const WallTime expired = m_ring.find(first) ? m_ring.all().front().prekey.expires() : m_now;
    for (RelayEpoch epoch = kEpoch + 1; m_now < expired + 29 * kDay; ++epoch) {
        m_now += kDay;
        (void)m_ring.confirmed(newest(), epoch, 10, 3, std::chrono::hours(24 * 365 * 30), m_now);
        EXPECT_TRUE(due(epoch, 10, 3).empty()) << epoch;
    }
    m_now = expired + limits::kRelayLifeMost - 1ms;
    EXPECT_TRUE(due(kEpoch, 0, 0).empty());
    m_now += 1ms;
    EXPECT_EQ(due(kEpoch, 0, 0), std::vector{first});
    EXPECT_EQ(m_ring.all().size(), 1U) << "the newest stays";
}

TEST_F(PrekeyRingTest, aLifeCountsUpToItsBound) {
    rotate();
    const PrekeyId first = newest();
    confirm(kEpoch, 0, 0);
    m_now += limits::kPrekeyRotation;
    EXPECT_TRUE(rotate());
    m_ring.confirmed(newest(), kEpoch, 10, 3, 40 * limits::kRelayLifeMost, m_now);
    m_now += limits::kRelayLifeMost;
    EXPECT_EQ(due(kEpoch, 10, 3), std::vector{first});
}

TEST_F(PrekeyRingTest, isTheSameAfterItWasStored) {
    const PrekeyId first = superseded();
    PrekeyRing again(m_device.id());
    for (auto held = m_ring.all().rbegin(); held != m_ring.all().rend(); ++held)
        again.restore({held->prekey, held->secret.clone(), held->isConfirmed, held->superseded});
    EXPECT_EQ(again.newest()->prekey.id(), newest());
    EXPECT_EQ(again.find(first)->publicKey, m_ring.find(first)->publicKey);
    EXPECT_FALSE(again.rotate(m_device, m_random, m_now));
    m_now += kLife;
    EXPECT_EQ(again.takeDue(kEpoch, 10, 3, m_now), std::vector{first});
    const auto other = identity::DeviceKeys::generate(m_random);
    PrekeyRing others(other.id());
    others.restore({m_ring.newest()->prekey, m_ring.newest()->secret.clone(), true, {}});
    EXPECT_EQ(others.newest(), nullptr) << "another device's is not taken";
}

TEST_F(PrekeyRingTest, anAnswerAboutAPrekeyThatIsNotHeldChangesNothing) {
    superseded();
    m_now += kLife;
    due(kEpoch, 10, 3);
    EXPECT_FALSE(m_ring.confirmed(PrekeyId(), kEpoch + 9, 1, 1, kLife, m_now));
    EXPECT_EQ(m_ring.all().size(), 1U);
}

}  // namespace
}  // namespace landline::envelope
