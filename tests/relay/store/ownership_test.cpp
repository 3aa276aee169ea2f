// A command that root runs in the folder of the service's user: every file that it leaves there is given to that user. This
// program takes itself for root, and only notes what it would give.
#include "relay/store/store_folder.h"
#include "tests/relay/store/store_fixture.h"
#include "tests/relay/store/temporary_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace {

struct Owner {
    uid_t user = 0;
    gid_t group = 0;
    bool operator==(const Owner&) const = default;
};
std::map<std::string, Owner> g_given;

}  // namespace

extern "C" uid_t geteuid() noexcept {
    return 0;
}
extern "C" int lchown(const char* path, uid_t user, gid_t group) noexcept {
    g_given[path] = {user, group};
    return 0;
}

namespace landline::relay {
namespace {

namespace fs = std::filesystem;

class Ownership : public ::testing::Test {
protected:
    Ownership() { g_given.clear(); }
    /// As a command does that needs the store.
    OpenedStore openOnce() {
        auto folder = StoreFolder::acquire(files.path());
        EXPECT_TRUE(folder);
        auto opened = (*folder)->open(ask.random, false);
        EXPECT_TRUE(opened) << opened.error().text;
        opened->store->keepTime(ask.now);
        EXPECT_TRUE(opened->store->commit());
        opened->store.reset();
        return *std::move(opened);
    }
    void expectGiven(const std::string& name) {
        struct stat folder {};
        ASSERT_EQ(::stat(files.path().c_str(), &folder), 0);
        const auto found = g_given.find(files.file(name));
        ASSERT_NE(found, g_given.end()) << name;
        EXPECT_EQ(found->second, (Owner{folder.st_uid, folder.st_gid})) << name;
    }

    test::TemporaryFolder files;
    Asker ask;
};

TEST_F(Ownership, ofEveryFileOfANewDatabase) {
    openOnce();
    std::size_t found = 0;
    for (const auto& entry : fs::directory_iterator(files.path())) {
        expectGiven(entry.path().filename().string());
        ++found;
    }
    EXPECT_GE(found, 3u) << "the database, its note, the lock";
}

TEST_F(Ownership, ofADatabaseInThePlaceOfADamagedOne) {
    std::ofstream(files.file("relay.db")) << std::string(20'000, 'x');
    EXPECT_FALSE(openOnce().damagedCopy.empty());
    expectGiven("relay.db.new");
    expectGiven("relay.db.life");
}

TEST_F(Ownership, ofWhatIsThereAlreadyNothingChanges) {
    openOnce();
    g_given.clear();
    openOnce();
    g_given.erase(files.file("relay.lock"));
    EXPECT_TRUE(g_given.empty()) << g_given.begin()->first;
}

}  // namespace
}  // namespace landline::relay
