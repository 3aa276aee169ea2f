#include "p2p/discovery/discovery.h"

#include "tests/support/seeded_random.h"

#include <gtest/gtest.h>

namespace landline::discovery {
namespace {

using namespace std::chrono_literals;

constexpr MonoTime kMorning{1h};

struct Party {
    explicit Party(std::uint64_t seed)
        : random(seed), key(identity::SigningKey::generate(random)), discovery(configOf(seed), random) {}

    Config configOf(std::uint64_t seed) {
        Config config;
        config.key = &key;
        config.person = random.make<PersonId>();
        config.name = "party " + std::to_string(seed);
        config.port = 4000;
        config.instance = random.next64() | 1;
        config.firstCounter = 1'700'000'000'000;
        config.verify = [this](const UncheckedBeacon& beacon) {
            ++verified;
            return beacon.verify();
        };
        return config;
    }
    [[nodiscard]] DeviceId id() const { return DeviceId::from(key.publicKey().view()).value(); }
    template <class T>
    std::vector<T> events() {
        std::vector<T> result;
        while (const auto event = discovery.nextEvent())
            if (const T* one = std::get_if<T>(&*event)) result.push_back(*one);
        return result;
    }
    std::vector<Send> sends() {
        std::vector<Send> result;
        while (const auto send = discovery.nextSend()) result.push_back(*send);
        return result;
    }
    /// Lets the time pass, dropping what is sent.
    void pass(MonoTime from, Duration time) {
        for (auto now = from; now <= from + time; now += 10ms) {
            discovery.advance(now);
            sends();
        }
    }

    test::SeededRandom random;
    identity::SigningKey key;
    std::size_t verified = 0;
    Discovery discovery;
};

Endpoint endpointNumber(std::uint32_t number) {
    return {Address::fromIpv4(0x0A000000 + number), 5000};
}

/// A key that somebody made up: signs as it should, at little cost.
Bytes inventedBeacon(Random& random, BeaconType type = BeaconType::Hello) {
    const identity::SigningKey key = identity::SigningKey::generate(random);
    Beacon beacon;
    beacon.type = type;
    beacon.port = 1;
    beacon.instance = random.next64();
    beacon.counter = random.next64();
    return encodeBeacon(beacon, key);
}

TEST(Discovery, showsWhoSaysHelloAndAnswers) {
    Party alice(1);
    Party bob(2);
    alice.discovery.start(kMorning);
    alice.pass(kMorning, 5s);
    const MonoTime now = kMorning + 6s;
    alice.discovery.receive(bob.discovery.makeBeacon(BeaconType::Hello), endpointNumber(2), true, now);
    const auto seen = alice.events<Seen>();
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen[0].device, bob.id());
    EXPECT_EQ(seen[0].name, "party 2");
    EXPECT_EQ(seen[0].candidate, (Endpoint{endpointNumber(2).address, 4000}));
    EXPECT_TRUE(seen[0].appeared && seen[0].saidHello);
    alice.discovery.advance(now + 100ms);
    const auto sends = alice.sends();
    ASSERT_EQ(sends.size(), 1U);
    EXPECT_EQ(sends[0], (Send{BeaconType::Answer, endpointNumber(2)}));
    // The answer itself tells bob.
    bob.discovery.receive(alice.discovery.makeBeacon(BeaconType::Answer), endpointNumber(1), true, now);
    ASSERT_EQ(bob.events<Seen>().size(), 1U);
}

TEST(Discovery, answersOnlyOnLinkHellosAndOnce) {
    struct Case {
        BeaconType type;
        bool onLink;
        std::size_t answers;
    };
    for (const Case& one : {Case{BeaconType::Hello, true, 4}, Case{BeaconType::Hello, false, 0},
                            Case{BeaconType::Announce, true, 0}, Case{BeaconType::Answer, true, 0}}) {
        Party alice(1);
        Party bob(2);
        alice.discovery.start(kMorning);
        alice.pass(kMorning, 5s);
        std::size_t answers = 0;
        for (int i = 0; i < 100; ++i) {
            const MonoTime now = kMorning + 6s + i * 50ms;
            alice.discovery.receive(bob.discovery.makeBeacon(one.type), endpointNumber(2), one.onLink, now);
            alice.discovery.advance(now);
            answers += alice.sends().size();
        }
        EXPECT_EQ(answers, one.answers);
        EXPECT_EQ(alice.discovery.roster().present(), 1U) << "seen all the same";
    }
}

TEST(Discovery, doesNotVerifyWhatTheSameSourceSaidAMomentAgo) {
    Party alice(1);
    Party bob(2);
    alice.discovery.start(kMorning);
    alice.pass(kMorning, 5s);
    MonoTime now = kMorning + 6s;
    const auto hear = [&](BeaconType type, std::uint32_t source) {
        const std::size_t before = alice.verified;
        alice.discovery.receive(bob.discovery.makeBeacon(type), endpointNumber(source), true, now);
        return alice.verified - before;
    };
    EXPECT_EQ(hear(BeaconType::Announce, 2), 1U);
    EXPECT_EQ(hear(BeaconType::Announce, 2), 0U);
    EXPECT_EQ(hear(BeaconType::Hello, 2), 1U) << "it is owed an answer";
    EXPECT_EQ(hear(BeaconType::Hello, 2), 0U) << "the answer is on its way";
    EXPECT_EQ(hear(BeaconType::Hello, 3), 1U) << "another address";
    now += 2s;
    EXPECT_EQ(hear(BeaconType::Announce, 2), 1U) << "it is still there";
    bob.discovery.setName("robert", now);
    EXPECT_EQ(hear(BeaconType::Announce, 2), 1U) << "another name";
    EXPECT_EQ(hear(BeaconType::Goodbye, 2), 1U);
    EXPECT_EQ(hear(BeaconType::Announce, 2), 1U) << "it is back";
    EXPECT_EQ(alice.discovery.roster().present(), 1U);
}

TEST(Discovery, invisibleSendsNothing) {
    Party alice(1);
    Party bob(2);
    alice.discovery.setVisible(false, kMorning);
    alice.discovery.start(kMorning);
    for (MonoTime now = kMorning; now < kMorning + 200s; now += 100ms) {
        if (now == kMorning + 50s) alice.discovery.networkChanged(now);
        alice.discovery.receive(bob.discovery.makeBeacon(BeaconType::Hello), endpointNumber(2), true, now);
        alice.discovery.advance(now);
        EXPECT_TRUE(alice.sends().empty());
    }
    EXPECT_EQ(alice.discovery.roster().present(), 1U) << "but listens";
    alice.discovery.stop();
    EXPECT_TRUE(alice.sends().empty()) << "not even goodbye";
}

TEST(Discovery, goingInvisibleSaysGoodbyeAndComingBackSaysHello) {
    Party alice(1);
    alice.discovery.start(kMorning);
    alice.pass(kMorning, 5s);
    alice.discovery.setVisible(false, kMorning + 6s);
    EXPECT_EQ(alice.sends(), (std::vector<Send>{{BeaconType::Goodbye, std::nullopt}}));
    alice.discovery.advance(kMorning + 300s);
    EXPECT_TRUE(alice.sends().empty());
    alice.discovery.setVisible(true, kMorning + 300s);
    alice.discovery.advance(kMorning + 301s);
    EXPECT_EQ(alice.sends(), (std::vector<Send>{{BeaconType::Hello, std::nullopt}}));
}

TEST(Discovery, anotherNameReachesTheOthersSoon) {
    Party alice(1);
    Party bob(2);
    bob.discovery.start(kMorning);
    bob.pass(kMorning, 5s);
    alice.discovery.receive(bob.discovery.makeBeacon(BeaconType::Announce), endpointNumber(2), true, kMorning);
    alice.events<Seen>();
    bob.discovery.setName("Robert", kMorning + 6s);
    bob.discovery.advance(kMorning + 7s);
    const auto sends = bob.sends();
    ASSERT_EQ(sends.size(), 1U);
    alice.discovery.receive(bob.discovery.makeBeacon(sends[0].type), endpointNumber(2), true, kMorning + 7s);
    const auto seen = alice.events<Seen>();
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen[0].name, "Robert");
    EXPECT_FALSE(seen[0].appeared || seen[0].saidHello);
}

TEST(Discovery, tellsWhenSomebodyLeavesOrFallsSilent) {
    Party alice(1);
    Party bob(2);
    Party carol(3);
    alice.discovery.receive(bob.discovery.makeBeacon(BeaconType::Hello), endpointNumber(2), true, kMorning);
    alice.discovery.receive(carol.discovery.makeBeacon(BeaconType::Hello), endpointNumber(3), true, kMorning);
    alice.events<Seen>();
    alice.discovery.receive(bob.discovery.makeBeacon(BeaconType::Goodbye), endpointNumber(2), true,
                            kMorning + 1s);
    auto gone = alice.events<Gone>();
    ASSERT_EQ(gone.size(), 1U);
    EXPECT_EQ(gone[0].device, bob.id());
    while (alice.discovery.nextTimeout() && *alice.discovery.nextTimeout() <= kMorning + 66s)
        alice.discovery.advance(*alice.discovery.nextTimeout());
    gone = alice.events<Gone>();
    ASSERT_EQ(gone.size(), 1U);
    EXPECT_EQ(gone[0].device, carol.id());
    EXPECT_EQ(alice.discovery.roster().size(), 0U);
}

TEST(Discovery, forgedBeaconsChangeNothing) {
    Party alice(1);
    Party bob(2);
    alice.discovery.start(kMorning);
    alice.pass(kMorning, 5s);
    const MonoTime now = kMorning + 6s;
    alice.discovery.receive(bob.discovery.makeBeacon(BeaconType::Announce), endpointNumber(2), true, now);
    alice.events<Seen>();
    // Bob's key in somebody else's datagram: a goodbye, and a move to another address.
    Party mallory(3);
    for (const BeaconType type : {BeaconType::Goodbye, BeaconType::Hello}) {
        Bytes forged = mallory.discovery.makeBeacon(type);
        std::copy_n(bob.id().data(), 32, forged.begin() + 26);
        storeBe64(forged.data() + 18, ~0ULL);
        alice.discovery.receive(forged, endpointNumber(3), true, now);
    }
    EXPECT_EQ(alice.discovery.statistics().badSignature, 2U);
    EXPECT_FALSE(alice.discovery.nextEvent());
    EXPECT_EQ(alice.discovery.roster().find(bob.id())->candidates.size(), 1U);
    alice.discovery.advance(now + 3s);
    EXPECT_TRUE(alice.sends().empty());
}

TEST(Discovery, replaysAreDroppedUnverified) {
    Party alice(1);
    Party bob(2);
    const Bytes beacon = bob.discovery.makeBeacon(BeaconType::Hello);
    alice.discovery.receive(beacon, endpointNumber(2), true, kMorning);
    ASSERT_EQ(alice.verified, 1U);
    alice.events<Seen>();
    for (int i = 0; i < 100'000; ++i) alice.discovery.receive(beacon, endpointNumber(9), true, kMorning);
    EXPECT_EQ(alice.verified, 1U);
    EXPECT_EQ(alice.discovery.statistics().stale, 100'000U);
    EXPECT_FALSE(alice.discovery.nextEvent());
}

TEST(Discovery, ownBeaconsAreIgnoredUnverifiedAndACopyOfTheProfileIsNoticed) {
    Party alice(1);
    alice.discovery.receive(alice.discovery.makeBeacon(BeaconType::Hello), endpointNumber(1), true, kMorning);
    EXPECT_EQ(alice.verified, 0U);
    EXPECT_EQ(alice.discovery.statistics().ownEcho, 1U);

    Beacon copied;
    copied.port = 4001;
    copied.instance = 99;
    copied.counter = 5;
    for (int i = 0; i < 10; ++i) {
        ++copied.counter;
        alice.discovery.receive(encodeBeacon(copied, alice.key), endpointNumber(7), true, kMorning + i * 1s);
    }
    const auto clones = alice.events<CloneSuspected>();
    ASSERT_EQ(clones.size(), 1U);
    EXPECT_EQ(clones[0].device, alice.id());
    EXPECT_EQ(clones[0].candidate, (Endpoint{endpointNumber(7).address, 4001}));
    EXPECT_EQ(alice.discovery.roster().size(), 0U);
}

struct Flood {
    const char* name;
    bool manySources;
    bool rightSignatures;
};
class Floods : public testing::TestWithParam<Flood> {};

// 100,000 invented keys within ten seconds, while a contact keeps announcing itself.
TEST_P(Floods, ofInventedKeysCostLittleAndPutOutNoKnownKey) {
    constexpr int kKeys = 100'000;
    Party alice(1);
    Party bob(2);
    test::SeededRandom invent(77);
    alice.discovery.setKnown(bob.id(), true);
    alice.discovery.start(kMorning);
    Bytes pattern = inventedBeacon(invent);
    std::size_t sent = 0;
    std::size_t goneBobs = 0;
    std::size_t mostEvents = 0;
    for (int i = 0; i < kKeys; ++i) {
        const MonoTime now = kMorning + i * 100us;
        if (i % 20'000 == 0)
            alice.discovery.receive(bob.discovery.makeBeacon(BeaconType::Announce), endpointNumber(2), true,
                                    now);
        if (GetParam().rightSignatures && i % 10 == 0) {
            pattern = inventedBeacon(invent);  // every tenth: the test pays for these signatures as well
        } else {
            invent.fill(std::span(pattern).subspan(26, 32));
        }
        const std::uint32_t source = GetParam().manySources ? 1000 + static_cast<std::uint32_t>(i) : 666;
        alice.discovery.receive(pattern, endpointNumber(source), true, now);
        alice.discovery.advance(now);
        sent += alice.sends().size();
        std::size_t events = 0;
        while (const auto event = alice.discovery.nextEvent()) {
            ++events;
            const Gone* gone = std::get_if<Gone>(&*event);
            goneBobs += gone != nullptr && gone->device == bob.id() ? 1 : 0;
        }
        mostEvents = std::max(mostEvents, events);
        ASSERT_LE(alice.discovery.roster().size(), limits::kRoster);
    }
    const double seconds = kKeys * 1e-4;
    const double mostVerified =
        GetParam().manySources
            ? limits::kBeaconChecksBurst + seconds * limits::kBeaconChecks
            : limits::kBeaconChecksPerAddressBurst + seconds * limits::kBeaconChecksPerAddress;
    EXPECT_LE(static_cast<double>(alice.verified), mostVerified + 10);
    EXPECT_GE(alice.verified, 100U);
    EXPECT_EQ(goneBobs, 0U);
    ASSERT_NE(alice.discovery.roster().find(bob.id()), nullptr);
    EXPECT_TRUE(alice.discovery.roster().find(bob.id())->present);
    // All that the flood can make this device say is a bounded number of datagrams.
    EXPECT_LE(sent, 210U);
    EXPECT_LE(mostEvents, 2U);
    // Bob is still followed afterwards.
    Bytes hello = bob.discovery.makeBeacon(BeaconType::Hello);
    alice.discovery.receive(hello, endpointNumber(3), true, kMorning + 10s);
    EXPECT_EQ(alice.events<Seen>().size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Discovery, Floods,
                         testing::Values(Flood{"forgedFromOneAddress", false, false},
                                         Flood{"forgedFromManyAddresses", true, false},
                                         Flood{"signedFromOneAddress", false, true},
                                         Flood{"signedFromManyAddresses", true, true}),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(Discovery, forgingOneKnownKeyDoesNotSilenceAnother) {
    Party alice(1);
    Party bob(2);
    Party carol(3);
    for (const Party* party : {&bob, &carol}) alice.discovery.setKnown(party->id(), true);
    Bytes forged = bob.discovery.makeBeacon(BeaconType::Announce);
    forged.back() ^= 1;
    for (int i = 0; i < 50'000; ++i)
        alice.discovery.receive(forged, endpointNumber(6), true, kMorning + i * 20us);
    EXPECT_LE(alice.verified, 30U);
    alice.discovery.receive(carol.discovery.makeBeacon(BeaconType::Hello), endpointNumber(3), true,
                            kMorning + 1s);
    EXPECT_EQ(alice.events<Seen>().size(), 1U);
}

TEST(Discovery, otherVersionsAndNoiseAreCounted) {
    Party alice(1);
    Bytes other = alice.discovery.makeBeacon(BeaconType::Hello);
    other[3] = 9;
    alice.discovery.receive(other, endpointNumber(2), true, kMorning);
    alice.discovery.receive(Bytes(150, 'x'), endpointNumber(2), true, kMorning);
    alice.discovery.receive({}, endpointNumber(2), true, kMorning);
    EXPECT_EQ(alice.discovery.statistics().otherVersion, 1U);
    EXPECT_EQ(alice.discovery.statistics().malformed, 2U);
}

// Two machines, each datagram lost with 20 %: the second sees the first, and the first the second, within 2
// s.
TEST(Discovery, secondMachineAppearsWithinTwoSecondsUnderLoss) {
    constexpr int kRounds = 2000;
    int both = 0;
    Party a(1);
    Party b(2);
    for (int round = 0; round < kRounds; ++round) {
        test::SeededRandom lots(static_cast<std::uint64_t>(round));
        Discovery first(a.configOf(1), lots);
        Discovery second(b.configOf(2), lots);
        first.start(kMorning);
        const MonoTime joined = kMorning + 10s + Duration(static_cast<std::int64_t>(lots.below(30'000'000)));
        const auto deliver = [&lots](Discovery& from, Discovery& to, std::uint32_t address, MonoTime now) {
            while (const auto send = from.nextSend())
                if (lots.below(100) >= 20)
                    to.receive(from.makeBeacon(send->type), endpointNumber(address), true, now);
        };
        second.setVisible(false, kMorning);
        for (MonoTime now = kMorning; now <= joined + 2s; now += 10ms) {
            if (now >= joined && now < joined + 10ms) {
                second.setVisible(true, now);
                second.start(now);
            }
            first.advance(now);
            if (now < joined) {
                while (first.nextSend()) continue;
                continue;
            }
            deliver(first, second, 1, now);
            second.advance(now);
            deliver(second, first, 2, now);
        }
        both += first.roster().find(b.id()) != nullptr && second.roster().find(a.id()) != nullptr ? 1 : 0;
    }
    RecordProperty("rounds_seen_both_ways", both);
    EXPECT_GE(both, kRounds * 99 / 100);
}

}  // namespace
}  // namespace landline::discovery
