// What becomes of what was left at relays that do not answer: with a real store, where the test says what relays tell, and what
// the time is.
#include "tests/app/messenger/post_fixture.h"

namespace landline::app::test {

using namespace std::chrono_literals;
using wire::relay::Reason;

namespace {

/// As patient as people are, and longer than a visit lasts in which there is nothing to do.
const RelayOutbox::Timing kPatient{limits::kRelaySilence, 50ms};
static_assert(limits::kRelaySilence > limits::kGuestIdle);

/// A text is at the first relay, which has not answered; the contact has another.
void leaveOne(PostFixture& f) {
    f.clock.stop();
    (void)f.context.db->prekeys().put(f.second.key, f.friends->prekey, SystemClock().wall());
    f.enterWithPrekey(f.first);
    f.say("one");
    PostFixture::turn();
    if (f.unanswered(f.first).size() != 1) qFatal("it was not left");
}

/// Goes on for so long, or until the second relay, which lets everybody in, has as many deposits.
[[nodiscard]] bool comesToSecond(PostFixture& f, std::size_t count, Duration time) {
    for (Duration waited{0}; waited < time; waited += 5s) {
        f.pass(5s);
        if (f.isVisited(f.second)) f.enter(f.second);
        if (f.unanswered(f.second).size() == count) return true;
    }
    return false;
}

/// The text at the second relay is held there.
void holdAtSecond(PostFixture& f) {
    for (const UnansweredDeposit& one : f.unanswered(f.second)) f.held(f.second, one.counter);
}

Stranger addContactAt(PostFixture& f, const identity::RelayUrl& relay) {
    Stranger contact(f.random);
    f.context.db->meet(contact.certificate, QStringLiteral("Contact"));
    f.context.db->setStanding(contact.person(), timeline::Standing::Accepted);
    (void)f.context.db->prekeys().putGrants(contact.device(), {{relay, contact.token}});
    (void)f.context.db->prekeys().put(relay.key, contact.prekey, SystemClock().wall());
    f.commit();
    return contact;
}

}  // namespace

class RelaySilenceTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { initCrypto(); }

    /// The other one is not visited before, and its visit is over before the next silence would be.
    void whatARelayThatIsGoneMayHaveGoesToTheOther() {
        PostFixture f({}, kPatient);
        leaveOne(f);
        const DepositCounter first = f.unanswered(f.first).at(0).counter;
        f.leave(f.first, 1h);
        QVERIFY(!comesToSecond(f, 1, limits::kRelaySilence - 10s));
        QVERIFY(!f.isVisited(f.second));
        QVERIFY(comesToSecond(f, 1, 1min));
        QCOMPARE(f.textsIn(f.unanswered(f.second)[0]), QStringList{QStringLiteral("one")});
        holdAtSecond(f);
        QCOMPARE(f.stateOf(1), MessageState::Held);
        f.enter(f.first);
        f.held(f.first, first);
        QVERIFY(f.unanswered(f.first).empty() && f.unanswered(f.second).empty());
        QCOMPARE(f.told.count(QStringLiteral("held 1")), 1);
    }

    void alsoWhereTheContactNamesAnotherInItsPlace() {
        PostFixture f({}, kPatient);
        (void)f.context.db->prekeys().putGrants(f.friends->device(), {{f.first, f.friends->token}});
        leaveOne(f);
        f.leave(f.first, 1h);
        f.pass(2 * limits::kRelaySilence + 10s);
        (void)f.context.db->prekeys().putGrants(f.friends->device(), {{f.second, f.friends->token}});
        (void)f.context.db->prekeys().put(f.second.key, f.friends->prekey, SystemClock().wall());
        f.commit();
        f.outbox->hope(f.friends->device());
        QVERIFY(comesToSecond(f, 1, 30s));
    }

    /// It lets everybody in, and answers nothing, in one session after the other.
    void aRelayThatWelcomesDoesNotEndItsSilenceByThat() {
        PostFixture f({}, kPatient);
        leaveOne(f);
        for (Duration waited{0}; waited < limits::kRelaySilence; waited += 20s) {
            QVERIFY(f.unanswered(f.second).empty());
            f.pass(20s);
            f.leave(f.first, 0ms);
            f.enter(f.first);
        }
        QVERIFY(comesToSecond(f, 1, 20s));
        QVERIFY(f.accounts->open(f.first.key));
    }

    /// It has no room, and says so each time: the mailbox tells of no change.
    void aRelayThatTakesNothingIsPassedOverUntilItDoes() {
        PostFixture f({}, kPatient);
        leaveOne(f);
        const DepositCounter first = f.unanswered(f.first).at(0).counter;
        const Stranger other = addContactAt(f, f.first);
        f.accounts->told(f.first.key, mailbox::Trouble{{Reason::Storage, {}, 10s}});
        QVERIFY(f.accounts->views().at(0).reason == Reason::Storage);
        QVERIFY(comesToSecond(f, 1, limits::kRelaySilence + 30s));
        holdAtSecond(f);
        QVERIFY(f.unanswered(f.first).empty());
        f.say("two");
        PostFixture::turn();
        QVERIFY2(f.unanswered(f.first).empty(), "it was the first to be asked");
        QCOMPARE(f.unanswered(f.second).size(), 1U);
        holdAtSecond(f);
        // Whoever can be left something there alone has it there.
        f.sayTo(other.person(), "to another");
        PostFixture::turn();
        QCOMPARE(f.unanswered(f.first).size(), 1U);
        // An answer, whichever, is what counts.
        const mailbox::DepositChanged held = PostFixture::holds(f.unanswered(f.first)[0]);
        QVERIFY(held.counter > first);
        f.accounts->told(f.first.key, held);
        f.outbox->changed(f.first.key, held);
        PostFixture::turn();
        QVERIFY(!f.accounts->views().at(0).reason);
        QVERIFY(f.accounts->views().at(0).text.isEmpty());
        f.say("three");
        PostFixture::turn();
        QCOMPARE(f.unanswered(f.first).size(), 1U);
        QVERIFY(f.unanswered(f.second).empty());
    }

    void answersToOthersDoNotKeepWhatHasNone() {
        PostFixture f({}, kPatient);
        leaveOne(f);
        for (Duration waited{0}; waited < limits::kRelaySilence; waited += 10s) {
            QVERIFY(f.unanswered(f.second).empty());
            f.say("more");
            PostFixture::turn();
            f.held(f.first, f.unanswered(f.first).back().counter);
            f.pass(10s);
        }
        QVERIFY(comesToSecond(f, 1, 20s));
        QCOMPARE(f.textsIn(f.unanswered(f.second)[0]), QStringList{QStringLiteral("one")});
    }

    void aRelayThatWasLeftIsTriedAgainLessAndLess() {
        PostFixture f({}, kPatient);
        leaveOne(f);
        Duration last{0};
        for (int i = 0; i < 4; ++i) {
            QVERIFY(comesToSecond(f, 1, 10min));
            holdAtSecond(f);
            Duration passedOver{0};
            while (f.unanswered(f.first).empty() && passedOver < 2 * limits::kDepositRetryMost) {
                f.pass(30s);
                passedOver += 30s;
                if (f.isVisited(f.second)) f.enter(f.second);
                f.say("more");
                PostFixture::turn();
                holdAtSecond(f);
            }
            QVERIFY2(passedOver > last && passedOver <= limits::kDepositRetryMost,
                     qPrintable(QString::number(passedOver / 1s)));
            last = passedOver;
        }
    }

    void nothingIsLostBetweenTwoSilentRelays() {
        PostFixture f({}, kPatient);
        leaveOne(f);
        QVERIFY(comesToSecond(f, 1, 10min));
        f.pass(limits::kRelaySilence - 1min);
        f.say("two");
        PostFixture::turn();
        for (int i = 0; i < 10; ++i) {
            f.pass(1min);
            if (f.isVisited(f.second)) f.enter(f.second);
        }
        QVERIFY(f.unanswered(f.first).size() + f.unanswered(f.second).size() <= 3);
        for (const UnansweredDeposit& one : f.unanswered(f.second)) f.held(f.second, one.counter);
        for (const UnansweredDeposit& one : f.unanswered(f.first)) f.held(f.first, one.counter);
        QCOMPARE(f.stateOf(1), MessageState::Held);
        QCOMPARE(f.stateOf(2), MessageState::Held);
    }

    // What is over ----------------------------------------------------------------------------------------------------

    void whatIsNeededNoMoreIsNotKeptForAnAnswer() {
        PostFixture f({}, kPatient);
        (void)f.context.db->prekeys().putGrants(f.friends->device(), {{f.first, f.friends->token}});
        leaveOne(f);
        const DepositCounter counter = f.unanswered(f.first).at(0).counter;
        f.leave(f.first, 1h);
        // Over a session.
        f.hold(1);
        f.pass(limits::kRelaySilence - 1s);
        QVERIFY(f.context.db->deposits().find(counter));
        f.pass(2s);
        QVERIFY(!f.context.db->deposits().find(counter));
        QCOMPARE(f.stateOf(1), MessageState::Delivered);
        // It comes after all.
        f.enter(f.first);
        f.held(f.first, counter);
        QVERIFY(!f.context.db->deposits().find(counter));
    }

    void whatNobodyCanAnswerAnyMoreIsQueuedAgain() {
        PostFixture f({}, kPatient);
        f.clock.stop();
        (void)f.context.db->prekeys().putGrants(f.friends->device(), {{f.second, f.friends->token}});
        (void)f.context.db->prekeys().put(f.second.key, f.friends->prekey, SystemClock().wall());
        f.commit();
        f.say("one");
        PostFixture::turn();
        f.enter(f.second);
        const DepositCounter counter = f.unanswered(f.second).at(0).counter;
        (void)f.context.db->prekeys().putGrants(f.friends->device(), {{f.first, f.friends->token}});
        (void)f.context.db->prekeys().put(f.first.key, f.friends->prekey, SystemClock().wall());
        f.commit();
        f.pass(limits::kRelaySilence + 1s);
        QVERIFY(!f.context.db->deposits().find(counter));
        f.enter(f.first);
        QCOMPARE(f.textsIn(f.unanswered(f.first).at(0)), QStringList{QStringLiteral("one")});
    }

    void whatIsOlderThanAnyRelayKeepsItIsGivenUp() {
        PostFixture f({}, kPatient);
        wire::relay::Deposit message{5, wire::relay::Box::Heads, {}, Bytes(528)};
        message.recipients.push_back(
            {{f.friends->device(), f.friends->token}, f.friends->prekey.id(), Bytes(limits::kSeal)});
        const auto madeAt = [&](std::chrono::hours ago) {
            const auto counter = static_cast<DepositCounter>(
                toUnixMillis(SystemClock().wall() - limits::kRelayLifeMost - ago));
            f.context.db->deposits().put({f.second.key, counter, message, {}});
            return counter;
        };
        const DepositCounter old = madeAt(1h);
        const DepositCounter young = madeAt(-1h);
        f.commit();
        f.clock.stop();
        f.crash();
        f.pass(limits::kRelaySilence + 1s);
        QVERIFY(!f.context.db->deposits().find(old));
        QVERIFY(f.context.db->deposits().find(young));
        QVERIFY(f.owesHeadsTo(*f.friends));
    }
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::RelaySilenceTest)
#include "relay_silence_test.moc"
