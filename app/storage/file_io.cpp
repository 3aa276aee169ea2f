#include "app/storage/file_io.h"

#include "app/storage/durable_file.h"
#include "app/storage/moved_notes.h"
#include "app/storage/part_files.h"
#include "p2p/base/limits.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QFileInfo>
#include <QStorageInfo>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cstdio>

namespace landline::app {

namespace {

bool isReserved(const QString& stem) {
    static const QStringList kDevices{QStringLiteral("con"), QStringLiteral("prn"), QStringLiteral("aux"),
                                      QStringLiteral("nul")};
    const QString lower = stem.toLower();
    const bool numbered =
        (lower.startsWith(QLatin1String("com")) || lower.startsWith(QLatin1String("lpt"))) &&
        lower.size() == 4 && lower[3] >= u'1' && lower[3] <= u'9';
    return numbered || kDevices.contains(lower);
}

/// Cuts the stem so that the whole has at most `bytes` of UTF-8.
QString cutTo(QString name, std::size_t bytes) {
    while (static_cast<std::size_t>(name.toUtf8().size()) > bytes) {
        const qsizetype dot = name.lastIndexOf(u'.');
        const bool hasExtension = dot > 0 && name.size() - dot <= 16;
        qsizetype end = hasExtension ? dot : name.size();
        const qsizetype from = end >= 2 && name[end - 1].isLowSurrogate() ? end - 2 : end - 1;
        name.remove(from, end - from);
    }
    return name;
}

int renameToNew(const QByteArray& from, const QByteArray& to) {
    if (renameat2(AT_FDCWD, from.constData(), AT_FDCWD, to.constData(), RENAME_NOREPLACE) == 0) return 0;
    if (errno != EINVAL && errno != ENOSYS) return errno;
    // A file system that cannot rename without replacing.
    struct stat taken {};
    if (lstat(to.constData(), &taken) == 0) return EEXIST;
    return rename(from.constData(), to.constData()) == 0 ? 0 : errno;
}

/// `text` in the language of the user interface, with `path` in the place of %1.
std::string sentence(const char* text, const QString& path) {
    return QCoreApplication::translate("Storage", text).arg(path).toStdString();
}

Unexpected diskError(const QFile& file, const QString& path) {
    const QString text = QCoreApplication::translate("Storage", "%1 could not be read or written (%2).");
    return Unexpected(ErrorCode::Disk, text.arg(path, file.errorString()).toStdString());
}

Unexpected changed(const QFile& file) {
    return Unexpected(
        ErrorCode::NotFound,
        sentence(QT_TRANSLATE_NOOP("Storage", "%1 has changed since it was offered."), file.fileName()));
}

}  // namespace

QString outboxOf(const QString& profile) {
    return QDir(profile).absoluteFilePath(QStringLiteral("outbox"));
}

QString bundlesOf(const QString& profile) {
    return QDir(profile).absoluteFilePath(QStringLiteral("bundles"));
}

QString safeFileName(const QString& received, Hidden hidden) {
    QString name = received;
    name.replace(u'\\', u'/');
    name = name.mid(name.lastIndexOf(u'/') + 1);
    for (QChar& c : name) {
        const bool forbidden = c.category() == QChar::Other_Control || c.category() == QChar::Other_Format ||
                               QStringView(u"<>:\"|?*").contains(c);
        if (forbidden) c = u'_';
    }
    while (hidden == Hidden::Shown && name.startsWith(u'.')) name.remove(0, 1);
    while (name.endsWith(u'.') || name.endsWith(u' ')) name.chop(1);
    if (isReserved(name.section(u'.', 0, 0))) name.prepend(u'_');
    name = cutTo(name, limits::kFileNameBytes);
    return name.isEmpty() ? QStringLiteral("file") : name;
}

QString numberedName(const QString& name, int number) {
    const QString mark = QStringLiteral(" (%1)").arg(number);
    const QFileInfo cut(cutTo(name, limits::kFileNameBytes - static_cast<std::size_t>(mark.size())));
    if (cut.completeBaseName().isEmpty() || cut.suffix().isEmpty()) return cut.fileName() + mark;
    return cut.completeBaseName() + mark + u'.' + cut.suffix();
}

QString partPath(const QString& folder, const QString& name, const QString& id) {
    return QDir(folder).filePath(cutTo(safeFileName(name), 200) + u".part-" + id);
}

int moveToNew(const QString& from, const QString& to) {
    return renameToNew(QFile::encodeName(from), QFile::encodeName(to));
}

QString nameToTry(const QString& folder, const QString& name, int number) {
    return QDir(folder).filePath(number == 1 ? name : numberedName(name, number));
}

Expected<QString> moveToFreeName(const QString& from, const QString& folder, const QString& name,
                                 const std::function<bool(const QString&)>& before) {
    for (int number = 1;; ++number) {
        const QString path = nameToTry(folder, name, number);
        if (before && !before(path)) return Unexpected(writeError(path, errno));
        const int why = moveToNew(from, path);
        if (why == 0) return path;
        if (why != EEXIST || number > kMostNumber) return Unexpected(writeError(path, why));
    }
}

Expected<std::shared_ptr<FileSource>> FileSource::open(const QString& path) {
    const QFileInfo info(path);
    if (!info.exists())
        return Unexpected(ErrorCode::NotFound,
                          sentence(QT_TRANSLATE_NOOP("Storage", "There is no file %1."), path));
    if (!info.isFile())
        return Unexpected(ErrorCode::InvalidArgument,
                          sentence(QT_TRANSLATE_NOOP("Storage", "%1 is not a regular file."), path));
    std::shared_ptr<FileSource> source(new FileSource);
    source->m_file.setFileName(info.absoluteFilePath());
    if (!source->m_file.open(QIODevice::ReadOnly)) return diskError(source->m_file, path);
    source->m_size = static_cast<std::uint64_t>(source->m_file.size());
    source->m_modified = source->m_file.fileTime(QFileDevice::FileModificationTime).toMSecsSinceEpoch();
    return source;
}

Expected<std::vector<transfer::Piece>> FileSource::read(std::uint64_t offset, std::size_t length) {
    Bytes data = takeBuffer();
    data.resize(length);
    if (!m_file.seek(static_cast<qint64>(offset))) return diskError(m_file, m_file.fileName());
    const qint64 got = m_file.read(reinterpret_cast<char*>(data.data()), static_cast<qint64>(length));
    if (got < 0) return diskError(m_file, m_file.fileName());
    // Behind the read: what was written meanwhile is not taken for right.
    if (static_cast<std::size_t>(got) != length || !isAsItWas()) return changed(m_file);
    std::vector<transfer::Piece> pieces(1);
    pieces.front().data = std::move(data);
    return pieces;
}

bool FileSource::isAsItWas() const {
    return static_cast<std::uint64_t>(m_file.size()) == m_size &&
           m_file.fileTime(QFileDevice::FileModificationTime).toMSecsSinceEpoch() == m_modified;
}

Expected<std::shared_ptr<FileSink>> FileSink::open(const QString& folder, const QString& name,
                                                   const QString& id, std::uint64_t size,
                                                   const QString& notes) {
    std::shared_ptr<FileSink> sink(new FileSink);
    sink->m_notes = notes;
    if (const auto moves = MovedNotes(notes).read(); !moves.empty()) {
        sink->m_moved = moves.begin()->second.path;
        return sink;
    }
    if (!QDir().mkpath(folder))
        return Unexpected(
            ErrorCode::Disk,
            sentence(QT_TRANSLATE_NOOP("Storage", "The folder %1 cannot be made. Choose another folder."),
                     folder));
    sink->m_folder = folder;
    sink->m_name = safeFileName(name);
    sink->m_part = partPath(folder, name, id);
    if (auto opened = openPart(sink->m_file, sink->m_part, O_CREAT); !opened)
        return Unexpected(opened.error());
    sink->m_size = size;
    const qint64 room = QStorageInfo(folder).bytesAvailable();
    if (room >= 0 && static_cast<std::uint64_t>(room) < size - sink->bytesHeld()) {
        if (sink->bytesHeld() == 0) removePart(sink->m_part);
        return Unexpected(ErrorCode::Full,
                          sentence(QT_TRANSLATE_NOOP("Storage",
                                                     "There is not enough free space for the file in %1. "
                                                     "Free some space and try again."),
                                   folder));
    }
    return sink;
}

Expected<transfer::Held> FileSink::held() {
    transfer::Held held;
    if (!m_moved.isEmpty()) return held;
    // Somebody may have removed it since it was opened.
    struct stat info {};
    if (fstat(m_file.handle(), &info) != 0 || info.st_nlink == 0) {
        m_file.close();
        if (auto opened = openPart(m_file, m_part, O_CREAT); !opened) return Unexpected(opened.error());
    }
    const std::uint64_t end = bytesHeld();
    if (end > 0) held.unchecked.push_back({0, end});
    if (end < m_size) held.missing.push_back({end, m_size});
    return held;
}

std::uint64_t FileSink::bytesHeld() const {
    return std::min(static_cast<std::uint64_t>(m_file.size()), m_size);
}

Expected<Bytes> FileSink::read(std::uint64_t offset, std::size_t length) {
    Bytes data(length);
    if (!m_file.seek(static_cast<qint64>(offset))) return diskError(m_file, m_part);
    if (m_file.read(reinterpret_cast<char*>(data.data()), static_cast<qint64>(length)) !=
        static_cast<qint64>(length))
        return diskError(m_file, m_part);
    return data;
}

Expected<void> FileSink::skip(std::uint64_t, std::uint64_t, wire::ItemFailure) {
    return Unexpected(ErrorCode::NotFound,
                      "The file has changed since it was offered. Ask for it to be sent again.");
}

Expected<void> FileSink::writeParts(std::uint64_t offset, std::span<const ByteView> parts) {
    return writePart(m_file.handle(), m_part, offset, parts);
}

Expected<QString> FileSink::move() {
    if (m_notes.isEmpty()) return moveToFreeName(m_part, m_folder, m_name);
    if (!QDir().mkpath(QFileInfo(m_notes).path())) return Unexpected(writeError(m_notes, errno));
    const MovedNotes notes(m_notes);
    const FileIdentity identity = identityOf(m_part);
    return moveToFreeName(m_part, m_folder, m_name, [&](const QString& path) {
        return notes.noteIntended({{0, path, identity}});
    });
}

Expected<transfer::ChunkSink::Result> FileSink::finish() {
    if (!m_moved.isEmpty()) return Result{m_moved.toStdString(), 0};
    if (bytesHeld() < m_size) return partLost(m_part);
    markOrigin(m_file.handle(), m_origin);
    if (!m_file.resize(static_cast<qint64>(m_size)) || fsync(m_file.handle()) != 0)
        return Unexpected(partError(m_part, errno));
    m_file.close();
    auto moved = move();
    if (!moved) return Unexpected(moved.error());
    // It is there, even if not for sure after a power cut.
    if (syncFolder(m_folder) && !m_notes.isEmpty()) (void)MovedNotes(m_notes).noteMoved({{0, *moved}});
    m_moved = *moved;
    return Result{moved->toStdString(), 0};
}

}  // namespace landline::app
