// Relays of the profile, tokens, grants, prekeys, positions, and what a new device leaves behind of them.
#include "app/storage/profile.h"
#include "p2p/base/limits.h"
#include "tests/app/storage/relay_fixture.h"

#include <QFile>
#include <QTest>

namespace landline::app::test {

using envelope::HeldPrekey;
using envelope::PrekeyRing;
using wire::relay::Box;
using wire::relay::Reason;

namespace {

identity::DeviceKeys deviceKeys(Random& random) {
    return identity::DeviceKeys::generate(random);
}

PrekeyRing ringOf(OwnPrekeys stored, const DeviceId& device) {
    PrekeyRing ring(device);
    for (HeldPrekey& held : stored.held) ring.restore(std::move(held));
    return ring;
}

}  // namespace

class RelayTableTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void relaysKeepTheirOrderAndTheInviteUntilTheyLetUsIn() {
        RelayFixture f;
        f.store->relays().put(f.relay, f.kNow);
        f.store->relays().put(f.second, f.kNow);
        QVERIFY(f.store->commit());
        QVERIFY(f.open());
        RelayTable* relays = &f.store->relays();
        QCOMPARE(relays->all().size(), std::size_t(2));
        QVERIFY(relays->all()[0].url == f.relay);
        QCOMPARE(relays->all()[0].added, qint64(1700000000000));

        QVERIFY(relays->all()[1].url == f.second);
        relays->setShutOut(f.relay.key, Reason::InviteUsed);
        QVERIFY(relays->find(f.relay.key)->reason == Reason::InviteUsed);
        QVERIFY(relays->find(f.relay.key)->standing == RelayStanding::ShutOut);
        relays->put(f.relay, f.kNow);
        QVERIFY(relays->find(f.relay.key)->standing == RelayStanding::New);
        QVERIFY(!relays->find(f.relay.key)->reason);
        relays->setEntered(f.relay.key);
        QVERIFY(relays->find(f.relay.key)->standing == RelayStanding::Entered);
        QVERIFY(!relays->find(f.relay.key)->url.invite);

        // A relay that moved.
        identity::RelayUrl moved = f.relay;
        moved.host = "elsewhere.example";
        moved.invite.reset();
        relays->put(moved, f.kNow);
        QVERIFY(relays->find(f.relay.key)->url == moved);
        QVERIFY(relays->find(f.relay.key)->standing == RelayStanding::Entered);
        QCOMPARE(relays->all().size(), std::size_t(2));
    }

    /// A service may bring its invite at each start.
    void aRelayThatLetUsInStaysInUseWhereItIsAddedAgainWithAnInvite() {
        RelayFixture f;
        RelayTable& relays = f.store->relays();
        QVERIFY(f.relay.invite);
        relays.put(f.relay, f.kNow);
        relays.setEntered(f.relay.key);
        relays.put(f.relay, f.kNow);
        QVERIFY(relays.find(f.relay.key)->standing == RelayStanding::Entered);
        QVERIFY(relays.find(f.relay.key)->url == f.relay);
        relays.setEntered(f.relay.key);
        QVERIFY(!relays.find(f.relay.key)->url.invite);
        // Where it did not, that is a new attempt.
        relays.setShutOut(f.relay.key, Reason::Revoked);
        relays.put(f.relay, f.kNow);
        QVERIFY(relays.find(f.relay.key)->standing == RelayStanding::New);
    }

    void anInviteIsOnTheDiskNoLongerThanItIsOfUse() {
        RelayFixture f;
        const QByteArray invite =
            QByteArray::fromStdString(identity::formatRelayUrl(f.relay)).split('=').last();
        f.store->relays().put(f.relay, f.kNow);
        QVERIFY(f.store->commit());
        f.store->relays().setEntered(f.relay.key);
        QVERIFY(f.store->commit());
        while (f.store->tidy()) {
        }
        f.store.reset();
        QFile file(f.path());
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY(!file.readAll().contains(invite));
    }

    void eachContactHasATokenOfItsOwnUntilItIsRevoked() {
        RelayFixture f;
        RelayTable& relays = f.store->relays();
        QVERIFY(!relays.tokenFor(f.relay.key, f.otherId, f.random));  // no such relay
        relays.put(f.relay, f.kNow);
        const auto token = relays.tokenFor(f.relay.key, f.otherId, f.random);
        const auto link = relays.tokenFor(f.relay.key, {}, f.random);
        QVERIFY(token && link && token != link);
        QVERIFY(relays.tokenFor(f.relay.key, f.otherId, f.random) == token);
        QVERIFY(f.store->commit());
        QVERIFY(f.open());
        RelayTable& again = f.store->relays();
        QVERIFY(again.tokenFor(f.relay.key, {}, f.random) == link);
        QCOMPARE(again.tokens(f.relay.key).size(), std::size_t(2));
        QVERIFY(again.revoke(f.otherId));
        QVERIFY(!again.revoke(f.otherId));
        QCOMPARE(again.tokens(f.relay.key).size(), std::size_t(1));
        QVERIFY(again.tokens(f.relay.key).front().token == *link);
        const auto next = again.tokenFor(f.relay.key, f.otherId, f.random);
        QVERIFY(next && next != token);
    }

    void aRelayTakesSoManyTokensOnly() {
        RelayFixture f;
        RelayTable& relays = f.store->relays();
        relays.put(f.relay, f.kNow);
        for (std::size_t i = 0; i < limits::kTokensPerDevice; ++i)
            QVERIFY(relays.tokenFor(f.relay.key, f.random.make<PersonId>(), f.random));
        QVERIFY(!relays.tokenFor(f.relay.key, f.otherId, f.random));
        relays.put(f.second, f.kNow);
        QVERIFY(relays.tokenFor(f.second.key, f.otherId, f.random));
    }

    void aRelayThatIsLeftIsInUseNoMoreUntilItIsAddedAgain() {
        RelayFixture f;
        RelayTable& relays = f.store->relays();
        for (const auto& url : {f.relay, f.second}) {
            relays.put(url, f.kNow);
            relays.setEntered(url.key);
        }
        const auto token = relays.tokenFor(f.relay.key, f.otherId, f.random);
        QCOMPARE(relays.confirm(f.relay.key, relays.tokens(f.relay.key)).size(), std::size_t(1));
        relays.setPosition(f.relay.key, Box::Heads, {f.kEpoch, 5});
        relays.leave(f.relay.key, f.kNow);
        QVERIFY(f.store->commit());
        QVERIFY(f.open());
        RelayTable& again = f.store->relays();
        QCOMPARE(again.all().size(), std::size_t(1));
        QCOMPARE(again.leaving().size(), std::size_t(1));
        QVERIFY(again.leaving().front().leavingSince == f.kNow);
        QVERIFY(again.find(f.relay.key)->standing == RelayStanding::Entered);
        QVERIFY(again.position(f.relay.key, Box::Heads).through == 5);
        QVERIFY2(!again.confirmedTokenOf(f.relay.key, f.otherId), "the relay is to take it back");
        identity::RelayUrl url = f.relay;
        url.invite.reset();
        again.put(url, f.kNow);
        QVERIFY(again.leaving().empty());
        QVERIFY(again.all().back().url.key == f.relay.key);
        QVERIFY(again.all().back().standing == RelayStanding::Entered);
        QVERIFY(again.tokenFor(f.relay.key, f.otherId, f.random) == token);
    }

    void aTokenIsConfirmedOnlyIfTheRelayHasIt() {
        RelayFixture f;
        RelayTable& relays = f.store->relays();
        relays.put(f.relay, f.kNow);
        const auto link = relays.tokenFor(f.relay.key, {}, f.random);
        const auto there = relays.tokens(f.relay.key);
        const auto late = relays.tokenFor(f.relay.key, f.otherId, f.random);
        QVERIFY(late && !relays.confirmedTokenOf(f.relay.key, {}));
        QVERIFY(relays.confirm(f.relay.key, there) == std::vector<std::optional<PersonId>>{std::nullopt});
        QVERIFY(relays.confirmedTokenOf(f.relay.key, {}) == link);
        QVERIFY(!relays.confirmedTokenOf(f.relay.key, f.otherId));
        QVERIFY(relays.confirm(f.relay.key, there).empty());
        QVERIFY(relays.confirm(f.relay.key, relays.tokens(f.relay.key)) ==
                std::vector<std::optional<PersonId>>{f.otherId});
        QVERIFY(relays.confirmedTokenOf(f.relay.key, f.otherId) == late);
    }

    void whatALinkSaysIsKeptBesideWhatTheDeviceSaid() {
        RelayFixture f;
        PrekeyTable& prekeys = f.store->prekeys();
        const DeviceId device = f.other.id();
        const auto grant = [&f](const identity::RelayUrl& relay) {
            return identity::RelayGrant{{relay.host, relay.port, relay.key, {}}, f.random.make<RelayToken>()};
        };
        const identity::RelayGrant told = grant(f.relay);
        const identity::RelayGrant linked = grant(f.relay);
        QVERIFY(prekeys.putGrants(device, {told}));
        QVERIFY(prekeys.putLinked(device, {linked, told}));
        QVERIFY(!prekeys.putLinked(device, {linked, told}));
        QVERIFY(prekeys.grants(device) == (std::vector{told, linked}));
        QVERIFY(!prekeys.refused(device, f.second.key, told.token));
        QVERIFY(prekeys.refused(device, f.relay.key, told.token));
        QVERIFY(prekeys.grants(device) == (std::vector{linked, told}));
        // Said again by the device; another refusal of the same token.
        QVERIFY(!prekeys.putGrants(device, {told}));
        QVERIFY(prekeys.refused(device, f.relay.key, told.token));
        QVERIFY(prekeys.grants(device) == (std::vector{linked, told}));
        // However many links there are, the one in use stays and those of the last are there.
        std::vector<identity::RelayGrant> last;
        for (std::size_t i = 0; i < 2 * limits::kRelaysPerContact; ++i) last.push_back(grant(f.second));
        for (const identity::RelayGrant& one : last) QVERIFY(prekeys.putLinked(device, {one}));
        const auto kept = prekeys.grants(device);
        QCOMPARE(kept.size(), limits::kRelaysPerContact + 1);
        QVERIFY(kept.front() == linked);
        QVERIFY(kept.back() == last.back());
        // What the device says newly is all there is.
        const identity::RelayGrant moved = grant(f.second);
        QVERIFY(prekeys.putGrants(device, {moved}));
        QVERIFY(prekeys.grants(device) == std::vector{moved});
        QVERIFY(!prekeys.refused(device, f.second.key, moved.token));
        QVERIFY(prekeys.putGrants(device, {}));
        QVERIFY(prekeys.putLinked(device, {linked}));
        QVERIFY(prekeys.putGrants(device, {}));
        QVERIFY(prekeys.grants(device).empty());
        QVERIFY(!prekeys.putGrants(device, {}));
    }

    void aPrekeyThatIsOlderThanTheLastIsNotTaken() {
        RelayFixture f;
        PrekeyTable& prekeys = f.store->prekeys();
        const auto keys = deviceKeys(f.random);
        const auto madeAt = [&](WallTime when) {
            return envelope::Prekey::issue(keys, f.random.make<NoiseKey>(), when);
        };
        using std::chrono::hours;
        const auto newest = madeAt(f.kNow);
        const auto older = madeAt(f.kNow - hours(1));
        QVERIFY(prekeys.put(f.relay.key, newest, f.kNow));
        QVERIFY(!prekeys.put(f.relay.key, older, f.kNow));
        QVERIFY(prekeys.find(keys.id(), f.relay.key, f.kNow) == newest);
        QVERIFY2(prekeys.put(f.second.key, older, f.kNow), "each relay has its own");
        prekeys.forget(keys.id());
        QVERIFY(!prekeys.find(keys.id(), f.relay.key, f.kNow));
        QVERIFY(f.store->commit());
        QVERIFY(f.open());
        PrekeyTable& again = f.store->prekeys();
        QVERIFY(!again.put(f.relay.key, older, f.kNow));
        QVERIFY(again.put(f.relay.key, newest, f.kNow));
        QVERIFY(again.put(f.relay.key, madeAt(f.kNow + hours(1)), f.kNow));
        // That one was made under a wrong clock, which is right by now.
        const auto right = madeAt(f.kNow + std::chrono::minutes(1));
        QVERIFY(again.put(f.relay.key, right, f.kNow));
        QVERIFY(again.find(keys.id(), f.relay.key, f.kNow) == right);
    }

    void newerGrantsTakeThePlaceOfOlderOnes() {
        RelayFixture f;
        PrekeyTable& prekeys = f.store->prekeys();
        identity::RelayUrl there = f.relay;
        there.invite.reset();
        const std::vector<identity::RelayGrant> first = {{f.second, f.random.make<RelayToken>()},
                                                         {there, f.random.make<RelayToken>()}};
        QVERIFY(!prekeys.putGrants(f.random.make<DeviceId>(), first));
        QVERIFY(prekeys.putGrants(f.other.id(), first));
        QVERIFY(!prekeys.putGrants(f.other.id(), first));
        QVERIFY(f.store->commit());
        QVERIFY(f.open());
        PrekeyTable& again = f.store->prekeys();
        QVERIFY(again.grants(f.other.id()) == first);

        const auto keys = deviceKeys(f.random);
        const auto prekey = envelope::Prekey::issue(keys, f.random.make<NoiseKey>(), f.kNow);
        (void)again.put(f.second.key, prekey, f.kNow);
        QVERIFY(again.find(keys.id(), f.second.key, f.kNow) == prekey);
        QVERIFY(!again.find(keys.id(), f.relay.key, f.kNow));
        QVERIFY(!again.find(keys.id(), f.second.key, f.kNow + limits::kPrekeyLife));
        again.forget(keys.id(), f.second.key);
        QVERIFY(!again.find(keys.id(), f.second.key, f.kNow));

        const std::vector<identity::RelayGrant> second = {{there, f.random.make<RelayToken>()}};
        QVERIFY(again.putGrants(f.other.id(), second));
        QVERIFY(again.allGrants() == (std::vector{DeviceGrant{f.other.id(), second.front()}}));
    }

    void ownPrekeysComeBackAsTheyWereUntilTheRingLetsThemGo() {
        RelayFixture f;
        const auto keys = deviceKeys(f.random);
        PrekeyRing ring(keys.id());
        QVERIFY(ring.rotate(keys, f.random, f.kNow));
        f.store->prekeys().putOwn(f.relay.key, ring.all(), 0);
        QVERIFY(f.store->commit());
        QCOMPARE(f.store->prekeys().own(f.relay.key).confirmedIn, RelayEpoch{0});
        const PrekeyId oldest = ring.newest()->prekey.id();
        const Bytes secret = toBytes(ring.newest()->secret.view());
        (void)ring.confirmed(oldest, f.kEpoch, 0, 0, limits::kDepositLife, f.kNow);
        const WallTime later = f.kNow + limits::kPrekeyRotation;
        QVERIFY(ring.rotate(keys, f.random, later));
        f.store->prekeys().putOwn(f.relay.key, ring.all(), 0);
        const PrekeyId newest = ring.newest()->prekey.id();
        QVERIFY(ring.confirmed(newest, f.kEpoch, 70, 30, limits::kDepositLife, later));
        f.store->prekeys().putOwn(f.relay.key, ring.all(), f.kEpoch);
        QVERIFY(f.store->commit());
        QVERIFY(f.open());

        OwnPrekeys stored = f.store->prekeys().own(f.relay.key);
        QCOMPARE(stored.held.size(), std::size_t(2));
        QCOMPARE(stored.confirmedIn, RelayFixture::kEpoch);
        PrekeyRing again = ringOf(std::move(stored), keys.id());
        QVERIFY(again.newest()->prekey.id() == newest);
        QVERIFY(again.newest()->isConfirmed && !again.newest()->superseded);
        QVERIFY(again.all().front().superseded == ring.all().front().superseded);
        QVERIFY(again.find(oldest)->secret.equals(secret));
        QVERIFY(f.store->prekeys().own(f.second.key).held.empty());

        const auto due = again.takeDue(f.kEpoch, 70, 30, later + limits::kDepositLife);
        QVERIFY(due == std::vector{oldest});
        f.store->prekeys().eraseOwn(f.relay.key, due);
        QVERIFY(f.store->commit());
        QCOMPARE(f.store->prekeys().own(f.relay.key).held.size(), std::size_t(1));
        while (f.store->tidy()) {
        }
        f.store.reset();
        QFile file(f.path());
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray gone(reinterpret_cast<const char*>(secret.data()), 32);
        QVERIFY(!file.readAll().contains(gone));
    }

    void aPrekeyThatTheDiskChangedIsDamage() {
        RelayFixture f;
        const auto keys = deviceKeys(f.random);
        PrekeyRing ring(keys.id());
        QVERIFY(ring.rotate(keys, f.random, f.kNow));
        f.store->prekeys().putOwn(f.relay.key, ring.all(), 0);
        QVERIFY(f.store->commit());
        QCOMPARE(f.onFile({QStringLiteral("UPDATE own_prekey SET secret = randomblob(32)")}), QStringList());
        QVERIFY(f.open());
        QVERIFY(f.store->prekeys().own(f.relay.key).held.empty());
        QVERIFY(f.store->isDamaged());
    }

    void aPositionIsCommittedWithWhatCameOrNotAtAll() {
        RelayFixture f;
        QVERIFY(f.store->relays().position(f.relay.key, Box::Messages) == mailbox::Position{});
        f.write("first");
        f.store->relays().setPosition(f.relay.key, Box::Messages, {f.kEpoch, 5});
        f.store->relayHeads().addLost(2);
        QVERIFY(f.store->commit());
        f.write("second");
        f.store->relays().setPosition(f.relay.key, Box::Messages, {f.kEpoch, 9});
        f.store->relayHeads().addLost(7);
        f.store.reset();  // without a commit
        QVERIFY(f.open());
        QCOMPARE(f.texts().size(), qsizetype(1));
        QVERIFY(f.store->relays().position(f.relay.key, Box::Messages) == (mailbox::Position{f.kEpoch, 5}));
        QVERIFY(f.store->relays().position(f.relay.key, Box::Heads) == mailbox::Position{});
        QCOMPARE(f.store->relayHeads().lost(), std::uint64_t(2));
    }

    void aRemovedRelayTakesItsMailboxAlong() {
        RelayFixture f;
        const auto keys = deviceKeys(f.random);
        PrekeyRing ring(keys.id());
        QVERIFY(ring.rotate(keys, f.random, f.kNow));
        RelayTable& relays = f.store->relays();
        relays.put(f.relay, f.kNow);
        (void)relays.tokenFor(f.relay.key, f.otherId, f.random);
        relays.setPosition(f.relay.key, Box::Heads, {f.kEpoch, 5});
        f.store->prekeys().putOwn(f.relay.key, ring.all(), 0);
        relays.remove(f.relay.key);
        QVERIFY(f.store->commit());
        QVERIFY(relays.all().empty());
        QVERIFY(relays.tokens(f.relay.key).empty());
        QVERIFY(relays.position(f.relay.key, Box::Heads) == mailbox::Position{});
        QVERIFY(f.store->prekeys().own(f.relay.key).held.empty());
    }

    void aNewDeviceKeepsTheRelaysAndNothingThatWasTheOldOnes() {
        RelayFixture f;
        const auto keys = deviceKeys(f.random);
        PrekeyRing ring(keys.id());
        QVERIFY(ring.rotate(keys, f.random, f.kNow));
        f.store->bindTo(QStringLiteral("the old device"));
        f.store->relays().put(f.second, f.kNow);
        f.store->relays().setEntered(f.second.key);
        (void)f.store->relays().tokenFor(f.second.key, f.otherId, f.random);
        f.store->relays().setPosition(f.second.key, Box::Messages, {f.kEpoch, 5});
        f.store->prekeys().putOwn(f.second.key, ring.all(), 0);
        const std::vector<identity::RelayGrant> grants = {{f.second, f.random.make<RelayToken>()}};
        QVERIFY(f.store->prekeys().putGrants(f.other.id(), grants));
        f.store->relayHeads().addLost(3);
        f.store->relayHeads().owe(f.other.id());
        f.write("on its way");
        const DepositCounter last = f.deposit(1, 1);
        QVERIFY(f.store->commit());

        f.store->bindTo(QStringLiteral("the old device"));
        QVERIFY(f.store->deposits().find(last));
        f.store->bindTo(QStringLiteral("the new device"));
        QVERIFY(f.store->commit());
        QVERIFY(f.open());
        QCOMPARE(f.store->setting(kStoreSetting), QStringLiteral("the new device"));
        QVERIFY(f.store->relays().find(f.second.key)->standing == RelayStanding::New);
        QVERIFY(f.store->relays().tokens(f.second.key).empty());
        QVERIFY(f.store->relays().position(f.second.key, Box::Messages) == mailbox::Position{});
        QVERIFY(f.store->prekeys().own(f.second.key).held.empty());
        QVERIFY(f.store->prekeys().grants(f.other.id()) == grants);
        QCOMPARE(f.store->relayHeads().lost(), std::uint64_t(0));
        QVERIFY(f.store->relayHeads().owed().empty());
        QVERIFY(f.store->deposits().relays().empty());
        QCOMPARE(f.undelivered().size(), std::size_t(1));
        QVERIFY(f.store->deposits().nextCounter(f.kNow) > last);
    }

    void aDamagedDatabaseLeavesItsRelaysToTheNext() {
        RelayFixture f;
        f.store->setStanding(f.otherId, timeline::Standing::Accepted);
        f.store->relays().put(f.second, f.kNow);
        f.store->relays().setEntered(f.second.key);
        f.store->relays().setPosition(f.second.key, Box::Messages, {f.kEpoch, 5});
        const std::vector<identity::RelayGrant> grants = {{f.second, f.random.make<RelayToken>()}};
        QVERIFY(f.store->prekeys().putGrants(f.other.id(), grants));
        QVERIFY(f.store->commit());
        f.store->reportDamage();
        QVERIFY(!f.store->commit());
        QVERIFY(f.open());
        QVERIFY(!f.damagedCopy.isEmpty());
        QCOMPARE(f.store->relays().all().size(), std::size_t(1));
        QVERIFY(f.store->relays().all().front() ==
                (RelayRecord{f.second, 1700000000000, RelayStanding::New, {}}));
        QVERIFY(f.store->prekeys().grants(f.other.id()) == grants);
        QVERIFY(f.store->relays().position(f.second.key, Box::Messages) == mailbox::Position{});
    }

    void onlyTheHighestEditionOfADeviceCounts() {
        RelayFixture f;
        PrekeyTable& prekeys = f.store->prekeys();
        QVERIFY(prekeys.takeEdition(f.other.id(), 5));
        QVERIFY(f.store->commit());
        QVERIFY(f.open());
        PrekeyTable& again = f.store->prekeys();
        QVERIFY(!again.takeEdition(f.other.id(), 4));
        QVERIFY(!again.takeEdition(f.other.id(), 0));
        QVERIFY(again.takeEdition(f.other.id(), 5));
        QVERIFY(again.takeEdition(f.other.id(), ~std::uint64_t{0}));
        QVERIFY(!again.takeEdition(f.other.id(), 6));
        // Of another device, and of one that is not known and of which nothing is kept.
        QVERIFY(again.takeEdition(f.me.id(), 1));
        const auto nobody = f.random.make<DeviceId>();
        QVERIFY(again.takeEdition(nobody, 2));
        QVERIFY(again.takeEdition(nobody, 1));
    }

    void editionsCountUpWhateverTheClockSays() {
        RelayFixture f;
        RelayHeadsTable& heads = f.store->relayHeads();
        const std::uint64_t first = heads.nextEdition(f.kNow);
        QCOMPARE(first, static_cast<std::uint64_t>(toUnixMillis(f.kNow)));
        QVERIFY(heads.nextEdition(f.kNow - std::chrono::hours(1)) > first);
        QVERIFY(f.store->commit());
        QVERIFY(f.open());
        QVERIFY(f.store->relayHeads().nextEdition(f.kNow) > first + 1);
    }
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::RelayTableTest)
#include "relay_table_test.moc"
