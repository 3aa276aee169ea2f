// A profile that is not what its device wrote goes on as a new device of the same person, and its history comes back.
#include "app/storage/backup.h"
#include "tests/app/messenger/person.h"

#include <QDir>
#include <QFile>
#include <QSqlDatabase>
#include <QSqlQuery>

namespace landline::app::test {

namespace {

/// More than a stranger may send, so that standing has to come back too.
constexpr int kTexts = int(limits::kStrangerEntries) + 5;

/// Where the database keeps things, read by SQLite itself.
QVariant askSqlite(const QString& path, const QString& question) {
    QVariant answer;
    {
        auto database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), QStringLiteral("asking"));
        database.setDatabaseName(path);
        if (!database.open()) qFatal("the database does not open");
        QSqlQuery query(question, database);
        if (query.next()) answer = query.value(0);
    }
    QSqlDatabase::removeDatabase(QStringLiteral("asking"));
    return answer;
}

void overwrite(const QString& path, qint64 at, const QByteArray& bytes) {
    QFile file(path);
    if (!file.open(QIODevice::ReadWrite) || !file.seek(at) || file.write(bytes) != bytes.size())
        qFatal("cannot damage the file");
}

/// The head of the table's first page becomes nonsense: found on opening.
void damageTable(const QString& path, const QString& table) {
    const qint64 page =
        askSqlite(path, QStringLiteral("SELECT rootpage FROM sqlite_master WHERE name = '%1'").arg(table))
            .toLongLong();
    const qint64 size = askSqlite(path, QStringLiteral("PRAGMA page_size")).toLongLong();
    if (page < 2) qFatal("no such table");
    overwrite(path, (page - 1) * size, QByteArray(8, char(0xEE)));
}

/// One byte in the payload of a stored entry that holds `text`: found when the entry is next read.
void flipInPayload(const QString& path, const QByteArray& text) {
    const QByteArray payload =
        askSqlite(path,
                  QStringLiteral("SELECT payload FROM entry WHERE instr(payload, CAST('%1' AS BLOB)) > 0")
                      .arg(QString::fromUtf8(text)))
            .toByteArray();
    QFile file(path);
    if (payload.isEmpty() || !file.open(QIODevice::ReadOnly)) qFatal("no such payload");
    const qsizetype at = file.readAll().indexOf(payload);
    if (at < 0) qFatal("the payload is not in one piece");
    overwrite(path, at, QByteArray(1, char(payload[0] ^ 1)));
}

/// Whether a problem of this code was told, in a text with these words.
bool told(const QSignalSpy& problems, const QString& code, const QString& words) {
    return std::any_of(problems.begin(), problems.end(), [&](const QList<QVariant>& problem) {
        return problem[0].toString() == code && problem[1].toString().contains(words);
    });
}

QString databaseOf(const Person& person) {
    return person.folder() + QStringLiteral("/landline.db");
}

/// Two people who have talked, strangers no more, Ann having verified Bob.
struct Talk {
    Person ann{kAnn};
    Person bob{kBob};
    QStringList said;
    DeviceId annsDevice;
    PersonId annsPerson;

    void begin() {
        QVERIFY(bringTogether(ann, bob));
        speak(ann, bob, 1);
        speak(bob, ann, 1);
        for (int i = 0; i < kTexts; ++i) speak(i % 3 == 0 ? ann : bob, i % 3 == 0 ? bob : ann, 1);
        const PersonId bobs = ann.personCalled(kBob);
        QVERIFY(ann.ask([=](Messenger& m) { return m.setVerified(bobs, true); }));
        annsDevice = ann.self().device;
        annsPerson = ann.self().person;
    }
    void speak(Person& from, Person& to, int count) {
        const QString other = &from == &ann ? kBob : kAnn;
        for (int i = 0; i < count; ++i) {
            said.push_back(QStringLiteral("text number %1").arg(said.size()));
            QVERIFY(from.send(other, said.back()));
            QTRY_COMPARE_WITH_TIMEOUT(to.textsWith(&from == &ann ? kAnn : kBob).value(said.size() - 1),
                                      said.back(), kPatience);
        }
    }
    /// Ann is another device of the same person, both have all that was said, and they go on talking.
    void expectRecovered() {
        QTRY_COMPARE_WITH_TIMEOUT(ann.textsWith(kBob), said, 2 * kPatience);
        QCOMPARE(bob.textsWith(kAnn), said);
        QVERIFY(ann.self().device != annsDevice);
        QVERIFY(ann.self().person == annsPerson);
        QVERIFY(ann.ask([](Messenger& m) { return m.find(kBob).value().record.verified; }));
        speak(ann, bob, 1);
        speak(bob, ann, 1);
        QCOMPARE(bob.historyWith(kAnn)[std::size_t(said.size() - 2)].person, annsPerson);
        QTRY_COMPARE_WITH_TIMEOUT(ann.historyWith(kBob)[std::size_t(said.size() - 2)].state,
                                  MessageState::Delivered, kPatience);
        // Both know two people: themselves and the other.
        QCOMPARE(bob.ask([](Messenger& m) { return m.people().size(); }), std::size_t{2});
        QCOMPARE(ann.ask([](Messenger& m) { return m.people().size(); }), std::size_t{2});
        expectSettled();
    }
    /// The next start changes nothing any more.
    void expectSettled() {
        const DeviceId device = ann.self().device;
        ann.stop();
        ann.start();
        QCOMPARE(ann.notice(), QString());
        QVERIFY(ann.self().device == device);
        QCOMPARE(ann.textsWith(kBob), said);
    }
};

#define EXPECT_GOING_ON(step)                   \
    do {                                        \
        step;                                   \
        if (QTest::currentTestFailed()) return; \
    } while (false)

}  // namespace

class RecoveryTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aRestoredBackupGetsBackWhatItMissed() {
        Talk talk;
        EXPECT_GOING_ON(talk.begin());
        QTemporaryDir outside;
        const QString file = outside.filePath(QStringLiteral("ann.backup"));
        QVERIFY(backup::write(talk.ann.folder(), file, {}));
        EXPECT_GOING_ON(talk.speak(talk.ann, talk.bob, 3));
        EXPECT_GOING_ON(talk.speak(talk.bob, talk.ann, 3));
        talk.ann.stop();
        const QString restored = outside.filePath(QStringLiteral("restored"));
        QVERIFY(backup::restore(file, restored, {}));
        talk.ann.moveTo(restored);
        talk.ann.start();
        QVERIFY2(talk.ann.notice().contains(QStringLiteral("new device")), qPrintable(talk.ann.notice()));
        // Bob may have begun already to bring what the backup lacks.
        QVERIFY(talk.ann.textsWith(kBob).size() >= kTexts + 2);
        talk.expectRecovered();
    }

    void aClonedFolderIsANewDeviceBesideItsOriginal() {
        Talk talk;
        EXPECT_GOING_ON(talk.begin());
        talk.ann.stop();
        QTemporaryDir outside;
        const QString clone = outside.filePath(QStringLiteral("clone"));
        QVERIFY(QDir().mkdir(clone));
        for (const QString& name : QDir(talk.ann.folder()).entryList(QDir::Files))
            QVERIFY(QFile::copy(talk.ann.folder() + u'/' + name, clone + u'/' + name));
        const QString original = talk.ann.folder();
        talk.ann.moveTo(clone);
        talk.ann.start();
        QVERIFY(talk.ann.notice().contains(QStringLiteral("new device")));
        EXPECT_GOING_ON(talk.expectRecovered());
        // The original is still the device that it was, and gets what the clone wrote.
        talk.ann.stop();
        talk.ann.moveTo(original);
        talk.ann.start();
        QCOMPARE(talk.ann.notice(), QString());
        QVERIFY(talk.ann.self().device == talk.annsDevice);
        QTRY_COMPARE_WITH_TIMEOUT(talk.ann.textsWith(kBob), talk.said, kPatience);
    }

    /// Nothing on this disk tells that the database is an old one: the others know entries that it has not.
    void aDatabasePutBackFromEarlierIsNoticedByWhatItWrote() {
        Talk talk;
        EXPECT_GOING_ON(talk.begin());
        talk.ann.stop();
        QTemporaryDir outside;
        const QString earlier = outside.filePath(QStringLiteral("earlier.db"));
        QVERIFY(QFile::copy(databaseOf(talk.ann), earlier));
        talk.ann.start();
        QTRY_VERIFY_WITH_TIMEOUT(talk.ann.sees(kBob), kPatience);
        EXPECT_GOING_ON(talk.speak(talk.ann, talk.bob, 3));
        talk.ann.stop();
        QVERIFY(QFile::remove(databaseOf(talk.ann)) && QFile::copy(earlier, databaseOf(talk.ann)));
        talk.ann.start();
        QSignalSpy problems(talk.ann.messenger(), &Messenger::problem);
        QTRY_VERIFY_WITH_TIMEOUT(talk.ann.self().device != talk.annsDevice, kPatience);
        EXPECT_GOING_ON(talk.expectRecovered());
        QVERIFY(told(problems, QStringLiteral("new-device"), QStringLiteral("new device of")));
    }

    void aDeletedDatabaseIsANewDeviceAndAsksAgain() {
        Talk talk;
        EXPECT_GOING_ON(talk.begin());
        talk.ann.stop();
        QVERIFY(QFile::remove(databaseOf(talk.ann)));
        talk.ann.start();
        QVERIFY2(talk.ann.notice().contains(QStringLiteral("not the one that its device wrote")),
                 qPrintable(talk.ann.notice()));
        QVERIFY(talk.ann.self().device != talk.annsDevice);
        // Who was accepted went with the database: Bob is a request again, and all comes back once he is accepted.
        talk.ann.meet(talk.bob);
        QTRY_VERIFY_WITH_TIMEOUT(talk.ann.sees(kBob), kPatience);
        const PersonId bobs = talk.ann.personCalled(kBob);
        QVERIFY(talk.ann.ask([=](Messenger& m) { return m.setVerified(bobs, true); }));
        QVERIFY(
            talk.ann.ask([=](Messenger& m) { return m.setStanding(bobs, timeline::Standing::Accepted); }));
        talk.expectRecovered();
    }

    void aDatabaseFoundDamagedAtTheStartIsSetAside_data() {
        QTest::addColumn<QString>("table");
        for (const char* const table : {"message", "entry", "amendment", "amendment_target", "search_data"})
            QTest::newRow(table) << QString::fromLatin1(table);
    }
    void aDatabaseFoundDamagedAtTheStartIsSetAside() {
        QFETCH(QString, table);
        Talk talk;
        EXPECT_GOING_ON(talk.begin());
        talk.ann.stop();
        damageTable(databaseOf(talk.ann), table);
        talk.ann.start();
        QVERIFY2(talk.ann.notice().contains(QStringLiteral("was damaged")), qPrintable(talk.ann.notice()));
        const QStringList aside =
            QDir(talk.ann.folder()).entryList({QStringLiteral("landline.db.damaged-*")}, QDir::Files);
        QVERIFY(!aside.isEmpty() && talk.ann.notice().contains(aside.front()));
        talk.expectRecovered();
    }

    void aDatabaseFoundDamagedWhileRunningIsReplaced() {
        Talk talk;
        EXPECT_GOING_ON(talk.begin());
        const GlobalEntryRef first = talk.bob.historyWith(kAnn).front().ref;
        talk.ann.stop();
        flipInPayload(databaseOf(talk.ann), "text number 0");
        talk.ann.start();
        QCOMPARE(talk.ann.notice(), QString());
        QSignalSpy problems(talk.ann.messenger(), &Messenger::problem);
        QTRY_VERIFY_WITH_TIMEOUT(talk.bob.sees(kAnn), kPatience);
        // A reaction to the damaged entry makes Ann's device read it.
        QVERIFY(talk.bob.ask([=](Messenger& m) { return m.react(first, QStringLiteral("👍"), false); }));
        QTRY_VERIFY_WITH_TIMEOUT(talk.ann.self().device != talk.annsDevice, kPatience);
        EXPECT_GOING_ON(talk.expectRecovered());
        QCOMPARE(int(talk.ann.historyWith(kBob).front().reactions.size()), 1);
        QVERIFY(told(problems, QStringLiteral("damaged"), QStringLiteral("landline.db.damaged-")));
        // The new device's key belongs to the new database from the first moment on.
        const DeviceId second = talk.ann.self().device;
        talk.ann.stop();
        QVERIFY(QFile::remove(databaseOf(talk.ann)));
        talk.ann.start();
        QVERIFY(talk.ann.self().device != second);
    }

    void whatOnesOwnProfileSaidAndWhoWasBlockedIsTakenOver() {
        Talk talk;
        EXPECT_GOING_ON(talk.begin());
        const PersonId bobs = talk.ann.personCalled(kBob);
        QVERIFY(talk.ann.ask([=](Messenger& m) { return m.setStanding(bobs, timeline::Standing::Blocked); }));
        QVERIFY(talk.ann.ask([](Messenger& m) { return m.setName(QStringLiteral("Anna")); }));
        QVERIFY(talk.ann.ask(
            [](Messenger& m) { return m.setPresence(wire::Presence::Offline, QStringLiteral("at work")); }));
        talk.ann.stop();
        damageTable(databaseOf(talk.ann), QStringLiteral("message"));
        talk.ann.start();
        QVERIFY(talk.ann.notice().contains(QStringLiteral("was damaged")));
        const SelfView self = talk.ann.self();
        QCOMPARE(self.name, QStringLiteral("Anna"));
        QVERIFY(self.presence == wire::Presence::Offline);
        QCOMPARE(self.statusText, QStringLiteral("at work"));
        const auto bob = talk.ann.ask([](Messenger& m) { return m.find(kBob); });
        QVERIFY(bob && bob->record.id == bobs);
        QCOMPARE(bob->record.standing, timeline::Standing::Blocked);
    }
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::RecoveryTest)
#include "recovery_test.moc"
