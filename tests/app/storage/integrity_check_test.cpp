#include "app/storage/integrity_check.h"

#include "tests/app/storage/store_fixture.h"

#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QTest>

namespace landline::app::test {

/// Changes the database behind the store's back.
bool runOn(const QString& folder, const QStringList& statements) {
    const QString connection = QStringLiteral("damage");
    bool done = true;
    {
        QSqlDatabase database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), connection);
        database.setDatabaseName(folder + QStringLiteral("/landline.db"));
        done = database.open();
        QSqlQuery query(database);
        for (const QString& statement : statements) done = query.exec(statement) && done;
    }
    QSqlDatabase::removeDatabase(connection);
    return done;
}

class IntegrityCheckTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void findsASoundStoreSound() {
        StoreFixture fixture;
        fill(fixture);
        QVERIFY(isDatabaseSound(fixture.folder.path(), never));
    }

    void findsAnIndexThatLacksMessages() {
        StoreFixture fixture;
        mixUpIndexes(fixture);
        QVERIFY(!isDatabaseSound(fixture.folder.path(), never));
    }

    void findsASchemaThatIsNotOurs() {
        StoreFixture fixture;
        fill(fixture);
        fixture.store.reset();
        QVERIFY(runOn(fixture.folder.path(),
                      {QStringLiteral("PRAGMA writable_schema=ON"),
                       QStringLiteral("UPDATE sqlite_schema SET sql = replace(sql, 'clock', 'clack') "
                                      "WHERE name = 'timeline'")}));
        QVERIFY(!isDatabaseSound(fixture.folder.path(), never));
    }

    void givesUpWhenCancelled() {
        StoreFixture fixture;
        mixUpIndexes(fixture);
        const std::atomic<bool> cancelled = true;
        QVERIFY(isDatabaseSound(fixture.folder.path(), cancelled));
    }

    void callsAStoreThatIsNotThereSound() {
        const QTemporaryDir empty;
        QVERIFY(isDatabaseSound(empty.path(), never));
    }

    void failsTheNextCommitOnceDamageIsReported() {
        StoreFixture fixture;
        fill(fixture);
        fixture.store->reportDamage();
        fixture.say(fixture.me, 2000, "after");
        QVERIFY(!fixture.store->commit());
        QVERIFY(fixture.store->isDamaged());
        QVERIFY(fixture.open());
        QVERIFY(!fixture.damagedCopy.isEmpty());
    }

private:
    static void fill(StoreFixture& fixture) {
        for (int i = 0; i < 200; ++i) fixture.say(fixture.me, 1000 + i, "message " + std::to_string(i));
        QVERIFY(fixture.store->commit());
    }

    /// Fills and closes the store; its index of messages then reads what is another's.
    static void mixUpIndexes(StoreFixture& fixture) {
        fill(fixture);
        fixture.store.reset();
        QVERIFY(
            runOn(fixture.folder.path(),
                  {QStringLiteral("PRAGMA writable_schema=ON"),
                   QStringLiteral("UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema "
                                  "WHERE name = 'amendment_target') WHERE name = 'message_order'")}));
    }

    const std::atomic<bool> never = false;
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::IntegrityCheckTest)
#include "integrity_check_test.moc"
