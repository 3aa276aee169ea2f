#include "p2p/identity/certificate.h"
#include "p2p/identity/direct_conversation.h"
#include "p2p/identity/safety_number.h"
#include "tests/support/seeded_random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

namespace landline::identity {
namespace {

struct Identity : ::testing::Test {
    test::SeededRandom random{7};
    SigningKey person = SigningKey::generate(random);
    SigningKey other = SigningKey::generate(random);
    DeviceKeys device = DeviceKeys::generate(random);
    Certificate certificate = Certificate::issue(person, device, fromUnixMillis(1234567890123));
};

TEST_F(Identity, signatureIsBoundToItsContext) {
    const Bytes message{1, 2, 3};
    const Signature signature = person.sign(context::kEntry, message);
    EXPECT_TRUE(verify(person.publicKey().view(), context::kEntry, message, signature));
    EXPECT_FALSE(verify(person.publicKey().view(), context::kBeacon, message, signature));
    EXPECT_FALSE(verify(other.publicKey().view(), context::kEntry, message, signature));
}

TEST_F(Identity, keyGrowsFromItsSeed) {
    EXPECT_EQ(SigningKey::fromSeed(person.seed()).publicKey(), person.publicKey());
}

TEST_F(Identity, certificateComesBackAsItWas) {
    const auto parsed = Certificate::parse(certificate.encoded());
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->person(), personIdOf(person));
    EXPECT_EQ(parsed->device(), device.id());
    EXPECT_EQ(parsed->noiseKey(), device.noise.publicKey);
    EXPECT_EQ(toUnixMillis(parsed->created()), 1234567890123);
    EXPECT_EQ(parsed->encoded(), certificate.encoded());
}

TEST_F(Identity, certificateWithAnyByteChangedIsRefused) {
    for (std::size_t at = 0; at < Certificate::kBytes; ++at) {
        Bytes changed = certificate.encoded();
        changed[at] ^= 1;
        EXPECT_FALSE(Certificate::parse(changed)) << "byte " << at;
    }
    EXPECT_FALSE(Certificate::parse(ByteView(certificate.encoded()).first(Certificate::kBytes - 1)));
}

TEST_F(Identity, certificateNeedsBothSignatures) {
    // Another person's signature over the same device in the place of the person's.
    const Certificate foreign = Certificate::issue(other, device, certificate.created());
    Bytes mixed = certificate.encoded();
    std::copy_n(foreign.encoded().begin() + 105, 64, mixed.begin() + 105);
    EXPECT_EQ(Certificate::parse(mixed).error().code, ErrorCode::BadSignature);
}

TEST_F(Identity, safetyNumberIsTheSameOnBothSidesAndOfSixtyDigits) {
    const PersonId a = personIdOf(person);
    const PersonId b = personIdOf(other);
    const std::string number = safetyNumber(a, b);
    EXPECT_EQ(number, safetyNumber(b, a));
    EXPECT_EQ(number.size(), 60U);
    EXPECT_TRUE(std::all_of(number.begin(), number.end(), [](unsigned char c) { return std::isdigit(c); }));
    EXPECT_NE(number, safetyNumber(a, a));
}

TEST_F(Identity, directConversationIsTheSameOnBothSides) {
    const PersonId a = personIdOf(person);
    const PersonId b = personIdOf(other);
    EXPECT_EQ(directConversation(a, b), directConversation(b, a));
    EXPECT_NE(directConversation(a, b), directConversation(a, a));
}

TEST_F(Identity, fingerprintIsGrouped) {
    EXPECT_EQ(fingerprint(Bytes{0, 1, 2, 3, 4, 5, 6, 7, 8}), "0001 0203 0405 0607");
}

}  // namespace
}  // namespace landline::identity
