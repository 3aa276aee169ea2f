// What is left at relays, and what becomes of it: with a real store, where the test says what relays tell.
#include "tests/app/messenger/post_fixture.h"
#include "tests/support/faulty_vfs.h"

#include <limits>

namespace landline::app::test {

using wire::relay::Reason;

namespace {

/// There is one more reason to tell the contact what is held here.
void oweHeads(PostFixture& f) {
    f.context.db->relayHeads().owe(f.friends->device());
    f.commit();
    f.outbox->headsOwed();
    PostFixture::turn();
}

}  // namespace

class RelayOutboxTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { initCrypto(); }

    void asksForThePrekeyAndLeavesWhatIsMissing() {
        PostFixture f;
        f.say("one");
        f.enter(f.first);
        QVERIFY(f.unanswered(f.first).empty());
        f.answer(f.first, f.friends->prekey);
        f.say("two");
        PostFixture::turn();
        const auto deposits = f.unanswered(f.first);
        QCOMPARE(deposits.size(), 2U);
        QCOMPARE(f.textsIn(deposits[0]), QStringList{QStringLiteral("one")});
        QCOMPARE(f.textsIn(deposits[1]), QStringList{QStringLiteral("two")});
        QVERIFY(deposits[0].message.recipients.at(0).to.token == f.friends->token);
        QCOMPARE(deposits[0].message.epoch, RelayEpoch(5));
        QVERIFY(f.unanswered(f.second).empty());
        QCOMPARE(f.stateOf(1), MessageState::Queued);
    }

    void entriesOfOneTurnGoTogetherAndAreHeldOnce() {
        PostFixture f;
        f.enterWithPrekey(f.first);
        f.say("one");
        f.say("two");
        PostFixture::turn();
        const auto deposits = f.unanswered(f.first);
        QCOMPARE(deposits.size(), 1U);
        QCOMPARE(f.textsIn(deposits[0]), QStringList({QStringLiteral("one"), QStringLiteral("two")}));
        f.held(f.first, deposits[0].counter);
        QCOMPARE(f.stateOf(1), MessageState::Held);
        // The same answer again, as after a crash of the relay's.
        f.held(f.first, deposits[0].counter);
        QCOMPARE(f.told.count(QStringLiteral("held 1")), 1);
        QCOMPARE(f.told.count(QStringLiteral("held 2")), 1);
        QVERIFY(f.unanswered(f.first).empty());
    }

    void aSecondDepositDoesNotRepeatWhoOneIs() {
        PostFixture f;
        f.enterWithPrekey(f.first);
        f.say("one");
        PostFixture::turn();
        const auto first = f.unanswered(f.first).at(0);
        const auto opened = f.friends->open(first.message);
        QVERIFY(opened);
        QCOMPARE(opened->content.certificate, f.self->certificate.encoded());
        QCOMPARE(opened->content.name, std::string("Myself"));
        QCOMPARE(opened->content.told.relays.size(), 1U);
        f.held(f.first, first.counter);
        f.say("two");
        PostFixture::turn();
        const auto second = f.unanswered(f.first).at(0);
        QVERIFY(f.friends->open(second.message)->content.certificate.empty());
        QVERIFY(f.friends->open(second.message)->content.told.relays.empty());
        f.held(f.first, second.counter);
        // The relay was restored: nobody knows whether anything of that was fetched.
        f.failed(f.first, first.counter, Reason::OtherEpoch);
        const auto again = f.unanswered(f.first).at(0);
        QCOMPARE(f.textsIn(again), QStringList{QStringLiteral("one")});
        QVERIFY(!f.friends->open(again.message)->content.certificate.empty());
    }

    void whatACrashLeftUnansweredIsNotDepositedAgain() {
        PostFixture f;
        f.enterWithPrekey(f.first);
        f.say("one");
        PostFixture::turn();
        const auto before = f.unanswered(f.first);
        QCOMPARE(before.size(), 1U);
        f.crash();
        f.enter(f.first);
        QCOMPARE(f.unanswered(f.first), before);
        f.held(f.first, before[0].counter);
        QCOMPARE(f.stateOf(1), MessageState::Held);
        QCOMPARE(f.told.count(QStringLiteral("held 1")), 1);
        f.say("two");
        PostFixture::turn();
        QCOMPARE(f.textsIn(f.unanswered(f.first).at(0)), QStringList{QStringLiteral("two")});
        QVERIFY(f.unanswered(f.first).at(0).counter > before[0].counter);
    }

    void headsEndDepositsHeldOrNot() {
        PostFixture f;
        f.enterWithPrekey(f.first);
        f.say("one");
        PostFixture::turn();
        const DepositCounter first = f.unanswered(f.first).at(0).counter;
        f.held(f.first, first);
        f.say("two");
        PostFixture::turn();
        const DepositCounter second = f.unanswered(f.first).at(0).counter;
        // Over a session, while the second has no answer yet.
        f.hold(2);
        QVERIFY(f.told.contains(QStringLiteral("delivered 2")));
        QVERIFY(!f.context.db->deposits().find(first));
        f.held(f.first, second);
        QVERIFY(!f.context.db->deposits().find(second));
        QVERIFY(!f.told.contains(QStringLiteral("held 2")));
        QCOMPARE(f.stateOf(2), MessageState::Delivered);
        QVERIFY(f.unanswered(f.first).empty());
    }

    void goesToTheNextRelayWhereThereIsNoMailbox() {
        PostFixture f;
        f.enterWithPrekey(f.first);
        f.say("one");
        PostFixture::turn();
        f.failed(f.first, f.unanswered(f.first).at(0).counter, Reason::NoMailbox);
        QVERIFY(f.unanswered(f.first).empty());
        (void)f.context.db->prekeys().put(f.second.key, f.friends->prekey, SystemClock().wall());
        f.commit();
        // A visit is begun by itself.
        f.enter(f.second);
        QCOMPARE(f.unanswered(f.second).size(), 1U);
        QCOMPARE(f.textsIn(f.unanswered(f.second)[0]), QStringList{QStringLiteral("one")});
    }

    void anOldPrekeyIsAskedForAgain() {
        PostFixture f;
        f.enterWithPrekey(f.first);
        f.say("one");
        PostFixture::turn();
        f.friends->renewPrekey(f.random);
        f.failed(f.first, f.unanswered(f.first).at(0).counter, Reason::OldPrekey);
        QVERIFY(f.unanswered(f.first).empty());
        f.answer(f.first, f.friends->prekey);
        QCOMPARE(f.unanswered(f.first).size(), 1U);
        QCOMPARE(f.textsIn(f.unanswered(f.first)[0]), QStringList{QStringLiteral("one")});
    }

    /// A relay that never has enough must not be asked as fast as it can answer.
    void aRelayThatRefusesTheNewPrekeyAsWellRests() {
        PostFixture f;
        f.enterWithPrekey(f.first);
        f.say("one");
        PostFixture::turn();
        f.failed(f.first, f.unanswered(f.first).at(0).counter, Reason::OldPrekey);
        f.answer(f.first, f.friends->prekey);
        f.failed(f.first, f.unanswered(f.first).at(0).counter, Reason::OldPrekey);
        const quint64 before = f.asked;
        f.answer(f.first, f.friends->prekey);
        QVERIFY(f.unanswered(f.first).empty());
        // Only for a while; then it is asked, and an answer counts.
        QVERIFY(QTest::qWaitFor(
            [&] {
                f.asked = before;
                f.answer(f.first, f.friends->prekey);
                return f.unanswered(f.first).size() == 1;
            },
            60'000));
    }

    void aFullMailboxIsTriedAgainAfterARest() {
        PostFixture f;
        f.enterWithPrekey(f.first);
        f.say("one");
        PostFixture::turn();
        const DepositCounter first = f.unanswered(f.first).at(0).counter;
        f.failed(f.first, first, Reason::Full);
        QVERIFY(f.unanswered(f.first).empty());
        QCOMPARE(f.stateOf(1), MessageState::Queued);
        QVERIFY(QTest::qWaitFor([&] { return f.unanswered(f.first).size() == 1; }, 60'000));
        QVERIFY(f.unanswered(f.first)[0].counter > first);
        // Who comes to the relay is not made to wait.
        f.failed(f.first, f.unanswered(f.first).at(0).counter, Reason::Full);
        QVERIFY(f.unanswered(f.first).empty());
        f.outbox->hope(f.friends->device());
        PostFixture::turn();
        QCOMPARE(f.unanswered(f.first).size(), 1U);
    }

    void whatRestsGoesOnceTheMailboxTakesSomething() {
        PostFixture f;
        f.enterWithPrekey(f.first);
        f.say("one");
        PostFixture::turn();
        f.say("two");
        PostFixture::turn();
        const auto deposits = f.unanswered(f.first);
        QCOMPARE(deposits.size(), 2U);
        f.failed(f.first, deposits[0].counter, Reason::Full);
        QCOMPARE(f.unanswered(f.first).size(), 1U);
        f.held(f.first, deposits[1].counter);
        QCOMPARE(f.unanswered(f.first).size(), 1U);
        QCOMPARE(f.textsIn(f.unanswered(f.first)[0]), QStringList{QStringLiteral("one")});
    }

    void withoutAPrekeyNothingIsLeftUntilThereIsOne() {
        PostFixture f;
        f.say("one");
        f.enter(f.first);
        f.answer(f.first, {});
        QVERIFY(f.unanswered(f.first).empty());
        f.outbox->hope(f.friends->device());
        PostFixture::turn();
        // Neither another's, nor one that has run out.
        Stranger other(f.random);
        f.answer(f.first, other.prekey);
        QVERIFY(f.unanswered(f.first).empty());
        f.outbox->hope(f.friends->device());
        PostFixture::turn();
        f.answer(f.first, f.friends->prekey);
        QCOMPARE(f.unanswered(f.first).size(), 1U);
    }

    void whatRunsOutIsLeftAgain() {
        PostFixture f;
        f.enterWithPrekey(f.first);
        f.say("one");
        PostFixture::turn();
        const DepositCounter first = f.unanswered(f.first).at(0).counter;
        f.leave(f.first);
        f.held(f.first, first, std::chrono::milliseconds(300));
        QCOMPARE(f.stateOf(1), MessageState::Held);
        // No relay is connected to say so.
        QVERIFY(QTest::qWaitFor([&] { return f.stateOf(1) == MessageState::Queued; }, 60'000));
        QVERIFY(f.told.contains(QStringLiteral("changed 1")));
        f.enter(f.first);
        QVERIFY(QTest::qWaitFor([&] { return f.unanswered(f.first).size() == 1; }, 60'000));
        QVERIFY(f.unanswered(f.first)[0].counter > first);
    }

    /// It took a deposit and went before it answered: nobody knows whether it has it.
    void aRelayThatOwesAnAnswerAndIsGoneIsNotWaitedFor() {
        PostFixture f;
        (void)f.context.db->prekeys().put(f.second.key, f.friends->prekey, SystemClock().wall());
        f.enterWithPrekey(f.first);
        f.say("one");
        PostFixture::turn();
        const auto first = f.unanswered(f.first);
        QCOMPARE(first.size(), 1U);
        f.leave(f.first);
        // By itself: the other is visited, and has what the first one may have.
        QVERIFY(QTest::qWaitFor([&] { return f.isVisited(f.second); }, 60'000));
        QVERIFY(f.unanswered(f.second).empty());
        f.enter(f.second);
        QVERIFY(QTest::qWaitFor([&] { return f.unanswered(f.second).size() == 1; }, 60'000));
        QCOMPARE(f.textsIn(f.unanswered(f.second)[0]), QStringList{QStringLiteral("one")});
        f.held(f.second, f.unanswered(f.second)[0].counter);
        QCOMPARE(f.stateOf(1), MessageState::Held);
        // It has it after all.
        f.enter(f.first);
        f.held(f.first, first[0].counter);
        QVERIFY(f.unanswered(f.first).empty() && f.unanswered(f.second).empty());
        QCOMPARE(f.told.count(QStringLiteral("held 1")), 1);
    }

    void nothingIsLeftForWhoIsBlockedOrUnknown() {
        PostFixture f;
        f.enterWithPrekey(f.first);
        for (const auto standing : {timeline::Standing::Blocked, timeline::Standing::Stranger}) {
            f.context.db->setStanding(f.friends->person(), standing);
            f.commit();
            f.say("one");
            PostFixture::turn();
            QVERIFY(f.unanswered(f.first).empty());
        }
        f.context.db->setStanding(f.friends->person(), timeline::Standing::Accepted);
        f.commit();
        f.outbox->lookAt(f.friends->person());
        PostFixture::turn();
        QCOMPARE(f.textsIn(f.unanswered(f.first).at(0)).size(), 2);
    }

    void aThousandTextsDoNotFloodTheRelay() {
        PostFixture f;
        f.enterWithPrekey(f.first);
        const std::string text(30'000, 'x');
        for (int i = 0; i < 200; ++i) f.say(text);
        QVERIFY(QTest::qWaitFor([&] { return f.unanswered(f.first).size() == limits::kDepositsUnanswered; },
                                60'000));
        PostFixture::turn();
        QCOMPARE(f.unanswered(f.first).size(), limits::kDepositsUnanswered);
        QVERIFY(QTest::qWaitFor(
            [&] {
                for (const auto& one : f.unanswered(f.first)) f.held(f.first, one.counter);
                return f.stateOf(200) == MessageState::Held;
            },
            60'000));
    }

    void aDiskThatTakesNothingHasNothingSentOrBelieved() {
        constexpr auto kPlenty = std::numeric_limits<std::int64_t>::max();
        landline::test::FaultyVfs disk("outbox");
        PostFixture f(QString::fromStdString(disk.uriParameters()));
        (void)f.context.db->prekeys().put(f.first.key, f.friends->prekey, SystemClock().wall());
        f.say("one");
        f.enter(f.first);
        QCOMPARE(f.unanswered(f.first).size(), 1U);
        const auto before = f.unanswered(f.first);
        disk.setFreeBytes(0);
        f.held(f.first, before[0].counter);
        QCOMPARE(f.errors.size(), 1U);
        QVERIFY(f.errors[0].code == ErrorCode::Full);
        QVERIFY(f.told.isEmpty());
        // The relay is left, to be asked again with what the store has.
        QVERIFY(!f.accounts->open(f.first.key));
        disk.setFreeBytes(kPlenty);
        QCOMPARE(f.unanswered(f.first), before);
        f.crash();
        f.enter(f.first);
        f.held(f.first, before[0].counter);
        QCOMPARE(f.stateOf(1), MessageState::Held);
        // Nothing goes out that is not written down.
        f.say("two");
        disk.setFreeBytes(0);
        PostFixture::turn();
        QCOMPARE(f.errors.size(), 2U);
        QVERIFY(f.unanswered(f.first).empty());
        disk.setFreeBytes(kPlenty);
        QVERIFY(QTest::qWaitFor([&] { return f.unanswered(f.first).size() == 1; }, 60'000));
        QCOMPARE(f.textsIn(f.unanswered(f.first)[0]), QStringList{QStringLiteral("two")});
    }

    /// The answer got lost, not the deposit; and the contact could not open it.
    void whatMayBeLostIsNotBelievedToBeHeld_data() {
        QTest::addColumn<bool>("isStartedAgain");
        QTest::newRow("in one run") << false;
        QTest::newRow("with a restart before the answer") << true;
    }
    void whatMayBeLostIsNotBelievedToBeHeld() {
        QFETCH(const bool, isStartedAgain);
        PostFixture f;
        f.enterWithPrekey(f.first);
        f.say("one");
        PostFixture::turn();
        const DepositCounter lost = f.unanswered(f.first).at(0).counter;
        HeldWatch watch(f.context);
        f.outbox->ended(f.outbox->giveUp(f.friends->device(), watch));
        f.commit();
        if (isStartedAgain) {
            f.crash();
            f.enter(f.first);
            QCOMPARE(f.unanswered(f.first).at(0).counter, lost);
        }
        f.held(f.first, lost);
        QVERIFY(!f.context.db->deposits().find(lost));
        QCOMPARE(f.stateOf(1), MessageState::Queued);
        // It may be the prekey.
        QVERIFY(f.unanswered(f.first).empty());
        f.friends->renewPrekey(f.random);
        f.answer(f.first, f.friends->prekey);
        const auto again = f.unanswered(f.first);
        QVERIFY(std::any_of(again.begin(), again.end(), [&](const UnansweredDeposit& one) {
            return f.textsIn(one) == QStringList{QStringLiteral("one")};
        }));
    }

    void headsThatAreOwedSayWhatIsShared() {
        PostFixture f;
        f.enterWithPrekey(f.first);
        f.say("one");
        PostFixture::turn();
        f.held(f.first, f.unanswered(f.first).at(0).counter);
        oweHeads(f);
        QCOMPARE(f.unanswered(f.first).size(), 1U);
        QVERIFY(f.context.db->relayHeads().owed().empty());
        const auto opened = f.friends->open(f.unanswered(f.first)[0].message);
        QVERIFY(opened && opened->content.heads.size() == 1 && opened->content.entries.empty());
        const auto statement = envelope::verifiedHeads(opened->content.heads[0]);
        QVERIFY(statement);
        QCOMPARE(statement->device, f.self->device());
        QCOMPARE(statement->heads.size(), 1U);
        QCOMPARE(statement->heads[0].conversation, f.direct);
        // Failed ones are owed again.
        f.failed(f.first, f.unanswered(f.first)[0].counter, Reason::OtherEpoch);
        QVERIFY(QTest::qWaitFor([&] { return f.unanswered(f.first).size() == 1; }, 60'000));
    }

    void headsWaitForTheAnswerToThoseBefore() {
        PostFixture f;
        f.enterWithPrekey(f.first);
        oweHeads(f);
        QCOMPARE(f.unanswered(f.first).size(), 1U);
        const DepositCounter before = f.unanswered(f.first)[0].counter;
        for (int i = 0; i < 3; ++i) oweHeads(f);
        QCOMPARE(f.unanswered(f.first).size(), 1U);
        f.held(f.first, before);
        QVERIFY(QTest::qWaitFor([&] { return f.unanswered(f.first).size() == 1; }, 60'000));
        QVERIFY(f.unanswered(f.first)[0].counter > before);
        QVERIFY(f.context.db->relayHeads().owed().empty());
    }

    void headsOfAShortTimeGoTogether() {
        PostFixture f({}, {std::chrono::hours(1), std::chrono::hours(1)});
        f.enterWithPrekey(f.first);
        oweHeads(f);
        f.held(f.first, f.unanswered(f.first).at(0).counter);
        for (int i = 0; i < 3; ++i) oweHeads(f);
        QVERIFY(f.unanswered(f.first).empty());
        QVERIFY(f.owesHeadsTo(*f.friends));
        // Entries do not wait for them.
        f.say("one");
        PostFixture::turn();
        QCOMPARE(f.textsIn(f.unanswered(f.first).at(0)), QStringList{QStringLiteral("one")});
    }
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::RelayOutboxTest)
#include "relay_outbox_test.moc"
