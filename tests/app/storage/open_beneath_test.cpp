#include "app/storage/open_beneath.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace landline::app::test {

class OpenBeneathTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void followsNoLink_data() {
        QTest::addColumn<QString>("below");
        QTest::addColumn<bool>("opens");
        const auto row = [](const char* below, bool opens) {
            QTest::newRow(below) << QString::fromUtf8(below) << opens;
        };
        row("file", true);
        row("a/b/file", true);
        row("none", false);
        row("a/none/file", false);
        row("file/file", false);
        row("link", false);
        row("a/link", false);
        row("linked/b/file", false);
        row("a/up/file", false);
        row("outside/secret", false);
    }
    void followsNoLink() {
        QFETCH(const QString, below);
        QFETCH(const bool, opens);
        QTemporaryDir folder;
        const QString root = folder.filePath(QStringLiteral("root"));
        QVERIFY(QDir().mkpath(root + QStringLiteral("/a/b")));
        QVERIFY(QDir().mkpath(folder.filePath(QStringLiteral("elsewhere"))));
        for (const char* const name : {"root/file", "root/a/b/file", "elsewhere/secret"}) {
            QFile file(folder.filePath(QLatin1String(name)));
            QVERIFY(file.open(QIODevice::WriteOnly) && file.write("x") == 1);
        }
        QVERIFY(QFile::link(root + QStringLiteral("/file"), root + QStringLiteral("/link")));
        QVERIFY(QFile::link(QStringLiteral("../file"), root + QStringLiteral("/a/link")));
        QVERIFY(QFile::link(QStringLiteral("a"), root + QStringLiteral("/linked")));
        QVERIFY(QFile::link(QStringLiteral(".."), root + QStringLiteral("/a/up")));
        QVERIFY(QFile::link(folder.filePath(QStringLiteral("elsewhere")), root + QStringLiteral("/outside")));

        const int file = openBeneath(root, below.toStdString());
        QCOMPARE(file >= 0, opens);
        if (file >= 0) ::close(file);
        const int from = ::open(QFile::encodeName(root).constData(), O_PATH | O_DIRECTORY);
        QVERIFY(from >= 0);
        const int walked = openPartByPart(from, below.toStdString());
        QCOMPARE(walked >= 0, opens);
        if (walked >= 0) ::close(walked);
        ::close(from);
        // Nor is the root a link.
        const QString linked = folder.filePath(QStringLiteral("to root"));
        QVERIFY(QFile::link(root, linked));
        QVERIFY(openBeneath(linked, below.toStdString()) < 0);
    }

    void aPipeDoesNotMakeItWait() {
        QTemporaryDir folder;
        const QString pipe = folder.filePath(QStringLiteral("pipe"));
        QCOMPARE(::mkfifo(QFile::encodeName(pipe).constData(), 0600), 0);
        for (const int file : {openBeneath(pipe, {}), openBeneath(folder.path(), "pipe")}) {
            QVERIFY(file >= 0);
            ::close(file);
        }
    }
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::OpenBeneathTest)
#include "open_beneath_test.moc"
