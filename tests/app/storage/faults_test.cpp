#include "tests/app/storage/store_fixture.h"
#include "tests/support/faulty_vfs.h"

#include <QSqlDatabase>
#include <QSqlQuery>
#include <QTest>

namespace landline::app::test {

using landline::test::FaultyVfs;

namespace {

constexpr qint64 kNoon = 1700000000000;
constexpr int kBatches = 6;
constexpr int kBatch = 5;

QString textOf(int batch, int i) {
    return QStringLiteral("batch%1 line%2").arg(batch).arg(i);
}

/// What SQLite itself says of the file.
QString integrityOf(const QString& path) {
    QString result;
    {
        auto database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), QStringLiteral("integrity"));
        database.setDatabaseName(path);
        if (!database.open()) return QStringLiteral("not opened");
        QSqlQuery query(QStringLiteral("PRAGMA integrity_check"), database);
        result = query.next() ? query.value(0).toString() : QStringLiteral("no answer");
        query.finish();
        if (!query.exec(QStringLiteral("INSERT INTO search(search) VALUES('integrity-check')")))
            result += QStringLiteral(" search index damaged");
    }
    QSqlDatabase::removeDatabase(QStringLiteral("integrity"));
    return result;
}

/// Batches of texts, one commit each, with an edit, an erasure and a checkpoint between; ends at the first failure.
/// Gives the number of batches that were committed.
int work(StoreFixture& f) {
    for (int batch = 0; batch < kBatches; ++batch) {
        std::vector<timeline::CheckedEntry> run;
        for (int i = 0; i < kBatch; ++i)
            run.push_back(
                f.me.write(f.direct, kNoon + batch * 10 + i, wire::Text{textOf(batch, i).toStdString(), {}}));
        f.append(run);
        if (!f.store->commit()) return batch;
        if (batch == 2) (void)f.store->tidy();
    }
    return kBatches;
}

}  // namespace

class FaultsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// The power fails at every sync there is, one after the other.
    void whatWasCommittedSurvivesAPowerFailureAndNothingIsHalf() {
        bool finished = false;
        for (int point = 0; !finished; ++point) {
            QVERIFY2(point < 500, "the work never comes to its end");
            FaultyVfs vfs("faulty");
            const QString options = QString::fromStdString(vfs.uriParameters());
            StoreFixture f;
            // A profile that is in use already; its making is another test.
            QVERIFY(f.open(options));
            vfs.failPowerAfter(point);
            const int committed = work(f);
            finished = vfs.hasPower();
            f.store.reset();
            vfs.restart(static_cast<std::uint64_t>(point));

            QVERIFY2(f.open(options), qPrintable(QString::number(point)));
            QVERIFY2(f.damagedCopy.isEmpty(), qPrintable(QString::number(point)));
            const auto head = f.store->head(f.direct, f.me.id());
            const int held = head ? static_cast<int>(head->number) : 0;
            // The commit during which the power failed may have reached the disk, as a whole.
            QVERIFY2(held == committed * kBatch || held == (committed + 1) * kBatch,
                     qPrintable(QStringLiteral("point %1: %2 held").arg(point).arg(held)));
            QStringList expected;
            for (int i = 0; i < held; ++i) expected.append(textOf(i / kBatch, i % kBatch));
            QCOMPARE(f.texts(), expected);
            QCOMPARE(f.found(QStringLiteral("line3")).size(), held / kBatch);
            const auto entries = static_cast<std::size_t>(held);
            QCOMPARE(f.store->read(f.direct, f.me.id(), 1, 1000, 1000000).size(), entries);
            f.store.reset();
            QCOMPARE(integrityOf(f.folder.filePath(QStringLiteral("landline.db"))), QStringLiteral("ok"));
        }
    }

    void aPowerFailureWhileTheDatabaseIsMadeLeavesOneThatOpens() {
        bool finished = false;
        for (int point = 0; !finished; ++point) {
            QVERIFY(point < 100);
            FaultyVfs vfs("faulty");
            QTemporaryDir folder;
            StoreFixture keys;
            const QString options = QString::fromStdString(vfs.uriParameters());
            vfs.failPowerAfter(point);
            {
                const auto opened = Database::open(folder.path(), keys.self, options);
                QCOMPARE(opened.ok(), vfs.hasPower());
            }
            // Closing, too, writes and syncs.
            finished = vfs.hasPower();
            vfs.restart(static_cast<std::uint64_t>(point));
            const auto again = Database::open(folder.path(), keys.self, options);
            QVERIFY2(again, qPrintable(QString::number(point)));
            QVERIFY(again->database->person(keys.self));
        }
    }

    void anErasureSurvivesAPowerFailureAsAWhole() {
        for (int point = 0; point < 12; ++point) {
            FaultyVfs vfs("faulty");
            const QString options = QString::fromStdString(vfs.uriParameters());
            StoreFixture f;
            QVERIFY(f.open(options));
            const auto target = f.say(f.me, kNoon, "some secret");
            QVERIFY(f.store->commit());
            const auto del = f.put(f.me, kNoon + 1, wire::Delete{target.ref()});
            f.store->erase(f.direct, target.ref(), f.proofOf(del, f.me));
            vfs.failPowerAfter(point);
            const bool committed = f.store->commit().ok();
            while (committed && f.store->tidy()) {
            }
            f.store.reset();
            vfs.restart(static_cast<std::uint64_t>(point));
            QVERIFY(f.open(options));
            const bool erased = f.store->message(f.refOf(target))->deleted;
            QVERIFY(erased || !committed);
            QCOMPARE(f.found(QStringLiteral("secret")).isEmpty(), erased);
            QCOMPARE(f.store->head(f.direct, f.me.id())->number, EntryNumber{erased ? 2U : 1U});
            const auto run = f.store->read(f.direct, f.me.id(), 1, 1, 1000);
            QCOMPARE(run.at(0).payload.empty(), erased);
            f.store.reset();
            QCOMPARE(integrityOf(f.folder.filePath(QStringLiteral("landline.db"))), QStringLiteral("ok"));
        }
    }

    void aFullDiskFailsTheCommitAndLosesNothing() {
        FaultyVfs vfs("faulty");
        const QString options = QString::fromStdString(vfs.uriParameters());
        StoreFixture f;
        QVERIFY(f.open(options));
        f.say(f.me, kNoon, "before");
        QVERIFY(f.store->commit());
        const timeline::TimelineTip tip = f.me.tip();
        for (const int bytes : {0, 100, 5000, 20000}) {
            vfs.setFreeBytes(bytes);
            Author writer = f.me;
            for (int i = 0; i < 200; ++i) f.say(writer, kNoon + 1, std::string(500, 'x'));
            const auto committed = f.store->commit();
            QVERIFY(!committed && committed.error().code == ErrorCode::Full);
            QVERIFY(QString::fromStdString(committed.error().text).contains(QStringLiteral("is full")));
            QVERIFY(!f.store->isDamaged());
            QCOMPARE(f.store->head(f.direct, f.me.id())->number, tip.number);
            QCOMPARE(f.texts(), QStringList{QStringLiteral("before")});
            QVERIFY(f.found(QString(500, u'x')).isEmpty());
        }
        vfs.setFreeBytes(std::numeric_limits<std::int64_t>::max());
        f.say(f.me, kNoon + 2, "after");
        QVERIFY(f.store->commit());
        QVERIFY(f.open(options));
        QCOMPARE(f.texts(), (QStringList{QStringLiteral("before"), QStringLiteral("after")}));
    }

    void peopleAreAsBeforeAfterAFailedCommit() {
        FaultyVfs vfs("faulty");
        StoreFixture f;
        QVERIFY(f.open(QString::fromStdString(vfs.uriParameters())));
        vfs.setFreeBytes(0);
        const auto third = identity::SigningKey::generate(f.random);
        const Author stranger(third, f.random);
        f.store->meet(stranger.certificate(), QStringLiteral("Third"));
        f.store->setStanding(f.otherId, timeline::Standing::Blocked);
        QVERIFY(!f.store->commit());
        QVERIFY(!f.store->person(identity::personIdOf(third)));
        QVERIFY(!f.store->certificate(stranger.id()));
        QVERIFY(f.store->standing(f.otherId) == timeline::Standing::Stranger);
        vfs.setFreeBytes(std::numeric_limits<std::int64_t>::max());
        f.store->meet(stranger.certificate(), QStringLiteral("Third"));
        QVERIFY(f.store->commit());
        QCOMPARE(f.store->people().size(), std::size_t{3});
    }

    void aFullOrReadOnlyDiskIsToldOnOpening() {
        FaultyVfs vfs("faulty");
        const QString options = QString::fromStdString(vfs.uriParameters());
        StoreFixture f;
        f.store.reset();
        vfs.setFreeBytes(0);
        auto opened = f.open(options);
        QVERIFY(!opened && opened.error().code == ErrorCode::Full);
        QVERIFY(QString::fromStdString(opened.error().text).contains(f.folder.path()));
        vfs.setFreeBytes(std::numeric_limits<std::int64_t>::max());
        vfs.setReadOnly(true);
        opened = f.open(options);
        QVERIFY(!opened && opened.error().code == ErrorCode::Disk);
        QVERIFY(QString::fromStdString(opened.error().text).contains(QStringLiteral("cannot be written")));
        vfs.setReadOnly(false);
        QVERIFY(f.open(options));
    }

    void aFolderThatDoesNotExistIsToldOnOpening() {
        StoreFixture f;
        const auto opened = Database::open(f.folder.filePath(QStringLiteral("nowhere")), f.self);
        QVERIFY(!opened && opened.error().code == ErrorCode::Disk);
    }

    /// Whatever byte is flipped: either all is as it was written, or the damage is noticed; never wrong entries.
    void aFlippedByteNeverGivesWrongEntries() {
        StoreFixture original;
        QCOMPARE(work(original), kBatches);
        while (original.store->tidy()) {
        }
        const auto entries = original.store->read(original.direct, original.me.id(), 1, 1000, 1000000);
        original.store.reset();
        QFile source(original.folder.filePath(QStringLiteral("landline.db")));
        QVERIFY(source.open(QIODevice::ReadOnly));
        const QByteArray bytes = source.readAll();
        for (int round = 0; round < 300; ++round) {
            QTemporaryDir folder;
            QByteArray flipped = bytes;
            const auto at =
                static_cast<qsizetype>(original.random.below(static_cast<std::uint64_t>(bytes.size())));
            flipped[at] = static_cast<char>(flipped[at] ^ (1 << original.random.below(8)));
            QFile file(folder.filePath(QStringLiteral("landline.db")));
            QVERIFY(file.open(QIODevice::WriteOnly) && file.write(flipped) == flipped.size());
            file.close();
            auto opened = Database::open(folder.path(), original.self);
            if (!opened) continue;
            Database& store = *opened->database;
            const auto read = store.read(original.direct, original.me.id(), 1, 1000, 1000000);
            if (!read.empty()) QVERIFY2(read == entries, qPrintable(QString::number(at)));
            HistoryQuery query;
            query.conversation = original.direct;
            (void)store.history(query);
            (void)store.search({QStringLiteral("line3"), {}, {}, {}, {}, 50});
            (void)store.tidy();
            (void)store.commit();
        }
    }
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::FaultsTest)
#include "faults_test.moc"
