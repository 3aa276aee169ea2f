// A restore, and its undoing, that is killed at every system call: either the old database serves on or the backup does, whole
// and not as damaged.
#include "relay/store/folder_work.h"
#include "relay/store/sqlite.h"
#include "relay/store/store_folder.h"
#include "tests/relay/store/killed_process.h"
#include "tests/relay/store/store_fixture.h"
#include "tests/relay/store/temporary_folder.h"

#include <algorithm>
#include <filesystem>

namespace landline::relay {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kInBackup = 3;
constexpr std::size_t kInDatabase = 5;

class RestoreCrash : public ::testing::Test {
protected:
    RestoreCrash() {
        acquire();
        auto store = open().store;
        const DeviceId alice = ask.member(*store);
        const DeviceId bob = ask.member(*store);
        const auto deposit = [&](std::size_t count) {
            for (std::size_t i = 0; i < count; ++i) EXPECT_TRUE(isStored(store->deposit(ask.make(alice, {bob}), ask.now)));
            EXPECT_TRUE(store->commit());
        };
        deposit(kInBackup);
        const std::string copy = start.file("copy");
        EXPECT_TRUE(FolderWork::begin(files.path(), FolderWork::Kind::BackUp).value()->backUp(copy, false));
        deposit(kInDatabase - kInBackup);
        before = store->epoch();
        // As a relay that was killed leaves them: what came last stands in the log alone.
        for (const char* const name : {"relay.db", "relay.db-wal", "relay.db.life"})
            if (fs::exists(files.file(name))) fs::copy(files.file(name), start.file(name));
        store.reset();
        EXPECT_TRUE(FolderWork::begin(files.path(), FolderWork::Kind::Restore).value()->layReady(copy, true, ask.random));
        fs::rename(files.file("relay.db.ready"), start.file("relay.db.ready"));
        fs::remove(copy);
    }
    void acquire() {
        folder.reset();
        folder = std::move(StoreFolder::acquire(files.path()).value());
        folder->setReserve(0);
    }
    OpenedStore open() {
        auto opened = folder->open(ask.random, false);
        EXPECT_TRUE(opened) << opened.error().text;
        return opened ? *std::move(opened) : OpenedStore{};
    }
    void begin() {
        folder.reset();
        for (const auto& entry : fs::directory_iterator(files.path())) fs::remove(entry.path());
        fs::copy(start.path(), files.path());
        acquire();
    }
    /// A restore of which all is done.
    void beginRestored() {
        begin();
        auto taken = folder->takeReady();
        ASSERT_TRUE(taken);
        replaced = *std::move(taken);
    }
    std::vector<std::string> namesAside() {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator(files.path())) {
            const std::string name = entry.path().filename().string();
            if (name.starts_with("relay.db.replaced-") && !name.ends_with("-wal") && !name.ends_with("-shm")) names.push_back(name);
        }
        return names;
    }
    /// With its log.
    std::size_t heldIn(const std::string& aside) {
        SqliteConnection connection;
        SqliteStatement count;
        EXPECT_EQ(connection.open(files.file(aside), {}, SQLITE_OPEN_READWRITE), SQLITE_OK);
        EXPECT_EQ(count.prepare(connection, "SELECT count(*) FROM deposit"), SQLITE_OK);
        return count.step() == SQLITE_ROW ? static_cast<std::size_t>(count.integer(0)) : 0;
    }
    /// Whether the backup is in service.
    bool isRestored() {
        const OpenedStore opened = open();
        EXPECT_EQ(opened.damagedCopy, "");
        EXPECT_FALSE(fs::exists(files.file("relay.db.damaged")));
        EXPECT_FALSE(fs::exists(files.file("relay.db.new")));
        if (!opened.store) return false;
        const bool isNew = opened.store->epoch() != before;
        EXPECT_EQ(opened.store->figures().heldItems, isNew ? kInBackup : kInDatabase);
        EXPECT_EQ(opened.store->figures().accounts, 2u);
        const auto aside = namesAside();
        EXPECT_EQ(aside.size(), isNew ? 1u : 0u);
        EXPECT_TRUE(!isNew || heldIn(aside.at(0)) == kInDatabase);
        return isNew;
    }

    test::TemporaryFolder start;
    test::TemporaryFolder files;
    Asker ask;
    std::unique_ptr<StoreFolder> folder;
    std::string replaced;
    Epoch before = 0;
};

TEST_F(RestoreCrash, eitherTheOldDatabaseServesOrTheBackup) {
    bool isDone = false;
    bool wasRestored = false;
    int calls = 0;
    for (; !isDone && !HasFailure(); ++calls) {
        SCOPED_TRACE(calls);
        begin();
        isDone = test::killAfter(calls, [this] { return static_cast<bool>(folder->takeReady()); });
        const bool isNew = isRestored();
        EXPECT_TRUE(isNew || !wasRestored) << "what was begun is finished";
        wasRestored = isNew;
    }
    EXPECT_TRUE(wasRestored);
    EXPECT_GT(calls, 10) << "it was killed on its way";
}

TEST_F(RestoreCrash, anotherRestoreAfterACrashLosesNothing) {
    bool isDone = false;
    for (int calls = 0; !isDone && !HasFailure(); ++calls) {
        SCOPED_TRACE(calls);
        begin();
        isDone = test::killAfter(calls, [this] { return static_cast<bool>(folder->takeReady()); });
        // Another backup, which is whole as well.
        fs::copy_file(start.file("relay.db.ready"), files.file("relay.db.ready"), fs::copy_options::overwrite_existing);
        ASSERT_TRUE(folder->takeReady());
        OpenedStore opened = open();
        EXPECT_EQ(opened.damagedCopy, "");
        EXPECT_EQ(opened.store->figures().heldItems, kInBackup);
        std::size_t logs = 0;
        for (const auto& entry : fs::directory_iterator(files.path())) {
            const std::string name = entry.path().filename().string();
            if (!name.starts_with("relay.db.replaced-") || !name.ends_with("-wal")) continue;
            ++logs;
            EXPECT_TRUE(fs::exists(files.file(name.substr(0, name.size() - 4)))) << "a log has the name of its database";
        }
        EXPECT_EQ(logs, 1u);
    }
}

TEST_F(RestoreCrash, anUndoingIsFinished) {
    bool isDone = false;
    bool wasOld = false;
    int calls = 0;
    for (; !isDone && !HasFailure(); ++calls) {
        SCOPED_TRACE(calls);
        beginRestored();
        isDone = test::killAfter(calls, [this] { return static_cast<bool>(folder->putBack(replaced)); });
        const bool isOld = !isRestored();
        EXPECT_TRUE(isOld || !wasOld) << "what was begun is finished";
        wasOld = isOld;
    }
    EXPECT_TRUE(wasOld);
    EXPECT_GT(calls, 10) << "it was killed on its way";
}

// Where a restored one that was in use has a log of its own, the logs must not change places.
TEST_F(RestoreCrash, anUndoingKeepsLogsWithTheirDatabases) {
    test::TemporaryFolder used;
    const auto logOf = [](const test::TemporaryFolder& of) { return of.file("relay.db-wal"); };
    beginRestored();
    {
        OpenedStore opened = open();
        (void)ask.member(*opened.store);
        ASSERT_TRUE(opened.store->commit());
        for (const char* const name : {"relay.db", "relay.db-wal"}) fs::copy(files.file(name), used.file(name));
    }
    ASSERT_GT(fs::file_size(logOf(used)), 0u);
    bool isDone = false;
    for (int calls = 0; !isDone && !HasFailure(); ++calls) {
        SCOPED_TRACE(calls);
        beginRestored();
        for (const char* const name : {"relay.db", "relay.db-wal"})
            fs::copy(used.file(name), files.file(name), fs::copy_options::overwrite_existing);
        isDone = test::killAfter(calls, [this] { return static_cast<bool>(folder->putBack(replaced)); });
        const OpenedStore opened = open();
        ASSERT_TRUE(opened.store);
        EXPECT_EQ(opened.damagedCopy, "");
        const bool isOld = opened.store->epoch() == before;
        EXPECT_EQ(opened.store->figures().accounts, isOld ? 2u : 3u);
        EXPECT_EQ(opened.store->figures().heldItems, isOld ? kInDatabase : kInBackup);
        EXPECT_EQ(namesAside().size(), isOld ? 0u : 1u);
        EXPECT_TRUE(isOld || heldIn(namesAside().at(0)) == kInDatabase);
    }
}

// Whoever tidies up amid that is told so, rather than given an empty relay.
TEST_F(RestoreCrash, anUndoingWhoseOldDatabaseIsGoneDeletesNothing) {
    bool isDone = false;
    bool wasMet = false;
    for (int calls = 0; !isDone && !wasMet && !HasFailure(); ++calls) {
        beginRestored();
        isDone = test::killAfter(calls, [this] { return static_cast<bool>(folder->putBack(replaced)); });
        if (fs::exists(files.file("relay.db"))) continue;
        wasMet = true;
        fs::rename(replaced, files.file("elsewhere"));
        const auto opened = folder->open(ask.random, false);
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().code, ErrorCode::NotFound);
        EXPECT_TRUE(fs::exists(files.file("relay.db.new")));
        fs::rename(files.file("elsewhere"), replaced);
        EXPECT_FALSE(isRestored());
    }
    EXPECT_TRUE(wasMet);
}

TEST_F(RestoreCrash, aRestoreAfterAnUndoingThatCrashedLosesNothing) {
    bool isDone = false;
    for (int calls = 0; !isDone && !HasFailure(); ++calls) {
        SCOPED_TRACE(calls);
        beginRestored();
        isDone = test::killAfter(calls, [this] { return static_cast<bool>(folder->putBack(replaced)); });
        fs::copy_file(start.file("relay.db.ready"), files.file("relay.db.ready"), fs::copy_options::overwrite_existing);
        ASSERT_TRUE(folder->takeReady());
        EXPECT_EQ(open().store->figures().heldItems, kInBackup);
        const auto aside = namesAside();
        EXPECT_EQ(std::ranges::count_if(aside, [this](const std::string& name) { return heldIn(name) == kInDatabase; }), 1);
    }
}

}  // namespace
}  // namespace landline::relay
