#include "app/storage/profile.h"

#include "app/storage/database.h"
#include "app/storage/key_file.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

namespace landline::app::test {

namespace {

QByteArray contentsOf(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

bool overwrite(const QString& path, const QByteArray& bytes) {
    QFile file(path);
    return file.open(QIODevice::WriteOnly | QIODevice::Truncate) && file.write(bytes) == bytes.size();
}

struct Folder {
    QTemporaryDir temporary;
    QString path = temporary.filePath(QStringLiteral("profile"));
    QString keys = path + QStringLiteral("/landline.keys");

    Expected<std::unique_ptr<Profile>> create() { return Profile::create(path, QStringLiteral("Ann")); }
    Expected<std::unique_ptr<Profile>> open(const QString& passphrase = {}) {
        return Profile::open(path, passphrase);
    }
};

ErrorCode codeOf(const Expected<std::unique_ptr<Profile>>& result) {
    return result ? ErrorCode::Internal : result.error().code;
}

DeviceId deviceOf(const std::unique_ptr<Profile>& profile) {
    return profile->identity()->keys.id();
}

}  // namespace

class ProfileTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void comesBackAsItWasMade() {
        Folder folder;
        QVERIFY(!Profile::exists(folder.path));
        auto made = folder.create();
        QVERIFY(made);
        const PersonId person = (*made)->person();
        const DeviceId device = deviceOf(*made);
        QVERIFY((*made)->identity()->certificate.person() == person);
        made->reset();
        QVERIFY(Profile::exists(folder.path));
        const auto opened = folder.open();
        QVERIFY(opened);
        QVERIFY((*opened)->person() == person && deviceOf(*opened) == device);
        QCOMPARE((*opened)->name(), QStringLiteral("Ann"));
        QVERIFY((*opened)->notice().isEmpty());
        const auto all = QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther;
        QVERIFY(!(QFile::permissions(folder.keys) & all));
        QVERIFY(!(QFile::permissions(folder.path) & all));
    }

    void isMadeOnceAndWithAName() {
        Folder folder;
        QVERIFY(codeOf(Profile::create(folder.path, QStringLiteral("\u202e \n"))) ==
                ErrorCode::InvalidArgument);
        QVERIFY(!Profile::exists(folder.path));
        QVERIFY(codeOf(folder.open()) == ErrorCode::NotFound);
        QVERIFY(folder.create());
        const QByteArray before = contentsOf(folder.keys);
        QVERIFY(codeOf(folder.create()) == ErrorCode::InvalidArgument);
        QCOMPARE(contentsOf(folder.keys), before);
    }

    void aFolderThatCannotBeMadeGivesAClearError() {
        QTemporaryDir temporary;
        QVERIFY(overwrite(temporary.filePath(QStringLiteral("file")), "x"));
        const auto made =
            Profile::create(temporary.filePath(QStringLiteral("file/profile")), QStringLiteral("Ann"));
        QVERIFY(codeOf(made) == ErrorCode::Disk);
        QVERIFY(QString::fromStdString(made.error().text).contains(QStringLiteral("could not be written")));
    }

    void aSecondProgramIsToldWhoHasTheProfile() {
        Folder folder;
        auto first = folder.create();
        QVERIFY(first);
        const auto second = folder.open();
        QVERIFY(codeOf(second) == ErrorCode::Locked);
        QVERIFY(QString::fromStdString(second.error().text)
                    .contains(QString::number(QCoreApplication::applicationPid())));
        first->reset();
        QVERIFY(folder.open());
    }

    void aDamagedKeyFileIsReportedAndNeverWrittenOver_data() {
        QTest::addColumn<int>("kind");
        QTest::newRow("empty") << 0;
        QTest::newRow("cut short") << 1;
        QTest::newRow("grown") << 2;
        QTest::newRow("one bit") << 3;
        QTest::newRow("other file") << 4;
    }
    void aDamagedKeyFileIsReportedAndNeverWrittenOver() {
        QFETCH(int, kind);
        Folder folder;
        QVERIFY(folder.create());
        QByteArray bytes = contentsOf(folder.keys);
        if (kind == 0) bytes.clear();
        if (kind == 1) bytes.chop(1);
        if (kind == 2) bytes.append('x');
        if (kind == 3) bytes[100] = static_cast<char>(bytes[100] ^ 4);
        if (kind == 4) bytes = QByteArray(600, 'z');
        QVERIFY(overwrite(folder.keys, bytes));
        QVERIFY(codeOf(folder.open()) == ErrorCode::Malformed);
        QVERIFY(codeOf(folder.create()) == ErrorCode::InvalidArgument);
        QCOMPARE(contentsOf(folder.keys), bytes);
    }

    void aKeyFileOfANewerVersionIsRefused() {
        Folder folder;
        QVERIFY(folder.create());
        QByteArray bytes = contentsOf(folder.keys);
        bytes[8] = 2;
        QVERIFY(overwrite(folder.keys, bytes));
        QVERIFY(codeOf(folder.open()) == ErrorCode::VersionMismatch);
    }

    void aCopiedFolderIsANewDeviceOfTheSamePerson() {
        Folder folder;
        auto made = folder.create();
        QVERIFY(made);
        const PersonId person = (*made)->person();
        const DeviceId device = deviceOf(*made);
        made->reset();
        const QString copy = folder.temporary.filePath(QStringLiteral("copy"));
        QVERIFY(QDir().mkdir(copy) && QFile::copy(folder.keys, copy + QStringLiteral("/landline.keys")));
        DeviceId renewed;
        {
            const auto opened = Profile::open(copy);
            QVERIFY(opened);
            renewed = deviceOf(*opened);
            QVERIFY(renewed != device && (*opened)->person() == person);
            QVERIFY(!(*opened)->notice().isEmpty());
            QCOMPARE((*opened)->name(), QStringLiteral("Ann"));
        }
        const auto again = Profile::open(copy);
        QVERIFY(again && deviceOf(*again) == renewed && (*again)->notice().isEmpty());
        const auto original = folder.open();
        QVERIFY(original && deviceOf(*original) == device);
    }

    void aMovedFolderStaysTheSameDevice() {
        Folder folder;
        auto made = folder.create();
        QVERIFY(made);
        const DeviceId device = deviceOf(*made);
        made->reset();
        const QString moved = folder.temporary.filePath(QStringLiteral("moved"));
        QVERIFY(QDir().rename(folder.path, moved));
        const auto opened = Profile::open(moved);
        QVERIFY(opened && deviceOf(*opened) == device);
    }

    void aRenewedDeviceIsWrittenBeforeItIsUsed() {
        Folder folder;
        auto profile = folder.create();
        QVERIFY(profile);
        const DeviceId device = deviceOf(*profile);
        QVERIFY((*profile)->renewDevice());
        const DeviceId renewed = deviceOf(*profile);
        QVERIFY(renewed != device);
        profile->reset();
        const auto opened = folder.open();
        QVERIFY(opened && deviceOf(*opened) == renewed);
    }

    void aDeviceKeyBelongsToOneDatabase() {
        Folder folder;
        auto profile = folder.create();
        QVERIFY(profile);
        const DeviceId device = deviceOf(*profile);
        const auto first = (*profile)->claimStore({});
        QVERIFY(first && !first->isEmpty() && deviceOf(*profile) == device);
        QVERIFY(*(*profile)->claimStore(*first) == *first && deviceOf(*profile) == device);
        profile->reset();
        profile = folder.open();
        // The database was deleted: this key must not begin its timelines anew.
        const auto second = (*profile)->claimStore({});
        QVERIFY(second && *second != *first && deviceOf(*profile) != device);
        QVERIFY(!(*profile)->notice().isEmpty());
        const DeviceId renewed = deviceOf(*profile);
        // The old database is back.
        const auto third = (*profile)->claimStore(*first);
        QVERIFY(third && *third != *first && *third != *second && deviceOf(*profile) != renewed);
    }

    void aRenewedDeviceBelongsToTheOpenDatabase() {
        Folder folder;
        auto profile = folder.create();
        QVERIFY(profile);
        const auto first = (*profile)->claimStore({});
        const auto second = (*profile)->renewDevice();
        QVERIFY(first && second && *second != *first);
        const DeviceId renewed = deviceOf(*profile);
        QVERIFY(*(*profile)->claimStore(*second) == *second && deviceOf(*profile) == renewed);
        // Neither may it go on with the database of the former device, nor with an empty one.
        const auto third = (*profile)->claimStore(*first);
        QVERIFY(third && deviceOf(*profile) != renewed);
        const DeviceId again = deviceOf(*profile);
        QVERIFY((*profile)->claimStore({}) && deviceOf(*profile) != again);
    }

    void aPassphraseSealsTheKeys() {
        Folder folder;
        DeviceId device;
        QByteArray open;
        {
            const auto profile = folder.create();
            QVERIFY(profile);
            device = deviceOf(*profile);
            open = contentsOf(folder.keys);
            QVERIFY((*profile)->setPassphrase(QStringLiteral("correct horse")));
        }
        const QByteArray sealed = contentsOf(folder.keys);
        // No 16 bytes of the seeds are left in the clear.
        QVERIFY(open.size() > 106);
        for (qsizetype at = 10; at + 16 <= 106; ++at) QVERIFY(!sealed.contains(open.mid(at, 16)));
        const auto without = folder.open();
        QVERIFY(codeOf(without) == ErrorCode::Locked);
        QVERIFY(QString::fromStdString(without.error().text).contains(QStringLiteral("passphrase")));
        QVERIFY(codeOf(folder.open(QStringLiteral("wrong"))) == ErrorCode::Locked);
        {
            const auto profile = folder.open(QStringLiteral("correct horse"));
            QVERIFY(profile && deviceOf(*profile) == device);
            // Still sealed after it was written again.
            QVERIFY((*profile)->claimStore({}));
        }
        QVERIFY(codeOf(folder.open()) == ErrorCode::Locked);
        {
            const auto profile = folder.open(QStringLiteral("correct horse"));
            QVERIFY(profile && (*profile)->setPassphrase({}));
        }
        const auto profile = folder.open();
        QVERIFY(profile && deviceOf(*profile) == device);
    }

    void aSealOutOfRangeIsRefused_data() {
        QTest::addColumn<quint64>("operations");
        QTest::addColumn<quint64>("memory");
        QTest::newRow("too much memory") << quint64{1} << (quint64{1} << 40);
        QTest::newRow("too many operations") << quint64{1000} << (quint64{1} << 20);
        QTest::newRow("no memory") << quint64{1} << quint64{0};
        QTest::newRow("no operations") << quint64{0} << (quint64{1} << 20);
    }
    void aSealOutOfRangeIsRefused() {
        QFETCH(quint64, operations);
        QFETCH(quint64, memory);
        Folder folder;
        QVERIFY(folder.create());
        SystemRandom random;
        SealKey seal;
        seal.operations = operations;
        seal.memory = memory;
        KeyFileContent content;
        content.certificate.resize(identity::Certificate::kBytes);
        const Bytes bytes = key_file::encode(content, &seal, random);
        QVERIFY(overwrite(folder.keys,
                          QByteArray(reinterpret_cast<const char*>(bytes.data()), qsizetype(bytes.size()))));
        QVERIFY(codeOf(folder.open(QStringLiteral("x"))) == ErrorCode::Malformed);
    }

    void theDatabaseIsReadableByItsOwnerOnly() {
        Folder folder;
        const auto profile = folder.create();
        QVERIFY(profile);
        const auto opened = Database::open(folder.path, (*profile)->person());
        QVERIFY(opened);
        for (const char* const name : {"/landline.db", "/landline.db-wal", "/landline.db-shm"}) {
            const QString path = folder.path + QLatin1String(name);
            QVERIFY(QFile::exists(path));
            QVERIFY(!(QFile::permissions(path) & (QFile::ReadGroup | QFile::ReadOther)));
        }
    }

    void anotherNameIsKept() {
        Folder folder;
        auto made = folder.create();
        QVERIFY(made);
        QVERIFY((*made)->setName(QStringLiteral(" An\u202Enette\n")));
        QCOMPARE((*made)->name(), QStringLiteral("Annette"));
        const DeviceId device = deviceOf(*made);
        made->reset();
        const auto opened = folder.open();
        QVERIFY(opened);
        QCOMPARE((*opened)->name(), QStringLiteral("Annette"));
        QVERIFY(deviceOf(*opened) == device && (*opened)->notice().isEmpty());
    }

    void theFolderIsTakenFromTheEnvironment() {
        qputenv("LANDLINE_PROFILE", "/somewhere/else");
        QCOMPARE(Profile::defaultFolder(), QStringLiteral("/somewhere/else"));
        qunsetenv("LANDLINE_PROFILE");
        QVERIFY(Profile::defaultFolder().endsWith(QStringLiteral("/landline")));
    }
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::ProfileTest)
#include "profile_test.moc"
