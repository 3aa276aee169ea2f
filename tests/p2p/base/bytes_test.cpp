#include "p2p/base/bytes.h"
#include "p2p/base/ids.h"
#include "p2p/base/secret.h"
#include "tests/support/seeded_random.h"

#include <gtest/gtest.h>

namespace landline {
namespace {

TEST(Bytes, hexComesBack) {
    const Bytes bytes{0x00, 0x7f, 0x80, 0xff};
    EXPECT_EQ(toHex(bytes), "007f80ff");
    EXPECT_EQ(fromHex("007F80ff"), bytes);
}

TEST(Bytes, rejectsTextThatIsNoHex) {
    EXPECT_FALSE(fromHex("0"));
    EXPECT_FALSE(fromHex("0g"));
    EXPECT_EQ(fromHex(""), Bytes{});
}

TEST(Bytes, bigEndianIntegersHaveTheirOrder) {
    Bytes out;
    appendBe16(out, 0x0102);
    appendBe32(out, 0x03040506);
    appendBe64(out, 0x0708090a0b0c0d0eULL);
    EXPECT_EQ(toHex(out), "0102030405060708090a0b0c0d0e");
    EXPECT_EQ(loadBe16(out.data()), 0x0102);
    EXPECT_EQ(loadBe32(out.data() + 2), 0x03040506U);
    EXPECT_EQ(loadBe64(out.data() + 6), 0x0708090a0b0c0d0eULL);
}

TEST(FixedBytes, takesExactlyItsLength) {
    EXPECT_FALSE(DeviceId::from(Bytes(31)));
    EXPECT_FALSE(DeviceId::from(Bytes(33)));
    EXPECT_TRUE(DeviceId::from(Bytes(32))->isZero());
}

TEST(Random, belowStaysBelowAndReachesAll) {
    test::SeededRandom random(1);
    std::array<int, 7> seen{};
    for (int i = 0; i < 1000; ++i) ++seen.at(random.below(7));
    for (const int count : seen) EXPECT_GT(count, 0);
    EXPECT_EQ(random.below(0), 0U);
}

TEST(Secret, isWipedWhenMovedAway) {
    std::array<std::uint8_t, 4> raw{1, 2, 3, 4};
    Secret<4> secret{std::span<const std::uint8_t, 4>(raw)};
    const Secret<4> moved = std::move(secret);
    EXPECT_TRUE(moved.equals(raw));
    EXPECT_TRUE(secret.equals(std::array<std::uint8_t, 4>{}));
}

}  // namespace
}  // namespace landline
