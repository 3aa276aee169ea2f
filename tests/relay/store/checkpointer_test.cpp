#include "relay/store/checkpointer.h"

#include "tests/relay/store/temporary_folder.h"

#include <gtest/gtest.h>

#include <atomic>

namespace landline::relay {
namespace {

using namespace std::chrono_literals;

/// While it is closed nothing can be opened.
std::atomic<bool> isClosed = false;

int openWhenAllowed(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* outFlags) {
    while (isClosed) std::this_thread::yield();
    sqlite3_vfs* const usual = sqlite3_vfs_find(nullptr);
    (void)vfs;
    return usual->xOpen(usual, name, file, flags, outFlags);
}

TEST(Checkpointer, isNotIdleFromWhenItIsAskedToItsEnd) {
    static sqlite3_vfs gated = *sqlite3_vfs_find(nullptr);
    gated.zName = "gated";
    gated.xOpen = openWhenAllowed;
    ASSERT_EQ(sqlite3_vfs_register(&gated, 0), SQLITE_OK);
    const test::TemporaryFolder files;
    isClosed = true;
    {
        Checkpointer checkpointer(files.file("relay.db"), "gated");
        EXPECT_TRUE(checkpointer.isIdle());
        EXPECT_FALSE(checkpointer.hasMovedMost());
        EXPECT_FALSE(checkpointer.isIdle());
        EXPECT_FALSE(checkpointer.hasMovedMost());
        EXPECT_FALSE(checkpointer.isIdle());
        isClosed = false;
        const auto end = std::chrono::steady_clock::now() + 60s;
        while (!checkpointer.isIdle() && std::chrono::steady_clock::now() < end) std::this_thread::yield();
        EXPECT_TRUE(checkpointer.isIdle());
        EXPECT_TRUE(checkpointer.hasMovedMost());
        EXPECT_TRUE(checkpointer.isIdle());
    }
    EXPECT_EQ(sqlite3_vfs_unregister(&gated), SQLITE_OK);
}

}  // namespace
}  // namespace landline::relay
