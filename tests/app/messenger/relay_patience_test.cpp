// How often relays are visited and asked, and for how long, where they do not do what they should: with a real store, where
// the test says what relays tell, and what the time is.
#include "tests/app/messenger/post_fixture.h"

#include <algorithm>

namespace landline::app::test {

using namespace std::chrono_literals;
using wire::relay::Reason;

namespace {

constexpr int kPatience = 60'000;

/// The contact can be left something at the second relay alone, which is visited as soon as there is anything.
void nameSecondAlone(PostFixture& f) {
    (void)f.context.db->prekeys().putGrants(f.friends->device(), {{f.second, f.friends->token}});
    (void)f.context.db->prekeys().put(f.second.key, f.friends->prekey, SystemClock().wall());
    f.commit();
}

/// A text was left at the second relay, which has not answered.
void leaveOne(PostFixture& f) {
    nameSecondAlone(f);
    f.say("one");
    PostFixture::turn();
    f.enter(f.second);
}

/// Somebody who is accepted, and can be left something at these relays.
Stranger addContact(PostFixture& f, const std::vector<identity::RelayUrl>& relays) {
    Stranger contact(f.random);
    std::vector<identity::RelayGrant> grants;
    for (const identity::RelayUrl& relay : relays) grants.push_back({relay, contact.token});
    f.context.db->meet(contact.certificate, QStringLiteral("Contact"));
    f.context.db->setStanding(contact.person(), timeline::Standing::Accepted);
    (void)f.context.db->prekeys().putGrants(contact.device(), grants);
    f.commit();
    return contact;
}

}  // namespace

class RelayPatienceTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { initCrypto(); }

    void whatHadNoAnswerIsSentAgainInTheNextVisit() {
        PostFixture f;
        leaveOne(f);
        QCOMPARE(f.unanswered(f.second).size(), 1U);
        f.leave(f.second);
        f.pass(2s);
        QVERIFY2(f.visits(f.second), "nobody wanted it");
        // Also where the next visit comes to nothing.
        f.leave(f.second);
        f.pass(2s);
        f.leave(f.second);
        f.pass(5s);
        QVERIFY(f.visits(f.second));
        f.held(f.second, f.unanswered(f.second).at(0).counter);
        QCOMPARE(f.stateOf(1), MessageState::Held);
        f.leave(f.second);
        f.pass(10s);
        QVERIFY2(!f.visits(f.second), "there is nothing to do any more");
    }

    void aContactsRelayThatHangsUpAtOnceRests() {
        PostFixture f;
        // The prekey is missing, so that each visit has something to ask.
        (void)f.context.db->prekeys().putGrants(f.friends->device(), {{f.second, f.friends->token}});
        f.commit();
        f.say("one");
        PostFixture::turn();
        QVERIFY(f.visits(f.second));
        f.leave(f.second, 0ms);
        QVERIFY2(!f.visits(f.second), "dialled again without a rest");
        // Longer with each time.
        Duration last{0};
        for (int i = 0; i < 5; ++i) {
            Duration rest{0};
            for (; !f.visits(f.second) && rest < 1h; rest += 50ms) f.pass(50ms);
            QVERIFY(rest > last / 2);
            last = rest;
            f.leave(f.second, 0ms);
        }
        QVERIFY(last >= 4s && last < 1min);
        // A visit that lasted was a good one.
        f.pass(1min);
        QVERIFY(f.visits(f.second));
        for (int i = 0; i < 7; ++i) {
            f.pass(10s);
            f.accounts->want(f.second.key);
        }
        f.leave(f.second, 0ms);
        f.pass(1s);
        QVERIFY(f.visits(f.second));
    }

    void aContactsRelayThatAsksToStayAwayIsHeeded() {
        PostFixture f;
        leaveOne(f);
        f.leave(f.second, 5min);
        f.pass(4min);
        QVERIFY(!f.visits(f.second));
        f.pass(61s);
        QVERIFY(f.visits(f.second));
    }

    /// It welcomes, and may say this and that, but no deposit is answered.
    void aVisitWithoutAnswersIsEnded() {
        PostFixture f;
        f.clock.stop();
        leaveOne(f);
        // The next look at the links sees that something is owed.
        f.pass(1s);
        f.pass(limits::kRelaySilence - 1s);
        f.accounts->want(f.second.key);
        QVERIFY(f.accounts->open(f.second.key));
        f.accounts->want(f.second.key);
        f.pass(2s);
        QVERIFY(!f.accounts->open(f.second.key));
        QVERIFY2(!f.visits(f.second), "visited again without a rest");
        f.pass(2s);
        QVERIFY(f.visits(f.second));
        // Longer with each time: a session that lasts is no good one for that.
        Duration last{0};
        for (int i = 0; i < 6; ++i) {
            f.pass(1s);
            f.pass(limits::kRelaySilence);
            QVERIFY(!f.isVisited(f.second));
            for (last = 0s; !f.visits(f.second) && last < 1h; last += 100ms) f.pass(100ms);
        }
        QVERIFY2(last >= 8s && last < 1min, "the sixth rest");
        // Answers, even if never to all, are what counts.
        const DepositCounter first = f.unanswered(f.second).at(0).counter;
        f.pass(limits::kRelaySilence - 1s);
        f.say("two");
        PostFixture::turn();
        f.held(f.second, first);
        f.pass(2s);
        QVERIFY(f.accounts->open(f.second.key));
    }

    /// A token that is good no more, or not yet: no visit can come of it.
    void whoIsShutOutKnocksLessAndLess() {
        PostFixture f;
        f.clock.stop();
        leaveOne(f);
        f.leave(f.second, 0ms);
        int knocks = 0;
        const auto knockFor = [&](Duration time) {
            knocks = 0;
            for (Duration waited{0}; waited < time; waited += 30s) {
                f.pass(30s);
                if (!f.isVisited(f.second)) continue;
                ++knocks;
                f.shutOut(f.second);
            }
        };
        knockFor(2h);
        QVERIFY2(knocks >= 10 && knocks <= 13, qPrintable(QString::number(knocks)));
        knockFor(10h);
        QVERIFY2(knocks >= 9 && knocks <= 11, qPrintable(QString::number(knocks)));
        // Another token is tried at once.
        (void)f.context.db->prekeys().putGrants(f.friends->device(),
                                                {{f.second, f.random.make<RelayToken>()}});
        f.commit();
        f.pass(1min);
        QVERIFY(f.isVisited(f.second));
        f.enter(f.second);
        QVERIFY(f.accounts->open(f.second.key));
    }

    void whereAnotherKeyAnswersOneComesBackAfterTenMinutes() {
        PostFixture f;
        f.clock.stop();
        leaveOne(f);
        for (int i = 0; i < 4; ++i) {
            f.accounts->down(f.second.key, {{ErrorCode::WrongKey, "Another key."}, 0ms});
            PostFixture::turn();
            f.pass(limits::kComeBackMost - 2s);
            QVERIFY(!f.isVisited(f.second));
            f.pass(1min);
            QVERIFY(f.isVisited(f.second));
        }
    }

    /// Whether a device is there a relay may say as often as it likes, of itself alone.
    void presenceHelpsOnceInAWhileAndAtItsOwnRelayOnly() {
        PostFixture f;
        f.clock.stop();
        f.enterWithPrekey(f.first);
        const auto tellOnline = [&](bool isOnline) {
            f.accounts->told(f.first.key, mailbox::PresenceTold{{{f.friends->device(), isOnline}}});
            if (isOnline) f.outbox->came(f.friends->device());
            PostFixture::turn();
        };
        f.say("one");
        PostFixture::turn();
        for (int i = 0; i < 10; ++i) {
            f.failed(f.first, f.unanswered(f.first).at(0).counter, Reason::Full);
            QVERIFY(f.unanswered(f.first).empty());
            if (i < 9) f.pass(limits::kDepositRetryMost);
        }
        // Not what any other says.
        f.outbox->came(f.friends->device());
        PostFixture::turn();
        QVERIFY(f.unanswered(f.first).empty());
        for (int i = 0; i < 3; ++i) {
            tellOnline(true);
            QCOMPARE(f.unanswered(f.first).size(), 1U);
            f.failed(f.first, f.unanswered(f.first).at(0).counter, Reason::Full);
            for (int flip = 0; flip < 3; ++flip) {
                tellOnline(false);
                tellOnline(true);
                QVERIFY2(f.unanswered(f.first).empty(), "as often as the relay likes");
            }
            // By itself, as after any failure; and a minute later it may help again.
            f.pass(1min);
            QCOMPARE(f.unanswered(f.first).size(), 1U);
            f.failed(f.first, f.unanswered(f.first).at(0).counter, Reason::Full);
            QVERIFY(f.unanswered(f.first).empty());
            tellOnline(false);
        }
    }

    void whoWishedFirstIsVisitedFirst() {
        PostFixture f;
        std::vector<identity::RelayUrl> relays;
        for (std::size_t i = 0; i < limits::kGuestRelays + 3; ++i)
            relays.push_back({"127.0.0.1", 3, f.random.make<NoiseKey>(), {}});
        // Not in the order of their keys.
        std::sort(relays.begin(), relays.end(), [](const auto& a, const auto& b) { return b.key < a.key; });
        for (const identity::RelayUrl& relay : relays) (void)addContact(f, {relay});
        for (const identity::RelayUrl& relay : relays) f.accounts->want(relay.key);
        PostFixture::turn();
        for (std::size_t i = 0; i < relays.size(); ++i)
            QCOMPARE(f.visits(relays[i]), i < limits::kGuestRelays);
        // As places become free, the next ones have them, and who comes again is the last.
        f.leave(relays[1], 0ms);
        f.accounts->want(relays[1].key);
        f.pass(1s);
        QVERIFY(f.visits(relays[limits::kGuestRelays]));
        QVERIFY(!f.visits(relays[limits::kGuestRelays + 1]));
        f.leave(relays[0], 0ms);
        f.pass(1s);
        QVERIFY(f.visits(relays[limits::kGuestRelays + 1]));
        QVERIFY(!f.visits(relays[1]));
    }

    /// Its clock or ours is wrong: what it stores has run out as soon as it says so.
    void whatRunsOutAtOnceIsNotLeftAsFastAsTheRelayAnswers() {
        PostFixture f;
        f.enterWithPrekey(f.first);
        f.say("one");
        PostFixture::turn();
        for (int i = 0; i < 2; ++i) {
            QVERIFY(QTest::qWaitFor([&] { return f.unanswered(f.first).size() == 1; }, kPatience));
            const DepositCounter counter = f.unanswered(f.first).at(0).counter;
            f.held(f.first, counter, -1h);
            QVERIFY2(f.unanswered(f.first).empty(), "left again at once");
            // The mailbox says the same; and hope changes nothing.
            f.failed(f.first, counter, std::nullopt);
            f.outbox->hope(f.friends->device());
            PostFixture::turn();
            QVERIFY(f.unanswered(f.first).empty());
        }
    }

    /// The relay was restored: everything that it held is to be left again, and nothing of that is a failure of what is new.
    void whatARestoredRelayLostIsLeftAgainAtOnce() {
        PostFixture f;
        f.clock.stop();
        f.enterWithPrekey(f.first);
        constexpr int kCount = 20;
        std::vector<DepositCounter> lost;
        for (int i = 0; i < kCount; ++i) {
            f.say("text");
            PostFixture::turn();
            lost.push_back(f.unanswered(f.first).at(0).counter);
            f.held(f.first, lost.back());
        }
        // The mailbox tells of one after the other.
        for (const DepositCounter counter : lost) f.failed(f.first, counter, Reason::OtherEpoch);
        PostFixture::turn();
        qsizetype texts = 0;
        for (const UnansweredDeposit& one : f.unanswered(f.first)) texts += f.textsIn(one).size();
        QCOMPARE(texts, qsizetype(kCount));
        // That one fails as well is another failure.
        for (const UnansweredDeposit& one : f.unanswered(f.first))
            f.failed(f.first, one.counter, Reason::OtherEpoch);
        QVERIFY(f.unanswered(f.first).empty());
        f.pass(limits::kDepositRetryFirst);
        QVERIFY(!f.unanswered(f.first).empty());
    }

    void whatRunsOutTogetherRestsOnce() {
        PostFixture f;
        f.clock.stop();
        f.enterWithPrekey(f.first);
        std::vector<DepositCounter> held;
        for (int i = 0; i < 8; ++i) {
            f.say("text");
            PostFixture::turn();
            held.push_back(f.unanswered(f.first).at(0).counter);
            f.held(f.first, held.back());
        }
        for (const DepositCounter counter : held) f.failed(f.first, counter, std::nullopt);
        QVERIFY(f.unanswered(f.first).empty());
        f.pass(limits::kDepositRetryFirst);
        QVERIFY(!f.unanswered(f.first).empty());
    }

    /// Counters may be ahead of the clock for years, once it was wrong.
    void whatRunsOutIsNotTooEarlySinceItsCounterIsAhead() {
        PostFixture f;
        (void)f.context.db->prekeys().put(f.first.key, f.friends->prekey, SystemClock().wall());
        DepositTable& deposits = f.context.db->deposits();
        wire::relay::Deposit message{5, wire::relay::Box::Heads, {}, Bytes(528)};
        message.recipients.push_back(
            {{f.friends->device(), f.friends->token}, f.friends->prekey.id(), Bytes(limits::kSeal)});
        const DepositCounter ahead =
            deposits.nextCounter(SystemClock().wall() + std::chrono::hours(24 * 365));
        deposits.put({f.first.key, ahead, message, {}});
        f.commit();
        f.enter(f.first);
        f.held(f.first, ahead);
        f.failed(f.first, ahead, std::nullopt);
        QCOMPARE(f.unanswered(f.first).size(), 1U);
    }

    /// A text for each of many at one relay: nobody is forgotten, whatever becomes of the others.
    void whoWaitsForAPlaceGetsOne() {
        PostFixture f;
        constexpr std::size_t kCount = limits::kDepositsUnanswered + 40;
        std::vector<Stranger> contacts;
        for (std::size_t i = 0; i < kCount; ++i) contacts.push_back(addContact(f, {f.first}));
        for (const Stranger& one : contacts) (void)f.context.db->prekeys().put(f.first.key, one.prekey, SystemClock().wall());
        f.commit();
        f.enter(f.first);
        for (const Stranger& one : contacts) f.sayTo(one.person(), "to all");
        QVERIFY(QTest::qWaitFor([&] { return f.unanswered(f.first).size() == limits::kDepositsUnanswered; },
                                kPatience));
        PostFixture::turn();
        QCOMPARE(f.unanswered(f.first).size(), limits::kDepositsUnanswered);
        // Some of those who wait need nothing any more: their places are for others.
        const auto isServed = [&](const Stranger& one) {
            return f.context.db->deposits()
                .undelivered(one.device(), SystemClock().wall(), 1, f.self->device())
                .empty();
        };
        int blocked = 0;
        for (const Stranger& one : contacts) {
            if (isServed(one) || blocked == 20) continue;
            f.context.db->setStanding(one.person(), timeline::Standing::Blocked);
            ++blocked;
        }
        QCOMPARE(blocked, 20);
        f.commit();
        // One answer makes room for one.
        f.outbox->changed(f.first.key, f.holds(f.unanswered(f.first).at(0)));
        QVERIFY(QTest::qWaitFor([&] { return f.unanswered(f.first).size() == limits::kDepositsUnanswered; },
                                kPatience));
        QVERIFY(QTest::qWaitFor(
            [&] {
                for (const auto& one : f.unanswered(f.first)) f.outbox->changed(f.first.key, f.holds(one));
                return std::all_of(contacts.begin(), contacts.end(), isServed);
            },
            kPatience));
    }
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::RelayPatienceTest)
#include "relay_patience_test.moc"
