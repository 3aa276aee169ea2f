#include "tests/app/messenger/transfers_fixture.h"
#include "tests/support/faulty_vfs.h"

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QTest>

namespace landline::app::test {

using landline::test::FaultyVfs;
using timeline::Standing;
using Fixture = TransfersFixture;

class FileTransfersTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { initCrypto(); }

    void filesComeFromAcceptedPeopleOnly_data() {
        QTest::addColumn<int>("standing");
        QTest::addColumn<bool>("comes");
        QTest::newRow("stranger") << int(Standing::Stranger) << false;
        QTest::newRow("accepted") << int(Standing::Accepted) << true;
        QTest::newRow("ignored") << int(Standing::Ignored) << false;
        QTest::newRow("blocked") << int(Standing::Blocked) << false;
    }
    void filesComeFromAcceptedPeopleOnly() {
        QFETCH(const int, standing);
        QFETCH(const bool, comes);
        Fixture f;
        const auto id = f.offered("a.bin");
        f.db().setStanding(f.otherId, static_cast<Standing>(standing));
        QVERIFY(f.db().commit());
        const auto begun = f.transfers.accept(id, f.folder.filePath(QStringLiteral("in")));
        QCOMPARE(begun.ok(), comes);
        if (!comes) QCOMPARE(begun.error().code, ErrorCode::NotPermitted);
        QCOMPARE(f.db().transfer(id)->state, comes ? TransferState::Running : TransferState::Offered);
    }

    void transfersOfOneNameAndNearlyOneIdLieApart() {
        Fixture f;
        const QString in = f.folder.filePath(QStringLiteral("in"));
        // The sender chooses ids.
        for (const std::uint8_t last : {std::uint8_t(1), std::uint8_t(2)}) {
            Bytes id(16, 7);
            id.back() = last;
            QVERIFY(f.transfers.accept(f.offered("a.bin", wire::TransferId::from(id).value()), in));
        }
        QCOMPARE(QDir(in).entryList(QDir::Files).size(), 2);
    }

    void aFetchFromSomebodyWhoIsAcceptedNoLongerDoesNotGoOnAfterAStart() {
        Fixture f;
        const auto id = f.offered("a.bin");
        QVERIFY(f.transfers.accept(id, f.folder.filePath(QStringLiteral("in"))));
        f.transfers.resumeAll();
        QCOMPARE(f.db().transfer(id)->state, TransferState::Running);
        f.db().setStanding(f.otherId, Standing::Blocked);
        QVERIFY(f.db().commit());
        f.transfers.resumeAll();
        QCOMPARE(f.db().transfer(id)->state, TransferState::Cancelled);
        QCOMPARE(f.told.back().state, TransferState::Cancelled);
    }

    void nothingIsToldThatTheDiskDidNotTake() {
        FaultyVfs vfs("transfers");
        Fixture f(QString::fromStdString(vfs.uriParameters()));
        const auto waiting = f.offered("a.bin");
        const auto running = f.offered("b.bin");
        const QString in = f.folder.filePath(QStringLiteral("in"));
        QVERIFY(f.transfers.accept(running, in));
        f.told.clear();
        vfs.setFreeBytes(0);
        const auto begun = f.transfers.accept(waiting, in);
        QVERIFY(!begun);
        QCOMPARE(begun.error().code, ErrorCode::Full);
        QVERIFY(!f.transfers.cancel(running));
        QVERIFY(f.failures.empty());  // who asked has the answer
        f.transfers.fetched(running, {false, {in.toStdString() + "/b.bin", 0}, {}});
        QCOMPARE(f.failures.size(), std::size_t(1));
        QCOMPARE(f.failures.front().code, ErrorCode::Full);
        QVERIFY(f.told.empty());
        vfs.setFreeBytes(1 << 30);
        QCOMPARE(f.db().transfer(waiting)->state, TransferState::Offered);
        QCOMPARE(f.db().transfer(running)->state, TransferState::Running);
        QVERIFY(f.transfers.accept(waiting, in));
        QCOMPARE(f.told.size(), std::size_t(1));
    }

    void whatIsPausedStaysSoUntilItIsResumed() {
        Fixture f;
        const auto id = f.offered("a.bin");
        const QString in = f.folder.filePath(QStringLiteral("in"));
        QVERIFY(f.transfers.pause(id));  // nothing to pause
        QCOMPARE(f.db().transfer(id)->state, TransferState::Offered);
        QVERIFY(f.transfers.accept(id, in));
        f.transfers.progressed(id, 400, 400);
        QVERIFY(f.transfers.pause(id));
        QCOMPARE(f.db().transfer(id)->state, TransferState::Paused);
        QCOMPARE(f.db().transfer(id)->done, 400U);
        f.transfers.resumeAll();
        QCOMPARE(f.db().transfer(id)->state, TransferState::Paused);
        // What had failed meanwhile does not count, what had come whole does.
        f.transfers.fetched(id, {false, {}, Error{ErrorCode::Closed, "broken off"}});
        QCOMPARE(f.db().transfer(id)->state, TransferState::Paused);
        QVERIFY(f.transfers.resume(id));
        QCOMPARE(f.db().transfer(id)->state, TransferState::Running);
        QCOMPARE(f.db().transfer(id)->path, in);
        QVERIFY(f.transfers.pause(id));
        f.transfers.fetched(id, {false, {in.toStdString() + "/a.bin", 0}, {}});
        QCOMPARE(f.db().transfer(id)->state, TransferState::Done);
        QVERIFY(f.transfers.pause(id));
        QCOMPARE(f.db().transfer(id)->state, TransferState::Done);
    }

    void whatIsAcceptedAnewDoesNotEndWithTheFetchThatWasCancelled() {
        Fixture f;
        const auto id = f.offered("a.bin");
        const QString in = f.folder.filePath(QStringLiteral("in"));
        const net::FileResult cancelled{false, {}, Error{ErrorCode::Closed, "The transfer was cancelled."}};
        QVERIFY(f.transfers.accept(id, in));
        QVERIFY(f.transfers.cancel(id));
        QVERIFY(f.transfers.accept(id, in));
        f.transfers.fetched(id, cancelled);
        QCOMPARE(f.db().transfer(id)->state, TransferState::Running);
        f.transfers.fetched(id, {false, {}, Error{ErrorCode::Disk, "broken"}});
        QCOMPARE(f.db().transfer(id)->state, TransferState::Failed);
    }

    void aFetchThatGoesOnIsAnotherOne() {
        Fixture f;
        const auto id = f.offered("a.bin");
        QVERIFY(!f.transfers.isFetch(id, 1));
        QVERIFY(f.transfers.accept(id, f.folder.filePath(QStringLiteral("in"))));
        QVERIFY(f.transfers.isFetch(id, 1));
        QVERIFY(f.transfers.pause(id));
        QVERIFY(!f.transfers.isFetch(id, 1));
        QVERIFY(f.transfers.resume(id));
        // What the first has told, and is on its way still, does not count.
        QVERIFY(!f.transfers.isFetch(id, 1));
        QVERIFY(f.transfers.isFetch(id, 2));
    }

    void whoIsBlockedGetsNoFileThatWasOfferedBefore() {
        Fixture f;
        const TransferRecord offer = f.offeredFromOutbox(QStringLiteral("a.txt"));
        const auto setStanding = [&](Standing standing) {
            f.db().setStanding(f.otherId, standing);
            return f.db().commit().ok();
        };
        QVERIFY(setStanding(Standing::Blocked));
        f.transfers.wanted(1, f.otherId, offer.id, false);
        QCOMPARE(f.db().transfer(offer.id)->state, TransferState::Offered);
        QVERIFY(setStanding(Standing::Accepted));
        f.transfers.wanted(1, f.otherId, offer.id, false);
        QCOMPARE(f.db().transfer(offer.id)->state, TransferState::Running);
    }

    void anOwnOfferCanBePausedToo() {
        Fixture f;
        const TransferRecord offer = f.offeredFromOutbox(QStringLiteral("a.txt"));
        QVERIFY(f.transfers.pause(offer.id));
        f.transfers.wanted(1, f.otherId, offer.id, false);
        QCOMPARE(f.db().transfer(offer.id)->state, TransferState::Paused);
        f.transfers.served(offer.id, 5, true, QStringLiteral("broken off"));
        QCOMPARE(f.db().transfer(offer.id)->state, TransferState::Paused);
        QVERIFY(f.transfers.resume(offer.id));
        f.transfers.wanted(1, f.otherId, offer.id, false);
        QCOMPARE(f.db().transfer(offer.id)->state, TransferState::Running);
        QVERIFY(f.transfers.cancel(offer.id));
        QCOMPARE(f.transfers.resume(offer.id).error().code, ErrorCode::InvalidArgument);
    }

    void anOfferOfWhichSomethingWasLeftOutIsNotDone() {
        Fixture f;
        const TransferRecord offer = f.offeredFromOutbox(QStringLiteral("a.txt"));
        f.transfers.wanted(1, f.otherId, offer.id, false);
        f.transfers.served(offer.id, offer.size, true, {}, 4);
        QCOMPARE(f.db().transfer(offer.id)->state, TransferState::Failed);
        QCOMPARE(f.db().transfer(offer.id)->done, offer.size - 4);
        QVERIFY(f.db().transfer(offer.id)->error.contains(QStringLiteral("left out")));
        // The receiver asks again, and now it is there.
        f.transfers.wanted(1, f.otherId, offer.id, false);
        QCOMPARE(f.db().transfer(offer.id)->state, TransferState::Running);
        f.transfers.served(offer.id, offer.size, true, {}, 0);
        QCOMPARE(f.db().transfer(offer.id)->state, TransferState::Done);
        QCOMPARE(f.db().transfer(offer.id)->error, QString());
    }

    void aFullDiskPauses() {
        Fixture f;
        const auto id = f.offered("a.bin");
        const QString in = f.folder.filePath(QStringLiteral("in"));
        QVERIFY(f.transfers.accept(id, in));
        f.transfers.fetched(id, {false, {}, Error{ErrorCode::Full, "The disk is full."}});
        QCOMPARE(f.db().transfer(id)->state, TransferState::Paused);
        QCOMPARE(f.db().transfer(id)->error, QStringLiteral("The disk is full."));
        QVERIFY(f.transfers.resume(id));
        QCOMPARE(f.db().transfer(id)->error, QString());
    }

    void aFileThatChangedSinceItsOfferIsNotServed() {
        Fixture f;
        const TransferRecord offer = f.offeredFromOutbox(QStringLiteral("a.txt"));
        QFile file(offer.path);
        QVERIFY(file.open(QIODevice::ReadWrite));
        const QDateTime before = file.fileTime(QFileDevice::FileModificationTime);
        QVERIFY(file.setFileTime(before.addSecs(1), QFileDevice::FileModificationTime));
        f.transfers.wanted(1, f.otherId, offer.id, false);
        QCOMPARE(f.db().transfer(offer.id)->state, TransferState::Offered);
        QVERIFY(file.setFileTime(before, QFileDevice::FileModificationTime));
        f.transfers.wanted(1, f.otherId, offer.id, true);  // a file has no listing
        QCOMPARE(f.db().transfer(offer.id)->state, TransferState::Offered);
        f.transfers.wanted(1, f.otherId, offer.id, false);
        QCOMPARE(f.db().transfer(offer.id)->state, TransferState::Running);
    }

    void aFileThatIsGoneIsNotServed() {
        Fixture f;
        const TransferRecord offer = f.offeredFromOutbox(QStringLiteral("a.txt"));
        QVERIFY(QFile::remove(offer.path));
        f.transfers.wanted(1, f.otherId, offer.id, false);
        QCOMPARE(f.db().transfer(offer.id)->state, TransferState::Offered);
    }

    void aProgramThatKnowsNoBundlesIsToldOf() {
        Fixture f;
        const TransferRecord file = f.offeredFromOutbox(QStringLiteral("a.txt"));
        const QString tree = f.folder.filePath(QStringLiteral("tree"));
        QDir().mkpath(tree);
        PreparedBundle bundle = prepareBundle({tree}).value();
        // Nobody is connected: it may be new.
        QVERIFY(f.transfers.prepareOffer(bundle, f.otherId));
        const auto entry = f.me.write(f.direct, kNoon, bundle.offer);
        f.keep(entry);
        f.transfers.recordOutgoing(Fixture::refOf(entry), f.otherId, bundle.offer, tree);
        QVERIFY(f.db().commit());

        const auto connect = [&](net::SessionNumber number, std::uint32_t minor) {
            wire::Hello hello;
            hello.minor = minor;
            const auto remote = std::make_shared<const session::RemoteParty>(
                session::RemoteParty{f.other.certificate(), hello});
            f.contacts.opened({number, remote, {}, false});
            f.transfers.connected(f.otherId);
        };
        connect(1, 0);
        QVERIFY(f.db().transfer(bundle.offer.transfer)->error.contains(QStringLiteral("too old")));
        QCOMPARE(f.db().transfer(file.id)->error, QString());
        PreparedBundle another = prepareBundle({tree}).value();
        QCOMPARE(f.transfers.prepareOffer(another, f.otherId).error().code, ErrorCode::VersionMismatch);
        connect(2, 1);
        QVERIFY(f.transfers.prepareOffer(another, f.otherId));
        f.transfers.wanted(1, f.otherId, bundle.offer.transfer, false);
        QCOMPARE(f.db().transfer(bundle.offer.transfer)->error, QString());
    }

    void aRecordThatIsKeptAlreadyBecomesTheOffers() {
        Fixture f;
        const QString tree = f.folder.filePath(QStringLiteral("tree"));
        QDir().mkpath(tree);
        const QDir bundles(f.folder.filePath(QStringLiteral("bundles")));
        PreparedBundle bundle = prepareBundle({tree}, bundles.path()).value();
        QCOMPARE(bundles.entryList(QDir::Files).size(), 1);
        QVERIFY(f.transfers.prepareOffer(bundle, f.otherId));
        QCOMPARE(bundles.entryList(QDir::Files),
                 QStringList{QString::fromStdString(toHex(bundle.offer.transfer.view()))});
        // Of one that is prepared and never offered nothing stays.
        QVERIFY(prepareBundle({tree}, bundles.path()));
        f.transfers.sweep();
        QCOMPARE(bundles.entryList(QDir::Files), QStringList());
    }

    void theRecordOfABundleStaysAsLongAsItsTransfer() {
        Fixture f;
        const QString tree = f.folder.filePath(QStringLiteral("tree"));
        QDir().mkpath(tree);
        writeFile(tree + QStringLiteral("/a"), "1");
        const auto offered = [&] {
            PreparedBundle bundle = prepareBundle({tree}).value();
            if (!f.transfers.prepareOffer(bundle, f.otherId)) qFatal("no record");
            const auto entry = f.me.write(f.direct, kNoon, bundle.offer);
            f.keep(entry);
            f.transfers.recordOutgoing(Fixture::refOf(entry), f.otherId, bundle.offer, tree);
            if (!f.db().commit()) qFatal("the offer is not kept");
            return bundle.offer.transfer;
        };
        const QDir bundles(f.folder.filePath(QStringLiteral("bundles")));
        const auto kept = offered();
        const auto cancelled = offered();
        QCOMPARE(bundles.entryList(QDir::Files).size(), 2);
        QVERIFY(f.transfers.cancel(cancelled));
        QVERIFY(QFile::exists(tree + QStringLiteral("/a")));
        writeFile(bundles.filePath(QStringLiteral("left by a crash.journal")), "x");
        f.transfers.sweep();
        const QString name = QString::fromStdString(toHex(kept.view()));
        QCOMPARE(bundles.entryList(QDir::Files), QStringList{name});
        f.transfers.wanted(1, f.otherId, kept, true);
        QCOMPARE(f.db().transfer(kept)->state, TransferState::Offered);
        f.transfers.wanted(1, f.otherId, kept, false);
        QCOMPARE(f.db().transfer(kept)->state, TransferState::Running);
    }

    void theRecordOfABundleThatIsNotFetchedAnyMoreGoes_data() {
        QTest::addColumn<int>("error");
        QTest::addColumn<bool>("cancelled");
        QTest::addColumn<bool>("kept");
        QTest::newRow("broken off") << int(ErrorCode::Closed) << false << true;
        QTest::newRow("malformed") << int(ErrorCode::Malformed) << false << false;
        QTest::newRow("too large") << int(ErrorCode::TooLarge) << false << false;
        QTest::newRow("cancelled") << int(ErrorCode::Closed) << true << false;
    }
    void theRecordOfABundleThatIsNotFetchedAnyMoreGoes() {
        QFETCH(const int, error);
        QFETCH(const bool, cancelled);
        QFETCH(const bool, kept);
        Fixture f;
        const auto id = f.offered("a");
        QVERIFY(f.transfers.accept(id, f.folder.filePath(QStringLiteral("in"))));
        const QDir bundles(f.folder.filePath(QStringLiteral("bundles")));
        QDir().mkpath(bundles.path());
        const QString record = bundles.filePath(QString::fromStdString(toHex(id.view())));
        writeFile(record, "listing");
        if (cancelled) {
            QVERIFY(f.transfers.cancel(id));
            QVERIFY(!QFile::exists(record));
            writeFile(record + QStringLiteral(".moved"), "by the fetch that is about to end");
        }
        f.transfers.fetched(id, {false, {}, Error{static_cast<ErrorCode>(error), "why"}});
        QCOMPARE(bundles.entryList(QDir::Files).size(), kept ? 1 : 0);
        f.transfers.sweep();
        QCOMPARE(bundles.entryList(QDir::Files).size(), kept ? 1 : 0);
    }

    void aFileMadeToBeOfferedGoesWithItsOffer() {
        Fixture f;
        const TransferRecord kept = f.offeredFromOutbox(QStringLiteral("kept.txt"));
        const TransferRecord cancelled = f.offeredFromOutbox(QStringLiteral("cancelled.txt"));
        QVERIFY(f.transfers.cancel(cancelled.id));
        QVERIFY(!QFile::exists(cancelled.path));
        const TransferRecord deleted = f.offeredFromOutbox(QStringLiteral("deleted.txt"));
        f.transfers.removeFromOutbox(deleted);
        QVERIFY(!QFile::exists(deleted.path));
        const QString left = QDir(f.outbox).filePath(QStringLiteral("left by a crash.txt"));
        writeFile(left, "words");
        f.transfers.sweep();
        QVERIFY(!QFile::exists(left));
        QVERIFY(QFile::exists(kept.path));
        // Files of one's own are never touched.
        TransferRecord own = kept;
        own.path = f.folder.filePath(QStringLiteral("holiday.jpg"));
        writeFile(own.path, "a picture");
        f.transfers.removeFromOutbox(own);
        QVERIFY(QFile::exists(own.path));
    }
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::FileTransfersTest)
#include "file_transfers_test.moc"
