#include "tests/relay/store/store_model.h"
#include "tests/support/memory_ledger.h"

namespace landline::relay {
namespace {

class MemoryUnderTest final : public StoreUnderTest {
public:
    MemoryUnderTest() { open(); }
    MailboxStore& store() override { return *m_store; }
    void restart() override {
        m_store.reset();
        open();
    }

private:
    void open() {
        auto opened = test::memoryStoreOpener(m_disk, m_random)(false);
        ASSERT_TRUE(opened) << opened.error().text;
        m_store = std::move(opened->store);
    }
    test::SeededRandom m_random{3};
    std::shared_ptr<test::MemoryDisk> m_disk = std::make_shared<test::MemoryDisk>();
    std::unique_ptr<MailboxStore> m_store;
};

std::unique_ptr<StoreUnderTest> makeMemoryStore() {
    return std::make_unique<MemoryUnderTest>();
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Memory, MailboxContract, ::testing::Values(StoreMaker(makeMemoryStore)));
INSTANTIATE_TEST_SUITE_P(Memory, MailboxAgreement, ::testing::Values(StoreMaker(makeMemoryStore)));

}  // namespace landline::relay
