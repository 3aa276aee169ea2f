#include "app/messenger/lost_patience.h"

#include <gtest/gtest.h>

namespace landline::app {

using namespace std::chrono_literals;

namespace {
const MonoTime kStart = MonoTime(100h);
}

TEST(LostPatience, doublesWhileLossesGoOn) {
    LostPatience patience({1min, 1h});
    MonoTime now = kStart;
    // Somebody leaves garbage whenever contacts may be told again.
    for (const auto expected : {1min, 2min, 4min, 8min, 16min, 32min, 60min, 60min}) {
        patience.lost(now);
        const Duration wait = patience.told();
        EXPECT_EQ(wait, expected);
        now += wait - 1s;
    }
}

TEST(LostPatience, countsAlsoWhatIsLostSeldom) {
    LostPatience patience({1min, 1h});
    patience.lost(kStart);
    EXPECT_EQ(patience.told(), 1min);
    patience.lost(kStart + 59min);
    EXPECT_EQ(patience.told(), 2min);
}

TEST(LostPatience, beginsAnewAfterAQuietWhile) {
    LostPatience patience({1min, 1h});
    for (int i = 0; i < 5; ++i) {
        patience.lost(kStart + i * 1min);
        (void)patience.told();
    }
    patience.lost(kStart + 4min + 1h);
    EXPECT_EQ(patience.told(), 1min);
}

}  // namespace landline::app
