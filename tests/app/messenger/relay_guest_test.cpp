// Where a relay of the profile's does not let this device in, others have their mailboxes all the same: it comes as their guest.
#include "tests/app/messenger/relay_device.h"
#include "tests/app/messenger/relay_friends.h"

namespace landline::app::test {

using wire::relay::Reason;

namespace {

/// A URL by which nobody comes in.
QString deadInvite(const ServedRelay& relay) {
    return relay.urlText(SystemRandom().make<RelayInvite>());
}

RelayState stateAtFirst(Person& person) {
    return person.ask([](Messenger& m) { return m.relays(); }).at(0).state;
}

}  // namespace

class RelayGuestTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { initCrypto(); }

    void comesAsAContactsGuestUntilItIsLetIn() {
        ServedRelay relay;
        RelayDevice ada(QStringLiteral("Ada"));
        RelayDevice bob(kBob);
        ada.start();
        bob.start();
        QVERIFY(ada.join(relay));
        bob.know(ada);
        bob.learn(ada, ada.accounts->grantsFor(std::nullopt));
        QVERIFY(bob.accounts->add(deadInvite(relay)));
        QVERIFY(bob.comesTo(relay.key(), RelayState::ShutOut));
        QCOMPARE(bob.views.back().state, RelayState::ShutOut);
        // Whoever has something to leave there is told to look again.
        QVERIFY(bob.told.contains(u"closed "_qs + RelayDevice::shortOf(relay.key())));
        const auto visits = [&] {
            return bob.visits(relay.key()) && bob.accounts->open(relay.key())->isGuest &&
                   bob.accounts->views().at(0).reason == Reason::BadInvite;
        };
        bob.accounts->want(relay.key());
        QVERIFY(visits());
        QVERIFY(bob.accounts->setListed(relay.key(), true));
        bob.accounts->setVisible(false);
        QVERIFY(visits());
        bob.accounts->setUpAnew(relay.key());
        QVERIFY(visits());
        bob.stop();
        bob.start();
        bob.accounts->want(relay.key());
        QVERIFY(visits());
        QVERIFY(bob.accounts->views().at(0).listing == Listing::Asked);
        QVERIFY(bob.accounts->add(relay.urlText(relay.invite())));
        QVERIFY(bob.comesTo(relay.key(), RelayState::Connected));
        QVERIFY(!bob.accounts->open(relay.key())->isGuest);
    }

    /// Guests are shut out there, too.
    void whoIsRevokedDoesNotKnockAsAGuest() {
        ServedRelay relay;
        ServedRelay other;
        RelayDevice ada(QStringLiteral("Ada"));
        RelayDevice bob(kBob);
        ada.start();
        bob.start();
        QVERIFY(ada.join(relay) && ada.join(other) && bob.join(relay));
        bob.know(ada);
        bob.learn(ada, ada.accounts->grantsFor(std::nullopt));
        relay.revoke(bob.device());
        relay.stop();
        relay.start();
        QVERIFY(bob.comesTo(relay.key(), RelayState::ShutOut));
        const qsizetype told = bob.told.size();
        bob.accounts->want(relay.key());
        bob.accounts->want(other.key());
        QVERIFY(bob.visits(other.key()));
        // It has neither come to an end there nor is it on its way.
        QCOMPARE(bob.told.mid(told), QStringList{u"opened "_qs + RelayDevice::shortOf(other.key())});
        for (net::RelayNumber number = 1; number < 100; ++number)
            QVERIFY(bob.accounts->keyOf(number) != relay.key());
    }

    void whatIsLeftForOthersThereGoesOn() {
        ServedRelay relay;
        Person ann(kAnn);
        Person bob(kBob);
        ann.start();
        bob.start();
        QVERIFY(join(bob, relay));
        QVERIFY(add(ann, linkByRelayOf(bob)));
        bob.stop();
        const QStringList texts{QStringLiteral("before"), QStringLiteral("after"), QStringLiteral("later")};
        QVERIFY(ann.send(kBob, texts[0]));
        QVERIFY(becomes(ann, kBob, texts[0], MessageState::Held));
        const QString url = deadInvite(relay);
        QVERIFY(ann.ask([url](Messenger& m) { return m.addRelay(url); }));
        QVERIFY(comes([&] { return stateAtFirst(ann) == RelayState::ShutOut; }));
        QVERIFY(ann.send(kBob, texts[1]));
        QVERIFY(becomes(ann, kBob, texts[1], MessageState::Held));
        ann.stop();
        ann.start();
        QVERIFY(ann.send(kBob, texts[2]));
        QVERIFY(becomes(ann, kBob, texts[2], MessageState::Held));
        QVERIFY(stateAtFirst(ann) == RelayState::ShutOut);
        bob.start();
        QVERIFY(gets(bob, kAnn, texts));
    }
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::RelayGuestTest)
#include "relay_guest_test.moc"
