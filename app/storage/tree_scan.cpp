#include "app/storage/tree_scan.h"

#include "app/storage/durable_file.h"
#include "app/storage/file_io.h"
#include "p2p/base/hash.h"
#include "p2p/base/limits.h"
#include "p2p/base/utf8.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QSet>
#include <QUuid>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace landline::app {

namespace {

std::int64_t modifiedAt(const struct stat& info) {
    return static_cast<std::int64_t>(info.st_mtim.tv_sec) * 1000 + info.st_mtim.tv_nsec / 1'000'000;
}

using Folder = std::unique_ptr<DIR, int (*)(DIR*)>;

/// Goes through open folders and not through paths, so that a link which somebody puts in the place of a folder meanwhile
/// leads nowhere.
class Scan {
    Q_DECLARE_TR_FUNCTIONS(landline::app::Scan)

public:
    explicit Scan(ScannedTree& out) : m_out(out) {}

    Expected<void> addRoot(const QString& given) {
        const QFileInfo info(given);
        if (!info.exists())
            return fail(ErrorCode::NotFound, tr("“%1” does not exist or cannot be read.").arg(given));
        if (info.isSymLink() || !(info.isFile() || info.isDir()))
            return fail(ErrorCode::InvalidArgument,
                        tr("“%1” is no file and no folder. Links are not followed: choose what it points to.")
                            .arg(given));
        const QString absolute = QDir::cleanPath(info.absoluteFilePath());
        const QString name = QFileInfo(absolute).fileName();
        if (name.isEmpty())
            return fail(ErrorCode::InvalidArgument, tr("“%1” has no name. Choose what is in it.").arg(given));
        m_out.roots.append(absolute);
        return add({AT_FDCWD, QFile::encodeName(absolute).toStdString(), absolute},
                   freeName(name).toStdString(), 1);
    }

private:
    /// Something on the disk: its name in an open folder, and a path by which the person knows it.
    struct Found {
        int folder;
        std::string name;
        QString shown;
    };

    Expected<void> add(const Found& found, const std::string& path, std::size_t depth) {
        struct stat info {};
        if (::fstatat(found.folder, found.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
            if (errno == ENOENT) return {};  // gone again
            return fail(ErrorCode::Disk, tr("“%1” cannot be read.").arg(found.shown));
        }
        const bool isFolder = S_ISDIR(info.st_mode);
        if (!isFolder && !S_ISREG(info.st_mode)) return {};
        if (m_out.listing.items.size() == limits::kListingItems || depth > limits::kListingDepth)
            return fail(ErrorCode::TooLarge, tr("These are too many files for one transfer (the limit is %1 "
                                                "files and folders, %2 deep). Send them "
                                                "in parts, or packed into one file.")
                                                 .arg(limits::kListingItems)
                                                 .arg(limits::kListingDepth));
        if (path.size() > limits::kListingPathBytes)
            return fail(ErrorCode::TooLarge,
                        tr("The path of “%1” is too long to be sent.").arg(QString::fromStdString(path)));
        wire::ListingItem item;
        item.path = path;
        item.modified = modifiedAt(info);
        item.folder = isFolder;
        if (!isFolder) {
            item.size = static_cast<std::uint64_t>(info.st_size);
            item.executable = (info.st_mode & S_IXUSR) != 0;
        }
        m_out.listing.items.push_back(std::move(item));
        return isFolder ? addFolder(found, path, depth) : Expected<void>();
    }

    Expected<void> addFolder(const Found& found, const std::string& path, std::size_t depth) {
        const int file =
            ::openat(found.folder, found.name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        const Folder folder(file < 0 ? nullptr : ::fdopendir(file), &::closedir);
        if (!folder) {
            if (file >= 0) ::close(file);
            return fail(ErrorCode::Disk, tr("The folder “%1” cannot be read.").arg(found.shown));
        }
        const auto names = namesIn(folder, found.shown);
        if (!names) return Unexpected(names.error());
        for (const std::string& name : *names) {
            const Found one{::dirfd(folder.get()), name, found.shown + u'/' + QString::fromStdString(name)};
            if (auto added = add(one, path + '/' + name, depth + 1); !added) return added;
        }
        return {};
    }

    /// Sorted. Names that are no UTF-8 would be lost without a word.
    static Expected<std::vector<std::string>> namesIn(const Folder& folder, const QString& shown) {
        std::vector<std::string> names;
        while (const dirent* const entry = ::readdir(folder.get())) {
            const std::string_view name(entry->d_name);
            if (name == "." || name == "..") continue;
            if (!isValidUtf8(name))
                return fail(
                    ErrorCode::InvalidArgument,
                    tr("A file in “%1” has a name that is no valid text, and cannot be sent. Rename it.")
                        .arg(shown));
            names.emplace_back(name);
        }
        std::sort(names.begin(), names.end());
        return names;
    }

    QString freeName(const QString& name) {
        QString free = name;
        for (int number = 2; m_names.contains(free); ++number) free = numberedName(name, number);
        m_names.insert(free);
        return free;
    }

    static Unexpected fail(ErrorCode code, const QString& text) {
        return Unexpected(code, text.toStdString());
    }

    ScannedTree& m_out;
    QSet<QString> m_names;
};

Unexpected unreadable() {
    return Unexpected(ErrorCode::NotFound,
                      "The record of what was offered is gone or damaged. Send it again.");
}

}  // namespace

Expected<ScannedTree> scanTree(const QStringList& paths) {
    ScannedTree tree;
    Scan scan(tree);
    for (const QString& path : paths)
        if (auto added = scan.addRoot(path); !added) return Unexpected(added.error());
    if (tree.roots.isEmpty()) return Unexpected(ErrorCode::InvalidArgument, "There is nothing to send.");
    tree.name = QFileInfo(tree.roots.front()).fileName();
    if (tree.roots.size() > 1) tree.name += QStringLiteral(" +%1").arg(tree.roots.size() - 1);
    return tree;
}

wire::ListingRef BundleRecord::ref(std::size_t items) const {
    return {static_cast<std::uint32_t>(items), listing.size(), chunkDigest(listing)};
}

Expected<PreparedBundle> prepareBundle(const QStringList& paths, const QString& records) {
    auto tree = scanTree(paths);
    if (!tree) return Unexpected(tree.error());
    PreparedBundle prepared;
    prepared.record = {wire::encodeListing(tree->listing), tree->roots};
    // What the other side would refuse is better refused here.
    if (auto listing = wire::parseListing(prepared.record.listing); !listing)
        return Unexpected(listing.error());
    prepared.offer.name = safeFileName(tree->name).toStdString();
    prepared.offer.size = tree->listing.contentBytes();
    prepared.offer.modified = tree->listing.items.front().modified;
    prepared.offer.listing = prepared.record.ref(tree->listing.items.size());
    if (records.isEmpty()) return prepared;
    prepared.kept = QDir(records).filePath(u"new-" + QUuid::createUuid().toString(QUuid::Id128));
    if (auto kept = saveBundle(prepared.kept, prepared.record); !kept) return Unexpected(kept.error());
    return prepared;
}

// One line of JSON with the roots, then the listing.
Expected<void> saveBundle(const QString& path, const BundleRecord& bundle) {
    const QString folder = QFileInfo(path).path();
    if (!QDir().mkpath(folder)) return Unexpected(writeError(folder, errno));
    QByteArray head = QJsonDocument(QJsonArray::fromStringList(bundle.roots)).toJson(QJsonDocument::Compact);
    head.append('\n');
    return writeDurably(path, [&](const FileIdentity&) {
        Bytes bytes(head.begin(), head.end());
        append(bytes, bundle.listing);
        return bytes;
    });
}

Expected<BundleRecord> loadBundle(const QString& path) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) return unreadable();
    const QByteArray bytes = file.readAll();
    const qsizetype end = bytes.indexOf('\n');
    const QJsonDocument head = QJsonDocument::fromJson(bytes.left(std::max<qsizetype>(end, 0)));
    if (end < 0 || !head.isArray()) return unreadable();
    BundleRecord bundle;
    for (const QJsonValue& root : head.array()) bundle.roots.append(root.toString());
    bundle.listing.assign(bytes.begin() + end + 1, bytes.end());
    return bundle;
}

}  // namespace landline::app
