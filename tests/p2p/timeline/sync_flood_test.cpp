// What one peer may cost a sync engine that only ever gets valid frames of it.
#include "tests/p2p/timeline/sync_pair.h"

#include <ctime>

namespace landline::timeline {
namespace {

TEST(SyncFlood, completeHeadsThatComeAgainCostNothingForInventedAuthors) {
    test::SeededRandom random(3);
    const auto cost = [&random](std::size_t authors) {
        SyncPair fresh;
        fresh.start();
        EXPECT_TRUE(fresh.run());
        for (std::size_t i = 0; i < authors; ++i) {
            wire::AuthorHead head;
            head.author = random.make<DeviceId>();
            head.number = 1;
            EXPECT_TRUE(fresh.a.engine().receive(wire::Heads{fresh.id, {head}, i + 1 == authors}));
        }
        const std::clock_t before = std::clock();
        for (int i = 0; i < 3000; ++i) EXPECT_TRUE(fresh.a.engine().receive(wire::Heads{fresh.id, {}, true}));
        return std::clock() - before;
    };
    // Four thousand times as many; were they all looked at, it would show by far.
    const std::clock_t few = cost(1);
    EXPECT_LT(cost(limits::kAuthorsPerConversation - 2), 50 * few + CLOCKS_PER_SEC / 20);
}

TEST(SyncFlood, answersThatThePeerDoesNotReadAreBounded) {
    SyncPair pair;
    pair.start();
    EXPECT_TRUE(pair.run());
    SyncEngine& engine = pair.a.engine();
    engine.setWritable(false);
    for (std::size_t i = 0; i < 4 * limits::kForkAnswers; ++i)
        engine.sendForkEvidence({pair.id, pair.b.writer().device(), {{Bytes(100, 1), {}, {}, {}}}});
    engine.setWritable(true);
    std::size_t sent = 0;
    while (auto action = engine.nextAction()) {
        const auto* const send = std::get_if<SendMessage>(&*action);
        sent += send && std::holds_alternative<wire::ForkEvidence>(send->message) ? 1 : 0;
    }
    EXPECT_EQ(sent, limits::kForkAnswers);
}

}  // namespace
}  // namespace landline::timeline
