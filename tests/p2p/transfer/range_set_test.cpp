#include "p2p/transfer/range_set.h"

#include "p2p/base/random.h"
#include "tests/support/seeded_random.h"

#include <gtest/gtest.h>

namespace landline::transfer {
namespace {

const Range kAll{0, UINT64_MAX};

TEST(RangeSet, takesWhatIsInIt) {
    const struct {
        Range removed;
        std::vector<Range> left;
    } cases[] = {
        {{0, 10}, {{10, 20}, {30, 40}}},  // {0, 10} beside it
        {{10, 20}, {{30, 40}}},
        {{12, 15}, {{10, 12}, {15, 20}, {30, 40}}},
        {{5, 15}, {{15, 20}, {30, 40}}},
        {{15, 35}, {{10, 15}, {35, 40}}},
        {{20, 30}, {{10, 20}, {30, 40}}},
        {{0, 50}, {}},
        {{40, UINT64_MAX}, {{10, 20}, {30, 40}}},
    };
    for (const auto& one : cases) {
        RangeSet set({{10, 20}, {30, 40}});
        set.remove(one.removed);
        EXPECT_EQ(set.within({kAll}), one.left) << one.removed.at << ' ' << one.removed.end;
        EXPECT_EQ(set.empty(), one.left.empty());
    }
}

TEST(RangeSet, tellsWhatOfRangesIsInIt) {
    const RangeSet set({{10, 20}, {20, 25}, {30, 40}});
    EXPECT_EQ(set.within({}), std::vector<Range>{});
    EXPECT_EQ(set.within({{0, 10}, {25, 30}, {40, 50}}), std::vector<Range>{});
    const std::vector<Range> parts{{12, 20}, {20, 22}, {35, 40}};
    EXPECT_EQ(set.within({{12, 22}, {35, 50}}), parts);
}

TEST(RangeSet, agreesWithASetOfBytes) {
    constexpr std::uint64_t kBytes = 200;
    test::SeededRandom random(3);
    std::vector<bool> bytes(kBytes, true);
    RangeSet set({{0, kBytes}});
    for (int step = 0; step < 60; ++step) {
        const std::uint64_t at = random.below(kBytes);
        const std::uint64_t end = std::min(kBytes, at + 1 + random.below(9));
        set.remove({at, end});
        for (std::uint64_t i = at; i < end; ++i) bytes[i] = false;
        for (std::uint64_t i = 0; i < kBytes; ++i)
            ASSERT_EQ(!set.within({{i, i + 1}}).empty(), bytes[i]) << step << ' ' << i;
    }
}

}  // namespace
}  // namespace landline::transfer
