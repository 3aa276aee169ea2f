#include "p2p/timeline/erasure.h"

#include "tests/p2p/timeline/applier_fixture.h"

#include <algorithm>

namespace landline::timeline {
namespace {

TEST_F(ApplierTest, aDeleteErasesItsTargetAndTheEditsOfIt) {
    std::vector<CheckedEntry> run = alice.texts(2, random);
    run.push_back(alice.write(wire::Edit{run[0].ref(), "better"}, random));
    apply(run);
    const ApplyResult result = apply(alice.write(wire::Delete{run[0].ref()}, random));
    EXPECT_EQ(result.erased, std::vector{run[0].ref()});
    EXPECT_TRUE(stored(run[0].ref()).payload.empty());
    EXPECT_TRUE(stored(run[0].ref()).erasure);
    EXPECT_TRUE(stored(run[2].ref()).payload.empty());
    EXPECT_FALSE(stored(run[1].ref()).payload.empty());
}

TEST_F(ApplierTest, anotherDeviceOfThePersonMayDelete) {
    Writer second = Writer::withKey(alice.personKey, random);
    second.conversation = alice.conversation;
    const auto run = alice.texts(1, random);
    apply(run);
    EXPECT_EQ(apply(second.write(wire::Delete{run[0].ref()}, random)).erased.size(), 1u);
    EXPECT_TRUE(stored(run[0].ref()).payload.empty());
}

TEST_F(ApplierTest, anothersDeleteIsKeptWithoutEffect) {
    const auto run = alice.texts(1, random);
    apply(run);
    Applier applier(store, bob.device());
    const ApplyResult result = applier.applyOwn(bob.write(wire::Delete{run[0].ref()}, random), kNow);
    EXPECT_EQ(result.appended.size(), 1u);
    EXPECT_TRUE(result.erased.empty());
    EXPECT_FALSE(stored(run[0].ref()).payload.empty());
}

TEST_F(ApplierTest, whatArrivesAfterItsDeleteIsErasedOnArrival) {
    Writer second = Writer::withKey(alice.personKey, random);
    second.conversation = alice.conversation;
    std::vector<CheckedEntry> run = alice.texts(1, random);
    run.push_back(alice.write(wire::Edit{run[0].ref(), "better"}, random));
    const CheckedEntry deletion = second.write(wire::Delete{run[0].ref()}, random);
    apply(deletion);
    EXPECT_EQ(apply(run).appended.size(), 2u);
    for (const CheckedEntry& entry : run) {
        EXPECT_TRUE(stored(entry.ref()).payload.empty());
        EXPECT_EQ(stored(entry.ref()).erasure, proofOf(deletion.bytes, second.certificate));
    }
}

TEST_F(ApplierTest, anothersDeleteErasesNothingThatArrivesLater) {
    const auto run = alice.texts(1, random);
    Applier applier(store, bob.device());
    (void)applier.applyOwn(bob.write(wire::Delete{run[0].ref()}, random), kNow);
    apply(run);
    EXPECT_FALSE(stored(run[0].ref()).payload.empty());
}

TEST_F(ApplierTest, aDeleteCannotBeDeleted) {
    const auto text = alice.texts(1, random);
    apply(text);
    const CheckedEntry first = alice.write(wire::Delete{text[0].ref()}, random);
    apply(first);
    EXPECT_TRUE(apply(alice.write(wire::Delete{first.ref()}, random)).erased.empty());
    EXPECT_FALSE(stored(first.ref()).payload.empty());
}

// A delete takes effect in whatever order it, its target and the edits of that arrive ---------------------------------

/// A text of Alice's, an edit of it by a second device of hers, one by Bob's, and its delete by a third.
class ErasureOrderTest : public ApplierTest {
protected:
    ErasureOrderTest() {
        for (Writer* const writer : {&second, &third}) writer->conversation = alice.conversation;
        text = alice.text("said", random);
        edit = second.write(wire::Edit{text.ref(), "better"}, random);
        deletion = third.write(wire::Delete{text.ref()}, random);
        Applier applier(store, bob.device());
        bobs = bob.write(wire::Edit{text.ref(), "Bob's"}, random);
        (void)applier.applyOwn(bobs, kNow);
    }
    /// As it comes from somebody who has erased it, before its delete.
    [[nodiscard]] CheckedEntry erased(CheckedEntry entry) const {
        entry.bytes.payload.clear();
        entry.bytes.erasure = proofOf(deletion.bytes, third.certificate);
        return entry;
    }
    void expectErased(const CheckedEntry& entry) {
        EXPECT_FALSE(stored(entry.ref()).header.empty());
        EXPECT_TRUE(stored(entry.ref()).payload.empty());
        EXPECT_EQ(stored(entry.ref()).erasure, proofOf(deletion.bytes, third.certificate));
    }
    Writer second = Writer::withKey(alice.personKey, random);
    Writer third = Writer::withKey(alice.personKey, random);
    CheckedEntry text, edit, deletion, bobs;
};

TEST_F(ErasureOrderTest, whateverComesFirst) {
    std::vector<const CheckedEntry*> order{&text, &edit, &deletion};
    std::sort(order.begin(), order.end());
    do {
        test::MemoryStore fresh;
        fresh.addConversation(alice.conversation, {alice.person(), bob.person()});
        Applier applier(fresh, bob.device());
        for (const CheckedEntry* const entry : order)
            EXPECT_EQ(applier.apply(batchOf(*entry), kNow).appended.size(), 1u);
        for (const CheckedEntry& entry : fresh.entries(alice.conversation))
            EXPECT_EQ(entry.content.has_value(), entry.ref() == deletion.ref())
                << "first came kind " << order[0]->header.kind << ", then " << order[1]->header.kind;
    } while (std::next_permutation(order.begin(), order.end()));
}

TEST_F(ErasureOrderTest, aDeleteErasesEditsOfWhatIsNotHereYet) {
    store.putCertificate(alice.certificate);
    apply(edit);
    EXPECT_EQ(apply(deletion).erased, std::vector{text.ref()});
    expectErased(edit);
    EXPECT_FALSE(stored(bobs.ref()).payload.empty());
}

TEST_F(ErasureOrderTest, whatCameErasedTakesItsEditsAlongBeforeItsDelete) {
    apply(edit);
    EXPECT_EQ(apply(erased(text)).erased, std::vector{text.ref()});
    expectErased(edit);
    EXPECT_FALSE(stored(bobs.ref()).payload.empty());
}

TEST_F(ErasureOrderTest, anEditOfWhatCameErasedIsErasedOnArrival) {
    apply(erased(text));
    EXPECT_EQ(apply(edit).appended.size(), 1u);
    expectErased(edit);
}

TEST_F(ErasureOrderTest, anErasedEditTakesItsTargetAlong) {
    apply(text);
    EXPECT_EQ(apply(erased(edit)).erased, std::vector{text.ref()});
    expectErased(text);
}

TEST_F(ErasureOrderTest, aDeleteThatOnlyTheChainVouchesForErasesNothing) {
    deletion.bytes.signature.data()[0] ^= 1;
    third.tip.hash = entryHash(deletion.bytes);
    const std::vector<CheckedEntry> run{deletion, third.text("after", random)};
    store.putCertificate(alice.certificate);
    apply(edit);
    EXPECT_EQ(apply(run).appended.size(), 2u);
    apply(text);
    EXPECT_FALSE(stored(edit.ref()).payload.empty());
    EXPECT_FALSE(stored(text.ref()).payload.empty());
}

// Proofs -----------------------------------------------------------------------------------------------------------

class ErasureProofTest : public ApplierTest {
protected:
    /// Alice's first two entries, the second an edit of the first, then its delete.
    ErasureProofTest() {
        run = alice.texts(1, random);
        run.push_back(alice.write(wire::Edit{run[0].ref(), "better"}, random));
        deletion = alice.write(wire::Delete{run[0].ref()}, random);
    }
    ApplyResult applyErased(std::optional<wire::ErasureProof> proof) {
        wire::Entries batch = batchOf(run);
        for (wire::SignedEntry& entry : batch.entries) {
            entry.payload.clear();
            entry.erasure = proof;
        }
        return apply(batch);
    }
    void expectNotTaken(std::optional<wire::ErasureProof> proof) {
        expectRefused(applyErased(std::move(proof)), ErrorCode::BadSignature, 2);
        EXPECT_EQ(numberOf(alice), 0u);
    }
    std::vector<CheckedEntry> run;
    CheckedEntry deletion;
};

TEST_F(ErasureProofTest, permitsTargetAndEditWithoutPayload) {
    EXPECT_EQ(applyErased(proofOf(deletion.bytes, alice.certificate)).appended.size(), 2u);
    EXPECT_FALSE(stored(run[0].ref()).erasure == std::nullopt);
    // The delete itself follows and changes nothing more.
    EXPECT_TRUE(apply(deletion).erased.empty());
}

TEST_F(ErasureProofTest, isNeeded) {
    expectNotTaken(std::nullopt);
}

TEST_F(ErasureProofTest, mustBeOfTheAuthorsPerson) {
    const CheckedEntry others = bob.write(wire::Delete{run[0].ref()}, random);
    expectNotTaken(proofOf(others.bytes, bob.certificate));
    expectNotTaken(proofOf(others.bytes, alice.certificate));
}

TEST_F(ErasureProofTest, mustBeSignedAndWhole) {
    wire::ErasureProof proof = proofOf(deletion.bytes, alice.certificate);
    proof.signature.data()[0] ^= 1;
    expectNotTaken(proof);
    proof = proofOf(deletion.bytes, alice.certificate);
    proof.payload.clear();
    expectNotTaken(proof);
    proof = proofOf(deletion.bytes, alice.certificate);
    proof.certificate[40] ^= 1;
    expectNotTaken(proof);
}

TEST_F(ErasureProofTest, mustNameTheTargetInTheSameConversation) {
    expectNotTaken(proofOf(alice.write(wire::Delete{{alice.device(), 77}}, random).bytes, alice.certificate));
    expectNotTaken(proofOf(run[0].bytes, alice.certificate));
    Writer elsewhere = alice;
    elsewhere.conversation = identity::directConversation(alice.person(), alice.person());
    expectNotTaken(proofOf(elsewhere.write(wire::Delete{run[0].ref()}, random).bytes, alice.certificate));
}

TEST_F(ErasureProofTest, doesNotPermitADeleteWithoutPayload) {
    apply(run);
    CheckedEntry bare = deletion;
    bare.bytes.payload.clear();
    bare.bytes.erasure = proofOf(alice.write(wire::Delete{deletion.ref()}, random).bytes, alice.certificate);
    expectRefused(apply(bare), ErrorCode::BadSignature);
}

TEST_F(ErasureProofTest, doesNotPermitAnotherEditWithoutPayload) {
    const CheckedEntry other = alice.text("other", random);
    CheckedEntry edit = alice.write(wire::Edit{other.ref(), "new"}, random);
    apply(run);
    apply(std::vector{deletion, other});
    edit.bytes.payload.clear();
    edit.bytes.erasure = proofOf(deletion.bytes, alice.certificate);
    expectRefused(apply(edit), ErrorCode::BadSignature);
}

}  // namespace
}  // namespace landline::timeline
