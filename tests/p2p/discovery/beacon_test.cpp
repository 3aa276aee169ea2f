#include "p2p/discovery/beacon.h"

#include "tests/support/seeded_random.h"

#include <gtest/gtest.h>

namespace landline::discovery {
namespace {

using namespace std::chrono_literals;

identity::SigningKey keyOf(std::uint64_t seed) {
    test::SeededRandom random(seed);
    return identity::SigningKey::generate(random);
}

Beacon sample() {
    test::SeededRandom random(7);
    Beacon beacon;
    beacon.type = BeaconType::Hello;
    beacon.port = 51234;
    beacon.period = 40s;
    beacon.instance = 0x0102030405060708;
    beacon.counter = 1'700'000'000'123;
    beacon.person = hintOf(random.make<PersonId>());
    beacon.name = "Zoë 张伟";
    return beacon;
}

TEST(Beacon, comesBackSignedByItsDevice) {
    const identity::SigningKey key = keyOf(1);
    const Bytes datagram = encodeBeacon(sample(), key);
    const auto parsed = parseBeacon(datagram);
    ASSERT_TRUE(parsed);
    Beacon expected = sample();
    expected.device = DeviceId::from(key.publicKey().view()).value();
    EXPECT_EQ(parsed->beacon, expected);
    EXPECT_TRUE(parsed->verify());
}

TEST(Beacon, hasTheDocumentedLayout) {
    const identity::SigningKey key = keyOf(1);
    Beacon beacon = sample();
    beacon.name = "Ada";
    const Bytes datagram = encodeBeacon(beacon, key);
    ASSERT_EQ(datagram.size(), 131U + 3U);
    EXPECT_EQ(toHex(ByteView(datagram).first(26)),
              "4c4e4401"          // magic, version
              "0100c822"          // hello, no flags, port 51234
              "0028"              // 40 s
              "0102030405060708"  // instance
              "0000018bcfe5687b");
    EXPECT_EQ(toHex(ByteView(datagram).subspan(26, 32)), toHex(key.publicKey().view()));
    EXPECT_EQ(toHex(ByteView(datagram).subspan(58, 8)), toHex(beacon.person.view()));
    EXPECT_EQ(toHex(ByteView(datagram).subspan(66, 4)), "03416461");
    Signature signature = Signature::from(ByteView(datagram).last(64)).value();
    EXPECT_TRUE(identity::verify(key.publicKey().view(), "landline beacon v1\n", ByteView(datagram).first(70),
                                 signature));
}

TEST(Beacon, isNeverLongerThanTheLimitAndCutsNamesBetweenCharacters) {
    Beacon beacon = sample();
    beacon.name = std::string(63, 'a').append("é");
    const Bytes datagram = encodeBeacon(beacon, keyOf(1));
    EXPECT_EQ(datagram.size(), limits::kBeaconBytes - 1);
    EXPECT_EQ(parseBeacon(datagram)->beacon.name, std::string(63, 'a'));
    beacon.name = std::string(500, 'a');
    EXPECT_EQ(encodeBeacon(beacon, keyOf(1)).size(), limits::kBeaconBytes);
}

TEST(Beacon, anyChangedBitVoidsIt) {
    const Bytes datagram = encodeBeacon(sample(), keyOf(1));
    for (std::size_t bit = 0; bit < datagram.size() * 8; ++bit) {
        Bytes forged = datagram;
        forged[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        const auto parsed = parseBeacon(forged);
        EXPECT_FALSE(parsed && parsed->verify()) << "bit " << bit;
    }
}

TEST(Beacon, signatureForAnotherUseIsWorthNothing) {
    const identity::SigningKey key = keyOf(1);
    Bytes datagram = encodeBeacon(sample(), key);
    const ByteView signedPart = ByteView(datagram).first(datagram.size() - Signature::kSize);
    const Signature other = key.sign(identity::context::kEntry, signedPart);
    std::copy_n(other.data(), Signature::kSize, datagram.end() - Signature::kSize);
    EXPECT_FALSE(parseBeacon(datagram)->verify());
}

struct BadBeacon {
    const char* name;
    void (*spoil)(Bytes&);
    ErrorCode code;
};

class BadBeacons : public testing::TestWithParam<BadBeacon> {};

TEST_P(BadBeacons, areRefused) {
    Bytes datagram = encodeBeacon(sample(), keyOf(1));
    GetParam().spoil(datagram);
    const auto parsed = parseBeacon(datagram);
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().code, GetParam().code);
}

INSTANTIATE_TEST_SUITE_P(
    Beacon, BadBeacons,
    testing::Values(BadBeacon{"empty", [](Bytes& b) { b.clear(); }, ErrorCode::Malformed},
                    BadBeacon{"tooShort", [](Bytes& b) { b.resize(130); }, ErrorCode::Malformed},
                    BadBeacon{"tooLong", [](Bytes& b) { b.resize(196); }, ErrorCode::Malformed},
                    BadBeacon{"oneByteMore", [](Bytes& b) { b.push_back(0); }, ErrorCode::Malformed},
                    BadBeacon{"oneByteLess", [](Bytes& b) { b.pop_back(); }, ErrorCode::Malformed},
                    BadBeacon{"magic", [](Bytes& b) { b[0] = 'X'; }, ErrorCode::Malformed},
                    BadBeacon{"version", [](Bytes& b) { b[3] = 2; }, ErrorCode::VersionMismatch},
                    BadBeacon{"typeZero", [](Bytes& b) { b[4] = 0; }, ErrorCode::Malformed},
                    BadBeacon{"typeUnknown", [](Bytes& b) { b[4] = 5; }, ErrorCode::Malformed},
                    BadBeacon{"portZero", [](Bytes& b) { b[6] = b[7] = 0; }, ErrorCode::Malformed},
                    BadBeacon{"nameLongerThanThere", [](Bytes& b) { b[66] = 64; }, ErrorCode::Malformed},
                    BadBeacon{"nameNoUtf8", [](Bytes& b) { b[67] = 0xFF; }, ErrorCode::Malformed}),
    [](const auto& one) { return std::string(one.param.name); });

TEST(Beacon, shownNameHasNoControlOrBidiCharacters) {
    // A name that its sender did not clean: written over an accepted one of the same length.
    Beacon beacon = sample();
    beacon.name = "abcdefgh";
    Bytes datagram = encodeBeacon(beacon, keyOf(1));
    const std::string raw =
        "a\x1b\n\xe2\x80\xae"
        "bc";
    ASSERT_EQ(raw.size(), beacon.name.size());
    std::copy(raw.begin(), raw.end(), datagram.begin() + 67);
    EXPECT_EQ(parseBeacon(datagram)->beacon.name, "a bc");
}

TEST(Beacon, namesComeOutCleanWhateverTheyLookLike) {
    struct Case {
        std::string raw;
        std::string shown;
    };
    for (const Case& one : {Case{"Ada Lovelace", "Ada Lovelace"}, Case{" Ada ", "Ada"}, Case{"A  B", "A B"},
                            Case{"   ", ""}, Case{"A\x7f", "A"}, Case{"", ""}, Case{"张伟", "张伟"}}) {
        Beacon beacon = sample();
        beacon.name = std::string(one.raw.size(), 'x');
        Bytes datagram = encodeBeacon(beacon, keyOf(1));
        std::copy(one.raw.begin(), one.raw.end(), datagram.begin() + 67);
        EXPECT_EQ(parseBeacon(datagram)->beacon.name, one.shown) << one.raw;
    }
}

TEST(Beacon, statedPeriodIsBroughtIntoBounds) {
    Beacon beacon = sample();
    beacon.period = 0s;
    EXPECT_EQ(parseBeacon(encodeBeacon(beacon, keyOf(1)))->beacon.period, 20s);
    beacon.period = 65535s;
    EXPECT_EQ(parseBeacon(encodeBeacon(beacon, keyOf(1)))->beacon.period, 120s);
}

}  // namespace
}  // namespace landline::discovery
