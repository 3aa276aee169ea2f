#include "app/storage/backup.h"

#include "p2p/base/random.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QTemporaryDir>
#include <QTest>

namespace landline::app {

using namespace Qt::Literals::StringLiterals;

/// On stand-ins for a profile's files: their contents are nothing to a backup.
class BackupTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { initCrypto(); }
    void init();
    void restoresWhatWasThere_data();
    void restoresWhatWasThere();
    void copiesADatabaseThatIsWrittenTo();
    void isReadableByItsOwnerOnly();
    void refusesToOverwrite();
    void needsItsPassphrase();
    void sweepsWhatAKilledProgramLeft();
    void refusesEveryCutOffBackup_data();
    void refusesEveryCutOffBackup();
    void refusesEveryFlippedByte_data();
    void refusesEveryFlippedByte();

private:
    [[nodiscard]] QString path(const QString& name) const { return m_folder->filePath(name); }
    [[nodiscard]] QString profile() const { return path(u"profile"_s); }
    static void put(const QString& path, const QByteArray& bytes);
    static QByteArray get(const QString& path);
    static int rows(const QString& database);

    std::unique_ptr<QTemporaryDir> m_folder;
};

void BackupTest::put(const QString& path, const QByteArray& bytes) {
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(bytes), bytes.size());
}

QByteArray BackupTest::get(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

int BackupTest::rows(const QString& path) {
    int count = -1;
    {
        QSqlDatabase database = QSqlDatabase::addDatabase(u"QSQLITE"_s, u"reader"_s);
        database.setDatabaseName(path);
        if (database.open()) {
            QSqlQuery query(database);
            if (query.exec(u"SELECT count(*) FROM t"_s) && query.next()) count = query.value(0).toInt();
        }
    }
    QSqlDatabase::removeDatabase(u"reader"_s);
    return count;
}

void BackupTest::init() {
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(QDir().mkpath(profile()));
    put(profile() + u"/landline.keys"_s, "the keys");
    {
        QSqlDatabase database = QSqlDatabase::addDatabase(u"QSQLITE"_s, u"maker"_s);
        database.setDatabaseName(profile() + u"/landline.db"_s);
        QVERIFY(database.open());
        QSqlQuery query(database);
        QVERIFY(query.exec(u"PRAGMA journal_mode=WAL"_s));
        QVERIFY(query.exec(u"CREATE TABLE t(x)"_s));
        // More than one chunk.
        QVERIFY(
            query.exec(u"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 200) "
                       "INSERT INTO t SELECT randomblob(1000) FROM n"_s));
    }
    QSqlDatabase::removeDatabase(u"maker"_s);
}

void BackupTest::restoresWhatWasThere_data() {
    QTest::addColumn<QString>("passphrase");
    QTest::newRow("plain") << QString();
    QTest::newRow("sealed") << u"correct horse"_s;
}

void BackupTest::restoresWhatWasThere() {
    QFETCH(const QString, passphrase);
    QVERIFY(backup::write(profile(), path(u"b"_s), passphrase).ok());
    const auto restored = backup::restore(path(u"b"_s), path(u"new"_s), passphrase);
    QVERIFY2(restored.ok(), restored.ok() ? "" : restored.error().text.c_str());
    QCOMPARE(get(path(u"new/landline.keys"_s)), QByteArray("the keys"));
    QCOMPARE(rows(path(u"new/landline.db"_s)), 200);
    QCOMPARE(QDir(path(u"new"_s)).entryList(QDir::Files | QDir::NoDotAndDotDot | QDir::Dirs).size(), 2);
    QVERIFY(get(path(u"b"_s)).contains("the keys") == passphrase.isEmpty());
}

void BackupTest::copiesADatabaseThatIsWrittenTo() {
    {
        QSqlDatabase database = QSqlDatabase::addDatabase(u"QSQLITE"_s, u"writer"_s);
        database.setDatabaseName(profile() + u"/landline.db"_s);
        QVERIFY(database.open());
        QSqlQuery query(database);
        QVERIFY(query.exec(u"INSERT INTO t VALUES('committed')"_s));
        QVERIFY(database.transaction());
        QVERIFY(query.exec(u"INSERT INTO t VALUES('not committed')"_s));
        QVERIFY(backup::write(profile(), path(u"b"_s), {}).ok());
        database.rollback();
    }
    QSqlDatabase::removeDatabase(u"writer"_s);
    QVERIFY(backup::restore(path(u"b"_s), path(u"new"_s), {}).ok());
    QCOMPARE(rows(path(u"new/landline.db"_s)), 201);
}

void BackupTest::isReadableByItsOwnerOnly() {
    constexpr auto kOwner = QFile::ReadOwner | QFile::WriteOwner | QFile::ReadUser | QFile::WriteUser;
    QVERIFY(backup::write(profile(), path(u"b"_s), {}).ok());
    QCOMPARE(QFile::permissions(path(u"b"_s)), kOwner);
    QVERIFY(backup::restore(path(u"b"_s), path(u"new"_s), {}).ok());
    QCOMPARE(QFile::permissions(path(u"new/landline.keys"_s)), kOwner);
    QCOMPARE(QFile::permissions(path(u"new/landline.db"_s)), kOwner);
}

void BackupTest::refusesToOverwrite() {
    put(path(u"b"_s), "mine");
    QCOMPARE(backup::write(profile(), path(u"b"_s), {}).error().code, ErrorCode::InvalidArgument);
    QCOMPARE(get(path(u"b"_s)), QByteArray("mine"));
    QVERIFY(backup::write(profile(), path(u"c"_s), {}).ok());
    QCOMPARE(backup::restore(path(u"c"_s), profile(), {}).error().code, ErrorCode::InvalidArgument);
}

void BackupTest::needsItsPassphrase() {
    QVERIFY(backup::write(profile(), path(u"b"_s), u"right"_s).ok());
    QCOMPARE(backup::restore(path(u"b"_s), path(u"new"_s), {}).error().code, ErrorCode::Locked);
    QCOMPARE(backup::restore(path(u"b"_s), path(u"new"_s), u"wrong"_s).error().code, ErrorCode::Locked);
    QVERIFY(!QFile::exists(path(u"new/landline.keys"_s)));
}

void BackupTest::sweepsWhatAKilledProgramLeft() {
    const QString left = profile() + u"/landline.copy-aB3dEf"_s;
    const QString own = profile() + u"/my backups"_s;
    for (const QString& folder : {left, own}) {
        QVERIFY(QDir().mkpath(folder));
        put(folder + u"/landline.db"_s, "history");
    }
    backup::sweep(profile());
    QVERIFY(!QFileInfo::exists(left));
    QCOMPARE(get(own + u"/landline.db"_s), QByteArray("history"));
    QCOMPARE(get(profile() + u"/landline.keys"_s), QByteArray("the keys"));
}

void BackupTest::refusesEveryCutOffBackup_data() {
    QTest::addColumn<int>("percent");
    for (const int percent : {0, 1, 40, 75, 99}) QTest::addRow("%d %%", percent) << percent;
}

void BackupTest::refusesEveryCutOffBackup() {
    QFETCH(const int, percent);
    QVERIFY(backup::write(profile(), path(u"b"_s), {}).ok());
    const QByteArray whole = get(path(u"b"_s));
    put(path(u"cut"_s), whole.left(whole.size() * percent / 100));
    QCOMPARE(backup::restore(path(u"cut"_s), path(u"new"_s), {}).error().code, ErrorCode::Malformed);
    QVERIFY(!QFile::exists(path(u"new/landline.keys"_s)));
}

void BackupTest::refusesEveryFlippedByte_data() {
    QTest::addColumn<int>("permille");
    for (const int permille : {0, 1, 100, 333, 500, 800, 999}) QTest::addRow("%d/1000", permille) << permille;
}

void BackupTest::refusesEveryFlippedByte() {
    QFETCH(const int, permille);
    QVERIFY(backup::write(profile(), path(u"b"_s), {}).ok());
    QByteArray bytes = get(path(u"b"_s));
    const qsizetype at = bytes.size() * permille / 1000;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x40);
    put(path(u"flipped"_s), bytes);
    QVERIFY(!backup::restore(path(u"flipped"_s), path(u"new"_s), {}).ok());
    QVERIFY(!QFile::exists(path(u"new/landline.keys"_s)));
}

}  // namespace landline::app

QTEST_GUILESS_MAIN(landline::app::BackupTest)
#include "backup_test.moc"
