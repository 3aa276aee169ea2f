#pragma once

#include "app/storage/bundle_sink.h"
#include "app/storage/bundle_source.h"
#include "app/storage/tree_scan.h"

#include <QDateTime>
#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <thread>

namespace landline::app::test {

using transfer::Range;

inline void put(const QString& path, const QByteArray& bytes) {
    QDir().mkpath(QFileInfo(path).path());
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size());
}

inline QByteArray get(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("(cannot be read)");
}

/// A folder with some of everything.
struct Sent {
    QTemporaryDir folder;
    QString root = folder.filePath(QStringLiteral("报告 2026"));

    Sent() {
        put(root + QStringLiteral("/a.txt"), "first");
        put(root + QStringLiteral("/deep/er/b.bin"), QByteArray(3 * 1024 * 1024 + 17, 'b'));
        put(root + QStringLiteral("/deep/empty file"), {});
        put(root + QStringLiteral("/run.sh"), "#!/bin/sh\n");
        QFile::setPermissions(root + QStringLiteral("/run.sh"),
                              QFile::permissions(root + QStringLiteral("/run.sh")) | QFileDevice::ExeOwner);
        QDir().mkpath(root + QStringLiteral("/empty folder"));
        for (int i = 0; i < 300; ++i)
            put(root + QStringLiteral("/many/%1").arg(i), QByteArray::number(i).repeated(1 + i % 7));
        QFile::link(QStringLiteral("/etc/passwd"), root + QStringLiteral("/link"));
        QFile::link(root, root + QStringLiteral("/deep/loop"));
    }
    /// As it is offered, its record kept beside it.
    PreparedBundle offer() const {
        auto prepared = prepareBundle({root});
        if (!prepared) qFatal("%s", prepared.error().text.c_str());
        if (!saveBundle(record, prepared->record)) qFatal("the record is not kept");
        return *prepared;
    }
    QString record = folder.filePath(QStringLiteral("records/sent"));
};

inline std::shared_ptr<BundleSource> sourceOf(const Sent& sent, const PreparedBundle& bundle) {
    return std::make_shared<BundleSource>(sent.record, bundle.offer.size);
}

/// Where it is fetched to.
struct Received {
    QTemporaryDir folder;
    QString in = folder.filePath(QStringLiteral("in"));
    QString record = folder.filePath(QStringLiteral("records/received"));

    BundleSink::Target target(const PreparedBundle& bundle) const {
        return {in,
                QString::fromStdString(bundle.offer.name),
                QStringLiteral("0123"),
                record,
                *bundle.offer.listing,
                bundle.offer.size};
    }
    /// With its listing fetched.
    std::unique_ptr<BundleSink> sink(const PreparedBundle& bundle) const {
        ListingSink listing(record, *bundle.offer.listing);
        if (!listing.held()->missing.empty() && !listing.write(0, bundle.record.listing))
            qFatal("no listing");
        if (!listing.finish()) qFatal("not this listing");
        return std::make_unique<BundleSink>(target(bundle));
    }
};

/// Copies a range in pieces of `step`.
inline void copy(BundleSource& source, BundleSink& sink, Range range, std::size_t step) {
    auto [from, to] = range;
    while (from < to) {
        const auto pieces = source.read(from, std::min<std::uint64_t>(step, to - from));
        QVERIFY(pieces);
        for (const transfer::Piece& piece : *pieces) {
            QVERIFY(piece.skipped != 0 ? sink.skip(from, piece.skipped, piece.reason)
                                       : sink.write(from, piece.data));
            from += piece.size();
        }
    }
}

/// Fetches all that the sink lacks.
inline void fetch(BundleSource& source, BundleSink& sink, std::size_t step = 1 << 20) {
    const auto held = sink.held();
    QVERIFY2(held.ok(), held.ok() ? "" : held.error().text.c_str());
    for (const Range& range : held->missing) copy(source, sink, range, step);
}

inline std::uint64_t missingIn(BundleSink& sink) {
    std::uint64_t bytes = 0;
    const transfer::Held held = sink.held().value();
    for (const Range& range : held.missing) bytes += range.size();
    return bytes;
}

/// As it was before, time and all.
inline void putBack(const QString& path, const QByteArray& bytes, std::int64_t modified) {
    put(path, bytes);
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadWrite));
    QVERIFY(file.setFileTime(QDateTime::fromMSecsSinceEpoch(modified), QFileDevice::FileModificationTime));
}

inline std::int64_t modifiedOf(const QString& path) {
    return QFileInfo(path).lastModified().toMSecsSinceEpoch();
}

inline QStringList pathsBelow(const QString& folder) {
    QStringList paths;
    QDirIterator walk(folder, QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot,
                      QDirIterator::Subdirectories);
    while (walk.hasNext()) paths.append(QDir(folder).relativeFilePath(walk.next()));
    paths.sort();
    return paths;
}

}  // namespace landline::app::test
