#include "p2p/discovery/roster.h"

#include "tests/support/seeded_random.h"

#include <gtest/gtest.h>

namespace landline::discovery {
namespace {

using namespace std::chrono_literals;

DeviceId deviceNumber(std::uint32_t number) {
    DeviceId device;
    storeBe32(device.data(), number * 2654435761U);
    storeBe32(device.data() + 4, number);
    device.data()[31] = 1;
    return device;
}

Beacon beaconOf(std::uint32_t device, std::uint64_t counter, BeaconType type = BeaconType::Announce) {
    Beacon beacon;
    beacon.type = type;
    beacon.port = 4000;
    beacon.instance = 11;
    beacon.counter = counter;
    beacon.device = deviceNumber(device);
    beacon.name = "name";
    return beacon;
}

Address addressNumber(std::uint32_t number) {
    return Address::fromIpv4(0x0A000000 + number);
}

constexpr MonoTime kArrival{1h};

TEST(Roster, followsADeviceFromItsFirstBeaconToItsGoodbye) {
    Roster roster;
    const auto first = roster.apply(beaconOf(1, 10), addressNumber(1), kArrival);
    ASSERT_NE(first.entry, nullptr);
    EXPECT_TRUE(first.appeared);
    EXPECT_EQ(first.entry->name, "name");
    ASSERT_EQ(first.entry->candidates.size(), 1U);
    EXPECT_EQ(first.entry->candidates[0].endpoint, (Endpoint{addressNumber(1), 4000}));
    EXPECT_EQ(roster.present(), 1U);

    const auto same = roster.apply(beaconOf(1, 11), addressNumber(1), kArrival + 1s);
    EXPECT_FALSE(same.appeared || same.changed || same.newHello || same.left || same.clone);

    EXPECT_TRUE(roster.apply(beaconOf(1, 12, BeaconType::Goodbye), addressNumber(1), kArrival + 2s).left);
    EXPECT_EQ(roster.present(), 0U);
}

TEST(Roster, ignoresLowerAndEqualCounters) {
    Roster roster;
    roster.apply(beaconOf(1, 10), addressNumber(1), kArrival);
    for (const std::uint64_t counter : {0U, 9U, 10U}) {
        EXPECT_FALSE(roster.isWorthVerifying(beaconOf(1, counter), addressNumber(9)));
        EXPECT_EQ(roster.apply(beaconOf(1, counter), addressNumber(9), kArrival).entry, nullptr);
    }
    EXPECT_EQ(roster.find(deviceNumber(1))->candidates.size(), 1U);
    EXPECT_TRUE(roster.isWorthVerifying(beaconOf(1, 11), addressNumber(9)));
}

TEST(Roster, replayDoesNotBringBackWhoSaidGoodbye) {
    Roster roster;
    roster.apply(beaconOf(1, 10), addressNumber(1), kArrival);
    roster.apply(beaconOf(1, 11, BeaconType::Goodbye), addressNumber(1), kArrival + 1s);
    EXPECT_FALSE(roster.isWorthVerifying(beaconOf(1, 10), addressNumber(1)));
    EXPECT_EQ(roster.apply(beaconOf(1, 10), addressNumber(1), kArrival + 2s).entry, nullptr);
    EXPECT_EQ(roster.present(), 0U);
    EXPECT_TRUE(roster.apply(beaconOf(1, 12), addressNumber(1), kArrival + 3s).appeared);
}

TEST(Roster, goodbyeOfAStrangerIsNotLookedAt) {
    Roster roster;
    EXPECT_FALSE(roster.isWorthVerifying(beaconOf(1, 10, BeaconType::Goodbye), addressNumber(1)));
    EXPECT_EQ(roster.size(), 0U);
}

TEST(Roster, dropsWhoIsSilentForThreeOfItsPeriods) {
    Roster roster;
    Beacon slow = beaconOf(2, 1);
    slow.period = 40s;
    roster.apply(beaconOf(1, 1), addressNumber(1), kArrival);
    roster.apply(slow, addressNumber(2), kArrival);
    EXPECT_TRUE(roster.expire(kArrival + 60s - 1us).empty());
    EXPECT_EQ(roster.expire(kArrival + 60s), std::vector<DeviceId>{deviceNumber(1)});
    EXPECT_TRUE(roster.expire(kArrival + 120s - 1us).empty());
    EXPECT_EQ(roster.expire(kArrival + 120s), std::vector<DeviceId>{deviceNumber(2)});
    EXPECT_EQ(roster.size(), 0U);
}

TEST(Roster, keepsTheNewestSourcesFirstAndFew) {
    Roster roster;
    for (std::uint32_t i = 1; i <= 20; ++i) roster.apply(beaconOf(1, i), addressNumber(i), kArrival + i * 1s);
    const auto& candidates = roster.find(deviceNumber(1))->candidates;
    ASSERT_EQ(candidates.size(), limits::kCandidatesPerPeer);
    EXPECT_EQ(candidates.front().endpoint.address, addressNumber(20));
    EXPECT_EQ(candidates.back().endpoint.address, addressNumber(13));

    Beacon moved = beaconOf(1, 21);
    moved.port = 4001;
    EXPECT_TRUE(roster.apply(moved, addressNumber(15), kArrival + 21s).changed);
    EXPECT_EQ(candidates.size(), limits::kCandidatesPerPeer);
    EXPECT_EQ(candidates.front().endpoint, (Endpoint{addressNumber(15), 4001}));
}

TEST(Roster, newInstanceReplacesTheOldAddresses) {
    Roster roster;
    roster.apply(beaconOf(1, 10), addressNumber(1), kArrival);
    Beacon restarted = beaconOf(1, 500, BeaconType::Hello);
    restarted.instance = 12;
    const auto applied = roster.apply(restarted, addressNumber(2), kArrival + 1s);
    EXPECT_TRUE(applied.changed && applied.newHello && !applied.clone);
    ASSERT_EQ(applied.entry->candidates.size(), 1U);
    EXPECT_EQ(applied.entry->candidates[0].endpoint.address, addressNumber(2));
}

TEST(Roster, noticesTwoLiveProgramsWithOneKeyWhicheverIsHeardFirst) {
    for (const bool newerFirst : {false, true}) {
        Roster roster;
        Beacon older = beaconOf(1, 100);
        Beacon newer = beaconOf(1, 900);
        newer.instance = 12;
        EXPECT_FALSE(roster.apply(newerFirst ? newer : older, addressNumber(1), kArrival).clone);
        EXPECT_FALSE(roster.apply(newerFirst ? older : newer, addressNumber(2), kArrival + 1s).clone);
        ++older.counter;
        EXPECT_TRUE(roster.apply(older, addressNumber(2), kArrival + 2s).clone) << newerFirst;
        ++older.counter;
        EXPECT_FALSE(roster.apply(older, addressNumber(2), kArrival + 3s).clone) << "told once";
        EXPECT_EQ(roster.find(deviceNumber(1))->instance, 12U);
    }
}

TEST(Roster, restartIsNoClone) {
    Roster roster;
    roster.apply(beaconOf(1, 100), addressNumber(1), kArrival);
    Beacon restarted = beaconOf(1, 900);
    restarted.instance = 12;
    roster.apply(restarted, addressNumber(1), kArrival + 1s);
    EXPECT_FALSE(roster.apply(beaconOf(1, 101, BeaconType::Goodbye), addressNumber(1), kArrival + 2s).clone)
        << "the old program's goodbye, overtaken on its way";
    EXPECT_EQ(roster.present(), 1U);
}

TEST(Roster, handshakeMakesALowerCounterCount) {
    Roster roster;
    roster.apply(beaconOf(1, 1000), addressNumber(1), kArrival);
    Beacon setBack = beaconOf(1, 5);
    setBack.instance = 12;
    EXPECT_EQ(roster.apply(setBack, addressNumber(2), kArrival + 1s).entry, nullptr);
    roster.confirmInstance(deviceNumber(1), 12);
    setBack.counter = 6;
    const auto applied = roster.apply(setBack, addressNumber(2), kArrival + 2s);
    ASSERT_NE(applied.entry, nullptr);
    EXPECT_FALSE(applied.clone);
    EXPECT_EQ(applied.entry->candidates.front().endpoint.address, addressNumber(2));
}

TEST(Roster, answersOncePerInstanceInThirtySeconds) {
    Roster roster;
    EXPECT_FALSE(roster.takeAnswer(deviceNumber(1), kArrival));
    roster.apply(beaconOf(1, 1), addressNumber(1), kArrival);
    EXPECT_TRUE(roster.takeAnswer(deviceNumber(1), kArrival));
    EXPECT_FALSE(roster.takeAnswer(deviceNumber(1), kArrival + 30s - 1us));
    EXPECT_TRUE(roster.takeAnswer(deviceNumber(1), kArrival + 30s));
    Beacon restarted = beaconOf(1, 1000);
    restarted.instance = 12;
    roster.apply(restarted, addressNumber(1), kArrival + 31s);
    EXPECT_TRUE(roster.takeAnswer(deviceNumber(1), kArrival + 31s));
}

TEST(Roster, staysBoundedAndKeepsKnownKeys) {
    Roster roster;
    constexpr std::uint32_t kKnown = 100;
    for (std::uint32_t i = 0; i < kKnown; ++i) {
        roster.setKnown(deviceNumber(i), true);
        roster.apply(beaconOf(i, 1), addressNumber(i), kArrival);
    }
    std::size_t putOut = 0;
    for (std::uint32_t i = kKnown; i < 20'000; ++i) {
        const auto applied = roster.apply(beaconOf(i, 1), addressNumber(i), kArrival + 1ms * i);
        putOut += applied.putOut.size();
        ASSERT_LE(roster.size(), limits::kRoster);
    }
    EXPECT_EQ(putOut, 20'000 - limits::kRoster);
    for (std::uint32_t i = 0; i < kKnown; ++i) EXPECT_NE(roster.find(deviceNumber(i)), nullptr) << i;
    EXPECT_EQ(roster.find(deviceNumber(kKnown)), nullptr) << "the stranger silent longest goes first";
    EXPECT_NE(roster.find(deviceNumber(19'999)), nullptr);
}

TEST(Roster, fullOfKnownKeysTakesNoStranger) {
    Roster roster;
    for (std::uint32_t i = 0; i < limits::kRoster + 5; ++i) {
        roster.setKnown(deviceNumber(i), true);
        roster.apply(beaconOf(i, 1), addressNumber(i), kArrival);
    }
    EXPECT_EQ(roster.size(), limits::kRoster);
    EXPECT_FALSE(roster.isWorthVerifying(beaconOf(90'000, 1), addressNumber(90'000)));
    // Whoever is no contact any more makes room.
    roster.setKnown(deviceNumber(3), false);
    EXPECT_EQ(roster.apply(beaconOf(90'000, 1), addressNumber(90'000), kArrival).putOut,
              std::vector<DeviceId>{deviceNumber(3)});
}

TEST(Roster, takesFewStrangersFromOneAddress) {
    Roster roster;
    for (std::uint32_t i = 0; i < 1000; ++i) roster.apply(beaconOf(i, 1), addressNumber(1), kArrival);
    EXPECT_EQ(roster.size(), limits::kStrangersPerAddress);
    roster.setKnown(deviceNumber(999), true);
    EXPECT_TRUE(roster.apply(beaconOf(999, 1), addressNumber(1), kArrival).appeared)
        << "a contact always gets in";
    roster.setKnown(deviceNumber(0), true);
    EXPECT_TRUE(roster.apply(beaconOf(998, 1), addressNumber(1), kArrival).appeared) << "one stranger fewer";
    EXPECT_FALSE(roster.apply(beaconOf(997, 1), addressNumber(1), kArrival).appeared);
    EXPECT_EQ(roster.expire(kArrival + 60s).size(), limits::kStrangersPerAddress + 2);
    EXPECT_TRUE(roster.apply(beaconOf(997, 1), addressNumber(1), kArrival + 61s).appeared);
}

}  // namespace
}  // namespace landline::discovery
