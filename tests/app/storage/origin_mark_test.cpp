#include "app/storage/file_io.h"
#include "tests/app/storage/bundle_fixture.h"

#include <sys/xattr.h>

namespace landline::app::test {

namespace {

const Origin kOrigin{"landline:person/0123456789abcdef", "landline:message/01234567-0123456789abcdef-4"};

/// Nothing where there is none.
QByteArray mark(const QString& path, const char* name) {
    QByteArray value(1000, Qt::Uninitialized);
    const auto size = ::getxattr(QFile::encodeName(path).constData(), name, value.data(), 1000);
    return size < 0 ? QByteArray() : value.left(qsizetype(size));
}

/// What is found of a mark in a folder: itself, or nothing where the disk keeps none, and files have to come all the same.
QByteArray kept(const QString& folder, const QByteArray& value) {
    const bool keeps = ::setxattr(QFile::encodeName(folder).constData(), "user.test", "x", 1, 0) == 0;
    return keeps ? value : QByteArray();
}

bool isExecutable(const QString& path) {
    return QFile::permissions(path) & (QFileDevice::ExeOwner | QFileDevice::ExeGroup | QFileDevice::ExeOther);
}

}  // namespace

class OriginMarkTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aFileIsMarkedOnceItIsWhole() {
        QTemporaryDir folder;
        auto sink = FileSink::open(folder.path(), QStringLiteral("tool"), QStringLiteral("id"), 5);
        QVERIFY(sink);
        (*sink)->setOrigin(kOrigin);
        const Bytes content{'#', '!', 'x', 'y', 'z'};
        QVERIFY((*sink)->held() && (*sink)->write(0, content));
        const auto done = (*sink)->finish();
        QVERIFY(done);
        const QString path = QString::fromStdString(done->path);
        QCOMPARE(get(path), QByteArray("#!xyz"));
        QCOMPARE(mark(path, "user.xdg.origin.url"), kept(folder.path(), kOrigin.url));
        QCOMPARE(mark(path, "user.xdg.referrer.url"), kept(folder.path(), kOrigin.referrer));
        QVERIFY(!isExecutable(path));
    }

    void everyFileOfABundleIs() {
        const Received received;
        const Sent sent;
        const PreparedBundle bundle = sent.offer();
        (void)received.sink(bundle);  // the listing
        BundleSink::Target target = received.target(bundle);
        target.origin = kOrigin;
        BundleSink sink(target);
        fetch(*sourceOf(sent, bundle), sink);
        const auto done = sink.finish();
        QVERIFY(done);
        int files = 0;
        QDirIterator all(QString::fromStdString(done->path), QDir::Files | QDir::Hidden,
                         QDirIterator::Subdirectories);
        while (all.hasNext()) {
            const QString path = all.next();
            QCOMPARE(mark(path, "user.xdg.origin.url"), kept(received.folder.path(), kOrigin.url));
            QCOMPARE(isExecutable(path), path.endsWith(QStringLiteral("run.sh")));
            ++files;
        }
        QVERIFY(files > 300);
    }

    void aDiskWithoutMarksLosesNothing() {
        markOrigin(-1, kOrigin);
        QTemporaryDir folder;
        QFile file(folder.filePath(QStringLiteral("a")));
        QVERIFY(file.open(QIODevice::ReadWrite));
        markOrigin(file.handle(), {});
        QCOMPARE(mark(file.fileName(), "user.xdg.origin.url"), QByteArray());
        markOrigin(file.handle(), {QByteArray(1'000'000, 'x'), "ok"});  // more than any disk keeps
        QCOMPARE(mark(file.fileName(), "user.xdg.origin.url"), QByteArray());
    }
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::OriginMarkTest)
#include "origin_mark_test.moc"
