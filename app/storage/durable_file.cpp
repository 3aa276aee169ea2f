#include "app/storage/durable_file.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QStorageInfo>

#include <cerrno>
#include <cstring>

#ifdef Q_OS_UNIX
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace landline::app {

namespace {

#ifdef Q_OS_UNIX
bool sync(int descriptor) {
    return ::fsync(descriptor) == 0;
}

std::uint64_t inodeOf(const QString& path) {
    struct stat info {};
    return ::stat(QFile::encodeName(path).constData(), &info) == 0 ? static_cast<std::uint64_t>(info.st_ino)
                                                                   : 0;
}

bool replace(const QString& from, const QString& to) {
    return ::rename(QFile::encodeName(from).constData(), QFile::encodeName(to).constData()) == 0;
}
#else
bool sync(int) {
    return true;
}
std::uint64_t inodeOf(const QString&) {
    return 0;
}
bool replace(const QString& from, const QString& to) {
    return (!QFile::exists(to) || QFile::remove(to)) && QFile::rename(from, to);
}
#endif

/// FAT has no inodes: the kernel numbers files anew at every mount.
bool keepsInodes(const QString& path) {
    const QByteArray type = QStorageInfo(path).fileSystemType();
    return type != "vfat" && type != "msdos" && type != "exfat";
}

}  // namespace

#ifdef Q_OS_UNIX
bool syncFolder(const QString& folder) {
    const int descriptor = ::open(QFile::encodeName(folder).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return false;
    const bool synced = sync(descriptor);
    ::close(descriptor);
    return synced;
}
#else
bool syncFolder(const QString&) {
    return true;
}
#endif

FileIdentity identityOf(const QString& path) {
    const QDateTime birth = QFileInfo(path).birthTime();
    return {keepsInodes(path) ? inodeOf(path) : 0,
            birth.isValid() ? static_cast<std::uint64_t>(birth.toMSecsSinceEpoch()) : 0};
}

Error writeError(const QString& path, int reason) {
    const QString shown = QDir::toNativeSeparators(path);
    if (reason == ENOSPC || reason == EDQUOT)
        return {ErrorCode::Full,
                QCoreApplication::translate("Storage",
                                            "%1 could not be written: the disk is full. Free some space and "
                                            "try again.")
                    .arg(shown)
                    .toStdString()};
    return {ErrorCode::Disk, QCoreApplication::translate(
                                 "Storage",
                                 "%1 could not be written (%2). Check the folder's permissions and that "
                                 "its disk is not mounted read-only.")
                                 .arg(shown, QString::fromLocal8Bit(std::strerror(reason)))
                                 .toStdString()};
}

Expected<void> writeDurably(const QString& path, const std::function<Bytes(const FileIdentity&)>& content) {
    const QString beside = path + QStringLiteral(".new");
    QFile::remove(beside);
    QFile file(beside);
    errno = 0;
    if (!file.open(QIODevice::WriteOnly | QIODevice::NewOnly | QIODevice::Unbuffered) ||
        !file.setPermissions(QFile::ReadOwner | QFile::WriteOwner))
        return Unexpected(writeError(path, errno));
    Bytes bytes = content(identityOf(beside));
    const auto size = static_cast<qint64>(bytes.size());
    const bool written = file.write(reinterpret_cast<const char*>(bytes.data()), size) == size &&
                         file.flush() && sync(file.handle());
    const int reason = errno;
    file.close();
    if (written && replace(beside, path) && syncFolder(QFileInfo(path).absolutePath())) return {};
    const Error error = writeError(path, written ? errno : reason);
    QFile::remove(beside);
    return Unexpected(error);
}

}  // namespace landline::app
