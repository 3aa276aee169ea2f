#include "p2p/base/shared_bytes.h"

#include "tests/support/handover_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace landline {
namespace {

TEST(BytePool, givesEachBufferToOneAtATimeAcrossThreads) {
    constexpr int kBuffers = 20'000;
    constexpr std::size_t kBytes = 512;
    BytePool pool(4);
    test::HandoverQueue<std::pair<std::uint8_t, std::shared_ptr<Bytes>>> queue(4);
    int wrong = 0;
    std::thread reader([&] {
        while (const auto next = queue.waitNext()) {
            const auto& [value, bytes] = *next;
            if (bytes->size() != kBytes || std::count(bytes->begin(), bytes->end(), value) != kBytes) ++wrong;
        }
    });
    int again = 0;
    for (int i = 0; i < kBuffers; ++i) {
        Bytes buffer = pool.take();
        if (!buffer.empty()) ++again;
        buffer.resize(kBytes);
        const auto value = static_cast<std::uint8_t>(i);
        std::fill(buffer.begin(), buffer.end(), value);
        const auto shared = pool.share(std::move(buffer));
        while (!queue.push({value, shared})) std::this_thread::yield();
    }
    queue.close();
    reader.join();
    EXPECT_EQ(wrong, 0);
    // The queue and its reader have no more than these at a time.
    EXPECT_GT(again, 0);
}

TEST(BytePool, keepsNothingOnceItIsCleared) {
    BytePool pool(2);
    const auto inUse = pool.share(Bytes(10));
    pool.giveBack(Bytes(20));
    pool.clear();
    EXPECT_TRUE(pool.take().empty());
}

}  // namespace
}  // namespace landline
