#include "relay/store/database_files.h"

#include "tests/relay/store/killed_process.h"
#include "tests/relay/store/temporary_folder.h"

#include <sys/syscall.h>

#include <algorithm>
#include <fstream>

namespace landline::relay {
namespace {

std::string textOf(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

TEST(WriteWhole, leavesTheWholeFileOrTheOneBeforeWheneverItIsKilled) {
    test::TemporaryFolder files;
    const std::string path = files.file("settings");
    const std::string before(20'000, 'a');
    const std::string after(30'000, 'b');
    bool isDone = false;
    int calls = 0;
    for (; !isDone && !testing::Test::HasFailure(); ++calls) {
        ASSERT_TRUE(writeWhole(path, before));
        isDone = test::killAfter(calls, [&] { return writeWhole(path, after); });
        const std::string found = textOf(path);
        EXPECT_TRUE(found == after || (found == before && !isDone)) << calls << ": " << found.size();
    }
    EXPECT_GT(calls, 5);
}

TEST(WriteWhole, givesTheNameOnlyToWhatIsOnTheDisk) {
    test::TemporaryFolder files;
    bool isDone = false;
    const auto calls = test::callsOf([&] { return writeWhole(files.file("settings"), "text"); }, 1000, isDone);
    ASSERT_TRUE(isDone);
    std::vector<std::uint64_t> wanted = {SYS_write, SYS_fsync, SYS_rename, SYS_fsync};
#ifdef SYS_renameat2
    if (std::find(calls.begin(), calls.end(), std::uint64_t{SYS_renameat2}) != calls.end()) wanted[2] = SYS_renameat2;
#endif
    auto at = calls.begin();
    for (const std::uint64_t call : wanted) {
        at = std::find(at, calls.end(), call);
        ASSERT_NE(at, calls.end()) << call << ": of the file before its name, of the folder after it";
        ++at;
    }
}

TEST(WriteWhole, whereItFailsTheOneBeforeStaysAndNothingElse) {
    test::TemporaryFolder files;
    EXPECT_FALSE(writeWhole(files.file("nowhere/settings"), "text"));
    std::filesystem::create_directory(files.file("settings"));
    EXPECT_FALSE(writeWhole(files.file("settings"), "text"));
    EXPECT_FALSE(std::filesystem::exists(files.file("settings.part")));
}

}  // namespace
}  // namespace landline::relay
