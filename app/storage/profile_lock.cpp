#include "app/storage/profile_lock.h"

#include "app/storage/durable_file.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>

#ifdef Q_OS_UNIX
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#else
#include <QLockFile>
#endif

namespace landline::app {

namespace {

QString lockPath(const QString& folder) {
    return QDir(folder).absoluteFilePath(QStringLiteral("landline.lock"));
}

Unexpected taken(const QString& folder, const QString& holder) {
    return Unexpected(
        ErrorCode::Locked,
        QCoreApplication::translate("Storage",
                                    "Landline is already running on the profile %1 (%2). Close it first, or "
                                    "use another profile.")
            .arg(QDir::toNativeSeparators(folder), holder)
            .toStdString());
}

QString ownName() {
    return QStringLiteral("process %1, %2")
        .arg(QCoreApplication::applicationPid())
        .arg(QCoreApplication::applicationName());
}

#ifdef Q_OS_UNIX

class FileLock final : public ProfileLock {
public:
    explicit FileLock(int descriptor) : m_descriptor(descriptor) {}
    ~FileLock() override { ::close(m_descriptor); }
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

private:
    int m_descriptor;
};

/// What the holder wrote into the file.
QString holderOf(int descriptor) {
    std::array<char, 256> text{};
    const ssize_t length = ::pread(descriptor, text.data(), text.size(), 0);
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(std::max<ssize_t>(0, length))).trimmed();
}

#endif

}  // namespace

#ifdef Q_OS_UNIX

Expected<std::unique_ptr<ProfileLock>> ProfileLock::acquire(const QString& folder) {
    const QString path = lockPath(folder);
    const int descriptor = ::open(QFile::encodeName(path).constData(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) return Unexpected(writeError(path, errno));
    auto lock = std::make_unique<FileLock>(descriptor);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) return taken(folder, holderOf(descriptor));
        return Unexpected(writeError(path, errno));
    }
    const QByteArray name = ownName().toUtf8();
    // Only for the sentence that a second program shows: whether it could be written does not matter.
    if (::ftruncate(descriptor, 0) == 0)
        (void)!::pwrite(descriptor, name.constData(), static_cast<std::size_t>(name.size()), 0);
    return std::unique_ptr<ProfileLock>(std::move(lock));
}

#else

namespace {

class FileLock final : public ProfileLock {
public:
    explicit FileLock(const QString& path) : m_file(path) { m_file.setStaleLockTime(0); }
    QLockFile m_file;
};

}  // namespace

Expected<std::unique_ptr<ProfileLock>> ProfileLock::acquire(const QString& folder) {
    auto lock = std::make_unique<FileLock>(lockPath(folder));
    if (!lock->m_file.tryLock(0)) return taken(folder, ownName());
    return std::unique_ptr<ProfileLock>(std::move(lock));
}

#endif

}  // namespace landline::app
