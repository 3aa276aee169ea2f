// What a database from before relays, or of the first of them, gains when it is opened.
#include "app/storage/migrations.h"
#include "tests/app/storage/relay_fixture.h"

#include <QTest>

namespace landline::app::test {

namespace {

/// What takes a database back to the first version with relays.
QStringList sinceRelays() {
    QStringList back{QStringLiteral("DROP TABLE told_edition"), QStringLiteral("DROP TABLE evidence_owed")};
    for (const char* const column : {"relay DROP COLUMN listed", "relay DROP COLUMN leaving_since", "relay_token DROP COLUMN confirmed",
                                     "relay_grant DROP COLUMN linked", "prekey DROP COLUMN created",
                                     "deposit_recipient DROP COLUMN doubted", "person DROP COLUMN by_relay",
                                     "person DROP COLUMN kept"})
        back.append(QStringLiteral("ALTER TABLE ") + QLatin1String(column));
    return back;
}

}  // namespace

class RelayMigrationTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aDatabaseFromBeforeRelaysIsBroughtUpToThem() {
        RelayFixture f;
        f.write("kept");
        QVERIFY(f.store->commit());
        const QString schema =
            QStringLiteral("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name");
        const QStringList now = f.onFile({schema});
        const QStringList added = {QStringLiteral("relay"),
                                   QStringLiteral("relay_token"),
                                   QStringLiteral("relay_grant"),
                                   QStringLiteral("own_prekey"),
                                   QStringLiteral("prekey"),
                                   QStringLiteral("relay_position"),
                                   QStringLiteral("relay_number"),
                                   QStringLiteral("deposit"),
                                   QStringLiteral("heads_owed"),
                                   QStringLiteral("deposit_range"),
                                   QStringLiteral("deposit_recipient"),
                                   QStringLiteral("statement"),
                                   QStringLiteral("peer_lost")};
        QStringList back = sinceRelays();
        for (const QString& table : added) back.append(QStringLiteral("DROP TABLE ") + table);
        back.append(QStringLiteral("PRAGMA user_version = 4"));
        QCOMPARE(f.onFile(back), QStringList());
        QVERIFY(f.onFile({schema}).size() < now.size() - 12);

        QVERIFY(f.open());
        QVERIFY(f.damagedCopy.isEmpty());
        QCOMPARE(f.texts(), QStringList{QStringLiteral("kept")});
        QCOMPARE(f.undelivered().size(), std::size_t(1));
        f.store->relays().put(f.relay, f.kNow);
        f.deposit(1, 1);
        QVERIFY(f.store->commit());
        QCOMPARE(f.onFile({schema}), now);
        QCOMPARE(f.onFile({QStringLiteral("PRAGMA user_version")}),
                 QStringList{QString::number(currentSchemaVersion())});
    }

    /// Grants, a deposit that was under way, and a stranger, as the version before kept them.
    void aDatabaseOfTheFirstRelaysIsBroughtUp() {
        RelayFixture f;
        f.write("kept");
        f.store->relays().put(f.relay, f.kNow);
        const std::vector<identity::RelayGrant> grants = {{f.second, f.random.make<RelayToken>()}};
        QVERIFY(f.store->prekeys().putGrants(f.other.id(), grants));
        const DepositCounter before = f.deposit(1, 1);
        QVERIFY(f.store->commit());
        const QString columns =
            QStringLiteral("SELECT m.name || '.' || c.name FROM sqlite_schema m, pragma_table_info(m.name) c "
                           "WHERE m.type = 'table' ORDER BY 1");
        const QStringList now = f.onFile({columns});
        QCOMPARE(f.onFile(sinceRelays() + QStringList{QStringLiteral("PRAGMA user_version = 5")}), QStringList());
        // The two tables have two and six columns.
        QCOMPARE(f.onFile({columns}).size(), now.size() - sinceRelays().size() - 6);

        QVERIFY(f.open());
        QVERIFY(f.damagedCopy.isEmpty());
        QCOMPARE(f.texts(), QStringList{QStringLiteral("kept")});
        QVERIFY(!f.store->cameByRelay(f.otherId));
        QVERIFY(!f.store->deposits().isDoubted(before, f.other.id()));
        QVERIFY(f.store->deposits().giveUp(f.other.id()).empty());
        QVERIFY(f.store->deposits().isDoubted(before, f.other.id()));
        QVERIFY(f.store->prekeys().grants(f.other.id()) == grants);
        // Nothing is known of before: whatever comes first counts.
        QVERIFY(f.store->prekeys().takeEdition(f.other.id(), 0));
        QVERIFY(f.store->prekeys().takeEdition(f.other.id(), 3));
        QVERIFY(f.store->commit());
        QCOMPARE(f.onFile({columns}), now);
    }
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::RelayMigrationTest)
#include "relay_migration_test.moc"
