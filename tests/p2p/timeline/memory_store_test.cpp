#include "tests/p2p/timeline/store_contract.h"

namespace landline::timeline {
namespace {

class MemoryUnderTest final : public StoreUnderTest {
public:
    explicit MemoryUnderTest(const identity::Certificate& self) : m_self(self) { meet(self); }
    TimelineStore& store() override { return m_store; }
    void meet(const identity::Certificate& certificate) override {
        m_store.putCertificate(certificate);
        m_store.addConversation(identity::directConversation(m_self.person(), certificate.person()),
                                {m_self.person(), certificate.person()});
        EXPECT_TRUE(m_store.commit());
    }
    void setStanding(const PersonId& person, Standing standing) override {
        m_store.setStanding(person, standing);
    }
    void restart() override { m_store.crash(); }

private:
    identity::Certificate m_self;
    test::MemoryStore m_store;
};

std::unique_ptr<StoreUnderTest> makeMemoryStore(const identity::Certificate& self) {
    return std::make_unique<MemoryUnderTest>(self);
}

INSTANTIATE_TEST_SUITE_P(Memory, StoreContract, ::testing::Values(StoreMaker(makeMemoryStore)));

TEST(MemoryStore, aFailedCommitUndoesItsTransaction) {
    test::SeededRandom random{3};
    Writer alice = Writer::make(random);
    alice.conversation = identity::directConversation(alice.person(), alice.person());
    test::MemoryStore store;
    store.addConversation(alice.conversation, {alice.person()});
    store.failCommits(1);
    const auto run = alice.texts(2, random);
    Applier applier(store, DeviceId{});
    EXPECT_EQ(applier.apply(batchOf(run), kNow).appended.size(), 2u);
    EXPECT_EQ(store.commit().error().code, ErrorCode::Full);
    EXPECT_FALSE(store.head(alice.conversation, alice.device()));
    EXPECT_FALSE(store.certificate(alice.device()));
    EXPECT_FALSE(store.holdsDurably(alice.conversation, run[0].ref(), truncated(run[0].hash)));
    EXPECT_EQ(applier.apply(batchOf(run), kNow).appended.size(), 2u);
    EXPECT_FALSE(store.holdsDurably(alice.conversation, run[0].ref(), truncated(run[0].hash)));
    EXPECT_TRUE(store.commit());
    EXPECT_TRUE(store.holdsDurably(alice.conversation, run[0].ref(), truncated(run[0].hash)));
}

}  // namespace
}  // namespace landline::timeline
