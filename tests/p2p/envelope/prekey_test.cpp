#include "p2p/envelope/prekey.h"

#include "p2p/base/limits.h"
#include "tests/support/seeded_random.h"

#include <gtest/gtest.h>

namespace landline::envelope {
namespace {

const WallTime kNow = fromUnixMillis(1'700'000'000'000);

struct Made {
    test::SeededRandom random{1};
    identity::DeviceKeys device = identity::DeviceKeys::generate(random);
    NoiseKey key = identity::NoiseKeyPair::generate(random).publicKey;
    Prekey prekey = Prekey::issue(device, key, kNow);
};

TEST(Prekey, comesBackAsItWasIssued) {
    const Made made;
    EXPECT_EQ(made.prekey.encoded().size(), Prekey::kBytes);
    const auto parsed = Prekey::parse(made.prekey.encoded());
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, made.prekey);
    EXPECT_EQ(parsed->device(), made.device.id());
    EXPECT_EQ(parsed->key(), made.key);
    EXPECT_EQ(parsed->created(), kNow);
    EXPECT_EQ(parsed->expires(), kNow + limits::kPrekeyLife);
    EXPECT_EQ(toHex(parsed->id().view()), toHex(made.key.view().first(8)));
    EXPECT_EQ(Prekey::idIn(made.prekey.encoded()), parsed->id());
    EXPECT_EQ(Prekey::idIn(ByteView(made.prekey.encoded()).first(144)), std::nullopt);
}

TEST(Prekey, noByteOfItCanBeChanged) {
    const Made made;
    for (std::size_t at = 0; at < Prekey::kBytes; ++at) {
        Bytes changed = made.prekey.encoded();
        changed[at] ^= 1;
        const auto parsed = Prekey::parse(changed);
        ASSERT_FALSE(parsed) << at;
        EXPECT_EQ(parsed.error().code, at == 0 ? ErrorCode::Malformed : ErrorCode::BadSignature) << at;
    }
    Bytes other = made.prekey.encoded();
    other.pop_back();
    EXPECT_EQ(Prekey::parse(other).error().code, ErrorCode::Malformed);
    EXPECT_EQ(Prekey::parse({}).error().code, ErrorCode::Malformed);
}

TEST(Prekey, aSignatureForAnotherUseIsNone) {
    const Made made;
    Bytes bytes = made.prekey.encoded();
    const Signature forEntry = made.device.signing.sign(identity::context::kEntry, ByteView(bytes).first(81));
    std::copy(forEntry.data(), forEntry.data() + Signature::kSize, bytes.begin() + 81);
    EXPECT_EQ(Prekey::parse(bytes).error().code, ErrorCode::BadSignature);
}

}  // namespace
}  // namespace landline::envelope
