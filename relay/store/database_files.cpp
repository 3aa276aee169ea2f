#include "relay/store/database_files.h"

#include "relay/store/is_there.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

namespace landline::relay {

std::string databaseIn(const std::string& folder) {
    return folder + "/relay.db";
}

std::string readyIn(const std::string& folder) {
    return databaseIn(folder) + ".ready";
}

Unexpected diskError(const std::string& what, const std::string& reason) {
    return Unexpected(ErrorCode::Disk,
                      what + " (" + reason +
                          "). Check the folder's permissions and that its disk is not mounted read-only.");
}

Unexpected noFolder(const std::string& folder) {
    return Unexpected(ErrorCode::NotFound,
                      "The relay's folder " + folder + " is not there. \"landline-relay init\" makes it, and a key in it.");
}

bool syncPath(const std::string& path, int flags) {
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
    if (descriptor < 0) return false;
    const bool synced = ::fsync(descriptor) == 0;
    ::close(descriptor);
    return synced;
}

namespace {

bool writeSynced(const std::string& path, std::string_view text, unsigned mode) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);
    if (file < 0) return false;
    const bool isWritten = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
    return ::close(file) == 0 && isWritten;
}

}  // namespace

bool writeWhole(const std::string& path, std::string_view text, unsigned mode) {
    const std::string part = path + ".part";
    const std::string folder = std::filesystem::path(path).parent_path().string();
    if (writeSynced(part, text, mode) && std::rename(part.c_str(), path.c_str()) == 0 &&
        syncPath(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY))
        return true;
    const int why = errno;
    ::unlink(part.c_str());
    errno = why;
    return false;
}

void removeDatabase(const std::string& path) {
    std::error_code ignored;
    for (const char* const suffix : kDatabaseSuffixes) std::filesystem::remove(path + suffix, ignored);
}

Expected<void> renameDatabase(const std::string& from, const std::string& to) {
    std::error_code failed;
    for (const char* const suffix : kDatabaseSuffixes) {
        if (!mayBeThere(from + suffix)) continue;
        std::filesystem::rename(from + suffix, to + suffix, failed);
        if (!failed) continue;
        auto failure = diskError(from + suffix + " cannot be renamed", failed.message());
        for (const char* const done : kDatabaseSuffixes)
            if (mayBeThere(to + done)) std::filesystem::rename(to + done, from + done, failed);
        return failure;
    }
    return {};
}

bool makePrivate(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor >= 0) ::close(descriptor);
    return descriptor >= 0;
}

void giveToOwnerOf(const std::string& folder, const std::string& path) {
    struct stat info {};
    if (::geteuid() != 0 || ::stat(folder.c_str(), &info) != 0) return;
    // Where it fails the relay says that it cannot write the file.
    (void)!::lchown(path.c_str(), info.st_uid, info.st_gid);
}

}  // namespace landline::relay
