#include "app/messenger/relay_prekeys.h"

#include "app/storage/prekey_table.h"
#include "p2p/base/limits.h"
#include "tests/app/storage/relay_fixture.h"

#include <QTest>

namespace landline::app {

using namespace std::chrono_literals;

/// The life of a device's prekeys at one relay, on a clock of the test's.
class RelayPrekeysTest final : public QObject {
    Q_OBJECT

private:
    struct Fixture : test::RelayFixture {
        identity::DeviceKeys keys = identity::DeviceKeys::generate(random);
        WallTime now = kNow;

        RelayPrekeys load() { return RelayPrekeys(*store, relay.key, keys.id()); }
        [[nodiscard]] mailbox::PrekeyConfirmed stored(RelayPrekeys& prekeys,
                                                      RelayEpoch epoch = kEpoch) const {
            return {prekeys.newest().value().id, epoch, 7, 3, 14 * 24h};
        }
        /// The first one, superseded by a second: the relay has confirmed both.
        PrekeyId supersede(RelayPrekeys& prekeys) {
            bool isSound = prekeys.rotate(keys, random, now);
            const PrekeyId first = prekeys.newest().value().id;
            isSound = prekeys.confirmed(stored(prekeys), now) && isSound;
            now += limits::kPrekeyRotation;
            isSound = prekeys.rotate(keys, random, now) && isSound;
            isSound = prekeys.confirmed(stored(prekeys), now) && isSound;
            if (!isSound || !store->commit()) qFatal("the prekeys were not rotated");
            return first;
        }
    };

private Q_SLOTS:
    void initTestCase() { initCrypto(); }

    void makesOneAtOnceAndTheNextAfterAWeek() {
        Fixture f;
        RelayPrekeys prekeys = f.load();
        QVERIFY(!prekeys.newest());
        QVERIFY(prekeys.rotate(f.keys, f.random, f.now));
        const PrekeyId first = prekeys.newest()->id;
        QVERIFY(!prekeys.rotate(f.keys, f.random, f.now + 1h));
        // Nobody can have sealed to one that the relay never stored: it stays until it was.
        QVERIFY(!prekeys.rotate(f.keys, f.random, f.now + limits::kPrekeyRotation));
        QVERIFY(prekeys.confirmed(f.stored(prekeys), f.now));
        QVERIFY(!prekeys.rotate(f.keys, f.random, f.now + limits::kPrekeyRotation - 1s));
        QVERIFY(prekeys.rotate(f.keys, f.random, f.now + limits::kPrekeyRotation));
        QVERIFY(prekeys.newest()->id != first);
        QCOMPARE(prekeys.newest()->confirmedIn, RelayEpoch(0));
    }

    void isThereAgainAfterARestart() {
        Fixture f;
        RelayPrekeys before = f.load();
        const PrekeyId first = f.supersede(before);
        RelayPrekeys after = f.load();
        QCOMPARE(after.newest()->id, before.newest()->id);
        QCOMPARE(after.newest()->confirmedIn, Fixture::kEpoch);
        QVERIFY(after.ring().find(first));
        QVERIFY(!after.rotate(f.keys, f.random, f.now + 1h));
    }

    void whatWasNotCommittedIsNotThere() {
        Fixture f;
        {
            RelayPrekeys lost = f.load();
            QVERIFY(lost.rotate(f.keys, f.random, f.now));
        }
        QVERIFY(f.open());
        QVERIFY(!f.load().newest());
    }

    void thePrivateHalfGoesOnceItHasNothingMoreToOpen() {
        Fixture f;
        RelayPrekeys prekeys = f.load();
        const PrekeyId first = f.supersede(prekeys);
        const PrekeyId second = prekeys.newest()->id;
        // Emptied past the confirmation, but a restored relay may still bring what was sealed to it.
        QVERIFY(!prekeys.drained({Fixture::kEpoch, 7, 3}, f.now + 14 * 24h - 1s));
        // Old enough, but not emptied, or in another epoch.
        QVERIFY(!prekeys.drained({Fixture::kEpoch, 6, 3}, f.now + 15 * 24h));
        QVERIFY(!prekeys.drained({Fixture::kEpoch, 7, 2}, f.now + 15 * 24h));
        QVERIFY(!prekeys.drained({Fixture::kEpoch + 1, 7, 3}, f.now + 15 * 24h));
        QVERIFY(prekeys.ring().find(first));
        QVERIFY(prekeys.drained({Fixture::kEpoch, 7, 3}, f.now + 14 * 24h));
        QVERIFY(!prekeys.ring().find(first));
        QVERIFY(f.store->commit());
        RelayPrekeys after = f.load();
        QVERIFY(!after.ring().find(first));
        QVERIFY(after.ring().find(second));
    }

    void waitingForItsTimeAloneItGoesInTheSameSession() {
        Fixture f;
        RelayPrekeys prekeys = f.load();
        const PrekeyId first = f.supersede(prekeys);
        QVERIFY(!prekeys.erase(f.now + 20 * 24h));
        QVERIFY(!prekeys.drained({Fixture::kEpoch, 9, 9}, f.now));
        QVERIFY(!prekeys.erase(f.now + 13 * 24h));
        QVERIFY(prekeys.erase(f.now + 14 * 24h));
        QVERIFY(!prekeys.ring().find(first));
    }

    void whatWasDrainedInAnEarlierSessionDoesNotCount() {
        Fixture f;
        RelayPrekeys prekeys = f.load();
        const PrekeyId first = f.supersede(prekeys);
        QVERIFY(!prekeys.drained({Fixture::kEpoch, 9, 9}, f.now));
        prekeys.closed();
        QVERIFY(!prekeys.erase(f.now + 20 * 24h));
        QVERIFY(prekeys.ring().find(first));
    }

    void aRestoredRelayIsToldItsPrekeyAgain() {
        Fixture f;
        RelayPrekeys prekeys = f.load();
        QVERIFY(prekeys.rotate(f.keys, f.random, f.now));
        QVERIFY(prekeys.confirmed(f.stored(prekeys), f.now));
        QVERIFY(!prekeys.confirmed(f.stored(prekeys), f.now));
        QVERIFY(prekeys.confirmed(f.stored(prekeys, 5), f.now));
        QCOMPARE(prekeys.newest()->confirmedIn, RelayEpoch(5));
        QVERIFY(f.store->commit());
        QCOMPARE(f.load().newest()->confirmedIn, RelayEpoch(5));
    }
};

}  // namespace landline::app

QTEST_GUILESS_MAIN(landline::app::RelayPrekeysTest)
#include "relay_prekeys_test.moc"
