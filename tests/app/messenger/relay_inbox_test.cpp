// What comes from mailboxes is taken in by the rules of sessions, at once and once: with a real store, where the test says
// what relays tell.
#include "tests/app/messenger/post_fixture.h"
#include "tests/support/faulty_vfs.h"

namespace landline::app::test {

using wire::relay::Reason;

namespace {

/// What `from` would leave: who it is, and what it wrote.
wire::EnvelopeContent envelopeOf(Stranger& from) {
    wire::EnvelopeContent content = from.introduction();
    content.entries.push_back(from.takeWritten());
    return content;
}

/// A statement of how much `from` holds and has read of what the fixture's person wrote.
wire::EnvelopeContent headsOf(PostFixture& f, const Stranger& from, EntryNumber number, EntryNumber read,
                              std::uint64_t counter, std::uint64_t lost = 0) {
    wire::AuthorHead head;
    head.author = f.self->device();
    head.number = number;
    head.read = read;
    const auto held = f.context.db->read(f.direct, f.self->device(), number, 1, 1);
    if (!held.empty()) head.hash = truncated(timeline::entryHash(held.front()));
    const wire::HeadsStatement statement{from.device(), counter, {{f.direct, {head}, true}}, lost};
    wire::EnvelopeContent content;
    content.heads.push_back(envelope::signHeads(statement, from.keys.signing));
    return content;
}

/// What is on its way to the relay with entries in it, alone.
UnansweredDeposit entriesLeft(PostFixture& f) {
    std::vector<UnansweredDeposit> found;
    for (UnansweredDeposit& one : f.unanswered(f.first))
        if (one.message.box == wire::relay::Box::Messages) found.push_back(std::move(one));
    if (found.size() != 1) qFatal("not one deposit of entries but %zu", found.size());
    return found.front();
}

}  // namespace

class RelayInboxTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { initCrypto(); }

    /// What follows from standings costs by how many contacts there are.
    void standingsAreLookedAtOnceAndOnlyWhereOneChanged() {
        PostFixture f;
        f.enter(f.first);
        const auto strangers = [&] {
            std::vector<wire::relay::Item> items;
            for (int i = 0; i < 5; ++i) {
                const Stranger stranger(f.random);
                items.push_back(f.sealed(stranger, stranger.introduction()));
            }
            return items;
        };
        f.arrive(strangers());
        QCOMPARE(f.personsChanged, 5);
        QCOMPARE(f.standingsChanged, 0);
        f.isOpenToAll = true;
        f.arrive(strangers());
        QCOMPARE(f.personsChanged, 10);
        QCOMPARE(f.standingsChanged, 1);
    }

    void aFriendsTextIsTakenInAndHeadsAreOwed() {
        PostFixture f;
        f.enter(f.first);
        f.friends->say(f.self->person(), "hello", f.random);
        wire::EnvelopeContent content;
        content.entries.push_back(f.friends->takeWritten());
        f.deliver(*f.friends, content);
        QCOMPARE(f.textsFrom(*f.friends), QStringList{QStringLiteral("hello")});
        QVERIFY(f.owesHeadsTo(*f.friends));
        QCOMPARE(f.position(), MailboxNumber(1));
        QCOMPARE(f.context.db->relayHeads().lost(), 0U);
    }

    void whatThePositionCoversIsPassedOver() {
        PostFixture f;
        f.enter(f.first);
        f.friends->say(f.self->person(), "hello", f.random);
        const auto item = f.sealed(*f.friends, envelopeOf(*f.friends));
        auto broken = item;
        broken.number = ++f.lastNumber;
        broken.seal[0] ^= 1;
        f.arrive({item, broken});
        f.arrive({item, broken});
        QCOMPARE(f.context.db->relayHeads().lost(), 1U);
        QCOMPARE(f.textsFrom(*f.friends).size(), 1);
        // In another epoch the same numbers are other envelopes.
        f.arrive({broken}, 6);
        QCOMPARE(f.context.db->relayHeads().lost(), 2U);
        QVERIFY(f.errors.empty());
    }

    /// Somebody put an older database back, and the relay does not know: its numbers come again for other envelopes.
    void aPositionThatTheRelayNeverCameToStartsAnew() {
        PostFixture f;
        f.enter(f.first);
        for (int i = 0; i < 4; ++i) f.deliver(*f.friends, f.friends->introduction());
        QCOMPARE(f.position(), MailboxNumber(4));
        // What is still to be taken in of the session before is of numbers that mean something else by now.
        f.friends->say(f.self->person(), "before", f.random);
        const auto before = f.sealed(*f.friends, envelopeOf(*f.friends));
        f.leave(f.first);
        f.lastNumber = 1;
        f.enter(f.first);
        QCOMPARE(f.position(), MailboxNumber(0));
        f.inbox->arrived(f.accounts->open(f.first.key)->number,
                         {5, wire::relay::Box::Messages, {before}, 5, 0, 4});
        f.inbox->flush();
        QCOMPARE(f.position(), MailboxNumber(0));

        f.friends->say(f.self->person(), "after", f.random);
        auto after = f.sealed(*f.friends, envelopeOf(*f.friends));
        after.number = f.lastNumber = 2;
        f.arrive({after});
        QCOMPARE(f.position(), MailboxNumber(2));
        QCOMPARE(f.context.db->relayHeads().lost(), 0U);
    }

    void whatCannotBeOpenedAndWhatIsMissingIsLost() {
        PostFixture f;
        f.enter(f.first);
        f.friends->say(f.self->person(), "hello", f.random);
        const auto whole = f.sealed(*f.friends, envelopeOf(*f.friends));
        auto body = whole;
        body.body[5] ^= 1;
        auto prekey = whole;
        prekey.prekey = f.random.make<PrekeyId>();
        prekey.number = ++f.lastNumber;
        f.arrive({body, prekey}, 5, 3);
        QCOMPARE(f.context.db->relayHeads().lost(), 5U);
        QCOMPARE(f.position(), MailboxNumber(5));
        QVERIFY(f.textsFrom(*f.friends).isEmpty());
        // All who can be told are.
        QVERIFY(f.owesHeadsTo(*f.friends));
    }

    /// Whoever can leave garbage must not make this device tell everybody each time.
    void contactsAreNotToldOfEachLoss() {
        PostFixture f;
        f.enterWithPrekey(f.first);
        for (int i = 0; i < 5; ++i) {
            auto item = f.sealed(*f.friends, f.friends->introduction());
            item.seal[0] ^= 1;
            f.arrive({item});
        }
        QCOMPARE(f.context.db->relayHeads().lost(), 5U);
        QVERIFY(QTest::qWaitFor([&] { return f.unanswered(f.first).size() == 1; }, 60'000));
        f.held(f.first, f.unanswered(f.first)[0].counter);
        QVERIFY(!f.owesHeadsTo(*f.friends));
        // The next start tells of those that came after.
        f.crash();
        f.enter(f.first);
        QVERIFY(!f.owesHeadsTo(*f.friends));
        f.inbox->begin();
        QVERIFY(f.owesHeadsTo(*f.friends));
    }

    /// As long as garbage comes they are told ever less often.
    void contactsAreToldLessOftenWhileLossesGoOn() {
        using namespace std::chrono;
        PostFixture f;
        f.patience = {milliseconds(200), hours(1)};
        f.crash();
        f.enterWithPrekey(f.first);
        qint64 told = 0;
        auto before = steady_clock::now();  // as it was seen last that they were not told yet
        const auto isTold = [&] {
            const auto now = steady_clock::now();
            auto item = f.sealed(*f.friends, f.friends->introduction());
            item.seal[0] ^= 1;
            f.arrive({item});
            const qint64 count = f.context.db->setting(QStringLiteral("relay_lost_told")).toLongLong();
            if (count == told) before = now;
            return std::exchange(told, count) != count;
        };
        QVERIFY(isTold());
        auto last = before;
        for (const auto wait : {milliseconds(200), milliseconds(400), milliseconds(800)}) {
            before = steady_clock::now();
            QVERIFY(QTest::qWaitFor(isTold, 60'000));
            // A timer may be early by a twentieth.
            QVERIFY(steady_clock::now() - last >= wait * 9 / 10);
            last = before;
        }
    }

    /// There is room for so many only, and a flood of keys takes nobody's place.
    void aRequestSurvivesAFloodOfFreshKeys() {
        PostFixture f;
        f.enter(f.first);
        Stranger genuine(f.random);
        genuine.say(f.self->person(), "hello", f.random);
        f.deliver(genuine, envelopeOf(genuine));
        constexpr int kKeys = 10'000;
        for (int i = 0; i < kKeys / 100; ++i) {
            std::vector<wire::relay::Item> items;
            for (int j = 0; j < 100; ++j) {
                const Stranger stranger(f.random);
                items.push_back(f.sealed(stranger, stranger.introduction()));
            }
            f.arrive(std::move(items));
        }
        QCOMPARE(f.textsFrom(genuine), QStringList{QStringLiteral("hello")});
        QVERIFY(f.context.db->people().size() <= limits::kRelayStrangersPerHour + 2);
        // All of it is acknowledged, and what was dropped is counted, but as no loss.
        QCOMPARE(f.position(), MailboxNumber(kKeys + 1));
        QCOMPARE(f.inbox->turnedAway(), quint64(kKeys) + 1 - limits::kRelayStrangersPerHour);
        QCOMPARE(f.context.db->relayHeads().lost(), 0U);
        // Who has a place may go on, and so may friends.
        genuine.say(f.self->person(), "are you there?", f.random);
        f.deliver(genuine, envelopeOf(genuine));
        QCOMPARE(f.textsFrom(genuine).size(), 2);
        f.friends->say(f.self->person(), "hello", f.random);
        f.deliver(*f.friends, envelopeOf(*f.friends));
        QCOMPARE(f.textsFrom(*f.friends).size(), 1);
        f.crash();
        QVERIFY(f.inbox->turnedAway() != 0);
        f.inbox->forgetTurnedAway();
        f.commit();
        QCOMPARE(f.inbox->turnedAway(), quint64(0));
    }

    void aStrangerIsMetWithinLimits() {
        PostFixture f;
        f.enter(f.first);
        Stranger stranger(f.random);
        for (int i = 0; i < 25; ++i) stranger.say(f.self->person(), "let me in", f.random);
        wire::EnvelopeContent content = envelopeOf(stranger);
        content.told.relays = accessOf({{f.second, stranger.token}});
        f.deliver(stranger, content);
        QCOMPARE(f.textsFrom(stranger).size(), qsizetype(limits::kStrangerEntries));
        const auto person = f.context.db->person(stranger.person());
        QVERIFY(person);
        QCOMPARE(person->name, QStringLiteral("Somebody"));
        QVERIFY(person->standing == timeline::Standing::Stranger);
        // Nobody learns from us whether we are there.
        QVERIFY(!f.owesHeadsTo(stranger));
        QCOMPARE(f.context.db->prekeys().grants(stranger.device()).size(), 1U);
        // Once accepted it leaves the rest again, for it is told that something got lost.
        f.context.db->setStanding(stranger.person(), timeline::Standing::Accepted);
        f.inbox->accepted(*person);
        f.commit();
        QVERIFY(f.owesHeadsTo(stranger));
        QVERIFY(!f.owesHeadsTo(*f.friends));
        QCOMPARE(f.context.db->relayHeads().lost(), 1U);
    }

    void fromWhoIsBlockedNothingIsTaken() {
        PostFixture f;
        f.enter(f.first);
        f.context.db->setStanding(f.friends->person(), timeline::Standing::Blocked);
        f.commit();
        const auto grants = f.context.db->prekeys().grants(f.friends->device());
        f.friends->say(f.self->person(), "hello", f.random);
        wire::EnvelopeContent content = envelopeOf(*f.friends);
        content.told.relays = accessOf({{f.second, f.random.make<RelayToken>()}});
        f.deliver(*f.friends, content);
        QVERIFY(f.textsFrom(*f.friends).isEmpty());
        QCOMPARE(f.context.db->prekeys().grants(f.friends->device()), grants);
        QCOMPARE(f.context.db->relayHeads().lost(), 0U);
        QCOMPARE(f.position(), MailboxNumber(1));
    }

    void whatIsHeldWhereAFriendTakesNothingAnyMoreIsLeftElsewhere() {
        PostFixture f;
        f.enterWithPrekey(f.first);
        f.say("one");
        PostFixture::turn();
        const DepositCounter before = f.unanswered(f.first).at(0).counter;
        f.held(f.first, before);
        QVERIFY(f.stateOf(1) == MessageState::Held);
        wire::EnvelopeContent content = f.friends->introduction();
        content.told.relays = accessOf({{f.second, f.friends->token}});
        content.edition = 5;
        f.deliver(*f.friends, content);
        QVERIFY(!f.context.db->deposits().find(before));
        QVERIFY(f.stateOf(1) == MessageState::Queued);
        QVERIFY(f.visits(f.second));
        f.answer(f.second, f.friends->prekey);
        const auto again = f.unanswered(f.second);
        QCOMPARE(again.size(), 1U);
        QCOMPARE(f.textsIn(again[0]), QStringList{QStringLiteral("one")});
        // It may be the one that said who this is that nobody reads.
        QVERIFY(!f.friends->open(again[0].message)->content.certificate.empty());
        f.held(f.second, again[0].counter);
        QVERIFY(f.stateOf(1) == MessageState::Held);
        content.told = {{}, true};
        content.edition = 6;
        f.deliver(*f.friends, content);
        QVERIFY(f.stateOf(1) == MessageState::Queued);
        QVERIFY(f.unanswered(f.first).empty() && f.unanswered(f.second).empty());
    }

    void nobodyBringsConversationsThatAreNotTheirs() {
        PostFixture f;
        f.enter(f.first);
        Stranger stranger(f.random);
        f.friends->say(f.self->person(), "hello", f.random);
        wire::EnvelopeContent content = stranger.introduction();
        content.entries.push_back(f.friends->takeWritten());
        f.deliver(stranger, content);
        QVERIFY(f.textsFrom(*f.friends).isEmpty());
        QVERIFY(f.context.db->person(stranger.person()));
    }

    void aCertificateMustBeTheDepositors() {
        PostFixture f;
        f.enter(f.first);
        Stranger stranger(f.random);
        Stranger liar(f.random);
        stranger.say(f.self->person(), "hello", f.random);
        f.deliver(liar, envelopeOf(stranger));
        QVERIFY(!f.context.db->person(stranger.person()));
        QVERIFY(!f.context.db->person(liar.person()));
        QCOMPARE(f.context.db->relayHeads().lost(), 0U);
        // The friend's device, claimed by somebody else.
        const auto claimed =
            identity::Certificate::issue(liar.personKey, f.friends->keys, SystemClock().wall());
        wire::EnvelopeContent content;
        content.certificate = claimed.encoded();
        content.name = "Friend";
        f.deliver(*f.friends, content);
        QVERIFY(!f.context.db->person(liar.person()));
        QCOMPARE(f.context.personOf(f.friends->device()), std::optional(f.friends->person()));
    }

    /// It believes that it is known here: told of a loss it says who it is.
    void whoIsNotKnownAndDoesNotSayWhoItIsCountsAsLost() {
        PostFixture f;
        f.enter(f.first);
        Stranger stranger(f.random);
        stranger.say(f.self->person(), "hello", f.random);
        wire::EnvelopeContent content = envelopeOf(stranger);
        content.certificate.clear();
        f.deliver(stranger, content);
        QVERIFY(f.textsFrom(stranger).isEmpty());
        QCOMPARE(f.context.db->relayHeads().lost(), 1U);
    }

    void statedHeadsTickAndEndDeposits() {
        PostFixture f;
        f.enterWithPrekey(f.first);
        f.say("one");
        f.say("two");
        PostFixture::turn();
        const DepositCounter deposit = f.unanswered(f.first).at(0).counter;
        f.held(f.first, deposit);
        f.told.clear();
        f.deliver(*f.friends, headsOf(f, *f.friends, 2, 1, 7));
        QVERIFY(f.told.contains(QStringLiteral("delivered 1")));
        QVERIFY(f.told.contains(QStringLiteral("delivered 2")));
        QVERIFY(f.told.contains(QStringLiteral("read 1")));
        QVERIFY(!f.told.contains(QStringLiteral("read 2")));
        QVERIFY(!f.context.db->deposits().find(deposit));
        // An older one does not count, nor one that another device signed.
        f.deliver(*f.friends, headsOf(f, *f.friends, 2, 2, 6));
        Stranger liar(f.random);
        auto forged = headsOf(f, *f.friends, 2, 2, 8);
        forged.heads[0].signature = headsOf(f, liar, 2, 2, 8).heads[0].signature;
        f.deliver(*f.friends, forged);
        QVERIFY(!f.told.contains(QStringLiteral("read 2")));
        f.deliver(*f.friends, headsOf(f, *f.friends, 2, 2, 8));
        QVERIFY(f.told.contains(QStringLiteral("read 2")));
        // Heads call for no heads.
        QVERIFY(!f.owesHeadsTo(*f.friends));
    }

    void whatAFriendLostIsLeftAgain() {
        PostFixture f;
        f.enterWithPrekey(f.first);
        f.say("one");
        f.say("two");
        PostFixture::turn();
        const DepositCounter before = f.unanswered(f.first).at(0).counter;
        f.held(f.first, before);
        f.deliver(*f.friends, headsOf(f, *f.friends, 1, 0, 7, 3));
        QVERIFY(!f.context.db->deposits().find(before));
        // It may be the prekey that it lost.
        QVERIFY(f.unanswered(f.first).empty());
        f.answer(f.first, f.friends->prekey);
        QCOMPARE(f.textsIn(f.unanswered(f.first).at(0)), QStringList{QStringLiteral("two")});
        QVERIFY(!f.friends->open(f.unanswered(f.first)[0].message)->content.certificate.empty());
        // And what this device holds, too.
        QVERIFY(QTest::qWaitFor([&] { return f.unanswered(f.first).size() == 2; }, 60'000));
        QVERIFY(f.unanswered(f.first)[1].message.box == wire::relay::Box::Heads);
        // The same number says nothing new.
        const DepositCounter again = f.unanswered(f.first).at(0).counter;
        f.held(f.first, again);
        f.deliver(*f.friends, headsOf(f, *f.friends, 1, 0, 8, 3));
        QVERIFY(f.context.db->deposits().find(again));
    }

    /// It costs the device a number to say so, and this one all that waits there.
    void whatADeviceLosesAgainAtOnceWaits() {
        PostFixture f;
        f.heedLossOnce = std::chrono::hours(1);
        f.crash();
        f.enterWithPrekey(f.first);
        f.say("one");
        PostFixture::turn();
        f.held(f.first, entriesLeft(f).counter);
        // Several in one transaction are one.
        f.arrive({f.sealed(*f.friends, headsOf(f, *f.friends, 0, 0, 7, 3)),
                  f.sealed(*f.friends, headsOf(f, *f.friends, 0, 0, 8, 4))});
        f.answer(f.first, f.friends->prekey);
        const DepositCounter again = entriesLeft(f).counter;
        f.held(f.first, again);
        for (std::uint64_t i = 0; i < 5; ++i)
            f.deliver(*f.friends, headsOf(f, *f.friends, 0, 0, 9 + i, 5 + i));
        QVERIFY(f.context.db->deposits().find(again));
        QCOMPARE(f.stateOf(1), MessageState::Held);
        QVERIFY(f.context.db->prekeys().find(f.friends->device(), f.first.key, SystemClock().wall()));
        // It is not forgotten, neither over a start.
        f.crash();
        f.inbox->begin();
        PostFixture::turn();
        QVERIFY(!f.context.db->deposits().find(again));
        QCOMPARE(f.stateOf(1), MessageState::Queued);
        // And that is all.
        f.enterWithPrekey(f.first);
        const DepositCounter last = entriesLeft(f).counter;
        f.held(f.first, last);
        f.crash();
        f.inbox->begin();
        PostFixture::turn();
        QVERIFY(f.context.db->deposits().find(last));
    }

    void whatADeviceLosesAgainIsLeftAgainAfterAWhile() {
        PostFixture f;
        f.heedLossOnce = std::chrono::milliseconds(300);
        f.crash();
        f.enterWithPrekey(f.first);
        f.say("one");
        PostFixture::turn();
        f.held(f.first, entriesLeft(f).counter);
        f.deliver(*f.friends, headsOf(f, *f.friends, 0, 0, 7, 3));
        f.answer(f.first, f.friends->prekey);
        const DepositCounter again = entriesLeft(f).counter;
        f.held(f.first, again);
        QCOMPARE(f.stateOf(1), MessageState::Held);
        f.deliver(*f.friends, headsOf(f, *f.friends, 0, 0, 8, 4));
        QVERIFY(QTest::qWaitFor([&] { return !f.context.db->deposits().find(again); }, 60'000));
        QVERIFY(QTest::qWaitFor([&] { return f.stateOf(1) == MessageState::Queued; }, 60'000));
    }

    void aDiskThatTakesNothingLosesNothing() {
        landline::test::FaultyVfs disk("inbox");
        PostFixture f(QString::fromStdString(disk.uriParameters()));
        f.enterWithPrekey(f.first);
        f.friends->say(f.self->person(), "hello", f.random);
        const auto item = f.sealed(*f.friends, envelopeOf(*f.friends));
        disk.setFreeBytes(0);
        f.arrive({item});
        QCOMPARE(f.errors.size(), 1U);
        QCOMPARE(f.errors[0].code, ErrorCode::Full);
        QVERIFY(f.textsFrom(*f.friends).isEmpty());
        QCOMPARE(f.position(), MailboxNumber(0));
        QVERIFY(!f.accounts->open(f.first.key));
        disk.setFreeBytes(std::numeric_limits<std::int64_t>::max());
        f.crash();
        f.enter(f.first);
        f.arrive({item});
        QCOMPARE(f.textsFrom(*f.friends), QStringList{QStringLiteral("hello")});
    }
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::RelayInboxTest)
#include "relay_inbox_test.moc"
