#include "relay/store/store_folder.h"

#include "relay/store/folder_work.h"
#include "relay/store/sqlite.h"
#include "tests/relay/store/store_fixture.h"
#include "tests/relay/store/temporary_folder.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace landline::relay {
namespace {

namespace fs = std::filesystem;

class StoreFolderTest : public ::testing::Test {
protected:
    StoreFolderTest() { acquire(); }
    void acquire() {
        folder.reset();
        auto acquired = StoreFolder::acquire(files.path());
        ASSERT_TRUE(acquired);
        folder = std::move(*acquired);
        folder->setReserve(0);
    }
    void open(bool isDamaged = false) {
        store.reset();
        auto result = folder->open(ask.random, isDamaged);
        ASSERT_TRUE(result) << result.error().text;
        store = std::move(result->store);
        damagedCopy = result->damagedCopy;
        salvaged = result->salvagedAccounts;
        isOlder = result->isOlder;
    }
    /// Two accounts, `count` deposits from one to the other, a token and prekeys.
    void fill(int count) {
        open();
        alice = ask.member(*store);
        bob = ask.member(*store);
        for (int i = 0; i < count; ++i)
            EXPECT_TRUE(isStored(store->deposit(ask.make(alice, {bob}, ask.body(400)), ask.now)));
        EXPECT_FALSE(store->setTokens({bob, {{token, 0}}}).refused);
        ASSERT_TRUE(store->commit());
    }
    Expected<void> backUp(const std::string& file, bool mayReplace = false) {
        return FolderWork::begin(files.path(), FolderWork::Kind::BackUp).value()->backUp(file, mayReplace);
    }
    Expected<std::string> restore(const std::string& file) {
        auto ready = FolderWork::begin(files.path(), FolderWork::Kind::Restore).value()->layReady(file, true, ask.random);
        if (!ready) return Unexpected(ready.error());
        contents = *ready;
        return folder->takeReady();
    }
    std::set<std::string> names() const {
        std::set<std::string> all;
        for (const auto& entry : fs::directory_iterator(files.path())) all.insert(entry.path().filename().string());
        return all;
    }
    std::size_t held() { return store->figures().heldItems; }
    void overwrite(std::uintmax_t from, std::uintmax_t to) {
        std::fstream file(folder->databasePath(), std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(from));
        for (auto at = from; at < to; ++at) file.put('\x5a');
    }
    void expectBegunAnew(const Epoch& before) {
        EXPECT_FALSE(damagedCopy.empty());
        EXPECT_TRUE(fs::exists(damagedCopy));
        EXPECT_NE(damagedCopy.find("relay.db.damaged-2"), std::string::npos);
        EXPECT_NE(store->epoch(), before);
        EXPECT_EQ(held(), 0u);
        const std::string copy = damagedCopy;
        open();
        EXPECT_EQ(damagedCopy, "") << "only once";
        ask.epoch = store->epoch();
        EXPECT_TRUE(isStored(store->deposit(ask.make(alice, {bob}), ask.now)));
        EXPECT_EQ(held(), 1u);
    }

    test::TemporaryFolder files;
    Asker ask;
    std::unique_ptr<StoreFolder> folder;
    std::unique_ptr<MailboxStore> store;
    std::string damagedCopy;
    std::size_t salvaged = 0;
    bool isOlder = false;
    FolderWork::Contents contents;
    DeviceId alice;
    DeviceId bob;
    RelayToken token = ask.random.make<RelayToken>();
};

TEST_F(StoreFolderTest, aSecondRelayIsRefusedAndToldWho) {
    const auto second = StoreFolder::acquire(files.path());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::Locked);
    EXPECT_NE(second.error().text.find("process " + std::to_string(::getpid())), std::string::npos);
    folder.reset();
    EXPECT_TRUE(StoreFolder::acquire(files.path()));
}

TEST_F(StoreFolderTest, aFolderThatIsNotThereIsToldInASentence) {
    const auto nowhere = StoreFolder::acquire(files.file("nowhere"));
    ASSERT_FALSE(nowhere);
    EXPECT_EQ(nowhere.error().code, ErrorCode::NotFound);
    EXPECT_NE(nowhere.error().text.find("nowhere"), std::string::npos);
}

TEST_F(StoreFolderTest, whatCannotBeLookedAtIsToldAndNotSetAside) {
    for (const char* const name : {"relay.db", "relay.db.damaged"}) {
        fs::create_symlink(name, files.file(name));
        const auto opened = folder->open(ask.random, false);
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().code, ErrorCode::Disk);
        EXPECT_NE(opened.error().text.find(name), std::string::npos) << opened.error().text;
        EXPECT_TRUE(fs::is_symlink(files.file(name)));
        fs::remove(files.file(name));
    }
    open();
    EXPECT_TRUE(damagedCopy.empty());
}

TEST_F(StoreFolderTest, anOlderCopyPutBackByHandBeginsANewEpoch) {
    fill(3);
    store->keepTime(ask.now);
    ASSERT_TRUE(store->commit());
    const Epoch before = store->epoch();
    store.reset();
    fs::copy_file(folder->databasePath(), files.file("copy"));
    open();
    EXPECT_EQ(store->epoch(), before) << "an ordinary start";
    EXPECT_FALSE(isOlder);
    EXPECT_TRUE(isStored(store->deposit(ask.make(alice, {bob}), ask.now)));
    ask.now += std::chrono::minutes(1);
    store->keepTime(ask.now);
    ASSERT_TRUE(store->commit());
    // What was undone is not noted.
    store->keepTime(ask.now + std::chrono::hours(1));
    store->rollback();
    open();
    EXPECT_EQ(store->epoch(), before);
    store.reset();
    fs::copy_file(files.file("copy"), folder->databasePath(), fs::copy_options::overwrite_existing);
    open();
    EXPECT_TRUE(isOlder);
    EXPECT_NE(store->epoch(), before);
    EXPECT_EQ(held(), 3u);
    const Epoch after = store->epoch();
    open();
    EXPECT_EQ(store->epoch(), after) << "only once";
    EXPECT_FALSE(isOlder);
}

TEST_F(StoreFolderTest, nobodyElseMayReadTheFiles) {
    fill(3);
    ASSERT_TRUE(backUp(files.file("copy")));
    store.reset();
    ASSERT_TRUE(restore(files.file("copy")));
    open();
    EXPECT_EQ(held(), 3u);
    for (const auto& entry : fs::directory_iterator(files.path()))
        EXPECT_EQ(entry.status().permissions() & (fs::perms::group_all | fs::perms::others_all),
                  fs::perms::none)
            << entry.path();
}

TEST_F(StoreFolderTest, aDatabaseOfANewerVersionIsLeftAlone) {
    open();
    store.reset();
    SqliteConnection connection;
    ASSERT_EQ(connection.open(folder->databasePath(), {}, SQLITE_OPEN_READWRITE), SQLITE_OK);
    ASSERT_EQ(connection.run("PRAGMA user_version=3"), SQLITE_OK);
    const auto opened = folder->open(ask.random, false);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, ErrorCode::VersionMismatch);
    EXPECT_TRUE(fs::exists(folder->databasePath()));
}

TEST_F(StoreFolderTest, aDatabaseOfTheFirstVersionIsTakenOver) {
    fill(3);
    Deposit heads = ask.make(alice, {bob});
    heads.content.box = Box::Heads;
    EXPECT_TRUE(isStored(store->deposit(heads, ask.now)));
    ASSERT_TRUE(store->commit());
    const Epoch before = store->epoch();
    store.reset();
    {
        SqliteConnection connection;
        ASSERT_EQ(connection.open(folder->databasePath(), {}, SQLITE_OPEN_READWRITE), SQLITE_OK);
        ASSERT_EQ(connection.run("ALTER TABLE account DROP COLUMN seen; ALTER TABLE sender DROP COLUMN guest_of;"
                                 "ALTER TABLE heads DROP COLUMN share; PRAGMA user_version=1"),
                  SQLITE_OK);
    }
    open();
    EXPECT_EQ(damagedCopy, "");
    EXPECT_EQ(store->epoch(), before);
    EXPECT_EQ(held(), 4u);
    EXPECT_EQ(store->pull({bob, Box::Heads, 1, 1000}, ask.now).items.size(), 1u);
    EXPECT_EQ(store->accounts({}).accounts.at(0).seen, WallTime{}) << "nobody knows";
    EXPECT_FALSE(store->admit({ask.partyOf(bob), {}, {}, false}, true, ask.now).refused);
    ASSERT_TRUE(store->commit());
}

TEST_F(StoreFolderTest, aFileThatIsNoDatabaseIsSetAside) {
    fill(1);
    const Epoch before = store->epoch();
    store.reset();
    overwrite(0, fs::file_size(folder->databasePath()));
    open();
    EXPECT_EQ(salvaged, 0u);
    alice = ask.member(*store);
    bob = ask.member(*store);
    ASSERT_TRUE(store->commit());
    expectBegunAnew(before);
}

TEST_F(StoreFolderTest, aTableThatIsDamagedCostsTheMailButNotTheAccounts) {
    fill(2000);
    const Epoch before = store->epoch();
    store.reset();
    // The tables that were made first lie at the front; the last half is bodies and deposits.
    const auto size = fs::file_size(folder->databasePath());
    overwrite(size / 2, size);
    open();
    EXPECT_EQ(salvaged, 2u);
    const auto prekeys = store->fetchPrekeys({ask.partyOf(ask.device()), {{bob, token}}}).told.prekeys;
    EXPECT_EQ(prekeys.at(0).prekey, Asker::prekeyOf(bob));
    expectBegunAnew(before);
}

TEST_F(StoreFolderTest, afterDamageADeviceIsToldThatItsTokensAreToBeSet) {
    fill(1);
    const auto tokens = [&] { return store->admit({ask.partyOf(bob), {}, {}, false}, true, ask.now).welcome.tokens; };
    EXPECT_EQ(tokens(), wr::tokensDigest({{token, 0}}));
    store.reset();
    {
        SqliteConnection connection;
        ASSERT_EQ(connection.open(folder->databasePath(), {}, SQLITE_OPEN_READWRITE), SQLITE_OK);
        ASSERT_EQ(connection.run("DELETE FROM token"), SQLITE_OK);
    }
    open(true);
    EXPECT_EQ(salvaged, 2u);
    EXPECT_EQ(tokens(), Hash128{}) << "those that it has got lost";
}

TEST_F(StoreFolderTest, rowsThatContradictEachOtherAreDamage) {
    fill(5);
    const Epoch before = store->epoch();
    store.reset();
    {
        SqliteConnection connection;
        ASSERT_EQ(connection.open(folder->databasePath(), {}, SQLITE_OPEN_READWRITE), SQLITE_OK);
        ASSERT_EQ(
            connection.run("UPDATE deposit SET items=(SELECT items FROM deposit WHERE id=1) WHERE id=3"),
            SQLITE_OK);
    }
    open();
    EXPECT_EQ(salvaged, 2u);
    expectBegunAnew(before);
}

TEST_F(StoreFolderTest, whatAForgottenAccountLeftBehindIsPassedOver) {
    fill(5);
    const Epoch before = store->epoch();
    store.reset();
    const auto leave = [this](const char* row) {
        SqliteConnection connection;
        ASSERT_EQ(connection.open(folder->databasePath(), {}, SQLITE_OPEN_READWRITE), SQLITE_OK);
        ASSERT_EQ(connection.run((std::string("REPLACE INTO mailbox VALUES") + row).c_str()), SQLITE_OK);
    };
    leave("(9, 0, 0, 0)");
    leave("(3, 0, 0, 0)");
    open();
    EXPECT_EQ(damagedCopy, "");
    EXPECT_EQ(store->epoch(), before);
    EXPECT_EQ(held(), 5u);
    ASSERT_TRUE(backUp(files.file("copy")));
    ask.member(*store);  // which gets the number 3
    ASSERT_TRUE(store->commit());
    store.reset();
    ASSERT_TRUE(restore(files.file("copy"))) << "and a backup that has it is one";
    open();
    EXPECT_EQ(damagedCopy, "");
    EXPECT_EQ(held(), 5u);
    store.reset();
    leave("(9, 0, 0, 1)");
    open();
    EXPECT_NE(damagedCopy, "") << "numbers that were given are no leftover";
}

TEST_F(StoreFolderTest, aBodyThatIsMissingIsDamageWhenItIsPulled) {
    fill(5);
    {
        SqliteConnection connection;
        ASSERT_EQ(connection.open(folder->databasePath(), {}, SQLITE_OPEN_READWRITE), SQLITE_OK);
        ASSERT_EQ(connection.run("DELETE FROM body WHERE id=3"), SQLITE_OK);
    }
    (void)store->pull({bob, Box::Messages, 1, 1 << 20}, ask.now);
    EXPECT_FALSE(store->commit());
    EXPECT_TRUE(store->isDamaged());
    const Epoch before = store->epoch();
    open(true);
    expectBegunAnew(before);
}

TEST_F(StoreFolderTest, anInterruptedReplacementIsFinished) {
    fill(5);
    const Epoch before = store->epoch();
    store.reset();
    const auto expectFinished = [&] {
        open();
        EXPECT_EQ(store->epoch(), before);
        EXPECT_EQ(held(), 5u);
        EXPECT_FALSE(fs::exists(files.file("relay.db.damaged")));
        EXPECT_FALSE(fs::exists(files.file("relay.db.new")));
        store.reset();
    };
    const std::string aside = "relay.db.damaged-20260102-030405";
    // Between the renames: the new one is whole, the note is there.
    fs::rename(folder->databasePath(), files.file("relay.db.new"));
    std::ofstream(files.file("relay.db.damaged")) << aside;
    expectFinished();
    EXPECT_EQ(damagedCopy, files.file(aside)) << "nobody was told yet";
    EXPECT_EQ(salvaged, 2u);
    // Within the first: the log has its new name already.
    fs::rename(folder->databasePath(), files.file("relay.db.new"));
    std::ofstream(folder->databasePath()) << "damaged";
    std::ofstream(files.file(aside + "-wal")) << "its log";
    std::ofstream(files.file("relay.db.damaged")) << aside;
    expectFinished();
    EXPECT_EQ(fs::file_size(files.file(aside)), 7u);
    // After them: all is done, and what the note of an older version meant as well.
    for (const std::string& text : {aside, std::string()}) {
        std::ofstream(files.file("relay.db.damaged")) << text;
        expectFinished();
        EXPECT_EQ(damagedCopy.empty(), text.empty());
    }
    // Before the note: it may be half of one.
    std::ofstream(files.file("relay.db.new")) << "half";
    expectFinished();
    EXPECT_EQ(damagedCopy, "");
}

TEST_F(StoreFolderTest, aBackupIsTakenWhileTheStoreWorksAndRestoredUnderANewEpoch) {
    fill(20);
    const std::string copy = files.file("copy");
    ASSERT_TRUE(backUp(copy));
    EXPECT_EQ(backUp(copy).error().code, ErrorCode::NotPermitted) << "nothing is overwritten";
    EXPECT_TRUE(backUp(copy, true)) << "unless that is said";
    const Epoch before = store->epoch();
    for (int i = 0; i < 5; ++i) (void)store->deposit(ask.make(alice, {bob}), ask.now);
    ASSERT_TRUE(store->commit());
    EXPECT_EQ(held(), 25u);
    store.reset();
    const auto restored = restore(copy);
    ASSERT_TRUE(restored) << restored.error().text;
    open();
    EXPECT_EQ(damagedCopy, "");
    EXPECT_NE(store->epoch(), before);
    EXPECT_EQ(held(), 20u);
    EXPECT_EQ(store->acknowledge({bob, {before, Box::Messages, 20}}).refused, Reason::OtherEpoch);
    int replaced = 0;
    for (const auto& entry : fs::directory_iterator(files.path()))
        if (entry.path().filename().string().starts_with("relay.db.replaced-")) ++replaced;
    EXPECT_EQ(replaced, 1);
}

TEST_F(StoreFolderTest, aCopyThatIsDamagedIsNotRestored) {
    fill(2000);
    const std::string copy = files.file("copy");
    ASSERT_TRUE(backUp(copy));
    const Epoch before = store->epoch();
    store.reset();
    {
        std::fstream file(copy, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(fs::file_size(copy) / 2));
        for (int i = 0; i < 100'000; ++i) file.put('\x5a');
    }
    const auto there = names();
    const auto failed = restore(copy);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, ErrorCode::Malformed);
    EXPECT_FALSE(restore(files.file("nowhere")));
    EXPECT_EQ(names(), there) << "nothing is left behind";
    open();
    EXPECT_EQ(store->epoch(), before);
    EXPECT_EQ(held(), 2000u);
}

TEST_F(StoreFolderTest, whatIsNoBackupIsNotRestored) {
    fill(3);
    const Epoch before = store->epoch();
    store.reset();
    std::ofstream(files.file("empty")).close();
    std::ofstream(files.file("text")) << std::string(10'000, 'x');
    {
        SqliteConnection other;
        ASSERT_EQ(other.open(files.file("other"), {}, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE), SQLITE_OK);
        ASSERT_EQ(other.run("CREATE TABLE note(text TEXT)"), SQLITE_OK);
    }
    const auto there = names();
    for (const char* const name : {"empty", "text", "other"}) {
        const auto failed = restore(files.file(name));
        ASSERT_FALSE(failed) << name;
        EXPECT_EQ(failed.error().code, ErrorCode::Malformed) << name;
        EXPECT_EQ(names(), there) << name;
    }
    open();
    EXPECT_EQ(store->epoch(), before);
    EXPECT_EQ(held(), 3u);
}

TEST_F(StoreFolderTest, aBackupInWhichAnItemIsMissingIsNotRestored) {
    fill(5);
    ASSERT_TRUE(backUp(files.file("copy")));
    store.reset();
    {
        SqliteConnection connection;
        ASSERT_EQ(connection.open(files.file("copy"), {}, SQLITE_OPEN_READWRITE), SQLITE_OK);
        ASSERT_EQ(connection.run("DELETE FROM body WHERE id=3"), SQLITE_OK);
    }
    const auto there = names();
    EXPECT_FALSE(restore(files.file("copy")));
    EXPECT_EQ(names(), there);
}

TEST_F(StoreFolderTest, aRestoreThatIsNotWantedIsUndone) {
    fill(4);
    ASSERT_TRUE(backUp(files.file("copy")));
    EXPECT_TRUE(isStored(store->deposit(ask.make(alice, {bob}), ask.now)));
    ASSERT_TRUE(store->commit());
    const Epoch before = store->epoch();
    store.reset();
    const auto there = names();
    const auto replaced = restore(files.file("copy"));
    ASSERT_TRUE(replaced);
    EXPECT_EQ(contents.accounts, 2u);
    EXPECT_EQ(contents.items, 4u);
    ASSERT_TRUE(folder->putBack(*replaced));
    EXPECT_EQ(names(), there);
    open();
    EXPECT_EQ(store->epoch(), before);
    EXPECT_EQ(held(), 5u);
    EXPECT_FALSE(folder->takeReady()) << "nothing is ready";
}

TEST_F(StoreFolderTest, backupsGoSideBySideAndARestoreIsAlone) {
    fill(1);
    {
        const auto one = FolderWork::begin(files.path(), FolderWork::Kind::BackUp);
        ASSERT_TRUE(one);
        EXPECT_TRUE(backUp(files.file("copy")));
        const auto restores = FolderWork::begin(files.path(), FolderWork::Kind::Restore);
        ASSERT_FALSE(restores);
        EXPECT_EQ(restores.error().code, ErrorCode::Locked);
    }
    const auto restores = FolderWork::begin(files.path(), FolderWork::Kind::Restore);
    ASSERT_TRUE(restores);
    EXPECT_FALSE(FolderWork::begin(files.path(), FolderWork::Kind::BackUp));
}

}  // namespace
}  // namespace landline::relay
