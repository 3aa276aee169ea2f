#include "tests/app/storage/bundle_fixture.h"

namespace landline::app::test {

namespace {

/// A folder with two files of six bytes.
QString twoFiles(const Sent& sent) {
    const QString folder = sent.folder.filePath(QStringLiteral("two"));
    put(folder + QStringLiteral("/1"), "111111");
    put(folder + QStringLiteral("/2"), "222222");
    return folder;
}

}  // namespace

/// What crashes, damage and others who write to the same folder do to a bundle being fetched.
class BundleCrashTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aCrashWhileItMovesBringsNothingTwice() {
        const Sent sent;
        QTemporaryDir from;
        QStringList roots;
        for (int i = 0; i < 4; ++i) {
            roots.append(from.filePath(QStringLiteral("%1.txt").arg(i)));
            put(roots.back(), QByteArray::number(i));
        }
        const PreparedBundle bundle = prepareBundle(roots).value();
        QVERIFY(saveBundle(sent.record, bundle.record));
        QCOMPARE(bundle.offer.name, "0.txt +3");
        const Received received;
        const auto sink = received.sink(bundle);
        fetch(*sourceOf(sent, bundle), *sink);
        // Two have moved, the third was about to.
        const QString part = received.in + QStringLiteral("/0.txt +3.part-0123/files");
        const MovedNotes notes(received.record + QStringLiteral(".moved"));
        for (std::uint32_t i = 0; i < 3; ++i)
            QVERIFY(notes.noteIntended({{i, received.in + QStringLiteral("/%1.txt").arg(i),
                                         identityOf(part + QStringLiteral("/%1.txt").arg(i))}}));
        QFile torn(received.record + QStringLiteral(".moved"));
        QVERIFY(torn.open(QIODevice::Append) && torn.write("\n[3,\"torn") == 9);
        torn.close();
        for (int i = 0; i < 2; ++i)
            QVERIFY(QFile::rename(part + QStringLiteral("/%1.txt").arg(i),
                                  received.in + QStringLiteral("/%1.txt").arg(i)));
        const auto again = received.sink(bundle);
        QCOMPARE(missingIn(*again), 0U);
        QVERIFY(again->finish());
        QCOMPARE(pathsBelow(received.in), (QStringList{QStringLiteral("0.txt"), QStringLiteral("1.txt"),
                                                       QStringLiteral("2.txt"), QStringLiteral("3.txt")}));
        for (int i = 0; i < 4; ++i)
            QCOMPARE(get(received.in + QStringLiteral("/%1.txt").arg(i)), QByteArray::number(i));
        // And if it crashes before anybody knows that it is done.
        const auto late = received.sink(bundle);
        QCOMPARE(missingIn(*late), 0U);
        QVERIFY(late->finish());
        QCOMPARE(pathsBelow(received.in).size(), 4);
        BundleSink::forget(received.record);
        QCOMPARE(pathsBelow(QFileInfo(received.record).path()), QStringList());
    }

    void aMoveThatWasOnlyIntendedDoesNotCount_data() {
        QTest::addColumn<bool>("elsewhere");
        QTest::newRow("the parts are lost") << false;
        QTest::newRow("another folder is chosen") << true;
    }
    void aMoveThatWasOnlyIntendedDoesNotCount() {
        QFETCH(const bool, elsewhere);
        const Sent sent;
        const PreparedBundle bundle = sent.offer();
        Received received;
        {
            const auto sink = received.sink(bundle);
            fetch(*sourceOf(sent, bundle), *sink);
        }
        const QString part = received.in + QStringLiteral("/报告 2026.part-0123");
        QVERIFY(MovedNotes(received.record + QStringLiteral(".moved"))
                    .noteIntended({{0, received.in + QStringLiteral("/报告 2026"),
                                    identityOf(part + QStringLiteral("/files/报告 2026"))}}));
        if (elsewhere)
            received.in = received.folder.filePath(QStringLiteral("elsewhere"));
        else
            QVERIFY(QDir(part).removeRecursively());
        const auto again = received.sink(bundle);
        QCOMPARE(missingIn(*again), bundle.offer.size);
        fetch(*sourceOf(sent, bundle), *again);
        QCOMPARE(QString::fromStdString(again->finish()->path), received.in + QStringLiteral("/报告 2026"));
        QCOMPARE(get(received.in + QStringLiteral("/报告 2026/a.txt")), QByteArray("first"));
    }

    void whatHasMovedIsThePersonsAndDoesNotComeAgain() {
        const Sent sent;
        const PreparedBundle bundle = sent.offer();
        QFile::remove(sent.root + QStringLiteral("/a.txt"));
        const Received received;
        const auto first = received.sink(bundle);
        fetch(*sourceOf(sent, bundle), *first);
        QCOMPARE(first->finish()->failedItems, 1U);
        QVERIFY(QDir(received.in).rename(QStringLiteral("报告 2026"), QStringLiteral("2026")));
        QCOMPARE(missingIn(*received.sink(bundle)), 5U);
    }

    void whatFailedComesLaterToTheOthersWhicheverFolderIsChosen() {
        const Sent sent;
        const PreparedBundle bundle = sent.offer();
        const QString lost = sent.root + QStringLiteral("/a.txt");
        const std::int64_t modified = modifiedOf(lost);
        QFile::remove(lost);
        Received received;
        const auto first = received.sink(bundle);
        fetch(*sourceOf(sent, bundle), *first);
        QCOMPARE(first->finish()->failedItems, 1U);
        putBack(lost, "first", modified);
        const QString root = received.in + QStringLiteral("/报告 2026");
        received.in = received.folder.filePath(QStringLiteral("elsewhere"));
        const auto sink = received.sink(bundle);
        fetch(*sourceOf(sent, bundle), *sink);
        QCOMPARE(QString::fromStdString(sink->finish()->path), root);
        QCOMPARE(get(root + QStringLiteral("/a.txt")), QByteArray("first"));
        QVERIFY(!QFile::exists(received.in));
    }

    void whatCameAfterAllAndHasMovedDoesNotComeAgain() {
        const Sent sent;
        const PreparedBundle bundle = sent.offer();
        const QString lost = sent.root + QStringLiteral("/a.txt");
        const std::int64_t modified = modifiedOf(lost);
        QFile::remove(lost);
        const Received received;
        const auto first = received.sink(bundle);
        fetch(*sourceOf(sent, bundle), *first);
        QCOMPARE(first->finish()->failedItems, 1U);
        putBack(lost, "first", modified);
        const QString journal = received.record + QStringLiteral(".journal");
        const QByteArray before = get(journal);
        const auto second = received.sink(bundle);
        fetch(*sourceOf(sent, bundle), *second);
        QCOMPARE(second->finish()->failedItems, 0U);
        // It crashed before the journal knew.
        put(journal, before);
        const auto third = received.sink(bundle);
        QCOMPARE(missingIn(*third), 0U);
        QCOMPARE(third->finish()->failedItems, 0U);
        QCOMPARE(
            QDir(received.in + QStringLiteral("/报告 2026")).entryList({QStringLiteral("a*")}, QDir::Files),
            QStringList{QStringLiteral("a.txt")});
    }

    void whatHasComeWholeStaysThoughTheSenderHasItNoMore_data() {
        QTest::addColumn<int>("left");
        QTest::addColumn<bool>("kept");
        QTest::newRow("whole") << 6 << true;
        QTest::newRow("cut since") << 5 << false;
    }
    void whatHasComeWholeStaysThoughTheSenderHasItNoMore() {
        QFETCH(const int, left);
        QFETCH(const bool, kept);
        const Sent sent;
        const PreparedBundle bundle = prepareBundle({twoFiles(sent)}).value();
        QVERIFY(saveBundle(sent.record, bundle.record));
        const auto source = sourceOf(sent, bundle);
        const Received received;
        {
            const auto sink = received.sink(bundle);
            QVERIFY(sink->held());
            copy(*source, *sink, {0, 9}, 100);  // one is whole, of the other there is half
            QVERIFY(sink->held());
        }
        for (const char* const name : {"1", "2"})
            QVERIFY(QFile::remove(sent.folder.filePath(QStringLiteral("two/") + QLatin1String(name))));
        QVERIFY(QFile::resize(received.in + QStringLiteral("/two.part-0123/files/two/1"), left));
        // It is compared after a restart, with a sender who has nothing to compare it with.
        const auto sink = received.sink(bundle);
        QCOMPARE(sink->held()->unchecked.front(), (Range{0, kept ? 9U : 5U}));
        copy(*sourceOf(sent, bundle), *sink, {0, 12}, 4);
        QCOMPARE(sink->finish()->failedItems, kept ? 1U : 2U);
        QCOMPARE(QFile::exists(received.in + QStringLiteral("/two/1")), kept);
        QVERIFY(!QFile::exists(received.in + QStringLiteral("/two/2")));
        if (kept) QCOMPARE(get(received.in + QStringLiteral("/two/1")), QByteArray("111111"));
    }

    void whatIsWrittenToAgainIsNotWholeUntilItsEnd() {
        const Sent sent;
        const PreparedBundle bundle = prepareBundle({twoFiles(sent)}).value();
        QVERIFY(saveBundle(sent.record, bundle.record));
        const Received received;
        {
            const auto sink = received.sink(bundle);
            fetch(*sourceOf(sent, bundle), *sink);
            QVERIFY(sink->held());
            // It was another there; now comes what differs, but not to its end.
            QVERIFY(sink->write(0, Bytes{'x', 'y'}));
        }
        const auto sink = received.sink(bundle);
        QVERIFY(sink->held());
        QVERIFY(sink->skip(2, 4, wire::ItemFailure::Changed));
        QCOMPARE(sink->finish()->failedItems, 1U);
        QCOMPARE(pathsBelow(received.in + QStringLiteral("/two")), QStringList{QStringLiteral("2")});
    }

    void aTornNoteOfAMoveSpoilsNoneBehindIt() {
        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("moved"));
        const MovedNotes notes(path);
        QVERIFY(notes.noteMoved({{1, folder.path()}}));
        const QByteArray one = get(path);
        for (qsizetype length = 0; length < one.size(); ++length) {
            put(path, one.left(length));
            QVERIFY(notes.noteMoved({{2, QStringLiteral("/a\nb")}}));
            const auto read = notes.read();
            QCOMPARE(read.size(), std::size_t(1));
            QCOMPARE(read.at(2).path, QStringLiteral("/a\nb"));
        }
    }

    void aDamagedJournalIsToleratedAndAForeignOneDoesNotCount() {
        const Sent sent;
        const PreparedBundle bundle = sent.offer();
        QFile::remove(sent.root + QStringLiteral("/a.txt"));
        const Received received;
        fetch(*sourceOf(sent, bundle), *received.sink(bundle));
        const QString journal = received.record + QStringLiteral(".journal");
        const qint64 size = QFileInfo(journal).size();
        QVERIFY(size > 0 && size % 44 == 0);
        for (const QByteArray& damage : {QByteArray("x"), QByteArray(43, '\1'), QByteArray(100, '\2')}) {
            put(journal, get(journal) + damage);
            QCOMPARE(missingIn(*received.sink(bundle)), 5U);
            QCOMPARE(QFileInfo(journal).size(), size);
        }
        put(journal, QByteArray(4400, '\1'));
        const auto sink = received.sink(bundle);
        fetch(*sourceOf(sent, bundle), *sink);
        QCOMPARE(sink->finish()->failedItems, 1U);
    }

    void aLinkInTheWayIsNotFollowed() {
        const Sent sent;
        const PreparedBundle bundle = sent.offer();
        const Received received;
        const auto sink = received.sink(bundle);
        QVERIFY(sink->held());
        const QString victim = received.folder.filePath(QStringLiteral("victim"));
        put(victim, "safe");
        QVERIFY(
            QFile::link(victim, received.in + QStringLiteral("/报告 2026.part-0123/files/报告 2026/a.txt")));
        QVERIFY(!sink->write(0, Bytes(5)));
        QCOMPARE(get(victim), QByteArray("safe"));
    }

    void aLinkInThePlaceOfThePartsFolderIsNeitherFilledNorEmptied() {
        const Sent sent;
        const PreparedBundle bundle = sent.offer();
        const Received received;
        const QString part = received.in + QStringLiteral("/报告 2026.part-0123");
        const QString other = received.folder.filePath(QStringLiteral("other"));
        put(other + QStringLiteral("/precious"), "safe");
        QDir().mkpath(received.in);
        QVERIFY(QFile::link(other, part));
        QCOMPARE(received.sink(bundle)->held().error().code, ErrorCode::Disk);
        QCOMPARE(pathsBelow(other), QStringList{QStringLiteral("precious")});

        // It takes the folder's place at the last moment, with all that the folder held.
        QVERIFY(QFile::remove(part));
        const auto sink = received.sink(bundle);
        fetch(*sourceOf(sent, bundle), *sink);
        for (const QString& name : {QStringLiteral("files"), QStringLiteral("again")})
            QVERIFY(QFile::rename(part + u'/' + name, other + u'/' + name));
        QVERIFY(QDir().rmdir(part));
        QVERIFY(QFile::link(other, part));
        (void)sink->finish();
        QCOMPARE(get(other + QStringLiteral("/precious")), QByteArray("safe"));
    }

    void aLinkInThePlaceOfAFolderWithinIsNotFollowed() {
        const Sent sent;
        const PreparedBundle bundle = sent.offer();
        const Received received;
        const QString other = received.folder.filePath(QStringLiteral("other"));
        QDir().mkpath(other);
        const QString files = received.in + QStringLiteral("/报告 2026.part-0123/files");
        QDir().mkpath(files);
        QVERIFY(QFile::link(other, files + QStringLiteral("/报告 2026")));
        QCOMPARE(received.sink(bundle)->held().error().code, ErrorCode::Disk);
        QCOMPARE(pathsBelow(other), QStringList());
    }

    void aPartThatIsLostBeforeTheEndIsFetchedAgain_data() {
        QTest::addColumn<int>("left");
        QTest::newRow("removed") << -1;
        QTest::newRow("emptied") << 0;
        QTest::newRow("cut") << 1'000'000;
    }
    void aPartThatIsLostBeforeTheEndIsFetchedAgain() {
        QFETCH(const int, left);
        const Sent sent;
        const PreparedBundle bundle = sent.offer();
        const Received received;
        const auto sink = received.sink(bundle);
        fetch(*sourceOf(sent, bundle), *sink);
        const QString part =
            received.in + QStringLiteral("/报告 2026.part-0123/files/报告 2026/deep/er/b.bin");
        QVERIFY(left < 0 ? QFile::remove(part) : QFile::resize(part, left));
        QCOMPARE(sink->finish().error().code, ErrorCode::Disk);
        QVERIFY(!QFile::exists(received.in + QStringLiteral("/报告 2026")));
        const auto again = received.sink(bundle);
        QCOMPARE(missingIn(*again), 3U * 1024 * 1024 + 17 - std::uint64_t(std::max(left, 0)));
        fetch(*sourceOf(sent, bundle), *again);
        QVERIFY(again->finish());
        QVERIFY(get(received.in + QStringLiteral("/报告 2026/deep/er/b.bin")) ==
                QByteArray(3 * 1024 * 1024 + 17, 'b'));
    }

    void aPartThatIsLostOnTheWayIsNotGoneOnWith() {
        const Sent sent;
        const PreparedBundle bundle = sent.offer();
        const Received received;
        const auto source = sourceOf(sent, bundle);
        {
            const auto sink = received.sink(bundle);
            QVERIFY(sink->held());
            copy(*source, *sink, {0, 5 + 1'000'000}, 1 << 20);
        }
        const auto sink = received.sink(bundle);
        QVERIFY(sink->held());
        const QString part =
            received.in + QStringLiteral("/报告 2026.part-0123/files/报告 2026/deep/er/b.bin");
        QVERIFY(QFile::resize(part, 10));
        QCOMPARE(sink->write(5 + 1'000'000, Bytes(10)).error().code, ErrorCode::Disk);
        QVERIFY(QFile::remove(part));
        QCOMPARE(received.sink(bundle)->held()->unchecked, (std::vector<Range>{{0, 5}}));
    }
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::BundleCrashTest)
#include "bundle_crash_test.moc"
