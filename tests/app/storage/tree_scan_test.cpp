#include "app/storage/tree_scan.h"
#include "app/storage/bundle_sink.h"
#include "p2p/base/limits.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <unistd.h>

namespace landline::app::test {

/// What is listed of a disk, and what items of a listing are called on one.
class TreeScanTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void tellsWhatCannotBeSent() {
        QTemporaryDir from;
        QCOMPARE(scanTree({from.filePath(QStringLiteral("none"))}).error().code, ErrorCode::NotFound);
        QFile::link(QStringLiteral("/etc/passwd"), from.filePath(QStringLiteral("link")));
        QCOMPARE(scanTree({from.filePath(QStringLiteral("link"))}).error().code, ErrorCode::InvalidArgument);
        QString deep = from.path();
        for (std::size_t i = 0; i <= limits::kListingDepth; ++i) deep += QStringLiteral("/d");
        QVERIFY(QDir().mkpath(deep));
        QCOMPARE(scanTree({from.filePath(QStringLiteral("d"))}).error().code, ErrorCode::TooLarge);
    }

    void moreFilesThanAListingHoldsAreTold() {
        // In memory where there is such a disk: so many files take long on others.
        const QString memory = QStringLiteral("/dev/shm");
        QTemporaryDir from(
            QDir(QFileInfo(memory).isWritable() ? memory : QDir::tempPath())
                .filePath(QStringLiteral("landline-tree-scan")));  // Qt adds letters of its own
        const int folder = ::open(QFile::encodeName(from.path()).constData(), O_RDONLY | O_DIRECTORY);
        QVERIFY(folder >= 0);
        const auto make = [&](std::size_t number) {
            const int file = ::openat(folder, std::to_string(number).c_str(), O_CREAT | O_WRONLY, 0600);
            if (file >= 0) ::close(file);
            return file >= 0;
        };
        // With the folder itself one too many.
        for (std::size_t i = 0; i < limits::kListingItems; ++i) QVERIFY(make(i));
        const auto scanned = scanTree({from.path()});
        QCOMPARE(scanned.error().code, ErrorCode::TooLarge);
        QVERIFY(scanned.error().text.find("200000") != std::string::npos);
        QCOMPARE(::unlinkat(folder, "0", 0), 0);
        ::close(folder);
        const auto whole = scanTree({from.path()});
        QVERIFY(whole);
        QCOMPARE(whole->listing.items.size(), limits::kListingItems);
    }

    void aNameThatIsNoUtf8IsTold() {
        QTemporaryDir from;
        const QByteArray path = QFile::encodeName(from.path()) + "/bad\xff";
        const int file = ::open(path.constData(), O_CREAT | O_WRONLY, 0600);
        QVERIFY(file >= 0);
        ::close(file);
        const auto scanned = scanTree({from.path()});
        ::unlink(path.constData());  // Qt cannot
        QCOMPARE(scanned.error().code, ErrorCode::InvalidArgument);
        QVERIFY(scanned.error().text.find(from.path().toStdString()) != std::string::npos);
    }

    void theRecordOfAnOfferComesBackAsItWas() {
        const QTemporaryDir from;
        const QTemporaryDir records;
        const BundleRecord bundle = prepareBundle({from.path()}).value().record;
        const QString path = records.filePath(QStringLiteral("offers/1"));
        QVERIFY(saveBundle(path, bundle));
        const auto loaded = loadBundle(path);
        QVERIFY(loaded);
        QCOMPARE(loaded->listing, bundle.listing);
        QCOMPARE(loaded->roots, bundle.roots);
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
        file.write("nonsense");
        file.close();
        QVERIFY(!loadBundle(path));
        QVERIFY(!loadBundle(path + u'x'));
    }

    void namesAreMadeSafeAndDoNotMeet_data() {
        QTest::addColumn<QStringList>("listed");
        QTest::addColumn<QStringList>("here");
        const auto row = [](const char* what, const QStringList& listed, const QStringList& here) {
            QTest::newRow(what) << listed << here;
        };
        const QString a = QStringLiteral("a");
        row("case only", {QStringLiteral("Readme"), QStringLiteral("README"), QStringLiteral("readme")},
            {QStringLiteral("Readme"), QStringLiteral("README (2)"), QStringLiteral("readme (3)")});
        row("folders in case only", {QStringLiteral("X/"), QStringLiteral("x/"), QStringLiteral("x/y")},
            {QStringLiteral("X"), QStringLiteral("x (2)"), QStringLiteral("x (2)/y")});
        row("a device of Windows", {QStringLiteral("CON"), QStringLiteral("lpt1.txt")},
            {QStringLiteral("_CON"), QStringLiteral("_lpt1.txt")});
        row("trailing dots", {QStringLiteral("a/"), QStringLiteral("a/x. ."), QStringLiteral("a/x")},
            {a, QStringLiteral("a/x"), QStringLiteral("a/x (2)")});
        row("paths of Windows", {QStringLiteral("b\\..\\c"), QStringLiteral("C:\\d")},
            {QStringLiteral("c"), QStringLiteral("d")});
        row("hidden",
            {QStringLiteral(".bashrc"), QStringLiteral("a/"), QStringLiteral("a/.git"),
             QStringLiteral("a/...")},
            {QStringLiteral("bashrc"), a, QStringLiteral("a/.git"), QStringLiteral("a/file")});
        row("control characters", {QStringLiteral("a\nb\x1b[2J"), QStringLiteral("a\u202Egpj.exe")},
            {QStringLiteral("a_b_[2J"), QStringLiteral("a_gpj.exe")});
        row("a number that is taken", {QStringLiteral("x"), QStringLiteral("x (2)"), QStringLiteral("X")},
            {QStringLiteral("x"), QStringLiteral("x (2)"), QStringLiteral("X (3)")});
    }
    void namesAreMadeSafeAndDoNotMeet() {
        QFETCH(const QStringList, listed);
        QFETCH(const QStringList, here);
        wire::Listing listing;
        for (QString path : listed) {
            const bool folder = path.endsWith(u'/');
            if (folder) path.chop(1);
            listing.items.push_back({path.toStdString(), 0, 0, false, folder});
        }
        const auto parsed = wire::parseListing(wire::encodeListing(listing));
        QVERIFY(parsed);
        QCOMPARE(safePaths(*parsed), here);
    }

    void manyItemsThatBecomeOneNameTakeNoTime() {
        wire::Listing listing;
        for (int i = 0; i < 50'000; ++i) {
            std::string name(16, '<');
            for (int bit = 0; bit < 16; ++bit)
                if ((i >> bit) & 1) name[std::size_t(bit)] = '>';
            listing.items.push_back({name, 0, 0, false, false});
        }
        QElapsedTimer clock;
        clock.start();
        const QStringList paths = safePaths(listing);
        QVERIFY2(clock.elapsed() < 10'000, qUtf8Printable(QString::number(clock.elapsed())));
        QCOMPARE(QSet<QString>(paths.begin(), paths.end()).size(), paths.size());
    }
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::TreeScanTest)
#include "tree_scan_test.moc"
