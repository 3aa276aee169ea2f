#include "app/models/runnable_file.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

namespace landline::app::test {

class RunnableFileTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void isToldByModeNameAndBeginning_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<bool>("executable");
        QTest::addColumn<bool>("runs");
        const auto row = [](const char* name, const QByteArray& content, bool executable, bool runs) {
            QTest::newRow(name) << QString::fromUtf8(name) << content << executable << runs;
        };
        row("notes.txt", "#1 on the list", false, false);
        row("photo.jpg", "\xff\xd8\xff\xe0", false, false);
        row("报告.pdf", "%PDF-1.7", false, false);
        row("empty", {}, false, false);
        row("shelter.shp", "map", false, false);
        row("photo.jpg.exe", "x", false, true);
        row("Setup.EXE", "x", false, true);
        row("tool.AppImage", "x", false, true);
        row("game.desktop", "[Desktop Entry]", false, true);
        row("photo.png", "MZ\x90", false, true);
        row("a picture",
            "\x7f"
            "ELF\x02",
            false, true);
        row("readme", "#!/bin/sh\n", false, true);
        row("plain", "x", true, true);
    }
    void isToldByModeNameAndBeginning() {
        QFETCH(const QString, name);
        QFETCH(const QByteArray, content);
        QFETCH(const bool, executable);
        QFETCH(const bool, runs);
        QTemporaryDir folder;
        const QString path = folder.filePath(name);
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(content) == content.size());
        if (executable) QVERIFY(file.setPermissions(file.permissions() | QFileDevice::ExeOwner));
        file.close();
        QCOMPARE(mayRunWhenOpened(path), runs);
    }

    void foldersAndWhatIsGoneDoNot() {
        QTemporaryDir folder;
        QVERIFY(QDir(folder.path()).mkdir(QStringLiteral("tools.app")));
        QVERIFY(!mayRunWhenOpened(folder.filePath(QStringLiteral("tools.app"))));
        QVERIFY(!mayRunWhenOpened(folder.filePath(QStringLiteral("gone.exe"))));
    }
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::RunnableFileTest)
#include "runnable_file_test.moc"
