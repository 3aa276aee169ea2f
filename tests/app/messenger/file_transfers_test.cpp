#include "app/messenger/file_transfers.h"

#include "tests/app/storage/store_fixture.h"
#include "tests/support/faulty_vfs.h"

#include <QDir>
#include <QFile>
#include <QTest>

namespace landline::app::test {

using landline::test::FaultyVfs;
using timeline::Standing;

namespace {

constexpr qint64 kNoon = 1'700'000'000'000;

void writeFile(const QString& path, const QByteArray& content) {
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size())
        qFatal("cannot write the test's file");
}

/// Transfers over a real store, without a node.
struct Fixture : StoreFixture {
    explicit Fixture(const QString& sqliteOptions = {}) {
        if (!open(sqliteOptions)) qFatal("the store does not open");
        store->setStanding(otherId, Standing::Accepted);
        if (!store->commit()) qFatal("the store takes nothing");
        context.db = std::move(store);
        auto keys = identity::DeviceKeys::generate(random);
        auto certificate = identity::Certificate::issue(myPerson, keys, fromUnixMillis(kNoon));
        context.identity =
            std::make_shared<net::LocalIdentity>(net::LocalIdentity{std::move(keys), certificate});
    }
    Database& db() { return *context.db; }
    /// An offer of the other person.
    wire::TransferId offered(const std::string& name) {
        const auto id = random.make<wire::TransferId>();
        const auto entry =
            other.write(direct, kNoon, wire::FileOffer{id, name, 1000, "application/octet-stream", 5});
        transfers.recordIncoming(refOf(entry), otherId, {id, name, 1000, "application/octet-stream", 5});
        if (!db().commit()) qFatal("the offer is not kept");
        return id;
    }
    /// An own offer of a file that lies in the outbox.
    TransferRecord offeredFromOutbox(const QString& name) {
        QDir().mkpath(outbox);
        const QString path = QDir(outbox).filePath(name);
        writeFile(path, "a long text");
        const auto file = transfers.prepareOffer(path);
        if (!file) qFatal("%s", file.error().text.c_str());
        const auto entry = me.write(direct, kNoon, *file);
        transfers.recordOutgoing(refOf(entry), otherId, *file, path);
        if (!db().commit()) qFatal("the offer is not kept");
        return db().transfer(file->transfer).value();
    }

    Context context;
    Contacts contacts{context};
    QString outbox = folder.filePath(QStringLiteral("outbox"));
    std::vector<TransferRecord> told;
    std::vector<Error> failures;
    FileTransfers transfers{context,
                            contacts,
                            outbox,
                            {[this](const TransferRecord& record) { told.push_back(record); },
                             [this](const Error& error) { failures.push_back(error); }}};
};

}  // namespace

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
        f.transfers.fetched(running, in + QStringLiteral("/b.bin"), {});
        QCOMPARE(f.failures.size(), std::size_t(1));
        QCOMPARE(f.failures.front().code, ErrorCode::Full);
        QVERIFY(f.told.empty());
        vfs.setFreeBytes(1 << 30);
        QCOMPARE(f.db().transfer(waiting)->state, TransferState::Offered);
        QCOMPARE(f.db().transfer(running)->state, TransferState::Running);
        QVERIFY(f.transfers.accept(waiting, in));
        QCOMPARE(f.told.size(), std::size_t(1));
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
        f.transfers.sweepOutbox();
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
