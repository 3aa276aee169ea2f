#include "app/models/transfer_text.h"
#include "app/models/bundle_text.h"

#include <QLocale>
#include <QTest>

#include <algorithm>

namespace landline::app {

namespace {

TransferRecord transfer(TransferState state, bool incoming = true) {
    TransferRecord record;
    record.name = QStringLiteral("plan.pdf");
    record.size = 40'000'000;
    record.done = 12'300'000;
    record.state = state;
    record.incoming = incoming;
    record.path = QStringLiteral("/data/ada/plan.pdf");
    return record;
}

QString lineOf(const TransferRecord& record, bool online = true) {
    return transferLine({record, QStringLiteral("Grace"), online});
}

}  // namespace

/// What is said about transfers, and what can be done with them.
class TransferTextTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale(QLocale::English)); }

    void progressTellsHowFarHowFastAndHowLong() {
        auto record = transfer(TransferState::Running);
        QCOMPARE(lineOf(record), QStringLiteral("12.3 MB of 40 MB"));
        record.speed = 4'100'000;
        QCOMPARE(lineOf(record), QStringLiteral("12.3 MB of 40 MB · 4.1 MB/s · 7 s left"));
        record.done = record.size + 5;
        QCOMPARE(lineOf(record), QStringLiteral("40 MB of 40 MB · 4.1 MB/s · 1 s left"));
    }

    void timeLeftIsRounded_data() {
        QTest::addColumn<qint64>("seconds");
        QTest::addColumn<QString>("text");
        QTest::newRow("nothing") << qint64(0) << QStringLiteral("1 s");
        QTest::newRow("seconds") << qint64(59) << QStringLiteral("59 s");
        QTest::newRow("a minute") << qint64(60) << QStringLiteral("1 min");
        QTest::newRow("minutes") << qint64(60 * 59 + 29) << QStringLiteral("59 min");
        QTest::newRow("nearly an hour") << qint64(60 * 59 + 31) << QStringLiteral("1 h 0 min");
        QTest::newRow("hours") << qint64(3900) << QStringLiteral("1 h 5 min");
        QTest::newRow("days") << qint64(200'000) << QStringLiteral("more than a day");
    }
    void timeLeftIsRounded() {
        QFETCH(qint64, seconds);
        QTEST(durationText(seconds), "text");
    }

    void whatDoesNotGoOnSaysWhatItWaitsFor() {
        auto record = transfer(TransferState::Running);
        record.speed = 9;
        record.stage = FetchStage::Waiting;
        QCOMPARE(transferLines({record, QStringLiteral("Grace"), false}).second,
                 QStringLiteral("Waiting for Grace to come online"));
        QCOMPARE(transferLines({record, QStringLiteral("Grace"), true}).second,
                 QStringLiteral("Connecting…"));
        record.stage = FetchStage::Comparing;
        QVERIFY(lineOf(record).contains(QStringLiteral("Comparing")));
        record.stage = FetchStage::HeldBack;
        QVERIFY(lineOf(record).endsWith(QStringLiteral("Paused by Grace")));
        const auto offered = transfer(TransferState::Offered, false);
        QCOMPARE(lineOf(offered), QStringLiteral("40 MB · Waiting for Grace to accept"));
        QCOMPARE(lineOf(offered, false), QStringLiteral("40 MB · Waiting for Grace to come online"));
    }

    void failuresSayWhyAndHowManyDidNotCome() {
        auto record = transfer(TransferState::Failed);
        record.error = QStringLiteral("The disk is full.");
        QCOMPARE(lineOf(record), QStringLiteral("40 MB · Failed"));
        QCOMPARE(transferTrouble(record), QStringLiteral("The disk is full."));
        record.items = 120;
        record.missing = 3;
        QCOMPARE(lineOf(record), QStringLiteral("40 MB · 120 items · 3 of 120 did not come"));
        QVERIFY(transferTrouble(record).contains(QStringLiteral("Retry")));
        record.state = TransferState::Done;
        QVERIFY(transferTrouble(record).isEmpty());
    }

    void everyStateOffersWhatFitsIt_data() {
        using S = TransferState;
        using A = TransferAction;
        QTest::addColumn<TransferRecord>("record");
        QTest::addColumn<QList<A>>("offered");
        QTest::addColumn<QList<A>>("refused");
        const auto row = [](const char* name, const TransferRecord& record, const QList<A>& offered,
                            const QList<A>& refused) { QTest::newRow(name) << record << offered << refused; };
        row("an offer", transfer(S::Offered), {A::Accept, A::AcceptInto, A::Decline},
            {A::Open, A::Pause, A::Remove});
        row("an own offer", transfer(S::Offered, false), {A::Withdraw, A::Open}, {A::Accept, A::Remove});
        row("queued", transfer(S::Queued), {A::MoveUp, A::MoveDown, A::Cancel}, {A::Open, A::Remove});
        row("running", transfer(S::Running), {A::Pause, A::Cancel}, {A::Open, A::Resume, A::Remove});
        row("paused", transfer(S::Paused), {A::Resume, A::Cancel}, {A::Pause, A::Open});
        row("failed", transfer(S::Failed), {A::Retry, A::Remove}, {A::Open, A::Cancel});
        row("cancelled", transfer(S::Cancelled), {A::Accept, A::Remove}, {A::Open, A::Cancel});
        row("done", transfer(S::Done), {A::Open, A::ShowFolder, A::Remove}, {A::Cancel, A::Retry});
        row("withdrawn", transfer(S::Cancelled, false), {A::Remove}, {A::Accept, A::Open});
    }
    void everyStateOffersWhatFitsIt() {
        QFETCH(TransferRecord, record);
        QFETCH(QList<TransferAction>, offered);
        QFETCH(QList<TransferAction>, refused);
        for (const auto action : offered) QVERIFY2(allows(record, action), qPrintable(actionText(action)));
        for (const auto action : refused) QVERIFY2(!allows(record, action), qPrintable(actionText(action)));
        for (const auto action : actionsFor(record))
            QVERIFY(!actionText(action).isEmpty() && !actionIcon(action).isEmpty());
    }

    void theContentsOfAPartlyFailedBundleCanBeShown() {
        auto record = transfer(TransferState::Failed);
        record.items = 4;
        record.missing = 1;
        QVERIFY(allows(record, TransferAction::ShowContents));
        record.state = TransferState::Done;
        QVERIFY(!allows(record, TransferAction::ShowContents));
    }

    void aPreviewShowsTheTopOfABundleOrWhatDidNotCome() {
        BundleContents contents;
        contents.files = 3;
        contents.folders = 2;
        for (const char* path : {"top", "top/a", "top/sub", "top/sub/b", "top/z"}) {
            const QString name = QString::fromLatin1(path);
            contents.items.push_back({name, 1, name.endsWith(u"top") || name.endsWith(u"sub"), {}});
        }
        auto preview = bundlePreview(contents, 2);
        QCOMPARE(preview.names, (QStringList{QStringLiteral("a"), QStringLiteral("sub/")}));
        QCOMPARE(preview.more, 2U);
        contents.failed = 1;
        contents.missing.push_back(contents.items.back());
        preview = bundlePreview(contents, 2);
        QCOMPARE(preview.names, QStringList{QStringLiteral("top/z")});
        QCOMPARE(preview.more, 0U);
    }
};

}  // namespace landline::app

QTEST_MAIN(landline::app::TransferTextTest)
#include "transfer_text_test.moc"
