// Relays that are removed, and tokens: who was told that it may leave something must not be refused, and what takes no more
// part must not take anything.
#include "app/storage/relay_heads_table.h"
#include "tests/app/messenger/relay_device.h"
#include "tests/app/messenger/relay_friends.h"

#include "p2p/base/limits.h"

namespace landline::app::test {

using namespace std::chrono_literals;
using wire::relay::Reason;

namespace {

const QString kAda = QStringLiteral("Ada");

/// What the person would leave something with for that device.
RelayToken tokenAt(const Person& person, const DeviceId& device) {
    const QString key = QString::fromStdString(toHex(device.view())).toUpper();
    const QStringList tokens =
        inStore(person, QStringLiteral("SELECT hex(token) FROM relay_grant WHERE hex(device) = '%1'").arg(key));
    return RelayToken::from(fromHex(tokens.at(0).toStdString()).value()).value();
}

bool isForgotten(const Person& person) {
    return inStore(person, QStringLiteral("SELECT url FROM relay UNION ALL SELECT relay FROM relay_token UNION ALL "
                                          "SELECT relay FROM own_prekey UNION ALL SELECT relay FROM relay_position"))
        .isEmpty();
}

void remove(Person& person) {
    const RelayKey key = person.ask([](Messenger& m) { return m.relays(); }).at(0).key;
    if (!person.ask([key](Messenger& m) { return m.removeRelay(key); })) qFatal("not removed");
}

}  // namespace

class RelayLeavingTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { initCrypto(); }

    /// Removed while it is down: what waits there comes, and later deposits are refused.
    void aRelayRemovedWhileItIsDownIsEmptiedAndShutOnceItIsBack() {
        ServedRelay relay;
        Person ann(kAnn);
        Person bob(kBob);
        QVERIFY(befriend(ann, bob, relay));
        const DeviceId device = ann.self().device;
        QVERIFY(isPosted(ann) && isPosted(bob));
        ann.stop();
        const QString text = QStringLiteral("on its way");
        QVERIFY(bob.send(kAnn, text));
        QVERIFY(becomes(bob, kAnn, text, MessageState::Held));
        const RelayToken token = tokenAt(bob, device);
        QVERIFY(!relay.prekeyOf(device, token).prekey.empty());
        bob.stop();
        relay.stop();

        ann.start();
        remove(ann);
        QVERIFY(ann.ask([](Messenger& m) { return m.relays(); }).empty());
        QVERIFY(identity::parseContactLink(linkByRelayOf(ann).toStdString())->relays.empty());
        QVERIFY(!isForgotten(ann));
        // Also over a restart.
        ann.stop();
        ann.start();
        QVERIFY(ann.ask([](Messenger& m) { return m.relays(); }).empty());
        QVERIFY(!isForgotten(ann));
        relay.start();
        QVERIFY(gets(ann, kBob, {text}));
        QVERIFY(comes([&] { return isForgotten(ann); }));
        QCOMPARE(relay.prekeyOf(device, token).reason, Reason::NoMailbox);
        QVERIFY(ann.ask([](Messenger& m) { return m.relays(); }).empty());
    }

    void aRelayThatIsRemovedWhileConnectedIsEmptiedAndShutAsWell() {
        ServedRelay relay;
        Person ann(kAnn);
        Person bob(kBob);
        QVERIFY(befriend(ann, bob, relay));
        const DeviceId device = ann.self().device;
        const RelayToken token = tokenAt(bob, device);
        remove(ann);
        QVERIFY(comes([&] { return isForgotten(ann); }));
        QCOMPARE(relay.prekeyOf(device, token).reason, Reason::NoMailbox);
        // What one leaves for others at their relay goes on.
        QVERIFY(ann.send(kBob, QStringLiteral("by yours")));
        QVERIFY(gets(bob, kAnn, {QStringLiteral("by yours")}));
    }

    void aRelayThatNeverComesBackIsForgottenInTheEnd() {
        ServedRelay relay;
        RelayDevice ada(kAda);
        ada.start();
        QVERIFY(ada.join(relay));
        relay.stop();
        ada.views.clear();
        QVERIFY(ada.accounts->remove(relay.key()));
        QCOMPARE(ada.context.db->relays().leaving().size(), 1U);
        ada.clock.ahead += limits::kRelayLeavingMost - 1h;
        ada.pass(0s);
        QTest::qWait(0);
        QCOMPARE(ada.context.db->relays().leaving().size(), 1U);
        ada.pass(1h);
        QVERIFY(QTest::qWaitFor([&] { return ada.context.db->relays().leaving().empty(); }, ServedRelay::kPatience));
        QVERIFY(!ada.context.db->relays().find(relay.key()));
        // Nobody was shown anything of it meanwhile.
        QVERIFY(ada.views.empty());
        QVERIFY(ada.errors.empty());
    }

    void whereThereIsNoMailboxThereIsNothingToLeave() {
        ServedRelay relay;
        RelayDevice ada(kAda);
        ada.start();
        QVERIFY(ada.accounts->add(relay.urlText(SystemRandom().make<RelayInvite>())));
        QVERIFY(ada.comesTo(relay.key(), RelayState::ShutOut));
        QVERIFY(ada.accounts->remove(relay.key()));
        QVERIFY(!ada.context.db->relays().find(relay.key()));
    }

    /// Who was not told that it was gone in between is not refused.
    void addingItAgainEndsTheLeavingAndKeepsTheTokens() {
        ServedRelay relay;
        RelayDevice ada(kAda);
        RelayDevice bob(QStringLiteral("Bob"));
        ada.start();
        bob.open();
        QVERIFY(ada.join(relay));
        ada.know(bob);
        const RelayToken token = ada.grantsTo(bob).at(0).token;
        relay.stop();
        QVERIFY(ada.accounts->remove(relay.key()));
        QVERIFY(ada.accounts->grantsFor(bob.person()).empty());
        QVERIFY(ada.accounts->add(relay.urlText()));
        QVERIFY(ada.context.db->relays().leaving().empty());
        QCOMPARE(ada.accounts->views().size(), 1U);
        QVERIFY2(ada.accounts->grantsFor(bob.person()).empty(), "the relay may have taken them back");
        relay.start();
        QCOMPARE(ada.grantsTo(bob).at(0).token, token);
        QVERIFY(!relay.prekeyOf(ada.device(), token).prekey.empty());
        QVERIFY(ada.comesTo(relay.key(), RelayState::Connected));
    }

    // Tokens ----------------------------------------------------------------------------------------------------------

    void nobodyIsToldOfATokenThatTheRelayDoesNotHave() {
        ServedRelay relay;
        RelayDevice ada(kAda);
        RelayDevice bob(QStringLiteral("Bob"));
        ada.start();
        bob.open();
        QVERIFY(ada.join(relay));
        relay.stop();
        ada.know(bob);
        ada.context.db->prekeys().putGrants(bob.device(), {{relay.url(), SystemRandom().make<RelayToken>()}});
        ada.commit();
        QVERIFY(ada.accounts->grantsFor(bob.person()).empty());
        // Also after a crash.
        ada.stop();
        ada.start();
        QVERIFY(ada.accounts->grantsFor(bob.person()).empty());
        QVERIFY2(!ada.accounts->grantsFor(std::nullopt).empty(), "the link's is there");
        relay.start();
        const RelayToken token = ada.grantsTo(bob).at(0).token;
        QVERIFY(!relay.prekeyOf(ada.device(), token).prekey.empty());
        // From now on its person is told.
        const auto owed = ada.context.db->relayHeads().owed();
        QVERIFY(std::any_of(owed.begin(), owed.end(), [&](const OwedHeads& one) { return one.device == bob.device(); }));
    }

    /// A contact beyond the last token has the contact link's until one is taken back.
    void theNextContactHasThePlaceOfOneThatIsBlocked() {
        ServedRelay relay;
        RelayDevice ada(kAda);
        RelayDevice bob(QStringLiteral("Bob"));
        ada.start();
        bob.open();
        QVERIFY(ada.join(relay));
        SystemRandom random;
        const auto eve = random.make<PersonId>();
        RelayTable& table = ada.context.db->relays();
        QVERIFY(table.tokenFor(relay.key(), eve, random));
        while (table.tokenFor(relay.key(), random.make<PersonId>(), random)) {
        }
        ada.commit();
        ada.know(bob);
        QVERIFY(table.isFull(relay.key()));
        // Reading makes none, and leaves nothing behind that somebody else's commit would keep.
        const RelayToken linkToken = ada.accounts->grantsFor(std::nullopt).at(0).token;
        QCOMPARE(ada.accounts->grantsFor(bob.person()).at(0).token, linkToken);
        QVERIFY(!table.hasToken(relay.key(), bob.person()));
        ada.accounts->standingSet(eve, timeline::Standing::Blocked);
        ada.commit();
        ada.accounts->contactsChanged();
        QTRY_VERIFY_WITH_TIMEOUT(ada.grantsTo(bob).at(0).token != linkToken, ServedRelay::kPatience);
        QVERIFY(!relay.prekeyOf(ada.device(), ada.grantsTo(bob).at(0).token).prekey.empty());
    }

    // Prekeys ---------------------------------------------------------------------------------------------------------

    /// The profile was copied before the prekey was made that others seal to now.
    void aPrekeyThatCannotBeOpenedIsReplacedAtOnce() {
        ServedRelay relay;
        RelayDevice ada(kAda);
        ada.start();
        QVERIFY(ada.join(relay));
        const RelayToken token = ada.accounts->grantsFor(std::nullopt).at(0).token;
        const PrekeyId first = ada.accounts->ring(relay.key())->newest()->prekey.id();
        const auto atRelay = [&] { return envelope::Prekey::idIn(relay.prekeyOf(ada.device(), token).prekey); };
        ada.pass(limits::kPrekeyRotation + 1h);
        QVERIFY(QTest::qWaitFor([&] { return atRelay() != first; }, ServedRelay::kPatience));
        QVERIFY(ada.publishes(relay));
        const PrekeyId second = *atRelay();
        ada.stop();
        ada.clock.ahead = Duration(0);
        ada.open();
        ada.context.db->prekeys().eraseOwn(relay.key(), {second});
        ada.commit();
        ada.connect();
        QVERIFY(QTest::qWaitFor([&] { return atRelay() != first && atRelay() != second; }, ServedRelay::kPatience));
        QCOMPARE(ada.accounts->ring(relay.key())->newest()->prekey.id(), *atRelay());
    }
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::RelayLeavingTest)
#include "relay_leaving_test.moc"
