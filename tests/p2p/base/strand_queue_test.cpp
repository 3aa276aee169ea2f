#include "p2p/base/strand_queue.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

namespace landline {
namespace {

TEST(StrandQueue, givesOneOfAStrandAtATimeAndStrandsInTurn) {
    StrandQueue<int, int> queue;
    for (const int value : {10, 11, 12}) queue.push(1, value);
    queue.push(2, 20);
    EXPECT_EQ(queue.waitNext(), std::pair(1, 10));
    EXPECT_EQ(queue.waitNext(), std::pair(2, 20));  // nothing of the first while one of it runs
    queue.push(3, 30);
    queue.done(1);
    EXPECT_EQ(queue.waitNext(), std::pair(3, 30));
    EXPECT_EQ(queue.waitNext(), std::pair(1, 11));
    queue.done(2);
    queue.push(2, 21);
    EXPECT_EQ(queue.waitNext(), std::pair(2, 21));
}

TEST(StrandQueue, givesNothingOnceClosed) {
    StrandQueue<int, int> queue;
    queue.push(1, 10);
    queue.push(1, 11);
    EXPECT_TRUE(queue.waitNext());
    EXPECT_EQ(queue.close().at(1).size(), 1U);
    EXPECT_FALSE(queue.waitNext());
    queue.done(1);
    queue.push(2, 20);
    EXPECT_FALSE(queue.waitNext());
}

TEST(StrandQueue, keepsTheOrderOfEachStrandAcrossThreads) {
    constexpr int kStrands = 5;
    constexpr int kEach = 2000;
    StrandQueue<int, int> queue;
    std::array<std::vector<int>, kStrands>
        got;  // each written by one thread at a time, as the queue promises
    std::atomic<int> left = kStrands * kEach;
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i)
        threads.emplace_back([&] {
            while (const auto next = queue.waitNext()) {
                got.at(static_cast<std::size_t>(next->first)).push_back(next->second);
                queue.done(next->first);
                if (--left == 0) queue.close();
            }
        });
    for (int value = 0; value < kEach; ++value)
        for (int strand = 0; strand < kStrands; ++strand) queue.push(strand, value);
    for (std::thread& thread : threads) thread.join();
    for (const std::vector<int>& values : got) {
        ASSERT_EQ(values.size(), std::size_t(kEach));
        for (int i = 0; i < kEach; ++i) ASSERT_EQ(values[static_cast<std::size_t>(i)], i);
    }
}

}  // namespace
}  // namespace landline
