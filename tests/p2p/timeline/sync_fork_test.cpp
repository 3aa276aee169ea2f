#include "p2p/base/hash.h"
#include "tests/p2p/timeline/sync_test.h"

namespace landline::timeline {
namespace {

class ForkTest : public SyncTest {
protected:
    /// Both sides hold `common` entries of a third device; then each holds its own continuation.
    void fork(int common, int atA, int atB) {
        author = Writer::withKey(pair.a.writer().personKey, pair.random);
        author.conversation = pair.id;
        std::vector<CheckedEntry> first = author.texts(common, pair.random);
        Writer clone = author;
        give(pair.a, first);
        give(pair.b, first);
        give(pair.a, author.texts(atA, pair.random));
        give(pair.b, clone.texts(atB, pair.random));
    }
    void give(SyncSide& side, const std::vector<CheckedEntry>& run) {
        if (run.empty()) return;
        Applier applier(side.store(), side.writer().device());
        for (std::size_t at = 0; at < run.size(); at += limits::kEntriesPerMessage) {
            const auto part =
                std::span(run).subspan(at, std::min(limits::kEntriesPerMessage, run.size() - at));
            EXPECT_EQ(applier.apply(batchOf(part), kNow).refused, 0u);
        }
        EXPECT_TRUE(side.store().commit());
    }
    void expectEnd(SyncSide& side, EntryNumber end) {
        const auto head = side.store().head(pair.id, author.device());
        ASSERT_TRUE(head);
        EXPECT_EQ(head->end, end);
        EXPECT_EQ(head->number, end);
        const auto evidence = side.store().forkEvidence(pair.id, author.device());
        ASSERT_TRUE(evidence);
        EXPECT_EQ(wire::parseEntryHeader(evidence->first.header)->number, end + 1);
    }
    Writer author = Writer::make(pair.random);
};

struct ForkCase {
    int common, atA, atB;
};
class ForkAt : public ForkTest, public ::testing::WithParamInterface<ForkCase> {};

TEST_P(ForkAt, endsTheTimelineThereOnBothSides) {
    const ForkCase& one = GetParam();
    fork(one.common, one.atA, one.atB);
    pair.start();
    EXPECT_TRUE(pair.run());
    expectEnd(pair.a, EntryNumber(one.common));
    expectEnd(pair.b, EntryNumber(one.common));
    for (const wire::AuthorHead& head : pair.a.recorded) {
        if (head.author == author.device()) {
            EXPECT_LE(head.number, EntryNumber(one.common));
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Forks, ForkAt,
                         ::testing::Values(ForkCase{3, 2, 2}, ForkCase{3, 1, 4}, ForkCase{3, 4, 1},
                                           ForkCase{0, 1, 1}, ForkCase{0, 3, 2}, ForkCase{5, 100, 90},
                                           ForkCase{5, 90, 300}, ForkCase{1, 600, 600}),
                         [](const auto& tested) {
                             return std::to_string(tested.param.common) + "_" +
                                    std::to_string(tested.param.atA) + "_" + std::to_string(tested.param.atB);
                         });

TEST_F(ForkTest, whoHoldsNothingBeyondLearnsNothingAndLacksNothing) {
    fork(3, 2, 0);
    pair.a.store().endTimeline(pair.id, author.device(), 3, std::nullopt);
    EXPECT_TRUE(pair.a.store().commit());
    pair.start();
    EXPECT_TRUE(pair.run());
    EXPECT_EQ(pair.b.number(pair.id, author.device()), 3u);
}

TEST_F(ForkTest, theProofGoesToWhoeverHoldsEntriesBeyondTheEnd) {
    fork(3, 2, 0);
    pair.start();
    EXPECT_TRUE(pair.run());
    EXPECT_EQ(pair.b.number(pair.id, author.device()), 5u);
    // Side A learns elsewhere that the device forked at 3.
    Writer clone = author;
    const auto third = pair.a.store().read(pair.id, author.device(), 3, 1, 0);
    const auto second = pair.a.store().read(pair.id, author.device(), 2, 1, 0);
    clone.tip = {2, entryHash(second[0])};
    const CheckedEntry other = clone.text("another third", pair.random);
    Applier applier(pair.a.store(), deviceA());
    EXPECT_EQ(applier.apply(batchOf(other), kNow).ended.size(), 1u);
    EXPECT_TRUE(pair.a.store().commit());
    pair.a.tell(pair.id, author.device(), {});
    EXPECT_TRUE(pair.run());
    expectEnd(pair.a, 2);
    expectEnd(pair.b, 2);
}

TEST_F(ForkTest, theLowestForkWinsWhateverComesFirst) {
    fork(4, 1, 1);
    pair.start();
    EXPECT_TRUE(pair.run());
    expectEnd(pair.b, 4);
    Writer clone = author;
    const auto first = pair.b.store().read(pair.id, author.device(), 1, 1, 0);
    clone.tip = {1, entryHash(first[0])};
    const CheckedEntry other = clone.text("another second", pair.random);
    Applier applier(pair.b.store(), deviceB());
    EXPECT_EQ(applier.apply(batchOf(other), kNow).ended.size(), 1u);
    EXPECT_TRUE(pair.b.store().commit());
    pair.b.tell(pair.id, author.device(), {});
    EXPECT_TRUE(pair.run());
    expectEnd(pair.a, 1);
    expectEnd(pair.b, 1);
}

TEST_F(ForkTest, evidenceThatProvesNothingChangesNothing) {
    fork(3, 0, 0);
    const auto held = pair.a.store().read(pair.id, author.device(), 1, 3, 1 << 20);
    Applier applier(pair.a.store(), deviceA());
    const auto headers = [&](std::vector<wire::SignedEntry> entries) {
        for (wire::SignedEntry& entry : entries) entry.payload.clear();
        return wire::ForkEvidence{pair.id, author.device(), std::move(entries)};
    };
    EXPECT_TRUE(applier.applyForkEvidence(headers(held)).ended.empty());
    EXPECT_TRUE(applier.applyForkEvidence(headers({held[0], held[0]})).ended.empty());
    EXPECT_TRUE(applier.applyForkEvidence(headers({})).ended.empty());
    // Not signed by the author.
    wire::SignedEntry forged = held[2];
    forged.signature.data()[0] ^= 1;
    EXPECT_EQ(applier.applyForkEvidence(headers({forged})).firstError->code, ErrorCode::BadSignature);
    EXPECT_TRUE(applier.applyForkEvidence(headers({held[2], forged})).ended.empty());
    EXPECT_EQ(pair.a.number(pair.id, author.device()), 3u);
}

TEST_F(ForkTest, twoContradictingHeadersProveTheForkToAnybody) {
    fork(3, 2, 0);
    Writer clone = author;
    const auto held = pair.a.store().read(pair.id, author.device(), 1, 5, 1 << 20);
    clone.tip = {3, entryHash(held[2])};
    const CheckedEntry other = clone.text("another fourth", pair.random);
    wire::ForkEvidence pairOf{pair.id, author.device(), {held[3], other.bytes}};
    for (wire::SignedEntry& entry : pairOf.headers) entry.payload.clear();
    // Side B holds neither of the two.
    Applier applier(pair.b.store(), deviceB());
    const ApplyResult result = applier.applyForkEvidence(pairOf);
    EXPECT_EQ(result.ended.size(), 1u);
    EXPECT_FALSE(result.forkSuspectedAt);
    EXPECT_TRUE(pair.b.store().commit());
    expectEnd(pair.b, 3);
    pair.start();
    EXPECT_TRUE(pair.run());
    expectEnd(pair.a, 3);
    expectEnd(pair.b, 3);
}

}  // namespace
}  // namespace landline::timeline
