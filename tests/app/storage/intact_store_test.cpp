// A damaged store is set aside, so nothing that peers can send may make an intact one look damaged.

#include "app/storage/integrity_check.h"
#include "p2p/base/limits.h"
#include "p2p/timeline/applier.h"
#include "tests/app/storage/store_fixture.h"

#include <QSqlDatabase>
#include <QSqlQuery>
#include <QTest>

namespace landline::app::test {

class IntactStoreTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void takesAnEditOfItselfAndItsDelete() {
        StoreFixture f;
        const EntryRef self{f.other.id(), f.other.tip().number + 1};
        send(f, {f.other.write(f.direct, 1000, wire::Edit{self, "I edit myself"}).bytes,
                 f.other.write(f.direct, 1001, wire::Delete{self}).bytes});
        expectIntact(f);
    }

    void takesAReactionToItselfAndItsDelete() {
        StoreFixture f;
        const EntryRef self{f.other.id(), f.other.tip().number + 1};
        send(f, {f.other.write(f.direct, 1000, wire::Reaction{self, "👍", false}).bytes,
                 f.other.write(f.direct, 1001, wire::Delete{self}).bytes});
        expectIntact(f);
    }

    void keepsAnErasureWhoseDeviceTurnsOutToBeAnothers() {
        StoreFixture f;
        Author second(f.otherPerson, f.random);
        const auto said = f.other.write(f.direct, 1000, wire::Text{"not for long", {}});
        wire::SignedEntry erased = said.bytes;
        erased.payload.clear();
        erased.erasure = f.proofOf(second.write(f.direct, 1001, wire::Delete{said.ref()}), second);
        send(f, {erased, f.other.write(f.direct, 1002, wire::Text{"still here", {}}).bytes});
        QCOMPARE(f.store->head(f.direct, f.other.id())->number, EntryNumber{2});

        const auto third = identity::SigningKey::generate(f.random);
        f.store->meet(Author(third, second).certificate(), QStringLiteral("Third"));
        QVERIFY(f.store->commit());
        QCOMPARE(f.store->read(f.direct, f.other.id(), 1, 10, 1 << 20).size(), std::size_t{2});
        expectIntact(f);
    }

    void keepsTheAuthorOfWhatIsShownBeyondAFork() {
        StoreFixture f;
        Author second(f.otherPerson, f.random);
        f.store->meet(second.certificate(), QStringLiteral("Other"));
        const auto said = f.say(f.other, 1000, "befroe");
        f.put(second, 1001, wire::Edit{said.ref(), "before"});
        f.store->endTimeline(f.direct, f.other.id(), 0, {});
        for (std::size_t i = 0; i < 2 * limits::kDevicesPerPerson; ++i)
            f.store->meet(Author(f.otherPerson, f.random).certificate(), QStringLiteral("Other"));
        QVERIFY(f.store->commit());
        QCOMPARE(f.texts(), QStringList{QStringLiteral("before")});
        expectIntact(f);
    }

    void takesReactionsToATextThatBeginsWithAByteOrderMark() {
        StoreFixture f;
        const auto said = f.say(f.other, 1000, "\xEF\xBF\xBE" + std::string(20000, 'a'));
        for (int i = 0; i < 20; ++i) f.say(f.me, 1001 + i, "word" + std::to_string(i));
        QVERIFY(f.store->commit());
        QCOMPARE(f.found(QStringLiteral("word7")).size(), 1);
        for (int i = 0; i < 20; ++i) f.put(f.other, 2000 + i, wire::Reaction{said.ref(), "👍", i % 2 == 1});
        QVERIFY(f.store->commit());
        QCOMPARE(f.found(QStringLiteral("word7")).size(), 1);
        expectIntact(f);
    }

    /// What a newer program, or a person with SQLite's own tools, adds is no damage.
    void keepsAStoreToWhichSomethingWasAdded() {
        StoreFixture f;
        f.say(f.other, 1000, "hello");
        QVERIFY(f.store->commit());
        f.store.reset();
        {
            QSqlDatabase database =
                QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), QStringLiteral("addition"));
            database.setDatabaseName(f.folder.filePath(QStringLiteral("landline.db")));
            QVERIFY(database.open());
            QSqlQuery query(database);
            QVERIFY(query.exec(QStringLiteral("CREATE INDEX mine ON message(size)")));
            QVERIFY(query.exec(QStringLiteral("ANALYZE")));
        }
        QSqlDatabase::removeDatabase(QStringLiteral("addition"));
        expectIntact(f);
    }

private:
    static void send(StoreFixture& f, const std::vector<wire::SignedEntry>& entries) {
        timeline::Applier applier(*f.store, f.me.id());
        const auto first = wire::parseEntryHeader(entries.front().header);
        QVERIFY(first);
        const auto result =
            applier.apply({f.direct, f.other.id(), first->number, entries}, fromUnixMillis(1800000000000));
        QCOMPARE(result.appended.size(), entries.size());
        QVERIFY(f.store->commit());
    }

    static void expectIntact(StoreFixture& f) {
        const std::atomic<bool> never = false;
        for (int i = 0; i < 2; ++i) {
            QVERIFY(f.open());
            QVERIFY(f.damagedCopy.isEmpty());
            for (const timeline::TimelineHead& head : f.store->heads(f.direct))
                (void)f.store->read(f.direct, head.author, 1, 1000, 1 << 20);
            (void)f.history();
            QVERIFY(f.store->commit());
            QVERIFY(!f.store->isDamaged());
            QVERIFY(isDatabaseSound(f.folder.path(), never));
        }
    }
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::IntactStoreTest)
#include "intact_store_test.moc"
