#pragma once

#include "p2p/base/hash.h"
#include "p2p/base/limits.h"
#include "p2p/timeline/erasure.h"
#include "tests/p2p/timeline/writer.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>

/// What every TimelineStore must keep, whatever is beneath it. Include it in one source of a test program and
/// instantiate it with a function that makes the store:
///
///     INSTANTIATE_TEST_SUITE_P(Memory, StoreContract, ::testing::Values(StoreMaker(makeMemoryStore)));
///
/// Nothing else is needed.
namespace landline::timeline {

/// A store under test and what the suite does around it.
class StoreUnderTest {
public:
    virtual ~StoreUnderTest() = default;
    virtual TimelineStore& store() = 0;
    /// Makes the device, its person (accepted) and the direct conversation with the store's own person known, durably.
    virtual void meet(const identity::Certificate& certificate) = 0;
    virtual void setStanding(const PersonId& person, Standing standing) = 0;
    /// The program ends without a word and starts again: what was not committed is gone.
    virtual void restart() = 0;
};
/// Makes an empty store of the person whose device this is.
using StoreMaker = std::function<std::unique_ptr<StoreUnderTest>(const identity::Certificate& self)>;

class StoreContract : public ::testing::TestWithParam<StoreMaker> {
protected:
    StoreContract() : under(GetParam()(self.certificate)) {
        alice.conversation = self.conversation = second.conversation =
            identity::directConversation(alice.person(), self.person());
        under->meet(alice.certificate);
    }
    TimelineStore& store() { return under->store(); }
    const ConversationId& id() const { return alice.conversation; }

    TimelineHead headAfter(std::span<const CheckedEntry> run) {
        TimelineHead head = store().head(id(), run.back().header.author).value_or(TimelineHead{});
        head.author = run.back().header.author;
        head.number = run.back().header.number;
        head.hash = run.back().hash;
        head.clock = run.back().header.clock;
        return head;
    }
    void append(std::span<const CheckedEntry> run) { store().append(id(), run, headAfter(run)); }
    void append(const CheckedEntry& entry) { append(std::span(&entry, 1)); }
    std::vector<wire::SignedEntry> read(EntryNumber first, std::size_t count = 100,
                                        std::size_t bytes = 1 << 20) {
        return store().read(id(), alice.device(), first, count, bytes);
    }
    /// The author's next entry with a signature that is none; its next one names it all the same.
    CheckedEntry unsignedText(Writer& by) {
        CheckedEntry entry = by.text("x", random);
        entry.bytes.signature.data()[0] ^= 1;
        entry.hash = entryHash(entry.bytes);
        by.tip = {entry.header.number, entry.hash};
        return entry;
    }
    wire::ErasureProof appendDelete(Writer& by, const EntryRef& target) {
        const CheckedEntry deletion = by.write(wire::Delete{target}, random);
        append(deletion);
        return proofOf(deletion.bytes, by.certificate);
    }
    EntryNumber number() {
        const auto head = store().head(id(), alice.device());
        return head ? head->number : 0;
    }

    test::SeededRandom random{7};
    Writer self = Writer::make(random);
    Writer alice = Writer::make(random);
    Writer second = Writer::withKey(alice.personKey, random);
    std::unique_ptr<StoreUnderTest> under;
};

TEST_P(StoreContract, knowsMembersStandingAndCertificates) {
    EXPECT_EQ(store().members(id()).size(), 2u);
    EXPECT_TRUE(store().members(identity::directConversation(second.person(), alice.person())).empty());
    EXPECT_EQ(store().standing(alice.person()), Standing::Accepted);
    EXPECT_EQ(store().standing(self.person()), Standing::Accepted);
    under->setStanding(alice.person(), Standing::Blocked);
    EXPECT_EQ(store().standing(alice.person()), Standing::Blocked);
    EXPECT_EQ(store().certificate(alice.device()), alice.certificate);
    EXPECT_FALSE(store().certificate(second.device()));
    store().putCertificate(second.certificate);
    EXPECT_EQ(store().certificate(second.device()), second.certificate);
}

TEST_P(StoreContract, appendMovesTheHeadAndReadGivesTheExactBytes) {
    EXPECT_FALSE(store().head(id(), alice.device()));
    const auto run = alice.texts(5, random);
    append(std::span(run).first(2));
    append(std::span(run).subspan(2));
    ASSERT_TRUE(store().commit());
    EXPECT_EQ(store().head(id(), alice.device()), headAfter(run));
    const auto got = read(2);
    ASSERT_EQ(got.size(), 4u);
    for (std::size_t i = 0; i < got.size(); ++i) EXPECT_EQ(got[i], run[i + 1].bytes);
    EXPECT_TRUE(read(6).empty());
}

TEST_P(StoreContract, readsWhatTheNextEntryVouchesForWhateverItsOwnSignature) {
    // The applier checks the last signature of a run, so this is how an author can have it stored.
    const CheckedEntry unsignedEntry = unsignedText(alice);
    append(std::vector{unsignedEntry, alice.text("y", random), alice.text("z", random)});
    ASSERT_TRUE(store().commit());
    EXPECT_EQ(read(1, 1).size(), 1u);
    EXPECT_EQ(read(2, 1).size(), 1u);
    EXPECT_EQ(read(1, 2).size(), 2u);
    EXPECT_TRUE(store().commit());
}

TEST_P(StoreContract, readKeepsItsLimitsButGivesOneEntry) {
    const auto run = alice.texts(5, random);
    append(run);
    EXPECT_EQ(read(1, 2).size(), 2u);
    EXPECT_EQ(read(1, 5, 0).size(), 1u);
    EXPECT_EQ(read(1, 5, run[0].bytes.bytes() + run[1].bytes.bytes()).size(), 2u);
}

TEST_P(StoreContract, headsComeInByteOrderOfTheirAuthors) {
    store().putCertificate(second.certificate);
    append(alice.texts(1, random));
    append(second.texts(1, random));
    append(self.texts(1, random));
    const auto heads = store().heads(id());
    ASSERT_EQ(heads.size(), 3u);
    EXPECT_TRUE(std::is_sorted(heads.begin(), heads.end(),
                               [](const auto& a, const auto& b) { return a.author < b.author; }));
}

TEST_P(StoreContract, onlyCommittedChangesOutliveARestart) {
    const auto run = alice.texts(3, random);
    append(std::span(run).first(2));
    store().setClock(500);
    ASSERT_TRUE(store().commit());
    append(std::span(run).subspan(2));
    store().setClock(900);
    store().hold(id(), alice.device(), 9, run[2].bytes);
    under->restart();
    EXPECT_EQ(number(), 2u);
    EXPECT_EQ(store().clock(), 500u);
    EXPECT_TRUE(store().takeHeld(id(), alice.device(), 9).empty());
    EXPECT_EQ(read(1).size(), 2u);
}

TEST_P(StoreContract, eraseRemovesThePayloadAndKeepsTheProof) {
    auto run = alice.texts(2, random);
    append(run);
    const wire::ErasureProof proof = appendDelete(alice, run[0].ref());
    EXPECT_TRUE(store().erase(id(), run[0].ref(), proof));
    ASSERT_TRUE(store().commit());
    under->restart();
    const auto got = read(1);
    ASSERT_EQ(got.size(), 3u);
    EXPECT_EQ(got[0].header, run[0].bytes.header);
    EXPECT_TRUE(got[0].payload.empty());
    EXPECT_EQ(got[0].erasure, proof);
    EXPECT_EQ(got[1], run[1].bytes);
    EXPECT_FALSE(got[2].payload.empty());
    // Once erased, another proof changes nothing; nor does one for what is not held.
    const wire::ErasureProof other = appendDelete(alice, run[0].ref());
    EXPECT_FALSE(store().erase(id(), run[0].ref(), other));
    EXPECT_FALSE(store().erase(id(), {alice.device(), 99}, other));
    EXPECT_EQ(read(1)[0].erasure, proof);
}

TEST_P(StoreContract, eraseTakesThePersonsEditsOfTheTargetAlong) {
    store().putCertificate(second.certificate);
    const auto run = alice.texts(2, random);
    append(run);
    append(alice.write(wire::Edit{run[0].ref(), "better"}, random));
    append(alice.write(wire::Edit{run[1].ref(), "other"}, random));
    append(second.write(wire::Edit{run[0].ref(), "best"}, random));
    append(self.write(wire::Edit{run[0].ref(), "mine"}, random));
    store().erase(id(), run[0].ref(), appendDelete(alice, run[0].ref()));
    ASSERT_TRUE(store().commit());
    EXPECT_TRUE(read(3, 1)[0].payload.empty());
    EXPECT_TRUE(read(3, 1)[0].erasure);
    EXPECT_FALSE(read(4, 1)[0].payload.empty());
    EXPECT_TRUE(store().read(id(), second.device(), 1, 1, 0)[0].payload.empty());
    EXPECT_FALSE(store().read(id(), self.device(), 1, 1, 0)[0].payload.empty());
}

TEST_P(StoreContract, eraseTakesEditsWhoseTargetIsErasedOrNotHeld) {
    store().putCertificate(second.certificate);
    CheckedEntry text = alice.text("said", random);
    const wire::ErasureProof proof = appendDelete(second, text.ref());
    append(second.write(wire::Edit{text.ref(), "better"}, random));
    EXPECT_TRUE(store().erase(id(), text.ref(), proof));
    EXPECT_FALSE(store().erase(id(), text.ref(), proof));
    EXPECT_TRUE(store().read(id(), second.device(), 2, 1, 0)[0].payload.empty());
    text.bytes.payload.clear();
    text.bytes.erasure = proof;
    text.content.reset();
    append(text);
    append(second.write(wire::Edit{text.ref(), "best"}, random));
    EXPECT_TRUE(store().erase(id(), text.ref(), proof));
    ASSERT_TRUE(store().commit());
    under->restart();
    EXPECT_EQ(store().read(id(), second.device(), 3, 1, 0)[0].erasure, proof);
}

TEST_P(StoreContract, erasureOfFindsTheProofThatCameWithItsTarget) {
    CheckedEntry text = alice.text("said", random);
    text.bytes.payload.clear();
    text.bytes.erasure = proofOf(alice.write(wire::Delete{text.ref()}, random).bytes, alice.certificate);
    text.content.reset();
    append(text);
    ASSERT_TRUE(store().commit());
    under->restart();
    EXPECT_EQ(store().erasureOf(id(), text.ref()), text.bytes.erasure);
}

TEST_P(StoreContract, erasureOfFindsTheDeleteOfTheAuthorsPersonOnly) {
    const EntryRef target{alice.device(), 1};
    EXPECT_FALSE(store().erasureOf(id(), target));
    appendDelete(self, target);
    EXPECT_FALSE(store().erasureOf(id(), target));
    store().putCertificate(second.certificate);
    const wire::ErasureProof proof = appendDelete(second, target);
    EXPECT_EQ(store().erasureOf(id(), target), proof);
    EXPECT_FALSE(store().erasureOf(id(), {alice.device(), 2}));
    ASSERT_TRUE(store().commit());
    under->restart();
    EXPECT_EQ(store().erasureOf(id(), target), proof);
}

TEST_P(StoreContract, endingATimelineLetsTheHeadFallBack) {
    const auto run = alice.texts(5, random);
    append(run);
    EXPECT_FALSE(store().forkEvidence(id(), alice.device()));
    const std::pair evidence{run[3].bytes, run[2].bytes};
    store().endTimeline(id(), alice.device(), 3, evidence);
    ASSERT_TRUE(store().commit());
    under->restart();
    const auto head = store().head(id(), alice.device());
    ASSERT_TRUE(head);
    EXPECT_EQ(head->number, 3u);
    EXPECT_EQ(head->hash, run[2].hash);
    EXPECT_EQ(head->end, 3u);
    EXPECT_EQ(read(1).size(), 3u);
    EXPECT_TRUE(read(4).empty());
    const auto kept = store().forkEvidence(id(), alice.device());
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->first.header, evidence.first.header);
    EXPECT_EQ(kept->first.signature, evidence.first.signature);
    EXPECT_EQ(kept->second.header, evidence.second.header);
    // Found to lie further back.
    const std::pair earlier{run[1].bytes, run[0].bytes};
    store().endTimeline(id(), alice.device(), 1, earlier);
    EXPECT_EQ(number(), 1u);
    EXPECT_EQ(store().head(id(), alice.device())->hash, run[0].hash);
    EXPECT_EQ(store().forkEvidence(id(), alice.device())->first.header, earlier.first.header);
}

TEST_P(StoreContract, aTimelineMayEndBeyondWhatIsHeldOrBeforeItsFirstEntry) {
    const auto run = alice.texts(3, random);
    append(std::span(run).first(2));
    store().endTimeline(id(), alice.device(), 3, std::nullopt);
    EXPECT_EQ(number(), 2u);
    append(std::span(run).subspan(2));
    EXPECT_EQ(number(), 3u);
    EXPECT_EQ(store().head(id(), alice.device())->end, 3u);
    store().endTimeline(id(), alice.device(), 0, std::pair{run[0].bytes, run[1].bytes});
    const auto head = store().head(id(), alice.device());
    ASSERT_TRUE(head);
    EXPECT_EQ(head->number, 0u);
    EXPECT_TRUE(head->hash.isZero());
    EXPECT_TRUE(read(1).empty());
}

TEST_P(StoreContract, heldEntriesComeBackAsARunAndEarlierOnesAreForgotten) {
    const auto run = alice.texts(9, random);
    for (const std::size_t i : {6u, 2u, 4u, 3u, 1u})
        store().hold(id(), alice.device(), run[i].header.number, run[i].bytes);
    store().hold(id(), alice.device(), run[4].header.number, run[4].bytes);
    ASSERT_TRUE(store().commit());
    under->restart();
    EXPECT_TRUE(store().takeHeld(id(), second.device(), 3).empty());
    const auto got = store().takeHeld(id(), alice.device(), 3);
    ASSERT_EQ(got.size(), 3u);
    for (std::size_t i = 0; i < got.size(); ++i) EXPECT_EQ(got[i], run[i + 2].bytes);
    EXPECT_TRUE(store().takeHeld(id(), alice.device(), 2).empty());
    EXPECT_EQ(store().takeHeld(id(), alice.device(), 7).size(), 1u);
    EXPECT_TRUE(store().takeHeld(id(), alice.device(), 7).empty());
}

TEST_P(StoreContract, holdsErasedEntriesWithTheirProof) {
    auto run = alice.texts(2, random);
    run[1].bytes.payload.clear();
    run[1].bytes.erasure = proofOf(alice.write(wire::Delete{run[1].ref()}, random).bytes, alice.certificate);
    store().hold(id(), alice.device(), 2, run[1].bytes);
    const auto got = store().takeHeld(id(), alice.device(), 2);
    ASSERT_EQ(got.size(), 1u);
    EXPECT_EQ(got[0], run[1].bytes);
}

TEST_P(StoreContract, holdsNoMoreThanItsLimit) {
    const auto run = alice.texts(1, random);
    const EntryNumber most = limits::kPendingEntries;
    for (EntryNumber number = 2; number <= most + 3; ++number)
        store().hold(id(), alice.device(), number, run[0].bytes);
    EXPECT_EQ(store().takeHeld(id(), alice.device(), 2).size(), most);
}

TEST_P(StoreContract, marksAreNeverLowered) {
    const auto run = alice.texts(4, random);
    append(run);
    store().setRead(id(), alice.device(), 3);
    store().setRead(id(), alice.device(), 2);
    ASSERT_TRUE(store().commit());
    EXPECT_EQ(store().head(id(), alice.device())->read, 3u);
    // Appending keeps the mark that the head was given.
    append(alice.texts(1, random));
    EXPECT_EQ(store().head(id(), alice.device())->read, 3u);
}

TEST_P(StoreContract, countsWhatStrangersUsed) {
    store().addStrangerUse(alice.person(), {2, 100});
    store().addStrangerUse(alice.person(), {3, 50});
    ASSERT_TRUE(store().commit());
    under->restart();
    EXPECT_EQ(store().strangerUse(alice.person()).entries, 5u);
    EXPECT_EQ(store().strangerUse(alice.person()).bytes, 150u);
    EXPECT_EQ(store().strangerUse(self.person()).entries, 0u);
}

TEST_P(StoreContract, servesTheApplierFromEndToEnd) {
    Applier applier(store(), self.device());
    std::vector<CheckedEntry> run = alice.texts(3, random);
    run.push_back(alice.write(wire::Edit{run[0].ref(), "better"}, random));
    run.push_back(alice.write(wire::Delete{run[0].ref()}, random));
    EXPECT_EQ(applier.apply(batchOf(std::span(run).subspan(3)), kNow).appended.size(), 0u);
    EXPECT_EQ(applier.apply(batchOf(std::span(run).first(3)), kNow).appended.size(), 5u);
    EXPECT_EQ(applier.applyOwn(self.text("hi", random), kNow).appended.size(), 1u);
    ASSERT_TRUE(store().commit());
    under->restart();
    EXPECT_EQ(number(), 5u);
    EXPECT_TRUE(read(1)[0].payload.empty());
    EXPECT_TRUE(read(4)[0].payload.empty());
    EXPECT_EQ(store().heads(id()).size(), 2u);
}

}  // namespace landline::timeline
