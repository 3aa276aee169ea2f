// What storage refuses is told in a sentence that says what to do, and nothing is lost by it.
#include "tests/app/messenger/person.h"
#include "tests/support/faulty_vfs.h"

namespace landline::app::test {

using landline::test::FaultyVfs;

namespace {

constexpr std::int64_t kPlenty = std::numeric_limits<std::int64_t>::max();

/// Takes everybody's messages and keeps them on this disk.
RuntimeOptions allowingAllOn(const FaultyVfs& disk) {
    RuntimeOptions options = allowingAll();
    options.sqliteOptions = QString::fromStdString(disk.uriParameters());
    return options;
}

void beginTalk(Person& ann, Person& bob) {
    QVERIFY(bringTogether(ann, bob));
    QVERIFY(ann.send(kBob, QStringLiteral("before")));
    QTRY_COMPARE_WITH_TIMEOUT(bob.textsWith(kAnn), QStringList{QStringLiteral("before")}, kPatience);
    QTRY_COMPARE_WITH_TIMEOUT(ann.historyWith(kBob).back().state, MessageState::Delivered, kPatience);
}

QString sentenceOf(const Expected<std::unique_ptr<Runtime>>& refused) {
    return refused ? QString() : QString::fromStdString(refused.error().text);
}

/// A profile with a note of Ann's own, on which no program runs.
void leaveNote(Person& ann) {
    ann.start();
    QVERIFY(ann.send(kAnn, QStringLiteral("a note")));
    ann.stop();
}

/// The next start has nothing to tell, and the note is there.
void expectNote(Person& ann) {
    ann.start();
    QCOMPARE(ann.notice(), QString());
    QCOMPARE(ann.textsWith(kAnn), QStringList{QStringLiteral("a note")});
}

}  // namespace

class BadDiskTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aFullDiskOfTheWriterRefusesTheTextAndSendsNothing() {
        FaultyVfs disk("writers");
        Person ann(kAnn, allowingAllOn(disk));
        Person bob(kBob, allowingAll());
        beginTalk(ann, bob);
        if (QTest::currentTestFailed()) return;
        disk.setFreeBytes(0);
        const auto refused = ann.send(kBob, QStringLiteral("lost?"));
        QVERIFY(!refused && refused.error().code == ErrorCode::Full);
        const QString sentence = QString::fromStdString(refused.error().text);
        QVERIFY2(
            sentence.contains(ann.folder()) && sentence.contains(QStringLiteral("is full. Free some space")),
            qPrintable(sentence));
        QCOMPARE(ann.textsWith(kBob), QStringList{QStringLiteral("before")});
        // What others send is not acknowledged either, and comes once there is room.
        QVERIFY(bob.send(kAnn, QStringLiteral("for a full disk")));
        disk.setFreeBytes(kPlenty);
        QVERIFY(ann.send(kBob, QStringLiteral("after")));
        const QStringList all{QStringLiteral("before"), QStringLiteral("for a full disk"),
                              QStringLiteral("after")};
        const auto sorted = [](QStringList texts) {
            texts.sort();
            return texts;
        };
        QTRY_COMPARE_WITH_TIMEOUT(sorted(ann.textsWith(kBob)), sorted(all), 2 * kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(bob.textsWith(kAnn), ann.textsWith(kBob), 2 * kPatience);
    }

    void aFullDiskOfTheReaderIsToldAndTheMessagesComeLater() {
        FaultyVfs disk("readers");
        Person ann(kAnn, allowingAll());
        Person bob(kBob, allowingAllOn(disk));
        beginTalk(ann, bob);
        if (QTest::currentTestFailed()) return;
        QSignalSpy problems(bob.messenger(), &Messenger::problem);
        QSignalSpy delivered(ann.messenger(), &Messenger::delivered);
        disk.setFreeBytes(0);
        QStringList all{QStringLiteral("before")};
        for (int i = 0; i < 5; ++i) {
            all.push_back(QStringLiteral("waiting %1").arg(i));
            QVERIFY(ann.send(kBob, all.back()));
        }
        const auto told = [&] {
            return std::any_of(problems.begin(), problems.end(), [](const QList<QVariant>& problem) {
                return problem[1].toString().contains(QStringLiteral("is full. Free some space"));
            });
        };
        QTRY_VERIFY_WITH_TIMEOUT(told(), kPatience);
        // No tick for what the disk did not take.
        QVERIFY(delivered.isEmpty());
        QCOMPARE(ann.historyWith(kBob).back().state, MessageState::Queued);
        QCOMPARE(bob.textsWith(kAnn), QStringList{QStringLiteral("before")});
        disk.setFreeBytes(kPlenty);
        QTRY_COMPARE_WITH_TIMEOUT(bob.textsWith(kAnn), all, 4 * kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(ann.historyWith(kBob).back().state, MessageState::Delivered, kPatience);
    }

    void aFullDiskIsToldAtTheStart() {
        FaultyVfs disk("starting");
        Person ann(kAnn, allowingAllOn(disk));
        leaveNote(ann);
        disk.setFreeBytes(0);
        const auto refused = Runtime::open(ann.options());
        QVERIFY2(sentenceOf(refused).contains(QStringLiteral("is full. Free some space")),
                 qPrintable(sentenceOf(refused)));
        disk.setFreeBytes(kPlenty);
        expectNote(ann);
    }

    void aReadOnlyDatabaseIsToldAndLosesNothing() {
        FaultyVfs disk("protected");
        Person ann(kAnn, allowingAllOn(disk));
        leaveNote(ann);
        const QByteArray before = contentsOf(ann.folder() + QStringLiteral("/landline.db"));
        disk.setReadOnly(true);
        const QString sentence = sentenceOf(Runtime::open(ann.options()));
        QVERIFY2(
            sentence.contains(ann.folder()) && sentence.contains(QStringLiteral("cannot be written. Check")),
            qPrintable(sentence));
        QCOMPARE(contentsOf(ann.folder() + QStringLiteral("/landline.db")), before);
        disk.setReadOnly(false);
        expectNote(ann);
    }

    void aSecondProgramIsToldWhoHasTheProfileAndTheFirstGoesOn() {
        Person ann(kAnn);
        ann.start();
        const QString sentence = sentenceOf(Runtime::open(ann.options()));
        QVERIFY2(sentence.contains(QStringLiteral("already running on the profile ") + ann.folder()) &&
                     sentence.contains(QString::number(QCoreApplication::applicationPid())) &&
                     sentence.contains(QStringLiteral("Close it first")),
                 qPrintable(sentence));
        QVERIFY(ann.send(kAnn, QStringLiteral("a note")));
        ann.stop();
        ann.start();
        QCOMPARE(ann.textsWith(kAnn), QStringList{QStringLiteral("a note")});
    }

    void aWrongPassphraseIsToldAndLosesNothing() {
        Person ann(kAnn);
        ann.start();
        QVERIFY(ann.send(kAnn, QStringLiteral("a note")));
        const DeviceId device = ann.self().device;
        ann.stop();
        {
            const auto profile = Profile::open(ann.folder());
            QVERIFY(profile && (*profile)->setPassphrase(QStringLiteral("correct horse")));
        }
        const QByteArray keys = contentsOf(ann.folder() + QStringLiteral("/landline.keys"));
        RuntimeOptions options = ann.options();
        QVERIFY(sentenceOf(Runtime::open(options)).contains(QStringLiteral("give its passphrase")));
        options.passphrase = QStringLiteral("battery staple");
        QVERIFY(sentenceOf(Runtime::open(options)).contains(QStringLiteral("The passphrase is wrong")));
        QCOMPARE(contentsOf(ann.folder() + QStringLiteral("/landline.keys")), keys);
        options.passphrase = QStringLiteral("correct horse");
        const auto opened = Runtime::open(options);
        QVERIFY2(opened, qPrintable(sentenceOf(opened)));
        QCOMPARE((*opened)->notice(), QString());
        std::optional<SelfView> self;
        (*opened)->port().call(
            this, [](Messenger& m) { return m.self(); }, [&](SelfView value) { self = std::move(value); });
        QTRY_VERIFY_WITH_TIMEOUT(self.has_value(), kPatience);
        QVERIFY(self->device == device);
    }
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::BadDiskTest)
#include "bad_disk_test.moc"
