#include "p2p/timeline/applier.h"

#include "p2p/base/hash.h"
#include "p2p/base/limits.h"
#include "tests/p2p/timeline/applier_fixture.h"

#include <gtest/gtest.h>

namespace landline::timeline {
namespace {

using namespace std::chrono_literals;

// Order ----------------------------------------------------------------------------------------------------------

TEST_F(ApplierTest, appendsARunAndSaysWhatItAppended) {
    const auto run = alice.texts(3, random);
    const ApplyResult result = apply(run);
    EXPECT_EQ(result.refused, 0u);
    ASSERT_EQ(result.appended.size(), 3u);
    EXPECT_EQ(result.appended.back().ref(), (EntryRef{alice.device(), 3}));
    EXPECT_EQ(store.head(alice.conversation, alice.device())->hash, run.back().hash);
    EXPECT_EQ(store.certificate(alice.device()), alice.certificate);
}

TEST_F(ApplierTest, storesTheExactBytesReceived) {
    const auto run = alice.texts(1, random);
    apply(run);
    EXPECT_EQ(stored(run[0].ref()), run[0].bytes);
}

TEST_F(ApplierTest, ignoresWhatItHoldsAlready) {
    const auto run = alice.texts(3, random);
    apply(run);
    const ApplyResult again = apply(run);
    EXPECT_TRUE(again.appended.empty());
    EXPECT_EQ(again.refused, 0u);
    EXPECT_EQ(apply(std::span(run).subspan(1, 1)).refused, 0u);
    EXPECT_EQ(store.entries(alice.conversation).size(), 3u);
}

TEST_F(ApplierTest, takesTheNewPartOfAnOverlappingRun) {
    const auto run = alice.texts(5, random);
    apply(std::span(run).first(3));
    EXPECT_EQ(apply(std::span(run).subspan(1)).appended.size(), 2u);
    EXPECT_EQ(numberOf(alice), 5u);
}

TEST_F(ApplierTest, keepsWhatCameEarlyUntilTheGapCloses) {
    const auto run = alice.texts(6, random);
    apply(std::span(run).first(1));
    EXPECT_TRUE(apply(std::span(run).subspan(4, 2)).appended.empty());
    EXPECT_TRUE(apply(std::span(run).subspan(2, 2)).appended.empty());
    EXPECT_EQ(store.heldEntries(alice.conversation), 4u);
    EXPECT_EQ(numberOf(alice), 1u);
    EXPECT_EQ(apply(std::span(run).subspan(1, 1)).appended.size(), 5u);
    EXPECT_EQ(numberOf(alice), 6u);
    EXPECT_EQ(store.heldEntries(alice.conversation), 0u);
}

TEST_F(ApplierTest, refusesAGapInsideARun) {
    const auto run = alice.texts(3, random);
    wire::Entries batch = batchOf(run);
    batch.entries.erase(batch.entries.begin() + 1);
    expectRefused(apply(batch), ErrorCode::ProtocolViolation);
    EXPECT_EQ(numberOf(alice), 1u);
}

TEST_F(ApplierTest, doesNotKeepUnsignedEntriesThatCameEarly) {
    auto run = alice.texts(3, random);
    apply(std::span(run).first(1));
    run[2].bytes.signature.data()[5] ^= 1;
    expectRefused(apply(std::span(run).subspan(2, 1)), ErrorCode::BadSignature);
    EXPECT_EQ(store.heldEntries(alice.conversation), 0u);
}

TEST_F(ApplierTest, doesNotKeepStrangersEntriesThatCameEarly) {
    store.setStanding(alice.person(), Standing::Stranger);
    const auto run = alice.texts(3, random);
    apply(std::span(run).first(1));
    expectRefused(apply(std::span(run).subspan(2, 1)), ErrorCode::NotPermitted);
    EXPECT_EQ(store.heldEntries(alice.conversation), 0u);
}

// Authenticity ---------------------------------------------------------------------------------------------------

TEST_F(ApplierTest, refusesAWrongSignature) {
    auto run = alice.texts(2, random);
    run[1].bytes.signature.data()[0] ^= 1;
    expectRefused(apply(run), ErrorCode::BadSignature, 2);
    EXPECT_EQ(numberOf(alice), 0u);
}

TEST_F(ApplierTest, refusesAnEntryOfAnotherSigner) {
    Writer forger = Writer::make(random);
    forger.conversation = alice.conversation;
    CheckedEntry entry = alice.text("mine", random);
    entry.bytes.signature = forger.keys->signing.sign(identity::context::kEntry, entry.bytes.header);
    expectRefused(apply(entry), ErrorCode::BadSignature);
}

TEST_F(ApplierTest, oneSignatureVouchesForTheRunThroughItsChain) {
    auto run = alice.texts(3, random);
    // An exchanged signature in the middle changes the hash that the next entry names.
    run[1].bytes.signature.data()[0] ^= 1;
    expectRefused(apply(run), ErrorCode::ProtocolViolation, 3);
    EXPECT_EQ(numberOf(alice), 0u);
}

TEST_F(ApplierTest, refusesAWrongPreviousHash) {
    apply(alice.texts(2, random));
    alice.tip.hash = sha256(viewOf("another history"));
    const ApplyResult result = apply(alice.text("three", random));
    expectRefused(result, ErrorCode::Fork);
    EXPECT_EQ(result.forkSuspectedAt, 1u);
    EXPECT_EQ(numberOf(alice), 2u);
}

TEST_F(ApplierTest, refusesAReencodedHeader) {
    CheckedEntry entry = alice.text("hello", random);
    // The same values in another order of fields: equal to a parser, not to a signature.
    Bytes& header = entry.bytes.header;
    const std::size_t firstField = 2 + ConversationId::kSize;
    std::rotate(header.begin(), header.begin() + firstField, header.end());
    ASSERT_EQ(wire::parseEntryHeader(header).value(), entry.header);
    expectRefused(apply(entry), ErrorCode::BadSignature);
}

TEST_F(ApplierTest, refusesContentThatTheHeaderDoesNotHash) {
    CheckedEntry entry = alice.text("hello", random);
    entry.bytes.payload.back() ^= 1;
    expectRefused(apply(entry), ErrorCode::BadSignature);
}

TEST_F(ApplierTest, refusesEntriesAnnouncedAsSomethingElse) {
    const auto run = alice.texts(2, random);
    wire::Entries batch = batchOf(run);
    batch.first = 2;
    expectRefused(apply(batch), ErrorCode::ProtocolViolation, 2);
    batch = batchOf(run);
    batch.author = bob.device();
    expectRefused(apply(batch), ErrorCode::ProtocolViolation, 2);
}

TEST_F(ApplierTest, refusesGarbage) {
    wire::Entries batch{alice.conversation, alice.device(), 1, {{Bytes(40, 7), {}, {}, {}}}};
    expectRefused(apply(batch), ErrorCode::Malformed);
}

// Who may write --------------------------------------------------------------------------------------------------

TEST_F(ApplierTest, refusesConversationsThatItDoesNotKnow) {
    alice.conversation = identity::directConversation(alice.person(), mallory.person());
    expectRefused(apply(alice.text("x", random)), ErrorCode::NotPermitted);
}

TEST_F(ApplierTest, refusesAuthorsWhoAreNoMembers) {
    expectRefused(apply(mallory.text("let me in", random)), ErrorCode::NotPermitted);
    EXPECT_FALSE(store.certificate(mallory.device()));
}

TEST_F(ApplierTest, refusesAFirstEntryWithoutOrWithAnothersCertificate) {
    Writer impostor = Writer::make(random);
    impostor.conversation = alice.conversation;
    impostor.certificate = alice.certificate;
    expectRefused(apply(impostor.text("I am Alice", random)), ErrorCode::WrongKey);
    CheckedEntry entry = alice.text("x", random);
    entry.header.certificate.clear();
    entry.bytes.header = wire::encodeEntryHeader(entry.header);
    entry.bytes.signature = alice.keys->signing.sign(identity::context::kEntry, entry.bytes.header);
    expectRefused(apply(entry), ErrorCode::Malformed);
}

TEST_F(ApplierTest, aDeviceStaysWithItsFirstPerson) {
    store.putCertificate(alice.certificate);
    Writer moved = alice;
    moved.certificate = identity::Certificate::issue(*bob.personKey, *alice.keys, kNow);
    expectRefused(apply(moved.text("now Bob's", random)), ErrorCode::WrongKey);
}

TEST_F(ApplierTest, refusesEntriesBeforeTheirAuthorsCertificate) {
    const auto run = alice.texts(2, random);
    expectRefused(apply(std::span(run).subspan(1)), ErrorCode::ProtocolViolation);
}

TEST_F(ApplierTest, refusesEverythingOfABlockedPersonAlsoByOtherDevicesAndCarriers) {
    Writer second = Writer::withKey(alice.personKey, random);
    second.conversation = alice.conversation;
    store.setStanding(alice.person(), Standing::Blocked);
    expectRefused(apply(alice.text("x", random)), ErrorCode::NotPermitted);
    expectRefused(apply(second.text("y", random)), ErrorCode::NotPermitted);
}

TEST_F(ApplierTest, aStrangerIsHeldToItsNumberOfEntries) {
    for (const Standing standing : {Standing::Stranger, Standing::Ignored}) {
        Writer stranger = Writer::make(random);
        stranger.conversation = identity::directConversation(stranger.person(), bob.person());
        store.addConversation(stranger.conversation, {stranger.person(), bob.person()});
        store.setStanding(stranger.person(), standing);
        const auto run = stranger.texts(int(limits::kStrangerEntries) + 5, random);
        apply(std::span(run).first(5));
        const ApplyResult result = apply(std::span(run).subspan(5));
        expectRefused(result, ErrorCode::NotPermitted, 5);
        EXPECT_EQ(numberOf(stranger), limits::kStrangerEntries);
        store.setStanding(stranger.person(), Standing::Accepted);
        EXPECT_EQ(apply(run).appended.size(), 5u);
    }
}

TEST_F(ApplierTest, aStrangerIsHeldToItsBytesOverAllDevices) {
    store.setStanding(alice.person(), Standing::Stranger);
    Writer second = Writer::withKey(alice.personKey, random);
    second.conversation = alice.conversation;
    const std::string large(limits::kStrangerBytes / 2 - 100, 'x');
    EXPECT_EQ(apply(alice.text(large, random)).refused, 0u);
    EXPECT_EQ(apply(second.text(large, random)).refused, 0u);
    expectRefused(apply(alice.text(std::string(400, 'y'), random)), ErrorCode::NotPermitted);
}

TEST_F(ApplierTest, aStrangerOffersNoFiles) {
    store.setStanding(alice.person(), Standing::Stranger);
    ASSERT_EQ(apply(alice.texts(1, random)).refused, 0u);
    for (const auto& listing :
         {std::optional<wire::ListingRef>(), std::optional(wire::ListingRef{1, 9, {}})}) {
        const Writer before = alice;
        std::vector<CheckedEntry> run{alice.write(wire::FileOffer{{}, "a.exe", 5, "", 0, listing}, random)};
        run.push_back(alice.text("after", random));
        expectRefused(apply(run), ErrorCode::NotPermitted, 2);
        EXPECT_EQ(numberOf(alice), 1u);
        alice = before;
    }
}

// Own timeline ---------------------------------------------------------------------------------------------------

TEST_F(ApplierTest, takesOwnEntriesAndAdvancesTheClock) {
    Applier applier(store, bob.device());
    const CheckedEntry entry = bob.text("note", random);
    EXPECT_EQ(applier.applyOwn(entry, kNow).appended.size(), 1u);
    EXPECT_EQ(store.clock(), entry.header.clock);
    expectRefused(applier.applyOwn(entry, kNow), ErrorCode::ProtocolViolation);
}

TEST_F(ApplierTest, foreignEntriesOfTheOwnDeviceMeanAClone) {
    const auto run = bob.texts(2, random);
    Applier applier(store, bob.device());
    (void)applier.applyOwn(run[0], kNow);
    ApplyResult result = apply(run);
    expectRefused(result, ErrorCode::Fork, 2);
    EXPECT_TRUE(result.cloneSuspected);
    EXPECT_EQ(numberOf(bob), 1u);
    EXPECT_FALSE(apply(std::span(run).first(1)).cloneSuspected);
}

TEST_F(ApplierTest, anOwnForkedTimelineTakesNoMoreEntries) {
    Writer clone = bob;
    Applier applier(store, bob.device());
    (void)applier.applyOwn(bob.text("mine", random), kNow);
    const ApplyResult result = apply(clone.text("the clone's", random));
    EXPECT_TRUE(result.cloneSuspected);
    EXPECT_EQ(result.ended, std::vector{bob.device()});
    Writer again = clone;
    again.tip = {};
    expectRefused(applier.applyOwn(again.text("x", random), kNow), ErrorCode::Fork);
}

// Clocks ---------------------------------------------------------------------------------------------------------

TEST_F(ApplierTest, mergesClocksButNoneThatIsFarAhead) {
    alice.clock = hybridFrom(kNow + 5min);
    const CheckedEntry soon = alice.text("soon", random);
    apply(soon);
    EXPECT_EQ(store.clock(), soon.header.clock);
    alice.clock = hybridFrom(kNow + std::chrono::hours(24 * 365 * 20));
    EXPECT_EQ(apply(alice.text("from the future", random)).appended.size(), 1u);
    EXPECT_EQ(store.clock(), soon.header.clock);
}

}  // namespace
}  // namespace landline::timeline
