#include "relay/relay_keys.h"

#include "p2p/base/clock.h"
#include "relay/store/is_there.h"
#include "tests/relay/store/killed_process.h"
#include "tests/relay/store/temporary_folder.h"

#include <sys/stat.h>

#include <filesystem>

namespace landline::relay {
namespace {

class RelayKeysTest : public ::testing::Test {
protected:
    test::TemporaryFolder files;
    const std::string path = files.file("relay.key");
    SystemRandom random;
    const WallTime now = SystemClock().wall();
};

TEST_F(RelayKeysTest, areReadAsTheyWereMadeAndPrivate) {
    const auto made = makeRelayKeys(path, random, now);
    ASSERT_TRUE(made);
    const auto read = readRelayKeys(path);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->device.noise.publicKey, made->device.noise.publicKey);
    EXPECT_EQ(read->certificate.encoded(), made->certificate.encoded());
    struct stat info {};
    ASSERT_EQ(::stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(RelayKeysTest, areNotMadeAnew) {
    const auto made = makeRelayKeys(path, random, now);
    ASSERT_TRUE(made);
    const auto again = makeRelayKeys(path, random, now);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, ErrorCode::InvalidArgument);
    EXPECT_EQ(readRelayKeys(path).value().device.noise.publicKey, made->device.noise.publicKey);
}

// A key of which a crash left a part would keep a relay from ever starting.
TEST_F(RelayKeysTest, afterADeathAreWholeOrNotThere) {
    bool isDone = false;
    bool wasThere = false;
    int calls = 0;
    for (; !isDone && !HasFailure(); ++calls) {
        SCOPED_TRACE(calls);
        std::filesystem::remove(path);
        isDone = test::killAfter(calls, [this] { return static_cast<bool>(makeRelayKeys(path, random, now)); });
        const bool isMade = mayBeThere(path);
        EXPECT_TRUE(isMade || !wasThere);
        wasThere = isMade;
        // As the next `init` does.
        const auto keys = isMade ? readRelayKeys(path) : makeRelayKeys(path, random, now);
        EXPECT_TRUE(keys) << keys.error().text;
    }
    EXPECT_TRUE(wasThere);
    EXPECT_GT(calls, 5) << "it was killed on its way";
}

}  // namespace
}  // namespace landline::relay
