#include "p2p/timeline/sync_engine.h"

#include "p2p/base/hash.h"
#include "tests/p2p/timeline/sync_test.h"

namespace landline::timeline {
namespace {

TEST_F(SyncTest, bringsBothSidesToTheSameTimelines) {
    for (int i = 0; i < 5; ++i) {
        pair.a.write(text("a" + std::to_string(i)), pair.random, true);
        pair.b.write(text("b" + std::to_string(i)), pair.random, true);
    }
    pair.start();
    EXPECT_TRUE(pair.run());
    expectSame();
    EXPECT_EQ(pair.a.number(pair.id, deviceB()), 5u);
    EXPECT_EQ(lastRecord(pair.a).number, 5u);
    EXPECT_TRUE(pair.a.engine().idle());
    EXPECT_TRUE(pair.b.engine().idle());
}

TEST_F(SyncTest, equalDigestsSendNoHeadsButTellWhatThePeerHolds) {
    pair.a.write(text("hello"), pair.random, true);
    pair.start();
    EXPECT_TRUE(pair.run());
    pair.reconnect();
    pair.a.recorded.clear();
    pair.a.drain(pair.toB);
    pair.b.drain(pair.toA);
    ASSERT_EQ(pair.toA.size(), 1u);
    EXPECT_TRUE(std::holds_alternative<wire::HeadsDigest>(pair.toA.front()));
    EXPECT_TRUE(pair.run());
    EXPECT_EQ(pair.entriesSent, 1u);
    EXPECT_EQ(lastRecord(pair.a).number, 1u);
    EXPECT_TRUE(pair.a.engine().idle());
}

TEST_F(SyncTest, sidesMayStartAtDifferentTimes) {
    pair.a.write(text("early"), pair.random, true);
    pair.a.start();
    EXPECT_TRUE(pair.run());
    EXPECT_FALSE(pair.a.engine().idle());
    pair.a.write(text("while the other side is not ready"), pair.random);
    EXPECT_TRUE(pair.run());
    pair.b.start();
    EXPECT_TRUE(pair.run());
    EXPECT_EQ(pair.b.number(pair.id, deviceA()), 2u);
    EXPECT_EQ(lastRecord(pair.a).number, 2u);
}

TEST_F(SyncTest, framesBeforeStartAreBounded) {
    SyncEngine engine(deviceA(), deviceB());
    for (std::size_t i = 0; i < limits::kFramesBeforeStart; ++i)
        EXPECT_TRUE(engine.receive(wire::HeadsDigest{}));
    EXPECT_FALSE(engine.receive(wire::HeadsDigest{}));
    SyncEngine other(deviceA(), deviceB());
    EXPECT_FALSE(other.receive(wire::Heads{pair.id, {}, true}));
}

TEST_F(SyncTest, freshEntriesGoOutWithoutBeingReadBack) {
    pair.start();
    EXPECT_TRUE(pair.run());
    for (int i = 0; i < 10; ++i) pair.a.write(text("live"), pair.random);
    EXPECT_TRUE(pair.run());
    EXPECT_EQ(pair.a.reads, 0u);
    EXPECT_EQ(pair.entriesSent, 10u);
    EXPECT_EQ(lastRecord(pair.a).number, 10u);
    expectSame();
}

TEST_F(SyncTest, aTickNeedsTheCommitOfTheOtherSide) {
    pair.start();
    EXPECT_TRUE(pair.run());
    pair.b.holdsBackApplied = true;
    pair.a.write(text("hello"), pair.random);
    EXPECT_TRUE(pair.run());
    EXPECT_EQ(pair.b.applies, 1u);
    EXPECT_GT(pair.b.engine().bytesApplying(), 0u);
    EXPECT_TRUE(pair.a.recorded.empty());
    EXPECT_FALSE(pair.a.engine().idle());
}

TEST_F(SyncTest, readMarksTravelInHeads) {
    pair.start();
    for (int i = 0; i < 3; ++i) pair.a.write(text("x"), pair.random);
    EXPECT_TRUE(pair.run());
    pair.b.read(pair.id, deviceA(), 2);
    EXPECT_TRUE(pair.run());
    EXPECT_EQ(lastRecord(pair.a).read, 2u);
    EXPECT_EQ(lastRecord(pair.a).number, 3u);
}

TEST_F(SyncTest, aReadMarkIsCutToWhatThePeerProvablyHolds) {
    pair.a.write(text("x"), pair.random, true);
    pair.start();
    pair.a.drain(pair.toB);
    pair.b.drain(pair.toA);
    EXPECT_TRUE(pair.a.engine().receive(std::move(pair.toA.front())));
    wire::AuthorHead head;
    head.author = deviceA();
    head.read = 1;
    EXPECT_TRUE(pair.a.engine().receive(wire::Heads{pair.id, {head}, true}));
    std::deque<wire::Message> out;
    pair.a.drain(out);
    EXPECT_TRUE(pair.a.recorded.empty());
}

TEST_F(SyncTest, aHeadWithAnotherHashIsNoTick) {
    for (int i = 0; i < 3; ++i) pair.a.write(text("x"), pair.random, true);
    pair.a.start();
    std::deque<wire::Message> out;
    pair.a.drain(out);
    EXPECT_TRUE(pair.a.engine().receive(wire::HeadsDigest{{{pair.id, Hash128{}}}}));
    wire::AuthorHead head;
    head.author = deviceA();
    for (const EntryNumber number : {EntryNumber(2), EntryNumber(3)}) {
        head.number = number;
        head.hash = truncated(sha256(viewOf("something else")));
        EXPECT_TRUE(pair.a.engine().receive(wire::Heads{pair.id, {head}, true}));
        pair.a.drain(out);
        EXPECT_TRUE(pair.a.recorded.empty());
    }
    const bool sentEvidence = std::any_of(out.begin(), out.end(), [](const wire::Message& message) {
        return std::holds_alternative<wire::ForkEvidence>(message);
    });
    EXPECT_TRUE(sentEvidence);
    EXPECT_EQ(pair.a.clones, 0u);
}

TEST_F(SyncTest, aHeadBeyondOursIsNoTickForWhatWeHold) {
    // The peer's chain may part from ours anywhere below; only its entries can tell.
    pair.b.write(text("x"), pair.random, true);
    pair.start();
    EXPECT_TRUE(pair.run());
    pair.a.recorded.clear();
    wire::AuthorHead head;
    head.author = deviceB();
    head.number = 9;
    head.hash = truncated(sha256(viewOf("something else")));
    EXPECT_TRUE(pair.a.engine().receive(wire::Heads{pair.id, {head}, false}));
    std::deque<wire::Message> out;
    pair.a.drain(out);
    EXPECT_TRUE(pair.a.recorded.empty());
}

TEST_F(SyncTest, aPeerShowsAnAuthorWhatItLacksOfItsOwnTimeline) {
    for (const std::size_t kept : {std::size_t(0), std::size_t(2), std::size_t(40)}) {
        SyncPair old;
        Writer lost = old.a.writer();
        const std::vector<CheckedEntry> written = lost.texts(40, old.random);
        for (std::size_t i = 0; i < kept; ++i)
            EXPECT_EQ(Applier(old.a.store(), lost.device()).applyOwn(written[i], kNow).refused, 0u);
        EXPECT_TRUE(old.a.store().commit());
        EXPECT_EQ(Applier(old.b.store(), old.b.writer().device()).apply(batchOf(written), kNow).refused, 0u);
        EXPECT_TRUE(old.b.store().commit());
        old.start();
        EXPECT_TRUE(old.run());
        EXPECT_EQ(old.a.clones, kept < 40 ? 1u : 0u) << kept;
        EXPECT_EQ(old.b.clones, 0u) << kept;
    }
}

TEST_F(SyncTest, aMereClaimAboutTheOwnTimelineMeansNothing) {
    pair.start();
    EXPECT_TRUE(pair.run());
    wire::AuthorHead head;
    head.author = deviceA();
    head.number = 4;
    head.hash = truncated(sha256(viewOf("mine, but not here")));
    EXPECT_TRUE(pair.a.engine().receive(wire::Heads{pair.id, {head}, false}));
    std::deque<wire::Message> out;
    pair.a.drain(out);
    EXPECT_EQ(pair.a.clones, 0u);
    // Nor does evidence that this device has not signed.
    Writer forger = Writer::make(pair.random);
    forger.conversation = pair.id;
    wire::EntryHeader header = forger.text("x", pair.random).header;
    header.author = deviceA();
    const wire::SignedEntry forged{wire::encodeEntryHeader(header), pair.random.make<Signature>(), {}, {}};
    EXPECT_TRUE(pair.a.engine().receive(wire::ForkEvidence{pair.id, deviceA(), {forged}}));
    pair.a.drain(out);
    EXPECT_EQ(pair.a.clones, 0u);
}

TEST_F(SyncTest, everythingResumesFromHeadsAfterABreak) {
    for (int i = 0; i < 100; ++i) pair.a.write(text(std::string(20'000, 'x')), pair.random, true);
    pair.start();
    EntryNumber before = 0;
    for (int i = 0; i < 5; ++i) {
        EXPECT_TRUE(pair.runRounds(4));
        pair.reconnect();
        EXPECT_GT(pair.b.number(pair.id, deviceA()), before);
        before = pair.b.number(pair.id, deviceA());
    }
    EXPECT_LT(before, 100u);
    EXPECT_TRUE(pair.run());
    expectSame();
    EXPECT_EQ(lastRecord(pair.a).number, 100u);
}

TEST_F(SyncTest, keepsWithinItsWindowUntilHeadsComeBack) {
    for (int i = 0; i < 120; ++i) pair.a.write(text(std::string(60'000, 'x')), pair.random, true);
    pair.start();
    pair.b.holdsBackApplied = true;
    EXPECT_TRUE(pair.run());
    const std::size_t sent = pair.entriesSent;
    EXPECT_GE(sent * 60'000, limits::kSyncWindow - 300'000);
    EXPECT_LE(sent * 60'000, limits::kSyncWindow + 300'000);
    EXPECT_LE(pair.b.engine().bytesApplying(), limits::kSyncWindow + 300'000);
}

TEST_F(SyncTest, sendsNothingWhileTheSessionIsFull) {
    for (int i = 0; i < 3; ++i) pair.a.write(text("x"), pair.random, true);
    pair.start();
    pair.a.engine().setWritable(false);
    EXPECT_TRUE(pair.run());
    EXPECT_EQ(pair.b.number(pair.id, deviceA()), 0u);
    pair.a.engine().setWritable(true);
    EXPECT_TRUE(pair.run());
    EXPECT_EQ(pair.b.number(pair.id, deviceA()), 3u);
}

TEST_F(SyncTest, manySmallEntriesTravelInFewFrames) {
    for (int i = 0; i < 2000; ++i) pair.a.write(text("x"), pair.random, true);
    pair.start();
    EXPECT_TRUE(pair.run());
    EXPECT_EQ(pair.entriesSent, 2000u);
    EXPECT_LE(pair.entryFrames, 20u);
    expectSame();
}

TEST_F(SyncTest, theLargestEntriesFitTheirFramesAlsoWhenErased) {
    const std::string largest(limits::kTextBytes, 'x');
    const CheckedEntry entry = pair.a.write(text(largest), pair.random, true);
    pair.a.write(wire::Edit{entry.ref(), largest}, pair.random, true);
    pair.a.write(wire::Delete{entry.ref()}, pair.random, true);
    pair.a.write(text(largest), pair.random, true);
    pair.start();
    EXPECT_TRUE(pair.run());
    expectSame();
}

TEST_F(SyncTest, refusesConversationsThatAreNotShared) {
    pair.start();
    EXPECT_TRUE(pair.run());
    const ConversationId other =
        identity::directConversation(pair.a.writer().person(), pair.a.writer().person());
    EXPECT_EQ(pair.a.engine().receive(wire::Heads{other, {}, true}).error().code,
              ErrorCode::ProtocolViolation);
    EXPECT_EQ(pair.a.engine().receive(wire::Entries{other, deviceB(), 1, {{}}}).error().code,
              ErrorCode::ProtocolViolation);
    EXPECT_EQ(pair.a.engine().receive(wire::ForkEvidence{other, deviceB(), {{}}}).error().code,
              ErrorCode::ProtocolViolation);
    EXPECT_TRUE(pair.a.engine().receive(wire::HeadsDigest{{{other, Hash128{}}}}));
}

TEST_F(SyncTest, tellsNothingOfAConversationThatThePeerDoesNotList) {
    const ConversationId notes =
        identity::directConversation(pair.a.writer().person(), pair.a.writer().person());
    pair.a.share(notes, {pair.a.writer().person()});
    pair.start();
    EXPECT_TRUE(pair.run());
    pair.a.drain(pair.toB);
    EXPECT_TRUE(pair.toB.empty());
    EXPECT_TRUE(pair.a.engine().idle());
}

TEST_F(SyncTest, aConversationMayBeSharedLaterByEitherSide) {
    const PersonId alice = pair.a.writer().person();
    const PersonId bob = pair.b.writer().person();
    const ConversationId later = *ConversationId::from(Bytes(32, 7));
    for (const bool aFirst : {true, false}) {
        SCOPED_TRACE(aFirst);
        SyncPair fresh;
        fresh.start();
        EXPECT_TRUE(fresh.run());
        SyncSide& first = aFirst ? fresh.a : fresh.b;
        SyncSide& last = aFirst ? fresh.b : fresh.a;
        first.share(later, {alice, bob});
        first.writer().conversation = later;
        first.writer().tip = {};
        first.write(text("in a new conversation"), fresh.random, true);
        first.engine().localHeadsChanged({later, first.store().heads(later)}, {});
        EXPECT_TRUE(fresh.run());
        last.share(later, {alice, bob});
        last.engine().localHeadsChanged({later, {}}, {});
        EXPECT_TRUE(fresh.run());
        EXPECT_EQ(last.number(later, first.writer().device()), 1u);
    }
}

TEST_F(SyncTest, startingAgainBringsWhatWasRefused) {
    pair.b.store().setStanding(pair.a.writer().person(), Standing::Stranger);
    for (std::size_t i = 0; i < limits::kStrangerEntries + 5; ++i) pair.a.write(text("x"), pair.random, true);
    pair.start();
    EXPECT_TRUE(pair.run());
    EXPECT_EQ(pair.b.number(pair.id, deviceA()), limits::kStrangerEntries);
    EXPECT_EQ(lastRecord(pair.a).number, limits::kStrangerEntries);
    pair.b.store().setStanding(pair.a.writer().person(), Standing::Accepted);
    pair.b.start();
    EXPECT_TRUE(pair.run());
    EXPECT_EQ(pair.b.number(pair.id, deviceA()), limits::kStrangerEntries + 5);
    EXPECT_TRUE(pair.a.engine().idle());
}

TEST_F(SyncTest, listsOfHeadsAreSplitByTheirLimit) {
    const std::size_t authors = limits::kHeadsPerMessage + 50;
    for (std::size_t i = 0; i < authors; ++i) {
        Writer device = Writer::withKey(pair.a.writer().personKey, pair.random);
        device.conversation = pair.id;
        Applier applier(pair.a.store(), deviceA());
        EXPECT_EQ(applier.apply(batchOf(device.text("x", pair.random)), kNow).refused, 0u);
    }
    EXPECT_TRUE(pair.a.store().commit());
    pair.start();
    EXPECT_TRUE(pair.run());
    EXPECT_EQ(pair.b.store().heads(pair.id).size(), authors);
    expectSame();
}

TEST_F(SyncTest, refusesMoreAuthorsThanAConversationMayHave) {
    pair.start();
    EXPECT_TRUE(pair.run());
    Expected<void> done;
    for (std::size_t i = 0; done && i < 2 * limits::kAuthorsPerConversation; ++i) {
        wire::AuthorHead head;
        head.author = pair.random.make<DeviceId>();
        head.number = 1;
        done = pair.a.engine().receive(wire::Heads{pair.id, {head}, false});
    }
    EXPECT_FALSE(done);
}

}  // namespace
}  // namespace landline::timeline
