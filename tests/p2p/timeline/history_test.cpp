#include "p2p/timeline/history.h"

#include "tests/p2p/timeline/writer.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace landline::timeline {
namespace {

using namespace std::chrono_literals;

class HistoryTest : public ::testing::Test {
protected:
    HistoryTest() {
        phone = Writer::withKey(alice.personKey, random);
        people = {
            {alice.device(), alice.person()}, {phone.device(), alice.person()}, {bob.device(), bob.person()}};
    }
    CheckedEntry say(Writer& writer, const wire::Content& content, WallTime when) {
        writer.clock = hybridFrom(when);
        entries.push_back(writer.write(content, random));
        return entries.back();
    }
    CheckedEntry say(Writer& writer, const std::string& text, WallTime when) {
        return say(writer, wire::Text{text, {}}, when);
    }
    /// The texts as shown; the same from every order of arrival.
    std::vector<std::string> texts() {
        const auto items = history(entries, people);
        auto mixed = entries;
        std::reverse(mixed.begin(), mixed.end());
        EXPECT_EQ(history(mixed, people), items);
        std::rotate(mixed.begin(), mixed.begin() + static_cast<std::ptrdiff_t>(mixed.size() / 2),
                    mixed.end());
        EXPECT_EQ(history(mixed, people), items);
        std::vector<std::string> texts;
        for (const HistoryItem& item : items) {
            const auto* const text = std::get_if<wire::Text>(&item.content);
            texts.push_back(item.deleted ? "(deleted)" : text ? text->text : "(other)");
        }
        return texts;
    }
    using Texts = std::vector<std::string>;

    test::SeededRandom random{5};
    Writer alice = Writer::make(random);
    Writer phone = Writer::make(random);
    Writer bob = Writer::make(random);
    std::vector<CheckedEntry> entries;
    std::map<DeviceId, PersonId> people;
};

TEST_F(HistoryTest, sortsByClockAcrossAuthors) {
    say(alice, "one", kNow);
    say(alice, "three", kNow + 2s);
    say(bob, "two", kNow + 1s);
    EXPECT_EQ(texts(), (Texts{"one", "two", "three"}));
}

TEST_F(HistoryTest, keepsEachAuthorsOrderWhateverItsClockSays) {
    say(alice, "one", kNow + 1h);
    say(alice, "two", kNow);
    EXPECT_EQ(texts(), (Texts{"one", "two"}));
}

TEST_F(HistoryTest, healsAfterAClockThatWasAhead) {
    say(alice, "written with a wrong clock", kNow + 24h * 365);
    say(bob, "answer", kNow + 2s);
    EXPECT_EQ(texts().back(), "written with a wrong clock");
    say(alice, "after the clock was set", kNow + 1s);
    EXPECT_EQ(texts(), (Texts{"written with a wrong clock", "after the clock was set", "answer"}));
}

TEST_F(HistoryTest, theLatestEditOfTheAuthorsPersonWins) {
    const CheckedEntry text = say(alice, "first", kNow);
    say(phone, wire::Edit{text.ref(), "third"}, kNow + 2s);
    say(alice, wire::Edit{text.ref(), "second"}, kNow + 1s);
    say(bob, wire::Edit{text.ref(), "bob's"}, kNow + 3s);
    EXPECT_EQ(texts(), Texts{"third"});
    EXPECT_TRUE(history(entries, people)[0].edited);
}

TEST_F(HistoryTest, aDeleteOfTheAuthorsPersonWinsOverEdits) {
    const CheckedEntry text = say(alice, "first", kNow);
    say(phone, wire::Delete{text.ref()}, kNow + 1s);
    say(alice, wire::Edit{text.ref(), "second"}, kNow + 2s);
    EXPECT_EQ(texts(), Texts{"(deleted)"});
}

TEST_F(HistoryTest, anothersDeleteHasNoEffect) {
    const CheckedEntry text = say(alice, "stays", kNow);
    say(bob, wire::Delete{text.ref()}, kNow + 1s);
    EXPECT_EQ(texts(), Texts{"stays"});
}

TEST_F(HistoryTest, anErasedEntryShowsAsDeleted) {
    say(alice, "gone", kNow);
    entries[0].content.reset();
    EXPECT_EQ(texts(), Texts{"(deleted)"});
}

TEST_F(HistoryTest, reactionsCountOncePerPersonAndTheLatestWins) {
    const CheckedEntry text = say(alice, "nice", kNow);
    say(alice, wire::Reaction{text.ref(), "👍", false}, kNow + 1s);
    say(phone, wire::Reaction{text.ref(), "👍", false}, kNow + 2s);
    say(bob, wire::Reaction{text.ref(), "👍", false}, kNow + 3s);
    say(bob, wire::Reaction{text.ref(), "🎉", false}, kNow + 4s);
    say(bob, wire::Reaction{text.ref(), "👍", true}, kNow + 5s);
    const std::map<std::pair<PersonId, std::string>, bool> expected{{{alice.person(), "👍"}, true},
                                                                    {{bob.person(), "🎉"}, true}};
    EXPECT_EQ(history(entries, people)[0].reactions, expected);
}

TEST_F(HistoryTest, amendmentsOfWhatIsNotThereAreIgnored) {
    say(alice, wire::Edit{{alice.device(), 77}, "x"}, kNow);
    say(alice, wire::Delete{{bob.device(), 1}}, kNow);
    say(alice, wire::Reaction{{bob.device(), 1}, "👍", false}, kNow);
    EXPECT_TRUE(history(entries, people).empty());
}

TEST_F(HistoryTest, unknownContentAndFilesAreItems) {
    say(alice, wire::UnknownContent{40}, kNow);
    say(alice, wire::FileOffer{{}, "a.txt", 5, "", 0}, kNow + 1s);
    EXPECT_EQ(texts(), (Texts{"(other)", "(other)"}));
}

// The clock ------------------------------------------------------------------------------------------------------

TEST(HybridClock, followsTheWallClockAndNeverStandsStill) {
    EXPECT_EQ(nextHybrid(0, kNow), hybridFrom(kNow));
    EXPECT_EQ(nextHybrid(hybridFrom(kNow), kNow), hybridFrom(kNow) + 1);
    EXPECT_EQ(nextHybrid(hybridFrom(kNow + 5min), kNow), hybridFrom(kNow + 5min) + 1);
    EXPECT_EQ(wallOf(hybridFrom(kNow)), kNow);
}

TEST(HybridClock, restartsFromTheWallClockWhenItWasFarAhead) {
    EXPECT_EQ(nextHybrid(hybridFrom(kNow + 11min), kNow), hybridFrom(kNow));
}

TEST(HybridClock, mergesNothingFarAhead) {
    const HybridTime last = hybridFrom(kNow);
    EXPECT_EQ(mergedHybrid(last, hybridFrom(kNow + 9min), kNow), hybridFrom(kNow + 9min));
    EXPECT_EQ(mergedHybrid(last, hybridFrom(kNow + 11min), kNow), last);
    EXPECT_EQ(mergedHybrid(last, ~HybridTime{0}, kNow), last);
    EXPECT_EQ(mergedHybrid(last, 1, kNow), last);
}

TEST(HybridClock, wallClocksBeforeTheEpochAreTheEpoch) {
    EXPECT_EQ(hybridFrom(fromUnixMillis(-5)), 0u);
}

}  // namespace
}  // namespace landline::timeline
