// Which databases are opened, refused, or set aside.
#include "tests/app/storage/store_fixture.h"

#include <QFile>
#include <QSqlDatabase>
#include <QSqlQuery>
#include <QTest>

namespace landline::app::test {

namespace {

constexpr qint64 kNoon = 1700000000000;

QString databaseOf(const StoreFixture& f) {
    return f.folder.filePath(QStringLiteral("landline.db"));
}

}  // namespace

class DatabaseOpenTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aDatabaseOfANewerVersionIsRefused() {
        StoreFixture f;
        f.store.reset();
        {
            auto database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), QStringLiteral("newer"));
            database.setDatabaseName(databaseOf(f));
            QVERIFY(database.open());
            QVERIFY(QSqlQuery(database).exec(QStringLiteral("PRAGMA user_version = 9999")));
        }
        QSqlDatabase::removeDatabase(QStringLiteral("newer"));
        const auto opened = f.open();
        QVERIFY(!opened && opened.error().code == ErrorCode::VersionMismatch);
    }

    void whatAnOlderVersionDidNotKnowIsShownOnce() {
        StoreFixture f;
        (void)f.store->showKnownKinds();
        QVERIFY(f.store->commit());
        wire::FileOffer offer{f.random.make<wire::TransferId>(), "photos", 5000, "", 5, {}};
        offer.listing = wire::ListingRef{3, 100, {}};
        const auto entry = f.other.write(f.direct, kNoon, offer);
        const auto unknown = f.other.write(f.direct, kNoon + 1, wire::UnknownContent{99});
        const auto unwritten = f.other.write(f.direct, kNoon + 2, offer);
        // As a version kept them that knew neither.
        auto kept = std::vector{entry, unknown, unwritten};
        for (timeline::CheckedEntry& one : kept) {
            one.header.kind = 99;
            one.content = wire::UnknownContent{99};
        }
        f.append(kept);
        f.store->erase(f.direct, unwritten.ref(), {});
        f.store->setSetting(QStringLiteral("known_kinds"), QStringLiteral("6"));
        QVERIFY(f.store->commit());
        QCOMPARE(f.history().at(0).kind, MessageKind::Unsupported);
        QVERIFY(f.found(QStringLiteral("photos")).isEmpty());

        const auto known = f.store->showKnownKinds();
        QVERIFY(f.store->commit());
        QCOMPARE(known.size(), std::size_t(1));
        QCOMPARE(known.front().ref(), entry.ref());
        QVERIFY(std::get<wire::FileOffer>(known.front().content.value()).listing);
        QVERIFY(f.open());
        QCOMPARE(f.history().at(0).kind, MessageKind::File);
        QCOMPARE(f.history().at(0).text, QStringLiteral("photos"));
        QCOMPARE(f.history().at(1).kind, MessageKind::Unsupported);
        QCOMPARE(f.found(QStringLiteral("photos")), QStringList{QStringLiteral("photos")});
        QVERIFY(f.store->showKnownKinds().empty());
    }

    void anotherPersonsDatabaseIsRefused() {
        StoreFixture f;
        f.store.reset();
        f.self = f.otherId;
        const auto opened = f.open();
        QVERIFY(!opened && opened.error().code == ErrorCode::Malformed);
    }

    void garbageIsSetAside() {
        StoreFixture f;
        f.say(f.me, kNoon, "one");
        QVERIFY(f.store->commit());
        f.store.reset();
        QFile file(databaseOf(f));
        QVERIFY(file.open(QIODevice::ReadWrite));
        QVERIFY(file.write(QByteArray(8192, 'x')) == 8192);
        file.close();
        QVERIFY(f.open());
        QVERIFY(!f.damagedCopy.isEmpty() && QFile::exists(f.damagedCopy));
        QVERIFY(f.texts().isEmpty());
        QVERIFY(f.open());
        QVERIFY(f.damagedCopy.isEmpty());
    }

    void aFlippedByteFoundWhileRunningFailsTheCommitAndSetsTheFileAsideNextTime() {
        StoreFixture f;
        const auto entry = f.say(f.me, kNoon, "the unmistakable sentence");
        QVERIFY(f.store->commit());
        f.store.reset();
        QFile file(databaseOf(f));
        QVERIFY(file.open(QIODevice::ReadWrite));
        QByteArray bytes = file.readAll();
        const QByteArray header(reinterpret_cast<const char*>(entry.bytes.header.data()), 64);
        const qsizetype at = bytes.indexOf(header);
        QVERIFY(at > 0);
        bytes[at + 40] = static_cast<char>(bytes[at + 40] ^ 1);
        QVERIFY(file.seek(0) && file.write(bytes) == bytes.size());
        file.close();

        QVERIFY(f.open());
        QVERIFY(f.damagedCopy.isEmpty() && !f.store->isDamaged());
        QVERIFY(f.store->read(f.direct, f.me.id(), 1, 10, 1000).empty());
        QVERIFY(f.store->isDamaged());
        const auto committed = f.store->commit();
        QVERIFY(!committed && committed.error().code == ErrorCode::Disk);
        f.say(f.me, kNoon + 1, "not taken any more");
        QVERIFY(!f.store->commit());
        QVERIFY(f.open());
        QVERIFY(QFile::exists(f.damagedCopy));
        QVERIFY(f.texts().isEmpty());
    }
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::DatabaseOpenTest)
#include "database_open_test.moc"
