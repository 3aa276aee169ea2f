#include "app/storage/bundle_contents.h"
#include "p2p/base/hash.h"
#include "p2p/base/limits.h"
#include "tests/app/storage/bundle_fixture.h"

namespace landline::app::test {

class BundleTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void bringsFoldersFilesTimesAndModes() {
        const Sent sent;
        const PreparedBundle bundle = sent.offer();
        const Received received;
        const auto sink = received.sink(bundle);
        fetch(*sourceOf(sent, bundle), *sink, 64 * 1024 + 3);
        QCOMPARE(pathsBelow(received.in).filter(QStringLiteral("deep")).front(),
                 QStringLiteral("报告 2026.part-0123/files/报告 2026/deep"));
        const auto result = sink->finish();
        QVERIFY(result);
        QCOMPARE(result->failedItems, 0U);
        const QString root = received.in + QStringLiteral("/报告 2026");
        QCOMPARE(QString::fromStdString(result->path), root);
        QCOMPARE(QDir(received.in).entryList(QDir::AllEntries | QDir::NoDotAndDotDot).size(), 1);
        QStringList expected = pathsBelow(sent.root);
        expected.removeAll(QStringLiteral("link"));
        expected.removeAll(QStringLiteral("deep/loop"));
        QCOMPARE(pathsBelow(root), expected);
        for (const QString& path : expected) {
            const QFileInfo ours(root + u'/' + path);
            const QFileInfo theirs(sent.root + u'/' + path);
            if (ours.isFile()) QCOMPARE(get(ours.filePath()), get(theirs.filePath()));
            QCOMPARE(ours.lastModified(), theirs.lastModified());
            QCOMPARE(ours.isExecutable(), theirs.isExecutable());
        }
    }

    void whatIsInItAndWhatDidNotComeCanBeRead() {
        const Sent sent;
        const PreparedBundle bundle = sent.offer();
        auto contents = readBundleContents(sent.record, 10);
        QVERIFY(contents);
        QCOMPARE(contents->files, 304U);
        QCOMPARE(contents->folders, 5U);
        QCOMPARE(contents->items.size(), std::size_t{10});
        QCOMPARE(contents->items.front().path, QStringLiteral("报告 2026"));
        QVERIFY(contents->items.front().folder && contents->missing.empty() && contents->failed == 0);
        for (int i = 0; i < 12; ++i) QVERIFY(QFile::remove(sent.root + QStringLiteral("/many/%1").arg(i)));
        const Received received;
        const auto sink = received.sink(bundle);
        fetch(*sourceOf(sent, bundle), *sink);
        QVERIFY(sink->finish());
        contents = readBundleContents(received.record, 10);
        QVERIFY(contents);
        QCOMPARE(contents->failed, 12U);
        QCOMPARE(contents->missing.size(), std::size_t{10});
        QVERIFY(contents->missing.front().path.startsWith(QStringLiteral("报告 2026/many/")));
        QVERIFY(contents->missing.front().failure == wire::ItemFailure::Vanished);
        QVERIFY(!readBundleContents(received.folder.filePath(QStringLiteral("none")), 10));
    }

    void goesOnAfterEachBreak() {
        const Sent sent;
        const PreparedBundle bundle = sent.offer();
        const auto source = sourceOf(sent, bundle);
        const Received received;
        std::uint64_t held = 0;
        for (int broken = 0; held < source->size(); ++broken) {
            QVERIFY(broken < 100);
            const auto sink = received.sink(bundle);
            const auto there = sink->held().value();
            QCOMPARE(there.missing, (std::vector<Range>{{held, source->size()}}));
            if (held > 0) QCOMPARE(there.unchecked, (std::vector<Range>{{0, held}}));
            const std::uint64_t more = std::min<std::uint64_t>(held + 271'828, source->size());
            copy(*source, *sink, {held, more}, 100'000);
            held = more;
        }
        const auto sink = received.sink(bundle);
        QCOMPARE(missingIn(*sink), 0U);
        QCOMPARE(sink->read(0, source->size()).value(), source->read(0, source->size()).value().front().data);
        QVERIFY(sink->finish());
        QCOMPARE(get(received.in + QStringLiteral("/报告 2026/many/299")), QByteArray("299").repeated(6));
    }

    void skipsWhatChangedAndBringsItLater() {
        const Sent sent;
        const PreparedBundle bundle = sent.offer();
        const QString lost = sent.root + QStringLiteral("/a.txt");
        const std::int64_t modified = modifiedOf(lost);
        QFile::remove(lost);
        put(sent.root + QStringLiteral("/many/7"), "longer than it was");
        const Received received;
        const auto first = received.sink(bundle);
        fetch(*sourceOf(sent, bundle), *first);

        // What failed stays known over a restart, and is all that is asked for again.
        const auto again = received.sink(bundle);
        QCOMPARE(missingIn(*again), 5U + 1U);
        putBack(lost, "first", modified);
        fetch(*sourceOf(sent, bundle), *again);
        const auto result = again->finish();
        QVERIFY(result);
        QCOMPARE(result->failedItems, 1U);
        const QString root = received.in + QStringLiteral("/报告 2026");
        QCOMPARE(get(root + QStringLiteral("/a.txt")), QByteArray("first"));
        QVERIFY(!QFile::exists(root + QStringLiteral("/many/7")));
        QVERIFY(QFile::exists(root + QStringLiteral("/many/8")));
    }

    void whatFailedComesLaterIntoTheFolderThatIsThere() {
        const Sent sent;
        const PreparedBundle bundle = sent.offer();
        const QString lost = sent.root + QStringLiteral("/deep/er/b.bin");
        const QByteArray bytes = get(lost);
        const std::int64_t modified = modifiedOf(lost);
        QFile::remove(lost);
        QFile::remove(sent.root + QStringLiteral("/a.txt"));
        const Received received;
        const auto first = received.sink(bundle);
        fetch(*sourceOf(sent, bundle), *first);
        QCOMPARE(first->finish()->failedItems, 2U);
        const QString root = received.in + QStringLiteral("/报告 2026");
        QVERIFY(!QFile::exists(root + QStringLiteral("/deep/er/b.bin")));
        QVERIFY(!QFile::exists(root + QStringLiteral(".part-0123")));
        // It is the person's now, who changes it.
        put(root + QStringLiteral("/run.sh"), "mine");

        putBack(lost, bytes, modified);
        {
            // Only some of it comes before a crash. (a.txt, which is still gone, is next to it.)
            const auto sink = received.sink(bundle);
            const auto held = sink->held().value();
            QCOMPARE(held.unchecked.size(), 0U);
            QCOMPARE(missingIn(*sink), std::uint64_t(bytes.size()) + 5);
            const auto large = std::find_if(held.missing.begin(), held.missing.end(),
                                            [](const Range& range) { return range.size() > 5; });
            copy(*sourceOf(sent, bundle), *sink, {large->at, large->at + 1'000'005}, 1 << 20);
        }
        const auto sink = received.sink(bundle);
        QCOMPARE(sink->held()->unchecked.front().size(), 1'000'000U);
        QCOMPARE(missingIn(*sink), std::uint64_t(bytes.size()) - 1'000'000 + 5);
        fetch(*sourceOf(sent, bundle), *sink);
        const auto result = sink->finish();
        QVERIFY(result);
        QCOMPARE(result->failedItems, 1U);
        QCOMPARE(QString::fromStdString(result->path), root);
        QVERIFY(get(root + QStringLiteral("/deep/er/b.bin")) == bytes);
        QCOMPARE(get(root + QStringLiteral("/run.sh")), QByteArray("mine"));
        QCOMPARE(QDir(received.in).entryList(QDir::AllEntries | QDir::NoDotAndDotDot).size(), 1);
    }

    void anItemWhoseBeginningIsMissingHasFailed() {
        const Sent sent;
        const PreparedBundle bundle = sent.offer();
        const Received received;
        const auto sink = received.sink(bundle);
        QCOMPARE(missingIn(*sink), bundle.offer.size);
        // a.txt comes first: a byte of it is skipped, and the rest comes as if nothing had happened.
        QVERIFY(sink->skip(0, 1, wire::ItemFailure::Changed));
        QVERIFY(sink->write(1, Bytes{'i', 'r', 's', 't'}));
        copy(*sourceOf(sent, bundle), *sink, {5, bundle.offer.size}, 1 << 20);
        QCOMPARE(sink->finish()->failedItems, 1U);
        QVERIFY(!QFile::exists(received.in + QStringLiteral("/报告 2026/a.txt")));
    }

    void aListingOtherThanOfferedIsRefused() {
        const Sent sent;
        const PreparedBundle bundle = sent.offer();
        const Received received;
        ListingSink listing(received.record, *bundle.offer.listing);
        Bytes changed = bundle.record.listing;
        changed.back() ^= 1;
        QVERIFY(listing.write(0, changed));
        QCOMPARE(listing.finish().error().code, ErrorCode::Malformed);
        QVERIFY(!QFile::exists(received.record));
        QCOMPARE(listing.held()->missing, (std::vector<Range>{{0, changed.size()}}));
        // The right one is accepted then, and known afterwards.
        QVERIFY(listing.write(0, bundle.record.listing));
        QVERIFY(listing.finish());
        ListingSink again(received.record, *bundle.offer.listing);
        QVERIFY(again.held()->missing.empty());
    }

    void whatIsNoListingIsNotKept_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("items");
        const auto encoded = [](std::vector<wire::ListingItem> items) {
            const Bytes bytes = wire::encodeListing({std::move(items)});
            return QByteArray(reinterpret_cast<const char*>(bytes.data()),
                              static_cast<qsizetype>(bytes.size()));
        };
        QTest::newRow("no Protobuf") << QByteArray("\x0A\xFF\xFF", 3) << 1;
        QTest::newRow("a path upwards") << encoded({{"../x", 1, 0, false, false}}) << 1;
        QTest::newRow("another number of items") << encoded({{"x", 1, 0, false, false}}) << 2;
    }
    void whatIsNoListingIsNotKept() {
        QFETCH(const QByteArray, bytes);
        QFETCH(const int, items);
        const Received received;
        const Bytes listing(bytes.begin(), bytes.end());
        ListingSink sink(received.record,
                         {static_cast<std::uint32_t>(items), listing.size(), chunkDigest(listing)});
        QVERIFY(sink.write(0, listing));
        QCOMPARE(sink.finish().error().code, ErrorCode::Malformed);
        QVERIFY(!QFile::exists(received.record));
    }

    void aListingThatDoesNotFitTheOfferIsRefused() {
        const Sent sent;
        const PreparedBundle bundle = sent.offer();
        const Received received;
        QCOMPARE(BundleSink(received.target(bundle)).held().error().code, ErrorCode::NotFound);
        (void)received.sink(bundle);
        BundleSink::Target size = received.target(bundle);
        ++size.size;
        QCOMPARE(BundleSink(size).held().error().code, ErrorCode::Malformed);
        BundleSink::Target items = received.target(bundle);
        ++items.ref.items;
        QCOMPARE(BundleSink(items).held().error().code, ErrorCode::Malformed);
        const Bytes upwards = wire::encodeListing({{{"../x", 1, 0, false, false}}});
        QVERIFY(saveBundle(received.record, {upwards, {}}));
        BundleSink::Target elsewhere = received.target(bundle);
        elsewhere.ref = {1, upwards.size(), chunkDigest(upwards)};
        elsewhere.size = 1;
        QCOMPARE(BundleSink(elsewhere).held().error().code, ErrorCode::Malformed);
        QVERIFY(!QFile::exists(received.in));
    }

    void moreThanTheDiskHoldsIsToldBefore() {
        const Received received;
        const Bytes huge = wire::encodeListing({{{"huge", limits::kOfferBytes, 0, false, false}}});
        QVERIFY(saveBundle(received.record, {huge, {}}));
        BundleSink sink({received.in,
                         QStringLiteral("huge"),
                         QStringLiteral("1"),
                         received.record,
                         {1, huge.size(), chunkDigest(huge)},
                         limits::kOfferBytes});
        QCOMPARE(sink.held().error().code, ErrorCode::Full);
    }

    void aFileThatShrinksWhileItIsSentIsSkippedFromThere() {
        const Sent sent;
        const PreparedBundle bundle = sent.offer();
        const auto source = sourceOf(sent, bundle);
        std::uint64_t skipped = 0;
        const auto count = [&skipped](const Expected<std::vector<transfer::Piece>>& pieces) {
            for (const transfer::Piece& piece : pieces.value()) skipped += piece.skipped;
        };
        count(source->read(0, 100'000));
        QCOMPARE(skipped, 0U);
        QVERIFY(QFile::resize(sent.root + QStringLiteral("/deep/er/b.bin"), 50));
        count(source->read(100'000, 100'000));
        QCOMPARE(skipped, 100'000U);
    }

    void aFolderThatBecameALinkIsNotSentFrom_data() {
        QTest::addColumn<QString>("folder");
        QTest::addColumn<bool>("all");
        QTest::newRow("one within") << QStringLiteral("/deep") << false;
        QTest::newRow("the offered one") << QString() << true;
    }
    void aFolderThatBecameALinkIsNotSentFrom() {
        QFETCH(const QString, folder);
        QFETCH(const bool, all);
        const Sent sent;
        const PreparedBundle bundle = sent.offer();
        const QString elsewhere = sent.folder.filePath(QStringLiteral("elsewhere"));
        // The very same files, so that nothing but the link tells.
        QVERIFY(QDir().rename(sent.root + folder, elsewhere));
        QVERIFY(QFile::link(elsewhere, sent.root + folder));
        const auto source = sourceOf(sent, bundle);
        const Received received;
        const auto sink = received.sink(bundle);
        fetch(*source, *sink);
        const auto done = sink->finish();
        QVERIFY(done);
        QVERIFY(done->failedItems > 0);
        const QStringList there = pathsBelow(received.in);
        QCOMPARE(there.filter(QStringLiteral("b.bin")), QStringList());
        QCOMPARE(there.filter(QStringLiteral("a.txt")).isEmpty(), all);
    }

    void aFileWrittenToWhileItIsReadIsNotTakenForRight() {
        const Sent sent;
        const QString path = sent.root + QStringLiteral("/deep/er/b.bin");
        const std::int64_t old = QDateTime::currentMSecsSinceEpoch() - 60'000;
        int wrong = 0;
        for (int i = 0; i < 25; ++i) {
            putBack(path, QByteArray(3 * 1024 * 1024, 'b'), old);
            const PreparedBundle bundle = prepareBundle({path}).value();
            QVERIFY(saveBundle(sent.record, bundle.record));
            BundleSource source(sent.record, bundle.offer.size);
            QVERIFY(source.read(0, 1));
            std::thread writer([&] {
                QFile file(path);
                if (file.open(QIODevice::ReadWrite | QIODevice::Unbuffered))
                    file.write(QByteArray(3 * 1024 * 1024, 'X'));
            });
            const auto pieces = source.read(0, 3 * 1024 * 1024);
            writer.join();
            QVERIFY(pieces);
            for (const transfer::Piece& piece : *pieces)
                wrong += std::find(piece.data.begin(), piece.data.end(), 'X') != piece.data.end();
        }
        QCOMPARE(wrong, 0);
    }

    void readsToBuffersThatAreUsedAgain() {
        const Sent sent;
        const PreparedBundle bundle = prepareBundle({sent.root}).value();
        QVERIFY(saveBundle(sent.record, bundle.record));
        BundleSource fresh(sent.record, bundle.offer.size);
        BundleSource source(sent.record, bundle.offer.size);
        const auto pool = std::make_shared<BytePool>(1);
        source.setBuffers(pool);
        const auto whole = static_cast<std::size_t>(bundle.offer.size);
        Bytes buffer(whole, 0xee);
        const std::uint8_t* const memory = buffer.data();
        pool->giveBack(std::move(buffer));
        for (const std::size_t length : {whole, whole / 2, whole}) {
            auto pieces = source.read(0, length);
            QVERIFY(pieces);
            QCOMPARE(pieces->size(), std::size_t(1));
            QCOMPARE(pieces->front().data.data(), memory);
            QVERIFY(pieces->front().data == fresh.read(0, length)->front().data);
            source.giveBack(std::move(pieces->front().data));
        }
    }

    void manyGapsCostNoMoreMemoryThanTheData() {
        const QTemporaryDir folder;
        const QString root = folder.filePath(QStringLiteral("root"));
        const QString record = folder.filePath(QStringLiteral("records/sent"));
        const auto nameOf = [&](int i) {
            return root + QStringLiteral("/%1").arg(i, 3, 10, QLatin1Char('0'));
        };
        for (int i = 0; i < 100; ++i) put(nameOf(i), "few");
        put(root + QStringLiteral("/last"), QByteArray(1024 * 1024, 'l'));
        const PreparedBundle bundle = prepareBundle({root}).value();
        QVERIFY(saveBundle(record, bundle.record));
        for (int i = 1; i < 100; i += 2) QVERIFY(QFile::remove(nameOf(i)));
        const auto whole = static_cast<std::size_t>(bundle.offer.size);
        const auto pieces = BundleSource(record, bundle.offer.size).read(0, whole);
        QVERIFY(pieces);
        QCOMPARE(pieces->size(), std::size_t(101));
        std::uint64_t bytes = 0;
        std::size_t inMemory = 0;
        for (const transfer::Piece& piece : *pieces) {
            bytes += piece.size();
            inMemory += piece.data.capacity();
        }
        QCOMPARE(bytes, std::uint64_t(whole));
        QVERIFY(inMemory <= 3 * whole);
    }

    void topLevelItemsWhoseNamesAreTakenAreNumbered() {
        const Sent sent;
        QTemporaryDir from;
        QStringList roots;
        for (const char* const name : {"a.txt", "b.txt", "a (2).txt"}) {
            roots.append(from.filePath(QLatin1String(name)));
            put(roots.back(), name);
        }
        const PreparedBundle bundle = prepareBundle(roots).value();
        QVERIFY(saveBundle(sent.record, bundle.record));
        const Received received;
        put(received.in + QStringLiteral("/a.txt"), "mine");
        const auto sink = received.sink(bundle);
        fetch(*sourceOf(sent, bundle), *sink);
        QVERIFY(sink->finish());
        QCOMPARE(get(received.in + QStringLiteral("/a.txt")), QByteArray("mine"));
        QCOMPARE(get(received.in + QStringLiteral("/b.txt")), QByteArray("b.txt"));
        QCOMPARE(get(received.in + QStringLiteral("/a (2).txt")), QByteArray("a.txt"));
        QCOMPARE(get(received.in + QStringLiteral("/a (2) (2).txt")), QByteArray("a (2).txt"));
        QCOMPARE(pathsBelow(received.in).size(), 4);
    }

    void severalRootsArriveUnderFreeNames() {
        const Sent sent;
        QTemporaryDir from;
        put(from.filePath(QStringLiteral("1/same")), "one");
        put(from.filePath(QStringLiteral("2/same")), "two");
        const PreparedBundle bundle =
            prepareBundle({from.filePath(QStringLiteral("1/same")), from.filePath(QStringLiteral("2/same"))})
                .value();
        QVERIFY(saveBundle(sent.record, bundle.record));
        const Received received;
        put(received.in + QStringLiteral("/same"), "mine");
        const auto sink = received.sink(bundle);
        fetch(*sourceOf(sent, bundle), *sink, 100);
        const auto result = sink->finish();
        QVERIFY(result);
        QCOMPARE(QString::fromStdString(result->path), received.in);
        QCOMPARE(get(received.in + QStringLiteral("/same")), QByteArray("mine"));
        QCOMPARE(get(received.in + QStringLiteral("/same (2)")), QByteArray("one"));
        QCOMPARE(get(received.in + QStringLiteral("/same (2) (2)")), QByteArray("two"));
    }

    void anOfferWithoutItsRecordIsNotServed() {
        const Sent sent;
        const PreparedBundle bundle = sent.offer();
        QCOMPARE(ListingSource(sent.record, bundle.record.listing.size()).read(0, 10)->front().data.size(),
                 10U);
        QVERIFY(!ListingSource(sent.record, 1).read(0, 1));
        QCOMPARE(BundleSource(sent.record, bundle.offer.size + 1).read(0, 1).error().code,
                 ErrorCode::NotFound);
        QVERIFY(saveBundle(sent.record, {bundle.record.listing, {}}));
        QCOMPARE(sourceOf(sent, bundle)->read(0, 1).error().code, ErrorCode::NotFound);
        QFile::remove(sent.record);
        QCOMPARE(sourceOf(sent, bundle)->read(0, 1).error().code, ErrorCode::NotFound);
        QVERIFY(!ListingSource(sent.record, bundle.record.listing.size()).read(0, 10));
    }

    void aTargetThatIsNoFolderIsTold() {
        const Sent sent;
        const PreparedBundle bundle = sent.offer();
        const Received received;
        put(received.in, "in the way");
        const auto held = received.sink(bundle)->held();
        QCOMPARE(held.error().code, ErrorCode::Disk);
        QVERIFY(held.error().text.find(received.in.toStdString()) != std::string::npos);
    }
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::BundleTest)
#include "bundle_test.moc"
