#include "p2p/base/sliding_vector.h"

#include <gtest/gtest.h>

#include <memory>
#include <numeric>

namespace landline {
namespace {

TEST(SlidingVector, keepsTheOrderHoweverItIsFilledAndEmptied) {
    SlidingVector<std::unique_ptr<int>> queue;
    int in = 0;
    int out = 0;
    for (int round = 1; round <= 200; ++round) {
        for (int i = 0; i < round * 7 % 41; ++i) queue.push_back(std::make_unique<int>(in++));
        for (int i = 0; i < round * 5 % 37 && !queue.empty(); ++i) {
            ASSERT_EQ(*queue.front(), out++);
            queue.popFront();
        }
        ASSERT_EQ(queue.size(), static_cast<std::size_t>(in - out));
        if (!queue.empty()) {
            ASSERT_EQ(*queue[queue.size() - 1], in - 1);
        }
    }
}

TEST(SlidingVector, takesOutManyAtOnceAndNoMoreThanThereAre) {
    SlidingVector<int> queue;
    for (int i = 0; i < 100; ++i) queue.push_back(i);
    queue.popFront(60);
    EXPECT_EQ(queue.front(), 60);
    EXPECT_EQ(std::accumulate(queue.begin(), queue.end(), 0), (60 + 99) * 20);
    queue.popFront(1000);
    EXPECT_TRUE(queue.empty());
    queue.push_back(7);
    EXPECT_EQ(queue.front(), 7);
    EXPECT_EQ(queue.back(), 7);
}

TEST(SlidingVector, letsGoOfWhatIsTakenOutAtOnce) {
    SlidingVector<std::shared_ptr<int>> queue;
    const auto first = std::make_shared<int>(1);
    const std::weak_ptr<int> second = *[&] {
        queue.push_back(first);
        queue.push_back(std::make_shared<int>(2));
        queue.push_back(std::make_shared<int>(3));
        return &queue[1];
    }();
    queue.popFront();
    EXPECT_EQ(first.use_count(), 1);
    queue.popFront();
    EXPECT_TRUE(second.expired());
    EXPECT_EQ(*queue.front(), 3);
}

}  // namespace
}  // namespace landline
