#include "app/storage/file_io.h"

#include "p2p/base/limits.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QFileInfo>
#include <QStorageInfo>

#include <fcntl.h>
#include <unistd.h>

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

/// `text` in the language of the user interface, with `path` in the place of %1.
std::string sentence(const char* text, const QString& path) {
    return QCoreApplication::translate("Storage", text).arg(path).toStdString();
}

constexpr const char* kFull =
    QT_TRANSLATE_NOOP("Storage", "%1 could not be written: the disk is full. Free some space and try again.");

Unexpected diskError(const QFile& file) {
    const bool full = file.error() == QFileDevice::ResourceError || errno == ENOSPC;
    if (full) return Unexpected(ErrorCode::Full, sentence(kFull, file.fileName()));
    const QString text = QCoreApplication::translate("Storage", "%1 could not be read or written (%2).");
    return Unexpected(ErrorCode::Disk, text.arg(file.fileName(), file.errorString()).toStdString());
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

QString safeFileName(const QString& received) {
    QString name = received;
    name.replace(u'\\', u'/');
    name = name.mid(name.lastIndexOf(u'/') + 1);
    for (QChar& c : name) {
        const bool forbidden = c.category() == QChar::Other_Control || c.category() == QChar::Other_Format ||
                               QStringView(u"<>:\"|?*").contains(c);
        if (forbidden) c = u'_';
    }
    while (name.startsWith(u'.')) name.remove(0, 1);
    while (name.endsWith(u'.') || name.endsWith(u' ')) name.chop(1);
    if (isReserved(name.section(u'.', 0, 0))) name.prepend(u'_');
    name = cutTo(name, limits::kFileNameBytes);
    return name.isEmpty() ? QStringLiteral("file") : name;
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
    if (!source->m_file.open(QIODevice::ReadOnly)) return diskError(source->m_file);
    source->m_size = static_cast<std::uint64_t>(source->m_file.size());
    source->m_modified = info.lastModified().toMSecsSinceEpoch();
    return source;
}

Expected<Bytes> FileSource::read(std::uint64_t offset, std::size_t length) {
    if (static_cast<std::uint64_t>(m_file.size()) != m_size) return changed(m_file);
    Bytes data(length);
    if (!m_file.seek(static_cast<qint64>(offset))) return diskError(m_file);
    const qint64 got = m_file.read(reinterpret_cast<char*>(data.data()), static_cast<qint64>(length));
    if (got < 0) return diskError(m_file);
    if (static_cast<std::size_t>(got) != length) return changed(m_file);
    return data;
}

Expected<std::shared_ptr<FileSink>> FileSink::open(const QString& folder, const QString& name,
                                                   const QString& id, std::uint64_t size) {
    if (!QDir().mkpath(folder))
        return Unexpected(
            ErrorCode::Disk,
            sentence(QT_TRANSLATE_NOOP("Storage", "The folder %1 cannot be made. Choose another folder."),
                     folder));
    std::shared_ptr<FileSink> sink(new FileSink);
    sink->m_folder = folder;
    sink->m_name = safeFileName(name);
    sink->m_file.setFileName(QDir(folder).filePath(cutTo(sink->m_name, 200) + u".part-" + id));
    if (!sink->m_file.open(QIODevice::ReadWrite)) return diskError(sink->m_file);
    sink->m_held = std::min(static_cast<std::uint64_t>(sink->m_file.size()), size);
    const qint64 room = QStorageInfo(folder).bytesAvailable();
    if (room >= 0 && static_cast<std::uint64_t>(room) < size - sink->m_held)
        return Unexpected(ErrorCode::Full,
                          sentence(QT_TRANSLATE_NOOP("Storage",
                                                     "There is not enough free space for the file in %1. "
                                                     "Free some space and try again."),
                                   folder));
    return sink;
}

Expected<void> FileSink::write(std::uint64_t offset, ByteView data) {
    if (!m_file.seek(static_cast<qint64>(offset))) return diskError(m_file);
    const auto* bytes = reinterpret_cast<const char*>(data.data());
    if (m_file.write(bytes, static_cast<qint64>(data.size())) != static_cast<qint64>(data.size()))
        return diskError(m_file);
    m_held = offset + data.size();
    return {};
}

Expected<std::string> FileSink::finish() {
    if (!m_file.resize(static_cast<qint64>(m_held)) || !m_file.flush() || fsync(m_file.handle()) != 0)
        return diskError(m_file);
    m_file.close();
    const QFileInfo wanted(QDir(m_folder).filePath(m_name));
    for (int copy = 1;; ++copy) {
        const QString numbered = wanted.completeBaseName() + QStringLiteral(" (%1)").arg(copy) +
                                 (wanted.suffix().isEmpty() ? QString() : u'.' + wanted.suffix());
        const QString path = copy == 1 ? wanted.filePath() : QDir(m_folder).filePath(numbered);
        // QFile::rename never replaces an existing file.
        if (!QFileInfo::exists(path) && m_file.rename(path)) return path.toStdString();
        if (!QFileInfo::exists(path) || copy > 10000) return diskError(m_file);
    }
}

}  // namespace landline::app
