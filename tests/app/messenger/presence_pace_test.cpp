#include "app/messenger/presence_pace.h"

#include "p2p/base/limits.h"
#include "tests/support/seeded_random.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

namespace landline::app {

using namespace std::chrono_literals;

namespace {
const MonoTime kStart = MonoTime(100h);
}

TEST(PresencePace, tellsOfASingleChangeAtOnce) {
    test::SeededRandom random(1);
    PresencePace pace;
    EXPECT_FALSE(pace.due());
    for (MonoTime now = kStart; now < kStart + 10s; now += PresencePace::kRest) {
        const auto person = random.make<PersonId>();
        pace.changed(person);
        ASSERT_TRUE(pace.due());
        EXPECT_LE(*pace.due(), now);
        EXPECT_EQ(pace.take(now), std::set{person});
        EXPECT_FALSE(pace.due()) << "it is told once";
    }
}

// Twelve relays that each tell of as many devices as can be watched, all the time.
TEST(PresencePace, aFloodCostsAFewTellingsASecondAndNobodyWaitsLong) {
    test::SeededRandom random(2);
    std::vector<PersonId> persons;
    for (std::size_t i = 0; i < limits::kPresenceWatches; ++i) persons.push_back(random.make<PersonId>());
    PresencePace pace;
    std::map<PersonId, MonoTime> waiting;
    int tellings = 0;
    constexpr auto kFor = 10s;
    for (MonoTime now = kStart; now < kStart + kFor; now += 1ms) {
        for (int relay = 0; relay < 12; ++relay) {
            const PersonId& person = persons[random.below(persons.size())];
            pace.changed(person);
            waiting.try_emplace(person, now);
        }
        if (*pace.due() > now) continue;
        ++tellings;
        for (const PersonId& person : pace.take(now)) {
            EXPECT_LE(now - waiting.at(person), PresencePace::kRest);
            waiting.erase(person);
        }
        EXPECT_TRUE(waiting.empty());
    }
    EXPECT_LE(tellings, 3 * 10);
    EXPECT_GE(tellings, 10) << "the flood does not silence what is true";
}

TEST(PresencePace, forgetsWhomItWasToTellOf) {
    test::SeededRandom random(3);
    PresencePace pace;
    pace.changed(random.make<PersonId>());
    pace.forgetAll();
    EXPECT_FALSE(pace.due());
}

}  // namespace landline::app
