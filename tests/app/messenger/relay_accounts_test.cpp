#include "app/messenger/relay_accounts.h"

#include "app/storage/deposit_table.h"
#include "p2p/base/limits.h"
#include "tests/app/messenger/relay_device.h"
#include "tests/support/faulty_vfs.h"

#include <algorithm>
#include <limits>

namespace landline::app {

using namespace std::chrono_literals;
using test::RelayDevice;
using test::ServedRelay;
using wire::relay::Reason;

namespace {

constexpr int kPatience = ServedRelay::kPatience;
const QString kAda = QStringLiteral("Ada");
const QString kBob = QStringLiteral("Bob");

/// Something that is written down for a device, and that this one did not get an answer for.
void writeDeposit(RelayDevice& from, const RelayDevice& to, const identity::RelayGrant& grant,
                  RelayEpoch epoch, const PrekeyId& prekey) {
    Database& db = *from.context.db;
    wire::relay::Deposit message{epoch,
                                 wire::relay::Box::Heads,
                                 {{{to.device(), grant.token}, prekey, Bytes(limits::kSeal)}},
                                 Bytes(528)};
    db.deposits().put({grant.relay.key, db.deposits().nextCounter(SystemClock().wall()), message, {}});
    from.commit();
}

}  // namespace

class RelayAccountsTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { initCrypto(); }

    void comesInByItsInviteAndPublishesAPrekey() {
        ServedRelay relay;
        RelayDevice ada(kAda);
        ada.start();
        const auto added = ada.accounts->add(u' ' + relay.urlText(relay.invite()) + u'\n');
        QVERIFY(added);
        QCOMPARE(added->state, RelayState::Connecting);
        QCOMPARE(added->url, relay.urlText());
        QVERIFY(ada.comesTo(relay.key(), RelayState::Connected));
        const RelayView view = ada.accounts->views().at(0);
        QCOMPARE(view.life, qint64(limits::kDepositLife.count()));
        QVERIFY(view.quota > 0);
        QVERIFY(view.text.isEmpty());
        QVERIFY(ada.told.contains(u"opened "_qs + RelayDevice::shortOf(relay.key())));
        const auto open = ada.accounts->open(relay.key());
        QVERIFY(open && !open->isGuest && open->epoch != 0);
        QCOMPARE(ada.accounts->keyOf(open->number), std::optional(relay.key()));
        QVERIFY(ada.publishes(relay));
        // Whoever has the contact link's token finds it.
        const auto link = ada.accounts->grantsFor(std::nullopt);
        QCOMPARE(link.size(), 1U);
        const auto found = relay.prekeyOf(ada.device(), link.front().token);
        QCOMPARE(found.prekey, ada.accounts->ring(relay.key())->newest()->prekey.encoded());
        // The invite has served its purpose.
        QVERIFY(!ada.context.db->relays().find(relay.key())->url.invite);
    }

    void tellsStrangersOfNoRelay() {
        ServedRelay relay;
        RelayDevice ada(kAda);
        RelayDevice bob(kBob);
        ada.start();
        bob.open();
        QVERIFY(ada.join(relay));
        for (const auto standing :
             {timeline::Standing::Stranger, timeline::Standing::Ignored, timeline::Standing::Blocked}) {
            ada.know(bob, standing);
            QVERIFY(ada.accounts->grantsFor(bob.person()).empty());
        }
        ada.know(bob);
        const auto grants = ada.grantsTo(bob);
        QCOMPARE(grants.size(), 1U);
        QCOMPARE(grants.front().relay, relay.url());
        QVERIFY(grants.front().token != ada.accounts->grantsFor(std::nullopt).front().token);
        QVERIFY(grants.front().token != ada.accounts->grantsFor(ada.person()).front().token);
    }

    void aBlockedPersonsTokenIsGoodNoMore() {
        ServedRelay relay;
        RelayDevice ada(kAda);
        RelayDevice bob(kBob);
        ada.start();
        bob.open();
        QVERIFY(ada.join(relay));
        ada.know(bob);
        const RelayToken token = ada.grantsTo(bob).at(0).token;
        QVERIFY(
            QTest::qWaitFor([&] { return !relay.prekeyOf(ada.device(), token).prekey.empty(); }, kPatience));
        ada.know(bob, timeline::Standing::Blocked);
        QVERIFY(
            QTest::qWaitFor([&] { return relay.prekeyOf(ada.device(), token).prekey.empty(); }, kPatience));
        QCOMPARE(relay.prekeyOf(ada.device(), token).reason, Reason::NoMailbox);
        // The link that others have is as good as before, and a new friendship begins with another token.
        QVERIFY(
            !relay.prekeyOf(ada.device(), ada.accounts->grantsFor(std::nullopt).at(0).token).prekey.empty());
        ada.know(bob);
        QVERIFY(ada.grantsTo(bob).at(0).token != token);
    }

    void aUsedInviteShutsOutUntilThePersonActs() {
        ServedRelay relay;
        const RelayInvite once = relay.invite();
        RelayDevice ada(kAda);
        RelayDevice bob(kBob);
        ada.start();
        bob.start();
        QVERIFY(ada.accounts->add(relay.urlText(once)));
        QVERIFY(ada.comesTo(relay.key(), RelayState::Connected));
        QVERIFY(bob.accounts->add(relay.urlText(once)));
        QVERIFY(bob.comesTo(relay.key(), RelayState::ShutOut));
        const RelayView view = bob.accounts->views().at(0);
        QVERIFY(view.reason == Reason::InviteUsed);
        QCOMPARE(view.text, QString::fromStdString(wire::relay::sentenceOf(Reason::InviteUsed)));
        QCOMPARE(view.code, ErrorCode::NotPermitted);
        QVERIFY(bob.accounts->grantsFor(std::nullopt).empty());
        // Also in the next run: it does not knock again.
        bob.stop();
        const auto before = relay.server().figures().refused;
        bob.start();
        QCOMPARE(bob.stateOf(relay.key()), RelayState::ShutOut);
        QVERIFY(bob.accounts->views().at(0).reason == Reason::InviteUsed);
        QVERIFY(bob.accounts->add(relay.urlText(relay.invite())));
        QVERIFY(bob.comesTo(relay.key(), RelayState::Connected));
        QCOMPARE(relay.server().figures().refused, before);
        QVERIFY(!bob.accounts->views().at(0).reason);
    }

    void anotherKeyIsToldLoudly() {
        ServedRelay relay;
        RelayDevice ada(kAda);
        ada.start();
        identity::RelayUrl url = relay.url(relay.invite());
        url.key = SystemRandom().make<NoiseKey>();
        QVERIFY(ada.accounts->add(QString::fromStdString(identity::formatRelayUrl(url))));
        QVERIFY(ada.comesTo(url.key, RelayState::WrongKey));
        QVERIFY(QTest::qWaitFor([&] { return ada.accounts->views().at(0).again != 0; }, kPatience));
        const RelayView view = ada.accounts->views().at(0);
        QCOMPARE(view.code, ErrorCode::WrongKey);
        QVERIFY2(view.text.contains(view.address) && view.text.contains(u"another key"),
                 qPrintable(view.text));
        QCOMPARE(ada.errors.size(), 1U);
        QCOMPARE(ada.errors.front().code, ErrorCode::WrongKey);
        QCOMPARE(relay.server().figures().admitted, 0U);
    }

    void aRelayThatIsDownIsWaitedForAndBackAgain() {
        ServedRelay relay;
        RelayDevice ada(kAda);
        ada.start();
        QVERIFY(ada.join(relay));
        const auto before = ada.accounts->open(relay.key());
        relay.stop();
        QVERIFY(ada.comesTo(relay.key(), RelayState::Waiting));
        QVERIFY(!ada.accounts->open(relay.key()));
        QVERIFY(ada.told.contains(u"closed "_qs + RelayDevice::shortOf(relay.key())));
        const RelayView view = ada.accounts->views().at(0);
        QVERIFY(!view.text.isEmpty());
        QVERIFY(view.again > 0);
        relay.start();
        QVERIFY(ada.comesTo(relay.key(), RelayState::Connected));
        QCOMPARE(ada.accounts->open(relay.key())->epoch, before->epoch);
        QCOMPARE(ada.told.count(u"opened "_qs + RelayDevice::shortOf(relay.key())), 2);
    }

    void everythingIsThereAgainAfterARestart() {
        ServedRelay relay;
        RelayDevice ada(kAda);
        RelayDevice bob(kBob);
        ada.start();
        bob.open();
        QVERIFY(ada.join(relay));
        ada.know(bob);
        const auto token = ada.grantsTo(bob).at(0).token;
        const auto prekey = ada.accounts->ring(relay.key())->newest()->prekey.id();
        const auto epoch = ada.accounts->open(relay.key())->epoch;
        // A deposit for itself, of which nothing more is heard, and as far as a box was read.
        writeDeposit(ada, ada, ada.accounts->grantsFor(ada.person()).at(0), epoch, prekey);
        ada.context.db->relays().setPosition(relay.key(), wire::relay::Box::Messages, {epoch, 0});
        ada.commit();
        ada.stop();
        QCOMPARE(relay.figures().heldItems, 0U);
        ada.start();
        QVERIFY(ada.comesTo(relay.key(), RelayState::Connected));
        QCOMPARE(ada.accounts->ring(relay.key())->newest()->prekey.id(), prekey);
        QCOMPARE(ada.grantsTo(bob).at(0).token, token);
        QVERIFY2(QTest::qWaitFor([&] { return relay.figures().stored == 1; }, kPatience),
                 "what had no answer was not sent again");
    }

    void whatCannotBeWrittenIsSetUpAnewFromTheStore() {
        ServedRelay relay;
        RelayDevice ada(kAda);
        ada.start();
        QVERIFY(ada.join(relay));
        const auto before = *ada.accounts->open(relay.key());
        ada.accounts->setUpAnew(relay.key());
        QVERIFY(!ada.accounts->open(relay.key()));
        QVERIFY(!ada.accounts->keyOf(before.number));
        QCOMPARE(ada.stateOf(relay.key()), RelayState::Waiting);
        QCOMPARE(ada.accounts->views().at(0).code, ErrorCode::Disk);
        QVERIFY(ada.comesTo(relay.key(), RelayState::Connected));
        QVERIFY(ada.accounts->open(relay.key())->number != before.number);
    }

    void visitsAContactsRelayAsAGuestWhileItIsWanted() {
        ServedRelay relay;
        RelayDevice ada(kAda);
        RelayDevice bob(kBob);
        ada.start();
        bob.start();
        QVERIFY(ada.join(relay));
        bob.know(ada);
        bob.learn(ada, ada.accounts->grantsFor(std::nullopt));
        QVERIFY(!bob.accounts->open(relay.key()));
        bob.accounts->want(relay.key());
        QVERIFY(bob.visits(relay.key()));
        QVERIFY(bob.accounts->open(relay.key())->isGuest);
        QCOMPARE(bob.accounts->open(relay.key())->epoch, ada.accounts->open(relay.key())->epoch);
        QVERIFY(!bob.accounts->ring(relay.key()));
        QVERIFY(bob.accounts->views().empty());
        QVERIFY(bob.views.empty());
        // Whoever named it is a contact no more.
        bob.know(ada, timeline::Standing::Blocked);
        QVERIFY(QTest::qWaitFor([&] { return !bob.accounts->open(relay.key()); }, kPatience));
        QVERIFY(bob.told.contains(u"closed "_qs + RelayDevice::shortOf(relay.key())));
    }

    void aGuestSendsAgainWhatHadNoAnswer() {
        ServedRelay relay;
        RelayDevice ada(kAda);
        RelayDevice bob(kBob);
        ada.start();
        bob.open();
        QVERIFY(ada.join(relay));
        bob.know(ada);
        const auto grants = ada.accounts->grantsFor(std::nullopt);
        bob.learn(ada, grants);
        writeDeposit(bob, ada, grants.at(0), ada.accounts->open(relay.key())->epoch,
                     ada.accounts->ring(relay.key())->newest()->prekey.id());
        bob.connect();
        QVERIFY(QTest::qWaitFor([&] { return relay.figures().stored == 1; }, kPatience));
    }

    void aVisitEndsOnceNobodyWantsAnything() {
        ServedRelay relay;
        RelayDevice ada(kAda);
        RelayDevice bob(kBob);
        ada.start();
        bob.start();
        QVERIFY(ada.join(relay));
        bob.know(ada);
        bob.learn(ada, ada.accounts->grantsFor(std::nullopt));
        bob.accounts->want(relay.key());
        QVERIFY(bob.visits(relay.key()));
        const auto visit = bob.accounts->open(relay.key())->number;
        const auto isTheSame = [&] {
            const auto open = bob.accounts->open(relay.key());
            return open && open->number == visit;
        };
        bob.pass(limits::kGuestIdle - 20s);
        QVERIFY(isTheSame());
        bob.accounts->want(relay.key());
        bob.pass(limits::kGuestIdle - 20s);
        QVERIFY2(isTheSame(), "who wants it prolongs the visit");
        bob.pass(20s);
        QVERIFY(!bob.accounts->open(relay.key()));
        QVERIFY(QTest::qWaitFor([&] { return relay.server().figures().guests == 0; }, kPatience));
        QCOMPARE(relay.server().figures().clients, 1U);
    }

    void manyRelaysHaveTheirTurns() {
        RelayDevice bob(kBob);
        bob.start();
        std::set<QString> expected;
        std::vector<std::unique_ptr<RelayDevice>> others;
        for (std::size_t i = 0; i < limits::kGuestRelays + 3; ++i) {
            // Nobody listens there.
            const identity::RelayUrl url{"127.0.0.2", 1, SystemRandom().make<NoiseKey>(), {}};
            others.push_back(std::make_unique<RelayDevice>(kAda));
            bob.know(*others.back());
            bob.learn(*others.back(), {{url, SystemRandom().make<RelayToken>()}});
            bob.accounts->want(url.key);
            expected.insert(u"closed "_qs + RelayDevice::shortOf(url.key));
        }
        QVERIFY(QTest::qWaitFor(
            [&] {
                return std::all_of(expected.begin(), expected.end(),
                                   [&](const QString& closed) { return bob.told.contains(closed); });
            },
            kPatience));
    }

    void prekeysAreRenewedAndOldOnesErasedWhileConnected() {
        ServedRelay relay;
        RelayDevice ada(kAda);
        ada.start();
        QVERIFY(ada.join(relay));
        const RelayToken token = ada.accounts->grantsFor(std::nullopt).at(0).token;
        const PrekeyId first = ada.accounts->ring(relay.key())->newest()->prekey.id();
        const auto newestAtRelay = [&] {
            return envelope::Prekey::idIn(relay.prekeyOf(ada.device(), token).prekey);
        };
        ada.pass(limits::kPrekeyRotation + 1h);
        QVERIFY(QTest::qWaitFor([&] { return newestAtRelay() != first; }, kPatience));
        QVERIFY(ada.publishes(relay));
        QVERIFY(ada.accounts->ring(relay.key())->find(first));
        ada.pass(limits::kDepositLife + 1h);
        QVERIFY(QTest::qWaitFor([&] { return !ada.accounts->ring(relay.key())->find(first); }, kPatience));
        const OwnPrekeys kept = ada.context.db->prekeys().own(relay.key());
        for (const envelope::HeldPrekey& held : kept.held) QVERIFY(held.prekey.id() != first);
    }

    void aFullDiskIsToldAndTheRelayComesBackWithIt() {
        landline::test::FaultyVfs vfs("faulty");
        ServedRelay relay;
        RelayDevice ada(kAda);
        ada.open(QString::fromStdString(vfs.uriParameters()));
        ada.connect();
        QVERIFY(ada.accounts->add(relay.urlText(relay.invite())));
        vfs.setFreeBytes(0);
        QVERIFY(QTest::qWaitFor([&] { return !ada.errors.empty(); }, kPatience));
        QVERIFY(ada.comesTo(relay.key(), RelayState::Waiting));
        QCOMPARE(ada.accounts->views().at(0).code, ErrorCode::Disk);
        QVERIFY(ada.accounts->grantsFor(std::nullopt).empty());
        vfs.setFreeBytes(std::numeric_limits<std::int64_t>::max());
        QVERIFY(ada.comesTo(relay.key(), RelayState::Connected));
        QVERIFY(ada.publishes(relay));
        ada.stop();
    }

    void aTokenThatIsGoodNoMoreEndsTheVisit() {
        ServedRelay relay;
        RelayDevice ada(kAda);
        RelayDevice bob(kBob);
        ada.start();
        bob.start();
        QVERIFY(ada.join(relay));
        bob.know(ada);
        bob.learn(ada, {{relay.url(), SystemRandom().make<RelayToken>()}});
        bob.accounts->want(relay.key());
        const QString closed = u"closed "_qs + RelayDevice::shortOf(relay.key());
        QVERIFY(QTest::qWaitFor([&] { return bob.told.contains(closed); }, kPatience));
        QVERIFY(!bob.told.contains(u"opened "_qs + RelayDevice::shortOf(relay.key())));
    }

    void anotherContactsBetterAddressIsTried() {
        ServedRelay relay;
        RelayDevice ada(kAda);
        RelayDevice bob(kBob);
        RelayDevice eve(QStringLiteral("Eve"));
        ada.start();
        bob.start();
        eve.open();
        QVERIFY(ada.join(relay));
        identity::RelayUrl nowhere = relay.url();
        nowhere.host = "127.0.0.2";
        nowhere.port = 1;
        bob.know(ada);
        bob.know(eve);
        bob.learn(eve, {{nowhere, SystemRandom().make<RelayToken>()}});
        bob.learn(ada, ada.accounts->grantsFor(std::nullopt));
        const bool isIn = QTest::qWaitFor(
            [&] {
                bob.accounts->want(relay.key());
                return bob.accounts->open(relay.key()).has_value();
            },
            kPatience);
        QVERIFY(isIn);
    }

    void whoIsAtARelayIsSeenUnlessInvisible() {
        ServedRelay relay;
        RelayDevice ada(kAda);
        RelayDevice bob(kBob);
        ada.start();
        bob.start();
        QVERIFY(ada.join(relay));
        QVERIFY(bob.join(relay));
        ada.know(bob);
        bob.know(ada);
        bob.learn(ada, ada.grantsTo(bob));
        const auto seesAda = [&](bool isOnline) {
            return QTest::qWaitFor(
                [&] { return bob.online.count(ada.device()) != 0 && bob.online[ada.device()] == isOnline; },
                kPatience);
        };
        QVERIFY(seesAda(true));
        ada.accounts->setVisible(false);
        QVERIFY(seesAda(false));
        QVERIFY(ada.comesTo(relay.key(), RelayState::Connected));
        ada.accounts->setVisible(true);
        QVERIFY(seesAda(true));
        ada.stop();
        QVERIFY(seesAda(false));
    }

    void aRemovedRelayTakesNothingMore() {
        ServedRelay relay;
        RelayDevice ada(kAda);
        ada.start();
        QVERIFY(ada.join(relay));
        const auto token = ada.accounts->grantsFor(std::nullopt).at(0).token;
        QVERIFY(!relay.prekeyOf(ada.device(), token).prekey.empty());
        const auto found = ada.accounts->find(QStringLiteral("127.0.0.1"));
        QVERIFY(found);
        QVERIFY(ada.accounts->remove(found->key));
        QVERIFY(ada.accounts->views().empty());
        QVERIFY(ada.told.contains(u"removed "_qs + RelayDevice::shortOf(relay.key())));
        QVERIFY(ada.accounts->grantsFor(std::nullopt).empty());
        QVERIFY(
            QTest::qWaitFor([&] { return relay.prekeyOf(ada.device(), token).prekey.empty(); }, kPatience));
        QCOMPARE(ada.accounts->remove(relay.key()).error().code, ErrorCode::NotFound);
        // Its account is there still.
        QVERIFY(ada.accounts->add(relay.urlText()));
        QVERIFY(ada.comesTo(relay.key(), RelayState::Connected));
    }

    void findsARelayByWhatPeopleCallIt() {
        RelayDevice ada(kAda);
        ada.open();
        SystemRandom random;
        const identity::RelayUrl one{"Relay.example", 7000, random.make<NoiseKey>(),
                                     random.make<RelayInvite>()};
        const identity::RelayUrl two{"relay.example", 7001, random.make<NoiseKey>(), {}};
        for (const auto& url : {one, two})
            QVERIFY(ada.accounts->add(QString::fromStdString(identity::formatRelayUrl(url))));
        const auto keyOf = [&](const QString& which) {
            const auto found = ada.accounts->find(which);
            return found ? std::optional(found->key) : std::nullopt;
        };
        QCOMPARE(keyOf(QStringLiteral("relay.EXAMPLE:7001")), std::optional(two.key));
        QCOMPARE(keyOf(QString::fromStdString(identity::formatRelayUrl(one))), std::optional(one.key));
        QCOMPARE(keyOf(QString::fromStdString(toHex(one.key.view())).left(8)), std::optional(one.key));
        const QString text = ada.accounts->views().at(1).url.section(u'/', -1);
        QCOMPARE(keyOf(text.left(8)), std::optional(two.key));
        QVERIFY(!keyOf(text.left(7)));
        QCOMPARE(ada.accounts->find(QStringLiteral("relay.example")).error().code, ErrorCode::Ambiguous);
        QCOMPARE(ada.accounts->find(QStringLiteral("elsewhere")).error().code, ErrorCode::NotFound);
    }

    void takesNoMoreRelaysThanContactsAreTold() {
        RelayDevice ada(kAda);
        ada.open();
        SystemRandom random;
        const auto add = [&](const NoiseKey& key) {
            return ada.accounts->add(
                QString::fromStdString(identity::formatRelayUrl({"relay.example", 7000, key, {}})));
        };
        const auto first = random.make<NoiseKey>();
        QVERIFY(add(first));
        for (std::size_t i = 1; i < limits::kRelaysPerContact; ++i) QVERIFY(add(random.make<NoiseKey>()));
        QCOMPARE(add(random.make<NoiseKey>()).error().code, ErrorCode::Full);
        QVERIFY(add(first));
        QCOMPARE(ada.accounts->add(QStringLiteral("landline://nonsense")).error().code, ErrorCode::Malformed);
    }
};

}  // namespace landline::app

QTEST_GUILESS_MAIN(landline::app::RelayAccountsTest)
#include "relay_accounts_test.moc"
