#include "p2p/base/handover_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace landline {
namespace {

TEST(HandoverQueue, refusesBeyondItsCapacity) {
    HandoverQueue<int> queue(2);
    EXPECT_TRUE(queue.push(1));
    EXPECT_TRUE(queue.push(2));
    EXPECT_FALSE(queue.push(3));
    EXPECT_EQ(queue.takeAll(), (std::deque<int>{1, 2}));
    EXPECT_TRUE(queue.push(4));
}

TEST(HandoverQueue, wakesOncePerChangeFromEmpty) {
    int wakes = 0;
    HandoverQueue<int> queue(8, [&] { ++wakes; });
    EXPECT_TRUE(queue.push(1));
    EXPECT_TRUE(queue.push(2));
    EXPECT_EQ(wakes, 1);
    (void)queue.takeAll();
    EXPECT_TRUE(queue.push(3));
    EXPECT_EQ(wakes, 2);
}

TEST(HandoverQueue, givesWhatWaitsAfterClosingAndNoMore) {
    HandoverQueue<int> queue(8);
    EXPECT_TRUE(queue.push(1));
    queue.close();
    EXPECT_FALSE(queue.push(2));
    EXPECT_EQ(queue.waitNext(), 1);
    EXPECT_EQ(queue.waitNext(), std::nullopt);
}

TEST(HandoverQueue, keepsEachProducersOrderAcrossThreads) {
    constexpr int kProducers = 4;
    constexpr int kEach = 20000;
    HandoverQueue<std::pair<int, int>> queue(64);
    std::vector<std::thread> producers;
    for (int producer = 0; producer < kProducers; ++producer)
        producers.emplace_back([&queue, producer] {
            for (int i = 0; i < kEach;) {
                if (queue.push({producer, i})) ++i;
                else std::this_thread::yield();
            }
        });
    std::vector<int> next(kProducers, 0);
    for (int taken = 0; taken < kProducers * kEach; ++taken) {
        const auto value = queue.waitNext();
        ASSERT_TRUE(value);
        ASSERT_EQ(value->second, next[static_cast<std::size_t>(value->first)]++);
    }
    for (std::thread& producer : producers) producer.join();
    EXPECT_TRUE(queue.takeAll().empty());
}

}  // namespace
}  // namespace landline
