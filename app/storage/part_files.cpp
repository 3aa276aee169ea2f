#include "app/storage/part_files.h"

#include "app/storage/durable_file.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace landline::app {

bool isOwnFolder(const QString& path) {
    struct stat info {};
    if (lstat(QFile::encodeName(path).constData(), &info) != 0 || !S_ISDIR(info.st_mode)) return false;
    if (info.st_uid == ::geteuid()) return true;
    // Some disks say of everything that it belongs to one and the same user.
    struct stat around {};
    const QByteArray parent = QFile::encodeName(QFileInfo(path).path());
    return ::stat(parent.constData(), &around) == 0 && around.st_uid == info.st_uid;
}

Expected<void> makeOwnFolder(const QString& path) {
    if (::mkdir(QFile::encodeName(path).constData(), 0777) == 0) return {};
    if (errno != EEXIST) return Unexpected(writeError(path, errno));
    if (!isOwnFolder(path)) return Unexpected(writeError(path, ENOTDIR));
    return {};
}

Expected<void> openPart(QFile& file, const QString& path, int flags) {
    const int opened = ::open(QFile::encodeName(path).constData(),
                              O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | flags, 0666);
    if (opened < 0) return Unexpected(writeError(path, errno));
    struct stat info {};
    const bool isFile = ::fstat(opened, &info) == 0 && S_ISREG(info.st_mode);
    file.setFileName(path);
    if (isFile &&
        file.open(opened, QIODevice::ReadWrite | QIODevice::Unbuffered, QFileDevice::AutoCloseHandle))
        return {};
    ::close(opened);
    return Unexpected(writeError(path, EEXIST));
}

void removePart(const QString& path) {
    if (isOwnFolder(path))
        QDir(path).removeRecursively();
    else
        QFile::remove(path);
}

Unexpected partLost(const QString& path) {
    const QString text =
        QCoreApplication::translate("Storage",
                                    "%1 was changed while it came. Fetch it again: what is there "
                                    "still is not sent twice.");
    return Unexpected(ErrorCode::Disk, text.arg(path).toStdString());
}

}  // namespace landline::app
