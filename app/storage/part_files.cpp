#include "app/storage/part_files.h"

#include "app/storage/durable_file.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
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

Expected<void> writePart(int file, const QString& path, std::uint64_t offset,
                         std::span<const ByteView> parts) {
    std::vector<iovec> left;
    for (const ByteView part : parts)
        // The system's structure is the same for reading, and so not const.
        if (!part.empty()) left.push_back({const_cast<std::uint8_t*>(part.data()), part.size()});
    for (std::size_t at = 0; at < left.size();) {
        struct stat info {};
        if (fstat(file, &info) != 0) return Unexpected(partError(path, errno));
        if (static_cast<std::uint64_t>(info.st_size) < offset) return partLost(path);
        const std::size_t count = std::min<std::size_t>(left.size() - at, IOV_MAX);
        const ssize_t done =
            pwritev(file, left.data() + at, static_cast<int>(count), static_cast<off_t>(offset));
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return Unexpected(partError(path, done == 0 ? ENOSPC : errno));
        offset += static_cast<std::uint64_t>(done);
        auto written = static_cast<std::size_t>(done);
        for (; at < left.size() && written >= left[at].iov_len; ++at) written -= left[at].iov_len;
        if (written == 0) continue;
        left[at].iov_base = static_cast<std::uint8_t*>(left[at].iov_base) + written;
        left[at].iov_len -= written;
    }
    return {};
}

void removePart(const QString& path) {
    if (isOwnFolder(path))
        QDir(path).removeRecursively();
    else
        QFile::remove(path);
}

Error partError(const QString& path, int reason) {
    if (reason != ENOSPC && reason != EDQUOT) return writeError(path, reason);
    const QString text =
        QCoreApplication::translate("Storage",
                                    "%1 could not be written: the disk is full. Free some space; "
                                    "what was being fetched then goes on by itself.");
    return {ErrorCode::Full, text.arg(path).toStdString()};
}

Unexpected partLost(const QString& path) {
    const QString text =
        QCoreApplication::translate("Storage",
                                    "%1 was changed while it came. Fetch it again: what is there "
                                    "still is not sent twice.");
    return Unexpected(ErrorCode::Disk, text.arg(path).toStdString());
}

}  // namespace landline::app
