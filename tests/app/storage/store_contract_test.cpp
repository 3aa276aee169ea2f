#include "tests/p2p/timeline/store_contract.h"
#include "app/storage/database.h"

#include <QCoreApplication>
#include <QTemporaryDir>

namespace landline::timeline {
namespace {

class DatabaseUnderTest final : public StoreUnderTest {
public:
    explicit DatabaseUnderTest(const identity::Certificate& self) : m_self(self.person()) {
        open();
        m_database->meet(self, QStringLiteral("Self"));
        EXPECT_TRUE(m_database->commit());
    }
    TimelineStore& store() override { return *m_database; }
    void meet(const identity::Certificate& certificate) override {
        m_database->meet(certificate, QStringLiteral("Somebody"));
        m_database->setStanding(certificate.person(), Standing::Accepted);
        EXPECT_TRUE(m_database->commit());
    }
    void setStanding(const PersonId& person, Standing standing) override {
        m_database->setStanding(person, standing);
    }
    void restart() override {
        m_database.reset();
        open();
    }

private:
    void open() {
        auto opened = app::Database::open(m_folder.path(), m_self);
        ASSERT_TRUE(opened) << opened.error().text;
        EXPECT_TRUE(opened->damagedCopy.isEmpty());
        m_database = std::move(opened->database);
    }

    QTemporaryDir m_folder;
    PersonId m_self;
    std::unique_ptr<app::Database> m_database;
};

std::unique_ptr<StoreUnderTest> makeDatabase(const identity::Certificate& self) {
    return std::make_unique<DatabaseUnderTest>(self);
}

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreContract, ::testing::Values(StoreMaker(makeDatabase)));

}  // namespace
}  // namespace landline::timeline

// Qt finds its SQLite driver through the application.
int main(int argc, char** argv) {
    ::testing::InitGoogleTest(&argc, argv);
    const QCoreApplication application(argc, argv);
    return RUN_ALL_TESTS();
}
