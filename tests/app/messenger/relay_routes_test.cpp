// To which devices, by which token and to which prekey something is left, where there are several: with a real store, where
// the test says what relays tell.
#include "tests/app/messenger/post_fixture.h"

#include <algorithm>

namespace landline::app::test {

using namespace std::chrono_literals;
using wire::relay::Reason;

namespace {

/// A link of the friend's names the first relay by another token than the friend did.
RelayToken nameByLink(PostFixture& f) {
    const auto token = f.random.make<RelayToken>();
    if (!f.context.db->prekeys().putLinked(f.friends->device(), {{f.first, token}})) qFatal("nothing new was named");
    f.commit();
    return token;
}

std::optional<RelayToken> tokenOf(const UnansweredDeposit& deposit) {
    return deposit.message.recipients.at(0).to.token;
}

/// One more device of the friend's, that was last seen then.
DeviceId addDevice(PostFixture& f, qint64 seen) {
    const auto keys = identity::DeviceKeys::generate(f.random);
    const auto now = SystemClock().wall();
    Database& db = *f.context.db;
    db.meet(identity::Certificate::issue(f.friends->personKey, keys, now), QStringLiteral("Friend"));
    db.setDeviceAddress(keys.id(), {}, seen);
    (void)db.prekeys().putGrants(keys.id(), {{f.first, f.random.make<RelayToken>()}});
    const auto key = noise::KeyPair::generate(f.random).publicKey;
    (void)db.prekeys().put(f.first.key, envelope::Prekey::issue(keys, key, now), now);
    f.context.forgetPerson(f.friends->person());
    return keys.id();
}

/// The friend is at this relay and at no other.
void beOnlyAt(PostFixture& f, const identity::RelayUrl& relay) {
    (void)f.context.db->prekeys().putGrants(f.friends->device(), {{relay, f.friends->token}});
    f.commit();
}

PostView postOf(PostFixture& f) {
    return f.outbox->view(f.friends->person());
}
PostView at(const identity::RelayUrl& relay, PostState state) {
    return {state, QString::fromStdString(relay.address())};
}

std::set<DeviceId> readersAt(PostFixture& f, const identity::RelayUrl& relay) {
    std::set<DeviceId> devices;
    for (const UnansweredDeposit& one : f.unanswered(relay))
        for (const wire::relay::Recipient& recipient : one.message.recipients) devices.insert(recipient.to.device);
    return devices;
}

}  // namespace

class RelayRoutesTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { initCrypto(); }

    // Tokens ----------------------------------------------------------------------------------------------------------

    void aTokenThatIsRefusedGivesWayToThatOfALink() {
        PostFixture f;
        const RelayToken linked = nameByLink(f);
        f.enterWithPrekey(f.first);
        f.say("one");
        PostFixture::turn();
        QVERIFY(tokenOf(f.unanswered(f.first).at(0)) == f.friends->token);
        f.failed(f.first, f.unanswered(f.first).at(0).counter, Reason::NoMailbox);
        QCOMPARE(f.unanswered(f.first).size(), 1U);
        QVERIFY(tokenOf(f.unanswered(f.first).at(0)) == linked);
        f.held(f.first, f.unanswered(f.first).at(0).counter);
        QCOMPARE(f.stateOf(1), MessageState::Held);
        // It is the one to use from now on, also after a restart.
        f.crash();
        f.enter(f.first);
        f.say("two");
        PostFixture::turn();
        QVERIFY(tokenOf(f.unanswered(f.first).at(0)) == linked);
        // Two that are refused do not go on in turns.
        f.failed(f.first, f.unanswered(f.first).at(0).counter, Reason::NoMailbox);
        QVERIFY(tokenOf(f.unanswered(f.first).at(0)) == f.friends->token);
        f.failed(f.first, f.unanswered(f.first).at(0).counter, Reason::NoMailbox);
        QVERIFY(f.unanswered(f.first).empty());
    }

    void anOldLinkDoesNotDestroyWhatWorks() {
        PostFixture f;
        (void)nameByLink(f);
        f.enterWithPrekey(f.first);
        for (const char* const text : {"one", "two"}) {
            f.say(text);
            PostFixture::turn();
            QVERIFY(tokenOf(f.unanswered(f.first).at(0)) == f.friends->token);
            f.held(f.first, f.unanswered(f.first).at(0).counter);
        }
        // Other failures say nothing of the token.
        f.say("three");
        PostFixture::turn();
        f.failed(f.first, f.unanswered(f.first).at(0).counter, Reason::Full);
        f.outbox->hope(f.friends->device());
        PostFixture::turn();
        QVERIFY(tokenOf(f.unanswered(f.first).at(0)) == f.friends->token);
    }

    void severalRefusalsOfOneTokenCountOnce() {
        PostFixture f;
        const RelayToken linked = nameByLink(f);
        f.enterWithPrekey(f.first);
        for (const char* const text : {"one", "two"}) {
            f.say(text);
            PostFixture::turn();
        }
        const auto both = f.unanswered(f.first);
        QCOMPARE(both.size(), 2U);
        for (const UnansweredDeposit& one : both)
            f.outbox->changed(f.first.key, {one.counter, {}, {}, {{f.friends->device(), Reason::NoMailbox}}});
        PostFixture::turn();
        f.outbox->hope(f.friends->device());
        PostFixture::turn();
        QVERIFY(tokenOf(f.unanswered(f.first).at(0)) == linked);
    }

    void theOtherTokenIsTriedForPrekeysToo() {
        PostFixture f;
        const RelayToken linked = nameByLink(f);
        f.enter(f.first);
        f.say("one");
        PostFixture::turn();
        ++f.asked;
        f.outbox->answered(f.first.key, {f.asked, wire::relay::Prekeys{{{{}, Reason::NoMailbox}}}});
        PostFixture::turn();
        f.answer(f.first, f.friends->prekey);
        QCOMPARE(f.unanswered(f.first).size(), 1U);
        QVERIFY(tokenOf(f.unanswered(f.first).at(0)) == linked);
    }

    // Prekeys ---------------------------------------------------------------------------------------------------------

    /// A relay that goes on giving one away whose private half is gone would have it all lost, again and again.
    void anOlderPrekeyIsNotSealedTo() {
        PostFixture f;
        const auto hour = std::chrono::hours(1);
        const auto old = envelope::Prekey::issue(f.friends->keys, f.friends->prekeySecret.publicKey,
                                                 SystemClock().wall() - hour);
        f.enter(f.first);
        f.say("one");
        PostFixture::turn();
        f.answer(f.first, f.friends->prekey);
        f.failed(f.first, f.unanswered(f.first).at(0).counter, Reason::OldPrekey);
        f.answer(f.first, old);
        QVERIFY2(f.unanswered(f.first).empty(), "sealed to an older one");
        // The one that was seen last is as good as a newer one.
        f.outbox->hope(f.friends->device());
        PostFixture::turn();
        f.answer(f.first, f.friends->prekey);
        QCOMPARE(f.textsIn(f.unanswered(f.first).at(0)), QStringList{QStringLiteral("one")});
    }

    // What a person is told of it --------------------------------------------------------------------------------------

    void aRefusalIsToldUntilItIsOver_data() {
        QTest::addColumn<int>("reason");
        QTest::addColumn<int>("state");
        const auto row = [](const char* name, Reason reason, PostState state) {
            QTest::newRow(name) << static_cast<int>(reason) << static_cast<int>(state);
        };
        row("full", Reason::Full, PostState::Full);
        row("taken back", Reason::NoMailbox, PostState::NoMailbox);
        row("no prekey", Reason::NoPrekey, PostState::NoPrekey);
        row("a bad disk", Reason::Storage, PostState::Refused);
        row("a new reason", Reason::Unknown, PostState::Refused);
    }
    void aRefusalIsToldUntilItIsOver() {
        QFETCH(const int, reason);
        QFETCH(const int, state);
        PostFixture f;
        beOnlyAt(f, f.first);
        f.enterWithPrekey(f.first);
        QCOMPARE(postOf(f), at(f.first, PostState::Ready));
        f.say("one");
        PostFixture::turn();
        f.failed(f.first, f.unanswered(f.first).at(0).counter, static_cast<Reason>(reason));
        QCOMPARE(f.stateOf(1), MessageState::Queued);
        QCOMPARE(postOf(f), at(f.first, static_cast<PostState>(state)));
        f.pass(limits::kDepositRetryMost);
        QCOMPARE(f.unanswered(f.first).size(), 1U);
        f.held(f.first, f.unanswered(f.first).at(0).counter);
        QCOMPARE(f.stateOf(1), MessageState::Held);
        QCOMPARE(postOf(f), at(f.first, PostState::Ready));
    }

    void aRelayWithoutAPrekeyIsTold() {
        PostFixture f;
        beOnlyAt(f, f.first);
        f.enter(f.first);
        QCOMPARE(postOf(f), at(f.first, PostState::Unknown));
        // It is asked for where somebody wants to know, also with nothing to leave.
        f.outbox->tryRoutes(f.friends->person());
        f.answer(f.first, std::nullopt);
        QCOMPARE(postOf(f), at(f.first, PostState::NoPrekey));
        f.outbox->hope(f.friends->device());
        f.outbox->tryRoutes(f.friends->person());
        f.answer(f.first, f.friends->prekey);
        QCOMPARE(postOf(f), at(f.first, PostState::Ready));
    }

    void anotherRelayMayTakeIt() {
        PostFixture f;
        f.enterWithPrekey(f.first);
        f.say("one");
        PostFixture::turn();
        f.failed(f.first, f.unanswered(f.first).at(0).counter, Reason::Full);
        QCOMPARE(postOf(f), at(f.second, PostState::Unknown));
        // It is off: what the other one said tells more.
        f.leave(f.second);
        QCOMPARE(postOf(f), at(f.first, PostState::Full));
        f.pass(limits::kDepositRetryMost);
        f.failed(f.first, f.unanswered(f.first).at(0).counter, Reason::Full);
        f.enterWithPrekey(f.second);
        QCOMPARE(postOf(f), at(f.second, PostState::Ready));
        QCOMPARE(f.unanswered(f.second).size(), 1U);
    }

    void aRelayThatIsAwayIsToldWhoseverItIs() {
        PostFixture f;
        beOnlyAt(f, f.second);
        QCOMPARE(postOf(f), at(f.second, PostState::Unknown));
        f.outbox->tryRoutes(f.friends->person());
        PostFixture::turn();
        QVERIFY(f.isVisited(f.second));
        f.leave(f.second);
        QCOMPARE(postOf(f), at(f.second, PostState::Unreachable));
        f.outbox->tryRoutes(f.friends->person());
        f.pass(limits::kComeBackMost);
        f.enterWithPrekey(f.second);
        QCOMPARE(postOf(f), at(f.second, PostState::Ready));

        beOnlyAt(f, f.first);
        f.enterWithPrekey(f.first);
        QCOMPARE(postOf(f), at(f.first, PostState::Ready));
        f.leave(f.first);
        QCOMPARE(postOf(f), at(f.first, PostState::Unreachable));
        f.enter(f.first);
        f.shutOut(f.first);
        QCOMPARE(postOf(f), at(f.first, PostState::ShutOut));
    }

    void aRelayThatDoesNotAnswerIsTold() {
        PostFixture f;
        beOnlyAt(f, f.first);
        f.enterWithPrekey(f.first);
        f.say("one");
        PostFixture::turn();
        QCOMPARE(postOf(f), at(f.first, PostState::Ready));
        f.pass(PostFixture::soon().silence);
        QCOMPARE(postOf(f), at(f.first, PostState::Unreachable));
        f.held(f.first, f.unanswered(f.first).at(0).counter);
        QCOMPARE(postOf(f), at(f.first, PostState::Ready));
    }

    void whoNamedNoRelayIsLeftNothing() {
        PostFixture f;
        (void)f.context.db->prekeys().putGrants(f.friends->device(), {});
        f.commit();
        f.enter(f.first);
        QCOMPARE(postOf(f), PostView{});
        f.outbox->tryRoutes(f.friends->person());
        QCOMPARE(postOf(f).state, PostState::NoRelay);
    }

    // Devices ---------------------------------------------------------------------------------------------------------

    void onlyTheDevicesThatWereSeenLastAreLeftSomething() {
        PostFixture f;
        std::set<DeviceId> expected;
        DeviceId least;
        constexpr qint64 kCount = limits::kDevicesPerAccount + 2;
        for (qint64 seen = 1; seen <= kCount; ++seen) {
            const DeviceId device = addDevice(f, seen);
            if (seen == 3) least = device;
            if (seen > kCount - static_cast<qint64>(limits::kDevicesPerAccount)) expected.insert(device);
        }
        f.commit();
        f.enterWithPrekey(f.first);
        f.say("one");
        PostFixture::turn();
        QVERIFY(readersAt(f, f.first) == expected);
        for (const UnansweredDeposit& one : f.unanswered(f.first)) {
            f.outbox->changed(f.first.key, PostFixture::holds(one));
            PostFixture::turn();
        }
        // What a device says by way of relays is a sign of life, too.
        const auto now = static_cast<std::uint64_t>(toUnixMillis(SystemClock().wall()));
        QVERIFY(f.context.db->relayHeads().takeStatement(f.friends->device(), f.direct, now));
        f.commit();
        f.say("two");
        PostFixture::turn();
        expected.erase(least);
        expected.insert(f.friends->device());
        QVERIFY(readersAt(f, f.first) == expected);
    }
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::RelayRoutesTest)
#include "relay_routes_test.moc"
