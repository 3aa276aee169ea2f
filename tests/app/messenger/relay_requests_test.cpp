// What strangers leave at a relay beyond what is kept of them comes again once they are accepted, whatever it was.
#include "tests/app/messenger/post_fixture.h"
#include "tests/app/messenger/relay_friends.h"

namespace landline::app::test {

namespace {

wire::FileOffer offerOf(Random& random) {
    return {random.make<wire::TransferId>(), "plan.txt", 10, "text/plain", 0};
}

/// What `from` wrote, with who it is and where it can be left something.
wire::EnvelopeContent envelopeOf(const PostFixture& f, Stranger& from) {
    wire::EnvelopeContent content = from.introduction();
    content.told.relays = accessOf({{f.second, from.token}});
    content.entries.push_back(from.takeWritten());
    return content;
}

/// The person adds its contact link.
void addLink(PostFixture& f, const Stranger& other) {
    Database& db = *f.context.db;
    db.meet(other.certificate, QStringLiteral("Somebody"));
    (void)db.prekeys().putLinked(other.device(), {{f.second, other.token}});
    const auto person = db.person(other.person());
    db.setStanding(other.person(), timeline::Standing::Accepted);
    f.inbox->accepted(*person);
    f.commit();
}

bool isToldOfALoss(PostFixture& f, const Stranger& other) {
    return f.owesHeadsTo(other) && f.context.db->relayHeads().lost() == 1;
}

/// There is no place for more of them within the hour.
void flood(PostFixture& f) {
    for (std::size_t i = 0; i < limits::kRelayStrangersPerHour; ++i) {
        const Stranger stranger(f.random);
        f.deliver(stranger, stranger.introduction());
    }
}

}  // namespace

class RelayRequestsTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { initCrypto(); }

    void whoLeftNothingIsToldOfNoLoss() {
        PostFixture f;
        f.enter(f.first);
        const Stranger unknown(f.random);
        addLink(f, unknown);
        const Stranger met(f.random);
        f.deliver(met, met.introduction());
        addLink(f, met);
        QVERIFY(!f.owesHeadsTo(unknown) && !f.owesHeadsTo(met));
        QCOMPARE(f.context.db->relayHeads().lost(), 0U);
    }

    /// Of which nothing at all is kept.
    void aFileThatWasLeftFirstComesAgain() {
        PostFixture f;
        f.enter(f.first);
        Stranger stranger(f.random);
        stranger.write(f.self->person(), offerOf(f.random), f.random);
        f.deliver(stranger, envelopeOf(f, stranger));
        QCOMPARE(f.context.db->strangerUse(stranger.person()).entries, 0U);
        f.crash();
        f.enter(f.first);
        addLink(f, stranger);
        QVERIFY(isToldOfALoss(f, stranger));
        QVERIFY(!f.owesHeadsTo(*f.friends));
    }

    void whatThereWasNoPlaceForComesAgain() {
        PostFixture f;
        f.enter(f.first);
        flood(f);
        Stranger stranger(f.random);
        stranger.say(f.self->person(), "hello", f.random);
        f.deliver(stranger, envelopeOf(f, stranger));
        QVERIFY(!f.context.db->person(stranger.person()));
        f.inbox->forgetTurnedAway();
        addLink(f, stranger);
        QVERIFY(isToldOfALoss(f, stranger));
    }

    void whatMadeRoomForOthersComesAgain() {
        PostFixture f;
        f.enter(f.first);
        Stranger stranger(f.random);
        stranger.say(f.self->person(), "hello", f.random);
        Database& db = *f.context.db;
        const WallTime longAgo = SystemClock().wall() - 2 * limits::kRelayStrangerKept;
        QVERIFY(db.meetByRelay(stranger.certificate, QStringLiteral("Somebody"), longAgo));
        for (std::size_t i = 1; i < limits::kRelayStrangers; ++i)
            QVERIFY(db.meetByRelay(Stranger(f.random).certificate, QStringLiteral("Somebody"),
                                   longAgo + i * std::chrono::minutes(10)));
        f.commit();
        f.deliver(stranger, envelopeOf(f, stranger));
        QCOMPARE(f.textsFrom(stranger), QStringList{QStringLiteral("hello")});
        const Stranger newcomer(f.random);
        f.deliver(newcomer, newcomer.introduction());
        QVERIFY(!db.person(stranger.person()));
        addLink(f, stranger);
        QVERIFY(isToldOfALoss(f, stranger));
    }

    /// Also somebody who wrote before that was so, and does not say any more who it is.
    void whereEverybodyIsLetInNobodyStaysAStranger() {
        PostFixture f;
        f.enter(f.first);
        Stranger stranger(f.random);
        for (int i = 0; i < 25; ++i) stranger.say(f.self->person(), "let me in", f.random);
        f.deliver(stranger, envelopeOf(f, stranger));
        QCOMPARE(f.textsFrom(stranger).size(), qsizetype(limits::kStrangerEntries));
        f.isOpenToAll = true;
        stranger.say(f.self->person(), "me again", f.random);
        wire::EnvelopeContent content;
        content.entries.push_back(stranger.takeWritten());
        f.deliver(stranger, content);
        QVERIFY(f.context.db->standing(stranger.person()) == timeline::Standing::Accepted);
        QCOMPARE(f.standingsChanged, 1);
        QVERIFY(isToldOfALoss(f, stranger));
        f.deliver(stranger, stranger.introduction());
        QCOMPARE(f.standingsChanged, 1);
        QCOMPARE(f.context.db->relayHeads().lost(), 1U);
    }

    void whoWasTurnedAwayBeforeEverybodyWasLetInLeavesItAgain() {
        PostFixture f;
        f.enter(f.first);
        flood(f);
        Stranger stranger(f.random);
        stranger.say(f.self->person(), "hello", f.random);
        f.deliver(stranger, envelopeOf(f, stranger));
        QVERIFY(!f.context.db->person(stranger.person()));
        f.context.db->meet(stranger.certificate, QStringLiteral("Somebody"));
        f.commit();
        f.isOpenToAll = true;
        // It is known from elsewhere by now, and this is the first that is kept.
        stranger.say(f.self->person(), "are you there?", f.random);
        f.deliver(stranger, envelopeOf(f, stranger));
        QVERIFY(isToldOfALoss(f, stranger));
    }

    /// Whole messengers, and a relay between them.
    void aFileAndWhatFollowsItComeOnceItsPersonIsAccepted() {
        ServedRelay relay;
        Person ann(kAnn);
        Person bob(kBob);
        ann.start();
        bob.start();
        QVERIFY(join(ann, relay) && join(bob, relay));
        const QString link = linkByRelayOf(bob);
        bob.stop();
        QVERIFY(add(ann, link));
        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("plan.txt"));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("what we do") > 0);
        file.close();
        const ConversationId conversation = ann.conversationWith(kBob);
        QVERIFY(ann.ask([=](Messenger& m) { return m.sendFile(conversation, path); }));
        QVERIFY(becomes(ann, kBob, QStringLiteral("plan.txt"), MessageState::Held));
        QVERIFY(ann.send(kBob, QStringLiteral("see the plan")));
        QVERIFY(becomes(ann, kBob, QStringLiteral("see the plan"), MessageState::Held));
        bob.start();
        QVERIFY(comes([&] { return bob.knows(kAnn) && isPosted(ann) && relay.figures().heldItems == 0; }));
        QVERIFY(bob.textsWith(kAnn).isEmpty());
        QVERIFY(add(bob, linkByRelayOf(ann)));
        QVERIFY(gets(bob, kAnn, {QStringLiteral("plan.txt"), QStringLiteral("see the plan")}));
        QVERIFY(becomes(ann, kBob, QStringLiteral("see the plan"), MessageState::Delivered));
    }
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::RelayRequestsTest)
#include "relay_requests_test.moc"
