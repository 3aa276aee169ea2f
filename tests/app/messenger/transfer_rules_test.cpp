// How many files are fetched at once and in which order, and those that are taken unasked.

#include "tests/app/messenger/transfers_fixture.h"

#include <QDate>
#include <QTest>

namespace landline::app::test {

using timeline::Standing;
using States = std::vector<TransferState>;
using Ids = std::vector<wire::TransferId>;

namespace {

constexpr auto kRuns = TransferState::Running;
constexpr auto kWaits = TransferState::Queued;

struct Fixture : TransfersFixture {
    /// Accepted, one after the other.
    Ids accepted(int count) {
        Ids ids;
        for (int i = 0; i < count; ++i) {
            ids.push_back(offered(std::to_string(i) + ".bin"));
            if (!transfers.accept(ids.back(), in)) qFatal("not accepted");
        }
        return ids;
    }
    States states(const Ids& ids) {
        States all;
        for (const wire::TransferId& id : ids) all.push_back(state(id));
        return all;
    }
    Ids order() {
        Ids ids;
        for (const TransferRecord& one : db().transfersToFetch()) ids.push_back(one.id);
        return ids;
    }
    void done(const wire::TransferId& id, quint64 came = 1000) {
        transfers.fetched(id, {false, {in.toStdString() + "/x", 0}, {}, came});
    }
    void always(quint64 quota, const QString& into) {
        db().putAlwaysAccept({otherId, into, quota, 0, 0});
        if (!db().commit()) qFatal("the rule is not kept");
    }
    void always(quint64 quota) {
        QDir().mkpath(in);
        always(quota, in);
    }
    /// An offer that is taken, or not, as the rules say.
    wire::TransferId comes(std::uint64_t size) {
        const auto id = offered("unasked.bin", random.make<wire::TransferId>(), size);
        transfers.takeUnasked({id}, {});
        return id;
    }
    quint64 used() { return transfers.unasked().rule(otherId).value().used; }

    QString in = folder.filePath(QStringLiteral("in"));
};

}  // namespace

class TransferRulesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { initCrypto(); }

    void asManyAsAllowedRunAndTheNextFollows() {
        Fixture f;
        f.otherIsHere();
        f.transfers.setAtOnce(2);
        const Ids ids = f.accepted(4);
        QCOMPARE(f.states(ids), (States{kRuns, kRuns, kWaits, kWaits}));
        f.done(ids[1]);
        QCOMPARE(f.states(ids), (States{kRuns, TransferState::Done, kRuns, kWaits}));
        f.transfers.fetched(ids[0], {false, {}, Error{ErrorCode::NotFound, "gone"}, 0});
        QCOMPARE(f.states(ids), (States{TransferState::Failed, TransferState::Done, kRuns, kRuns}));
        QVERIFY(f.transfers.pause(ids[2]));
        QVERIFY(f.transfers.cancel(ids[3]));
        QVERIFY(f.transfers.resume(ids[2]));
        QCOMPARE(f.state(ids[2]), kRuns);
    }

    void anotherNumberHoldsAtOnce() {
        Fixture f;
        f.otherIsHere();
        const Ids ids = f.accepted(5);
        QCOMPARE(f.states(ids), (States{kRuns, kRuns, kRuns, kWaits, kWaits}));
        f.transfers.progressed(ids[2], 700, 700);
        f.transfers.setAtOnce(1);
        QCOMPARE(f.states(ids), (States{kRuns, kWaits, kWaits, kWaits, kWaits}));
        QCOMPARE(f.record(ids[2]).done, 700U);
        f.transfers.setAtOnce(5);
        QCOMPARE(f.states(ids), (States{kRuns, kRuns, kRuns, kRuns, kRuns}));
    }

    void whoseSenderIsAwayTakesNobodysPlace() {
        Fixture f;
        f.transfers.setAtOnce(1);
        const Ids ids = f.accepted(3);
        QCOMPARE(f.states(ids), (States{kRuns, kRuns, kRuns}));
        f.otherIsHere();
        QCOMPARE(f.states(ids), (States{kRuns, kWaits, kWaits}));
        f.otherLeaves();
        QCOMPARE(f.states(ids), (States{kRuns, kWaits, kWaits}));
        // What had been put back goes on after a start, too.
        f.transfers.resumeAll();
        f.otherIsHere();
        f.done(ids[0]);
        QCOMPARE(f.states(ids), (States{TransferState::Done, kRuns, kWaits}));
    }

    void theOrderIsTheUsersAndStays_data() {
        QTest::addColumn<int>("which");
        QTest::addColumn<int>("where");
        QTest::addColumn<std::vector<int>>("order");
        const auto row = [](const char* name, int which, TransferMove where, const std::vector<int>& order) {
            QTest::newRow(name) << which << int(where) << order;
        };
        row("first", 3, TransferMove::First, {3, 0, 1, 2});
        row("up", 2, TransferMove::Up, {0, 2, 1, 3});
        row("down", 0, TransferMove::Down, {1, 0, 2, 3});
        row("last", 1, TransferMove::Last, {0, 2, 3, 1});
        row("the first up", 0, TransferMove::Up, {0, 1, 2, 3});
        row("the last down", 3, TransferMove::Down, {0, 1, 2, 3});
    }
    void theOrderIsTheUsersAndStays() {
        QFETCH(const int, which);
        QFETCH(const int, where);
        QFETCH(const std::vector<int>, order);
        Fixture f;
        f.otherIsHere();
        f.transfers.setAtOnce(1);
        const Ids ids = f.accepted(4);
        f.told.clear();
        QVERIFY(f.transfers.move(ids[std::size_t(which)], static_cast<TransferMove>(where)));
        Ids expected;
        for (const int i : order) expected.push_back(ids[std::size_t(i)]);
        QCOMPARE(f.order(), expected);
        // Whose turn it has come to be is fetched now.
        for (const wire::TransferId& id : ids) QCOMPARE(f.state(id), id == expected.front() ? kRuns : kWaits);
        QCOMPARE(f.told.empty(), expected == ids);
        // As it is on the disk.
        f.context.db.reset();
        QVERIFY(f.open());
        f.context.db = std::move(f.store);
        QCOMPARE(f.order(), expected);
    }

    void onlyWhatIsToBeFetchedHasAPlace() {
        Fixture f;
        const auto offer = f.offered("a.bin");
        QCOMPARE(f.transfers.move(offer, TransferMove::First).error().code, ErrorCode::InvalidArgument);
        const auto own = f.offeredFromOutbox(QStringLiteral("a.txt"));
        QCOMPARE(f.transfers.move(own.id, TransferMove::First).error().code, ErrorCode::InvalidArgument);
    }

    void filesOfAcceptedPeopleOnlyAreTakenUnasked_data() {
        QTest::addColumn<int>("standing");
        QTest::addColumn<bool>("comes");
        QTest::newRow("stranger") << int(Standing::Stranger) << false;
        QTest::newRow("accepted") << int(Standing::Accepted) << true;
        QTest::newRow("ignored") << int(Standing::Ignored) << false;
        QTest::newRow("blocked") << int(Standing::Blocked) << false;
    }
    void filesOfAcceptedPeopleOnlyAreTakenUnasked() {
        QFETCH(const int, standing);
        QFETCH(const bool, comes);
        Fixture f;
        f.always(0);
        f.db().setStanding(f.otherId, static_cast<Standing>(standing));
        QVERIFY(f.db().commit());
        const auto id = f.comes(1000);
        QCOMPARE(f.state(id), comes ? kRuns : TransferState::Offered);
        if (comes) QCOMPARE(f.record(id).path, f.in);
        // Nor into the folder for everybody's files.
        const auto other = f.offered("b.bin");
        f.transfers.takeUnasked({other}, f.in);
        QCOMPARE(f.state(other), comes ? kRuns : TransferState::Offered);
    }

    void withoutARuleOffersWait() {
        Fixture f;
        const auto id = f.comes(1000);
        QCOMPARE(f.state(id), TransferState::Offered);
        QCOMPARE(f.record(id).error, QString());
    }

    void whatExceedsTheQuotaWaitsAndSaysWhy() {
        Fixture f;
        // Room for two, each of which counts for 4 KiB on the disk beside its content until it is there.
        f.always(2500 + 2 * 4096);
        const auto first = f.comes(1000);
        const auto second = f.comes(1000);
        // What is on its way counts already.
        const auto third = f.comes(1000);
        QCOMPARE(f.states({first, second, third}), (States{kRuns, kRuns, TransferState::Offered}));
        QVERIFY2(f.record(third).error.contains(QStringLiteral("unasked")),
                 qUtf8Printable(f.record(third).error));
        QCOMPARE(f.told.back().error, f.record(third).error);
        f.done(first);
        f.done(second);
        QCOMPARE(f.used(), 2000U);
        // It waits for consent, and does not come by itself later.
        f.transfers.takeUnasked({third}, f.in);
        QCOMPARE(f.state(third), TransferState::Offered);
        QVERIFY(f.transfers.accept(third, f.in));
        QCOMPARE(f.state(third), kRuns);
        f.done(third);
        QCOMPARE(f.used(), 2000U);
        const auto fourth = f.comes(500);
        QCOMPARE(f.state(fourth), kRuns);
    }

    void aNewDayHasAQuotaOfItsOwn() {
        Fixture f;
        f.always(1000);
        f.done(f.comes(1000));
        const auto today = f.comes(10);
        QCOMPARE(f.state(today), TransferState::Offered);
        AlwaysAccept rule = f.db().alwaysAccept(f.otherId).value();
        QCOMPARE(rule.day, QDate::currentDate().toJulianDay());
        QCOMPARE(rule.used, 1000U);
        rule.day -= 1;
        f.db().putAlwaysAccept(rule);
        QVERIFY(f.db().commit());
        QCOMPARE(f.used(), 0U);
        QCOMPARE(f.state(f.comes(1000)), kRuns);
    }

    void whatCameCountsAndNotWhatWasClaimed() {
        Fixture f;
        f.always(9000);
        const auto liar = f.comes(1000);
        const auto other = f.comes(1000);
        f.transfers.progressed(liar, 100, 4000);
        QCOMPARE(f.state(liar), kRuns);
        QCOMPARE(f.used(), 4000U);
        f.transfers.progressed(liar, 200, 9001);
        QCOMPARE(f.state(liar), TransferState::Paused);
        QVERIFY2(f.record(liar).error.contains(QStringLiteral("Resume")),
                 qUtf8Printable(f.record(liar).error));
        // Nothing more comes unasked today, whatever its size.
        QCOMPARE(f.state(f.comes(0)), TransferState::Offered);
        f.transfers.progressed(other, 1, 1);
        QCOMPARE(f.state(other), TransferState::Paused);
        // With consent it goes on.
        QVERIFY(f.transfers.resume(liar));
        f.transfers.progressed(liar, 300, 400);
        QCOMPARE(f.state(liar), kRuns);
        QCOMPARE(f.used(), 9002U);
    }

    void whatWaitsInTheOrderIsNotBegunBeyondTheQuota() {
        Fixture f;
        f.otherIsHere();
        f.transfers.setAtOnce(1);
        f.always(9000);
        const Ids ids{f.comes(1000), f.comes(1000)};
        QCOMPARE(f.states(ids), (States{kRuns, kWaits}));
        f.done(ids[0], 10000);
        QCOMPARE(f.states(ids), (States{TransferState::Done, TransferState::Paused}));
        QVERIFY(!f.record(ids[1]).error.isEmpty());
    }

    void whatThereIsNoPlaceForWaitsAndSaysWhy() {
        Fixture f;
        f.always(0);
        const auto huge = f.comes(std::uint64_t(1) << 60);
        QCOMPARE(f.state(huge), TransferState::Offered);
        QVERIFY2(f.record(huge).error.contains(QStringLiteral("free space")),
                 qUtf8Printable(f.record(huge).error));
        const QString gone = f.folder.filePath(QStringLiteral("an unplugged disk"));
        f.always(0, gone);
        const auto id = f.comes(10);
        QCOMPARE(f.state(id), TransferState::Offered);
        QVERIFY2(f.record(id).error.contains(gone), qUtf8Printable(f.record(id).error));
        QVERIFY(!QFile::exists(gone));
        f.always(0);
        f.transfers.takeUnasked({id}, {}, true);
        QCOMPARE(f.state(id), kRuns);
    }

    void aSpeedIsToldWhileItRuns() {
        Fixture f;
        const auto id = f.offered("a.bin");
        QVERIFY(f.transfers.accept(id, f.in));
        quint64 came = 0;
        const auto isTold = [&] {
            f.transfers.progressed(id, came, came);
            ++came;
            return f.told.back().speed > 0;
        };
        QTRY_VERIFY(isTold());
        QVERIFY(f.told.back().speed < 1000);
        QVERIFY(f.transfers.all().front().speed > 0);
        QVERIFY(f.transfers.pause(id));
        QCOMPARE(f.transfers.all().front().speed, 0U);
    }
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::TransferRulesTest)
#include "transfer_rules_test.moc"
