#include "app/storage/file_io.h"
#include "p2p/base/limits.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

namespace landline::app::test {

class FileIoTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void receivedNamesAreMadeSafe_data();
    void receivedNamesAreMadeSafe();
    void longNameKeepsItsExtension();
    void sinkGivesTheNameOnlyWhenWholeAndNeverReplaces();
    void sinkGoesOnWhereItStopped();
    void sourceThatChangedIsRefused();
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
        return QString::fromStdString(sink->finish().value());
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

void FileIoTest::sinkGoesOnWhereItStopped() {
    QTemporaryDir folder;
    const auto open = [&] {
        return FileSink::open(folder.path(), QStringLiteral("b"), QStringLiteral("7"), 4).value();
    };
    QVERIFY(open()->write(0, Bytes{1, 2}));
    auto again = open();
    QCOMPARE(again->bytesHeld(), std::uint64_t(2));
    QVERIFY(again->write(2, Bytes{3, 4}));
    QFile whole(QString::fromStdString(again->finish().value()));
    QVERIFY(whole.open(QIODevice::ReadOnly));
    QCOMPARE(whole.readAll(), QByteArray("\x01\x02\x03\x04", 4));
}

void FileIoTest::sourceThatChangedIsRefused() {
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("c"));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("hello");
    file.close();
    auto source = FileSource::open(path).value();
    QCOMPARE(source->read(1, 4).value(), (Bytes{'e', 'l', 'l', 'o'}));
    QVERIFY(file.resize(2));
    QCOMPARE(source->read(0, 2).error().code, ErrorCode::NotFound);
    QCOMPARE(FileSource::open(folder.path()).error().code, ErrorCode::InvalidArgument);
    QCOMPARE(FileSource::open(folder.filePath(QStringLiteral("none"))).error().code, ErrorCode::NotFound);
}

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::FileIoTest)
#include "file_io_test.moc"
