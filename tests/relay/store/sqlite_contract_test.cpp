#include "relay/store/store_folder.h"
#include "tests/relay/store/store_model.h"
#include "tests/relay/store/temporary_folder.h"

namespace landline::relay {
namespace {

class SqliteUnderTest final : public StoreUnderTest {
public:
    SqliteUnderTest() {
        auto acquired = StoreFolder::acquire(m_files.path());
        EXPECT_TRUE(acquired);
        m_folder = std::move(*acquired);
        m_folder->setReserve(0);
        open();
    }
    MailboxStore& store() override { return *m_store; }
    void restart() override {
        m_store.reset();
        open();
    }

private:
    void open() {
        auto opened = m_folder->open(m_random, false);
        ASSERT_TRUE(opened) << opened.error().text;
        ASSERT_EQ(opened->damagedCopy, "");
        m_store = std::move(opened->store);
    }
    test::SeededRandom m_random{3};
    test::TemporaryFolder m_files;
    std::unique_ptr<StoreFolder> m_folder;
    std::unique_ptr<MailboxStore> m_store;
};

std::unique_ptr<StoreUnderTest> makeSqliteStore() {
    return std::make_unique<SqliteUnderTest>();
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Sqlite, MailboxContract, ::testing::Values(StoreMaker(makeSqliteStore)));
INSTANTIATE_TEST_SUITE_P(Sqlite, MailboxAgreement, ::testing::Values(StoreMaker(makeSqliteStore)));

}  // namespace landline::relay
