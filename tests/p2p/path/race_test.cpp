#include "p2p/path/race.h"

#include "p2p/base/limits.h"

#include <gtest/gtest.h>

#include <string>

namespace landline::path {
namespace {

using namespace std::chrono_literals;

/// Writes what the race asks for as a word per action: "dial0 shake0 drop1 won0 lost".
class Heat {
public:
    explicit Heat(std::size_t lanes) : m_race(lanes, m_now) {}

    Race& race() { return m_race; }
    [[nodiscard]] MonoTime now() const { return m_now; }
    void wait(Duration time) {
        m_now += time;
        m_race.advance(m_now);
    }
    std::string actions() {
        std::string text;
        while (const auto action = m_race.nextAction()) {
            if (!text.empty()) text += ' ';
            text += word(*action);
        }
        return text;
    }

private:
    static std::string word(const Race::Action& action) {
        if (const auto* dial = std::get_if<Race::Dial>(&action)) return "dial" + std::to_string(dial->lane);
        if (const auto* shake = std::get_if<Race::Handshake>(&action))
            return "shake" + std::to_string(shake->lane);
        if (const auto* drop = std::get_if<Race::Drop>(&action)) return "drop" + std::to_string(drop->lane);
        if (const auto* won = std::get_if<Race::Won>(&action)) return "won" + std::to_string(won->lane);
        return "lost";
    }

    MonoTime m_now{1s};
    Race m_race;
};

TEST(Race, startsLanesOneStaggerApart) {
    Heat heat(3);
    EXPECT_EQ(heat.actions(), "dial0");
    heat.wait(limits::kDialStagger - 1us);
    EXPECT_EQ(heat.actions(), "");
    heat.wait(1us);
    EXPECT_EQ(heat.actions(), "dial1");
    heat.wait(limits::kDialStagger);
    EXPECT_EQ(heat.actions(), "dial2");
    heat.wait(limits::kDialStagger);
    EXPECT_EQ(heat.actions(), "");
}

TEST(Race, startsTheNextLaneAtOnceWhenTheOneBeforeFailed) {
    Heat heat(2);
    heat.actions();
    heat.race().failed(0, heat.now());
    EXPECT_EQ(heat.actions(), "dial1");
    heat.race().failed(1, heat.now());
    EXPECT_EQ(heat.actions(), "lost");
    EXPECT_TRUE(heat.race().isOver());
    EXPECT_FALSE(heat.race().nextTimeout());
}

TEST(Race, shakesHandsInOneLaneOnly) {
    Heat heat(2);
    heat.wait(limits::kDialStagger);
    EXPECT_EQ(heat.actions(), "dial0 dial1");
    heat.race().connected(1, heat.now());
    heat.race().connected(0, heat.now());
    EXPECT_EQ(heat.actions(), "shake1");
    heat.race().failed(1, heat.now());
    EXPECT_EQ(heat.actions(), "shake0");
    heat.race().opened(0, heat.now());
    EXPECT_EQ(heat.actions(), "won0");
}

TEST(Race, dropsEveryOtherLaneBeforeItIsWon) {
    Heat heat(3);
    heat.wait(limits::kDialStagger);
    heat.actions();
    heat.race().connected(1, heat.now());
    heat.race().opened(1, heat.now());
    EXPECT_EQ(heat.actions(), "shake1 drop0 won1");
    heat.race().failed(0, heat.now());
    heat.wait(1min);
    EXPECT_EQ(heat.actions(), "");
}

TEST(Race, givesUpOnASlowHandshakeWhileAnotherLaneWaits) {
    Heat heat(2);
    heat.wait(limits::kDialStagger);
    heat.race().connected(0, heat.now());
    heat.race().connected(1, heat.now());
    heat.actions();
    heat.wait(limits::kDialHandshake);
    EXPECT_EQ(heat.actions(), "drop0 shake1");
    heat.race().opened(0, heat.now());
    EXPECT_EQ(heat.actions(), "");
}

TEST(Race, isLostWhenNothingAnswersInTime) {
    Heat heat(1);
    heat.actions();
    heat.wait(limits::kDialTimeout + limits::kDialStagger);
    EXPECT_EQ(heat.actions(), "drop0 lost");
}

TEST(Race, withoutLanesIsLostAtOnce) {
    Heat heat(0);
    EXPECT_EQ(heat.actions(), "lost");
}

}  // namespace
}  // namespace landline::path
