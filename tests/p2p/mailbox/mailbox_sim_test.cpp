#include "tests/p2p/mailbox/relay_world.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace landline::test {
namespace {

struct Seeds {
    std::uint64_t first = 1;
    std::uint64_t last = 40;
};

/// MAILBOX_SEEDS=7 or 1-250 plays others than those of every day.
Seeds seeds() {
    const char* const text = std::getenv("MAILBOX_SEEDS");
    if (text == nullptr) return {};
    char* rest = nullptr;
    Seeds chosen;
    chosen.first = chosen.last = std::strtoull(text, &rest, 10);
    if (*rest == '-') chosen.last = std::strtoull(rest + 1, nullptr, 10);
    return chosen;
}

TEST(MailboxSimulation, losesNothingAndClaimsNothingFalse) {
    initCrypto();
    std::uint64_t held = 0;
    std::uint64_t requeued = 0;
    for (std::uint64_t seed = seeds().first; seed <= seeds().last; ++seed) {
        RelayWorld world(seed);
        for (const std::string& fault : world.play())
            ADD_FAILURE() << "MAILBOX_SEEDS=" << seed << ": " << fault;
        if (seeds().first == seeds().last) std::printf("seed %d: %s\n", int(seed), world.summary().c_str());
        held += world.heldReports;
        requeued += world.requeued;
    }
    // A world in which nothing happens would find nothing wrong.
    EXPECT_GT(held, 10 * (seeds().last - seeds().first + 1));
    if (seeds().last - seeds().first >= 20) {
        EXPECT_GT(requeued, 0U);
    }
}

TEST(MailboxSimulation, aSeedPlaysTheSameAgain) {
    initCrypto();
    for (const std::uint64_t seed : {3, 4}) {
        RelayWorld first(seed);
        RelayWorld second(seed);
        (void)first.play();
        (void)second.play();
        EXPECT_EQ(first.summary(), second.summary());
        EXPECT_EQ(first.scheduler.now(), second.scheduler.now());
    }
}

}  // namespace
}  // namespace landline::test
