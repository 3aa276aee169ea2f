#pragma once

#include "tests/p2p/timeline/writer.h"

#include <gtest/gtest.h>

namespace landline::timeline {

/// Bob's store in the conversation of Alice and Bob, and what Alice's devices send to it.
class ApplierTest : public ::testing::Test {
protected:
    ApplierTest() {
        const ConversationId id = identity::directConversation(alice.person(), bob.person());
        alice.conversation = bob.conversation = mallory.conversation = id;
        store.addConversation(id, {alice.person(), bob.person()});
        store.putCertificate(bob.certificate);
    }

    ApplyResult apply(const wire::Entries& batch) {
        Applier applier(store, bob.device());
        ApplyResult result = applier.apply(batch, kNow);
        EXPECT_TRUE(store.commit());
        return result;
    }
    ApplyResult apply(std::span<const CheckedEntry> entries) { return apply(batchOf(entries)); }
    ApplyResult apply(const CheckedEntry& entry) { return apply(batchOf(entry)); }
    ApplyResult examine(const wire::ForkEvidence& evidence) {
        Applier applier(store, bob.device());
        return applier.applyForkEvidence(evidence);
    }
    EntryNumber numberOf(const Writer& writer) {
        const auto head = store.head(writer.conversation, writer.device());
        return head ? head->number : 0;
    }
    wire::SignedEntry stored(const EntryRef& ref) {
        const auto read = store.read(alice.conversation, ref.author, ref.number, 1, 0);
        return read.empty() ? wire::SignedEntry{} : read.front();
    }
    void expectRefused(const ApplyResult& result, ErrorCode code, std::size_t count = 1) {
        EXPECT_EQ(result.refused, count);
        ASSERT_TRUE(result.firstError);
        EXPECT_EQ(result.firstError->code, code) << result.firstError->text;
        EXPECT_FALSE(result.firstError->text.empty());
    }

    test::SeededRandom random{1};
    Writer alice = Writer::make(random);
    Writer bob = Writer::make(random);
    Writer mallory = Writer::make(random);
    test::MemoryStore store;
};

}  // namespace landline::timeline
