#include "app/storage/file_io.h"
#include "app/storage/part_files.h"
#include "p2p/base/limits.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <thread>

namespace landline::app::test {

class FileIoTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void receivedNamesAreMadeSafe_data();
    void receivedNamesAreMadeSafe();
    void longNameKeepsItsExtension();
    void sinkGivesTheNameOnlyWhenWholeAndNeverReplaces();
    void aTakenNameIsNumberedWithinItsLimit();
    void aLinkIsNotReplaced();
    void aLinkInThePlaceOfThePartIsNotFollowed();
    void sinkGoesOnWhereItStopped();
    void aPartThatWasCutIsNotFilledWithZeros();
    void aCrashBehindTheMoveBringsNothingTwice();
    void aPartThatWasRemovedIsBegunAnew();
    void removingAPartFollowsNoLink();
    void moreThanTheDiskHoldsIsToldBefore();
    void aTargetThatCannotBeWrittenIsTold_data();
    void aTargetThatCannotBeWrittenIsTold();
    void aTargetThatVanishesIsTold();
    void sourceThatChangedIsRefused();
    void sourceThatIsWrittenToWhileItIsReadIsRefused();
};

void FileIoTest::receivedNamesAreMadeSafe_data() {
    QTest::addColumn<QString>("received");
    QTest::addColumn<QString>("safe");
    const auto row = [](const char* received, const char* safe) {
        QTest::newRow(received) << QString::fromUtf8(received) << QString::fromUtf8(safe);
    };
    row("a.txt", "a.txt");
    row("../../etc/passwd", "passwd");
    row("/etc/shadow", "shadow");
    row("C:\\Windows\\x.exe", "x.exe");
    row("..", "file");
    row(".bashrc", "bashrc");
    row("CON", "_CON");
    row("com1.txt", "_com1.txt");
    row("name. . ", "name");
    row("a:b?c", "a_b_c");
    row("evil\u202Egpj.exe", "evil_gpj.exe");
    row("报告.pdf", "报告.pdf");
    row("", "file");
}

void FileIoTest::receivedNamesAreMadeSafe() {
    QFETCH(QString, received);
    QFETCH(QString, safe);
    QCOMPARE(safeFileName(received), safe);
}

void FileIoTest::longNameKeepsItsExtension() {
    const QString safe = safeFileName(QString(300, QChar(0x6F22)) + QStringLiteral(".pdf"));
    QVERIFY(safe.endsWith(QStringLiteral(".pdf")));
    QVERIFY(safe.toUtf8().size() <= qsizetype(limits::kFileNameBytes));
}

void FileIoTest::sinkGivesTheNameOnlyWhenWholeAndNeverReplaces() {
    QTemporaryDir folder;
    const auto fetch = [&](const QString& id, const Bytes& data) {
        auto sink = FileSink::open(folder.path(), QStringLiteral("a.txt"), id, data.size()).value();
        if (!sink->write(0, data)) qFatal("write failed");
        return QString::fromStdString(sink->finish()->path);
    };
    {
        auto sink = FileSink::open(folder.path(), QStringLiteral("a.txt"), QStringLiteral("0"), 3).value();
        QVERIFY(sink->write(0, Bytes{1, 2, 3}));
        QVERIFY(!QFile::exists(folder.filePath(QStringLiteral("a.txt"))));
    }
    QCOMPARE(fetch(QStringLiteral("1"), Bytes{1}), folder.filePath(QStringLiteral("a.txt")));
    QCOMPARE(fetch(QStringLiteral("2"), Bytes{2}), folder.filePath(QStringLiteral("a (2).txt")));
    QFile first(folder.filePath(QStringLiteral("a.txt")));
    QVERIFY(first.open(QIODevice::ReadOnly));
    QCOMPARE(first.readAll(), QByteArray("\x01", 1));
}

void FileIoTest::aTakenNameIsNumberedWithinItsLimit() {
    QTemporaryDir folder;
    const QString name = QString(251, u'x') + QStringLiteral(".txt");
    QStringList paths;
    for (int i = 0; i < 11; ++i) {
        auto sink = FileSink::open(folder.path(), name, QString::number(i), 1).value();
        QVERIFY(sink->write(0, Bytes{1}));
        const auto moved = sink->finish();
        QVERIFY2(moved.ok(), moved.ok() ? "" : moved.error().text.c_str());
        paths.append(QString::fromStdString(moved->path));
    }
    QVERIFY(paths.back().endsWith(QStringLiteral("x (11).txt")));
    QCOMPARE(paths.removeDuplicates(), 0);
    QCOMPARE(numberedName(QStringLiteral("archive.tar.gz"), 2), QStringLiteral("archive.tar (2).gz"));
    QCOMPARE(numberedName(QStringLiteral(".profile"), 3), QStringLiteral(".profile (3)"));
}

void FileIoTest::aLinkIsNotReplaced() {
    QTemporaryDir folder;
    QVERIFY(QFile::link(folder.filePath(QStringLiteral("nowhere")), folder.filePath(QStringLiteral("a"))));
    auto sink = FileSink::open(folder.path(), QStringLiteral("a"), QStringLiteral("1"), 1).value();
    QVERIFY(sink->write(0, Bytes{1}));
    QCOMPARE(QString::fromStdString(sink->finish()->path), folder.filePath(QStringLiteral("a (2)")));
    QVERIFY(!QFile::exists(folder.filePath(QStringLiteral("nowhere"))));
}

void FileIoTest::aLinkInThePlaceOfThePartIsNotFollowed() {
    QTemporaryDir folder;
    const QString victim = folder.filePath(QStringLiteral("victim"));
    QFile file(victim);
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write("safe") == 4);
    file.close();
    QVERIFY(QFile::link(victim, folder.filePath(QStringLiteral("a.part-1"))));
    const auto sink = FileSink::open(folder.path(), QStringLiteral("a"), QStringLiteral("1"), 1);
    QCOMPARE(sink.error().code, ErrorCode::Disk);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), QByteArray("safe"));
}

void FileIoTest::sinkGoesOnWhereItStopped() {
    QTemporaryDir folder;
    const auto open = [&] {
        return FileSink::open(folder.path(), QStringLiteral("b"), QStringLiteral("7"), 4).value();
    };
    QVERIFY(open()->write(0, Bytes{1, 2}));
    auto again = open();
    const transfer::Held held = again->held().value();
    QCOMPARE(held.unchecked, (std::vector<transfer::Range>{{0, 2}}));
    QCOMPARE(held.missing, (std::vector<transfer::Range>{{2, 4}}));
    QCOMPARE(again->read(0, 2).value(), (Bytes{1, 2}));
    QVERIFY(again->write(2, Bytes{3, 4}));
    QCOMPARE(again->held()->unchecked, (std::vector<transfer::Range>{{0, 4}}));
    QVERIFY(again->held()->missing.empty());
    QFile whole(QString::fromStdString(again->finish()->path));
    QVERIFY(whole.open(QIODevice::ReadOnly));
    QCOMPARE(whole.readAll(), QByteArray("\x01\x02\x03\x04", 4));
}

void FileIoTest::aPartThatWasCutIsNotFilledWithZeros() {
    QTemporaryDir folder;
    auto sink = FileSink::open(folder.path(), QStringLiteral("d"), QStringLiteral("1"), 4).value();
    QVERIFY(sink->write(0, Bytes{1, 2, 3}));
    QVERIFY(QFile::resize(folder.filePath(QStringLiteral("d.part-1")), 2));
    QCOMPARE(sink->write(3, Bytes{4}).error().code, ErrorCode::Disk);
    QCOMPARE(sink->finish().error().code, ErrorCode::Disk);
    QVERIFY(!QFile::exists(folder.filePath(QStringLiteral("d"))));
    QVERIFY(sink->write(2, Bytes{3, 4}));
    QVERIFY(sink->finish());
}

void FileIoTest::aCrashBehindTheMoveBringsNothingTwice() {
    QTemporaryDir folder;
    const QString in = folder.filePath(QStringLiteral("in"));
    const QString notes = folder.filePath(QStringLiteral("bundles/1.moved"));
    const auto open = [&] {
        return FileSink::open(in, QStringLiteral("a"), QStringLiteral("1"), 3, notes).value();
    };
    QVERIFY(open()->write(0, Bytes{1, 2, 3}));
    // It crashes before it moves: all of it is there, and to be compared.
    QCOMPARE(open()->held()->unchecked.size(), std::size_t(1));
    const QString path = QString::fromStdString(open()->finish()->path);
    QCOMPARE(path, in + QStringLiteral("/a"));
    // It crashes before anybody knows that it is done, and the person moves it away.
    for (const bool isThere : {true, false}) {
        const auto again = open();
        const transfer::Held held = again->held().value();
        QVERIFY(held.missing.empty() && held.unchecked.empty());
        QCOMPARE(QString::fromStdString(again->finish()->path), path);
        QCOMPARE(QDir(in).entryList(QDir::Files).size(), isThere ? 1 : 0);
        QFile::remove(path);
    }
}

void FileIoTest::aPartThatWasRemovedIsBegunAnew() {
    QTemporaryDir folder;
    auto sink = FileSink::open(folder.path(), QStringLiteral("a"), QStringLiteral("1"), 3).value();
    QVERIFY(sink->write(0, Bytes{1, 2}));
    removePart(partPath(folder.path(), QStringLiteral("a"), QStringLiteral("1")));
    QCOMPARE(sink->held()->missing, (std::vector<transfer::Range>{{0, 3}}));
    QVERIFY(sink->write(0, Bytes{1, 2, 3}));
    QFile whole(QString::fromStdString(sink->finish()->path));
    QVERIFY(whole.open(QIODevice::ReadOnly));
    QCOMPARE(whole.readAll(), QByteArray("\x01\x02\x03", 3));
}

void FileIoTest::removingAPartFollowsNoLink() {
    QTemporaryDir folder;
    const QString mine = folder.filePath(QStringLiteral("mine"));
    QVERIFY(QDir().mkpath(mine + QStringLiteral("/inner")));
    const QString part = folder.filePath(QStringLiteral("a.part-1"));
    QVERIFY(QFile::link(mine, part));
    removePart(part);
    QVERIFY(!QFileInfo(part).isSymLink());
    QVERIFY(QDir(mine + QStringLiteral("/inner")).exists());
    QVERIFY(QDir().mkpath(part + QStringLiteral("/files")));
    QVERIFY(QFile::link(mine, part + QStringLiteral("/files/link")));
    removePart(part);
    QVERIFY(!QFileInfo::exists(part));
    QVERIFY(QDir(mine + QStringLiteral("/inner")).exists());
    removePart(part);  // nothing there
}

void FileIoTest::moreThanTheDiskHoldsIsToldBefore() {
    QTemporaryDir folder;
    const auto sink =
        FileSink::open(folder.path(), QStringLiteral("a"), QStringLiteral("1"), limits::kOfferBytes);
    QCOMPARE(sink.error().code, ErrorCode::Full);
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files), QStringList());
}

void FileIoTest::aTargetThatCannotBeWrittenIsTold_data() {
    QTest::addColumn<QString>("folder");
    QTest::newRow("a disk that takes nothing") << QStringLiteral("/proc/downloads");
    QTest::newRow("a folder that takes nothing") << QStringLiteral("/proc");
    QTest::newRow("no folder") << QStringLiteral("/dev/null");
    QTest::newRow("below something else") << QStringLiteral("/dev/null/downloads");
}

void FileIoTest::aTargetThatCannotBeWrittenIsTold() {
    QFETCH(const QString, folder);
    const auto sink = FileSink::open(folder, QStringLiteral("a"), QStringLiteral("1"), 3);
    QVERIFY(!sink);
    QCOMPARE(sink.error().code, ErrorCode::Disk);
    QVERIFY(sink.error().text.find(folder.toStdString()) != std::string::npos);
}

void FileIoTest::aTargetThatVanishesIsTold() {
    QTemporaryDir folder;
    const QString in = folder.filePath(QStringLiteral("in"));
    const auto sink = FileSink::open(in, QStringLiteral("a"), QStringLiteral("1"), 3).value();
    QVERIFY(sink->write(0, Bytes{1, 2, 3}));
    QVERIFY(QDir(in).removeRecursively());
    const auto done = sink->finish();
    QCOMPARE(done.error().code, ErrorCode::Disk);
    QCOMPARE(sink->held().error().code, ErrorCode::Disk);
    // It comes anew once it is asked for again.
    const auto again = FileSink::open(in, QStringLiteral("a"), QStringLiteral("1"), 3).value();
    QCOMPARE(again->held()->missing, (std::vector<transfer::Range>{{0, 3}}));
}

void FileIoTest::sourceThatIsWrittenToWhileItIsReadIsRefused() {
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("c"));
    constexpr qsizetype kSize = 3 * 1024 * 1024;
    int wrong = 0;
    for (int i = 0; i < 25; ++i) {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
        QCOMPARE(file.write(QByteArray(kSize, 'a')), kSize);
        QVERIFY(file.flush());
        QVERIFY(
            file.setFileTime(QDateTime::currentDateTime().addSecs(-60), QFileDevice::FileModificationTime));
        file.close();
        auto source = FileSource::open(path).value();
        std::thread writer([&] {
            QFile other(path);
            if (other.open(QIODevice::ReadWrite | QIODevice::Unbuffered)) other.write(QByteArray(kSize, 'X'));
        });
        const auto pieces = source->read(0, std::size_t(kSize));
        writer.join();
        if (!pieces) continue;
        const Bytes& data = pieces->front().data;
        wrong += std::find(data.begin(), data.end(), 'X') != data.end();
    }
    QCOMPARE(wrong, 0);
}

void FileIoTest::sourceThatChangedIsRefused() {
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("c"));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("hello");
    file.close();
    auto source = FileSource::open(path).value();
    QCOMPARE(source->read(1, 4)->front().data, (Bytes{'e', 'l', 'l', 'o'}));
    const QDateTime before = file.fileTime(QFileDevice::FileModificationTime);
    QVERIFY(file.open(QIODevice::ReadWrite));
    QVERIFY(file.setFileTime(before.addSecs(1), QFileDevice::FileModificationTime));
    QCOMPARE(source->read(1, 4).error().code, ErrorCode::NotFound);
    QVERIFY(file.setFileTime(before, QFileDevice::FileModificationTime));
    file.close();
    QVERIFY(source->read(1, 4));
    QVERIFY(file.resize(2));
    QCOMPARE(source->read(0, 2).error().code, ErrorCode::NotFound);
    QCOMPARE(FileSource::open(folder.path()).error().code, ErrorCode::InvalidArgument);
    QCOMPARE(FileSource::open(folder.filePath(QStringLiteral("none"))).error().code, ErrorCode::NotFound);
}

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::FileIoTest)
#include "file_io_test.moc"
