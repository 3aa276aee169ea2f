#include "app/storage/open_beneath.h"

#include <QFile>

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>
#if defined(SYS_openat2) && __has_include(<linux/openat2.h>)
#include <linux/openat2.h>
#define LANDLINE_HAS_OPENAT2
#endif

namespace landline::app {

namespace {

/// A pipe or device in the place of a file must not make the open wait.
constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
constexpr int kFolderFlags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

/// Nothing where the system cannot.
int openAtOnce([[maybe_unused]] int root, [[maybe_unused]] const std::string& below) {
#ifdef LANDLINE_HAS_OPENAT2
    open_how how{};
    how.flags = static_cast<decltype(how.flags)>(kFlags);
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    return static_cast<int>(::syscall(SYS_openat2, root, below.c_str(), &how, sizeof how));
#else
    errno = ENOSYS;
    return -1;
#endif
}

void closeKeepingErrno(int file) {
    const int why = errno;
    ::close(file);
    errno = why;
}

}  // namespace

int openPartByPart(int root, const std::string& below) {
    int folder = root;
    std::size_t at = 0;
    for (std::size_t slash = below.find('/'); slash != std::string::npos; slash = below.find('/', at)) {
        const int next = ::openat(folder, below.substr(at, slash - at).c_str(), kFolderFlags);
        if (folder != root) closeKeepingErrno(folder);
        if (next < 0) return -1;
        folder = next;
        at = slash + 1;
    }
    const int file = ::openat(folder, below.substr(at).c_str(), kFlags);
    if (folder != root) closeKeepingErrno(folder);
    return file;
}

int openBeneath(const QString& root, const std::string& below) {
    const QByteArray path = QFile::encodeName(root);
    if (below.empty()) return ::open(path.constData(), kFlags);
    const int folder = ::open(path.constData(), kFolderFlags);
    if (folder < 0) return -1;
    int file = openAtOnce(folder, below);
    // Some sandboxes say that it is forbidden where they do not know it.
    if (file < 0 && (errno == ENOSYS || errno == EPERM)) file = openPartByPart(folder, below);
    closeKeepingErrno(folder);
    return file;
}

}  // namespace landline::app
