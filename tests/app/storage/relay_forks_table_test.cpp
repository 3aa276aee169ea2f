// Which claims of others hold back what is left at relays, and the evidence of forks that is owed.
#include "tests/app/storage/relay_fixture.h"

#include <QTest>

namespace landline::app::test {

class RelayForksTableTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aClaimThatOwnEntriesDoNotConfirmHoldsNothingBack() {
        RelayFixture f;
        for (int i = 0; i < 3; ++i) f.write("text");
        Author laptop(f.myPerson, f.random);
        f.store->putCertificate(laptop.certificate());
        const auto claims = [&f](const DeviceId& author, EntryNumber number) {
            wire::AuthorHead head;
            head.author = author;
            head.number = number;
            head.hash = f.random.make<Hash128>();
            f.store->putPeerHeads(f.direct, f.other.id(), std::span(&head, 1));
            return f.store->deposits().settle(f.other.id(), f.direct, f.me.id());
        };
        const DepositCounter deposit = f.deposit(1, 2);
        f.hold(deposit);
        for (const EntryNumber claimed : {EntryNumber(2), EntryNumber(9)}) {
            QVERIFY(claims(f.me.id(), claimed).empty());
            QVERIFY(f.undelivered() == std::vector{f.range(3, 3)});
        }
        QCOMPARE(f.heads(2).size(), std::size_t(1));
        // Of another device of one's own it may well hold more than this store.
        f.say(laptop, 1700000000002, "from the laptop");
        QCOMPARE(f.undelivered().size(), std::size_t(2));
        (void)claims(laptop.id(), 5);
        QVERIFY(f.undelivered() == std::vector{f.range(3, 3)});
    }

    void evidenceIsOwedUntilADepositOfItIsHeldAndNotAgainForAnHour() {
        RelayFixture f;
        RelayHeadsTable& heads = f.store->relayHeads();
        const OwedEvidence owed{f.other.id(), f.direct, f.other.id(), 4};
        heads.oweEvidence(owed, f.kNow);
        QVERIFY(heads.owedEvidence() == std::vector{owed});
        const DepositCounter counter = f.store->deposits().nextCounter(f.kNow);
        f.store->deposits().put({f.relay.key, counter, f.messageFor({f.other.id()}), {}});
        heads.evidencePaid(owed, counter, f.kNow);
        QVERIFY(heads.owedEvidence().empty());
        (void)f.failed(counter);
        QVERIFY(heads.owedEvidence() == std::vector{owed});
        const DepositCounter again = f.store->deposits().nextCounter(f.kNow);
        f.store->deposits().put({f.relay.key, again, f.messageFor({f.other.id()}), {}});
        heads.evidencePaid(owed, again, f.kNow);
        QCOMPARE(f.hold(again).size(), std::size_t(1));
        QVERIFY(!f.store->deposits().find(again));
        // The same, an hour later, and with a clock that was put back; anything else at once.
        heads.oweEvidence(owed, f.kNow + std::chrono::minutes(59));
        QVERIFY(heads.owedEvidence().empty());
        heads.oweEvidence(owed, f.kNow + std::chrono::minutes(61));
        QCOMPARE(heads.owedEvidence().size(), std::size_t(1));
        heads.evidencePaid(owed, 0, f.kNow);
        heads.oweEvidence(owed, f.kNow - std::chrono::minutes(1));
        QCOMPARE(heads.owedEvidence().size(), std::size_t(1));
        heads.evidencePaid(owed, 0, f.kNow);
        heads.oweEvidence({f.other.id(), f.direct, f.other.id(), 3}, f.kNow);
        QCOMPARE(heads.owedEvidence().size(), std::size_t(1));
        QCOMPARE(heads.owedEvidence()[0].first, EntryNumber(3));
    }
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::RelayForksTableTest)
#include "relay_forks_table_test.moc"
