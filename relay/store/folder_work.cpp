#include "relay/store/folder_work.h"

#include "p2p/base/limits.h"
#include "relay/store/database_files.h"
#include "relay/store/is_there.h"
#include "relay/store/ledger_store.h"
#include "relay/store/sqlite_ledger.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace landline::relay {

namespace {

namespace fs = std::filesystem;

constexpr int kBusyMillis = 10'000;

Unexpected noBackup(const std::string& file) {
    return Unexpected(
        ErrorCode::Malformed,
        file + " is no backup of a relay, or it is damaged. Nothing was changed; try an older one.");
}

/// A copy of a database, as one commit left it, in a new file (mode 0600). `isDamaged`: of the first.
Expected<void> copyDatabase(const std::string& from, int flags, const std::string& to, const std::string& vfs,
                            bool& isDamaged) {
    if (!makePrivate(to)) return diskError(to + " cannot be written", std::strerror(errno));
    SqliteConnection connection;
    int code = connection.open(from, vfs, flags);
    if (code == SQLITE_OK) sqlite3_busy_timeout(connection.handle(), kBusyMillis);
    SqliteStatement copy;
    if (code == SQLITE_OK) code = copy.prepare(connection, "VACUUM INTO ?");
    if (code == SQLITE_OK) {
        copy.bind(to);
        code = copy.step();
    }
    isDamaged = meansDamage(code);
    if (code == SQLITE_DONE && syncPath(to, O_RDWR)) return {};
    if ((code & 0xFF) == SQLITE_FULL || (code == SQLITE_DONE && errno == ENOSPC))
        return Unexpected(ErrorCode::Full, "There is not enough disk space for " + to + ".");
    if (isDamaged)
        return Unexpected(ErrorCode::Disk,
                          "The database " + from + " is damaged. The relay sets it aside when it starts.");
    return diskError("The database " + from + " could not be copied to " + to,
                     code == SQLITE_DONE ? std::strerror(errno) : sqlite3_errmsg(connection.handle()));
}

/// A database that is sound but no relay's, an empty file for one, would be restored as a relay that has nobody.
bool isOfRelay(const std::string& path, const std::string& vfs) {
    SqliteConnection connection;
    SqliteStatement meta;
    return connection.open(path, vfs, SQLITE_OPEN_READONLY) == SQLITE_OK &&
           meta.prepare(connection, "SELECT epoch FROM meta") == SQLITE_OK && meta.step() == SQLITE_ROW &&
           meta.integer(0) != 0;
}

/// Reads every item of every mailbox. A body that is missing or short is told by `commit`.
Expected<void> readItems(MailboxStore& store) {
    constexpr std::size_t kPage = 1'000;
    for (DeviceId after; true;) {
        const std::vector<AccountInfo> page = store.accounts({after, kPage}).accounts;
        for (const AccountInfo& info : page) {
            for (const Box box : {Box::Messages, Box::Heads}) {
                PullAnswer answer;
                for (MailNumber next = 1; next == 1 || answer.more; next = answer.items.back().number + 1) {
                    // Long before anything could have expired: all is read.
                    answer = store.pull({info.who.device, box, next, limits::kPullBytes}, WallTime::min());
                    if (answer.items.empty()) break;
                }
            }
            if (auto good = store.commit(); !good) return good;
        }
        if (page.size() < kPage) return {};
        after = page.back().who.device;
    }
}

}  // namespace

Expected<std::unique_ptr<FolderWork>> FolderWork::begin(const std::string& folder, Kind kind,
                                                        const std::string& vfs) {
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0 && errno == ENOENT) return noFolder(folder);
    if (descriptor < 0)
        return diskError("The relay's folder " + folder + " cannot be opened", std::strerror(errno));
    if (::flock(descriptor, (kind == Kind::Restore ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) {
        const int why = errno;
        ::close(descriptor);
        if (why != EWOULDBLOCK)
            return diskError("The relay's folder " + folder + " cannot be locked", std::strerror(why));
        return Unexpected(ErrorCode::Locked, "A backup or a restore of the relay in " + folder +
                                                 " is under way. Try again when it is done.");
    }
    return std::unique_ptr<FolderWork>(new FolderWork(folder, vfs, descriptor));
}

FolderWork::FolderWork(std::string folder, std::string vfs, int lock)
    : m_folder(std::move(folder)),
      m_vfs(std::move(vfs)),
      m_database(databaseIn(m_folder)),
      m_ready(readyIn(m_folder)),
      m_lock(lock) {}

FolderWork::~FolderWork() {
    ::close(m_lock);
}

Expected<void> FolderWork::backUp(const std::string& file, bool mayReplace) const {
    const auto exists = [&] {
        return Unexpected(ErrorCode::NotPermitted,
                          file + " exists already. Choose another name, or add --replace.");
    };
    if (!mayBeThere(m_database))
        return Unexpected(ErrorCode::NotFound, "There is no database " + m_database + " yet.");
    std::error_code failed;
    if (fs::is_directory(file, failed))
        return Unexpected(ErrorCode::NotPermitted, file + " is a folder. Name a file in it.");
    if (!mayReplace && mayBeThere(file)) return exists();
    // Of this process, so that two at once do not write into one file.
    const std::string part = file + ".part-" + std::to_string(::getpid());
    removeDatabase(part);
    bool isDamaged = false;
    auto done = copyDatabase(m_database, SQLITE_OPEN_READWRITE, part, m_vfs, isDamaged);
    if (done) {
        const auto flags = mayReplace ? 0U : static_cast<unsigned>(RENAME_NOREPLACE);
        bool isRenamed = ::renameat2(AT_FDCWD, part.c_str(), AT_FDCWD, file.c_str(), flags) == 0;
        // Not every file system knows that flag.
        if (!isRenamed && errno == EINVAL && !mayBeThere(file))
            isRenamed = std::rename(part.c_str(), file.c_str()) == 0;
        if (!isRenamed && errno == EEXIST)
            done = exists();
        else if (!isRenamed)
            done = diskError(file + " cannot be written", std::strerror(errno));
    }
    if (!done) removeDatabase(part);
    if (done) (void)syncPath(fs::absolute(file, failed).parent_path().string(), O_RDONLY | O_DIRECTORY);
    return done;
}

Expected<FolderWork::Contents> FolderWork::layReady(const std::string& file, bool everyItem,
                                                    Random& random) const {
    std::error_code failed;
    if (!fs::is_regular_file(file, failed)) return Unexpected(ErrorCode::NotFound, "There is no file " + file + ".");
    discard();  // of one that was interrupted
    auto made = makeReady(file, everyItem, random);
    if (!made) discard();
    return made;
}

void FolderWork::discard() const {
    removeDatabase(m_ready);
}

Expected<FolderWork::Contents> FolderWork::makeReady(const std::string& file, bool everyItem,
                                                     Random& random) const {
    bool isDamaged = false;
    if (auto copied = copyDatabase(file, SQLITE_OPEN_READONLY, m_ready, m_vfs, isDamaged); !copied) {
        if (isDamaged) return noBackup(file);
        return Unexpected(copied.error());
    }
    if (!isOfRelay(m_ready, m_vfs)) return noBackup(file);
    auto ledger = SqliteLedger::open(m_ready, {m_vfs, false, 0}, &isDamaged);
    if (!ledger && ledger.error().code == ErrorCode::VersionMismatch)
        return Unexpected(ErrorCode::VersionMismatch,
                          file + " was written by a newer version of landline-relay. Install that one.");
    if (!ledger) return isDamaged ? noBackup(file) : Unexpected(ledger.error());
    if (!(*ledger)->checkIntegrity()) return noBackup(file);
    auto store = LedgerStore::open(std::move(*ledger), random, &isDamaged);
    if (!store) return isDamaged ? noBackup(file) : Unexpected(store.error());
    if (everyItem && !readItems(**store)) return noBackup(file);
    (*store)->startEpoch(random);
    if (auto committed = (*store)->commit(); !committed) return Unexpected(committed.error());
    const StoreFigures figures = (*store)->figures();
    store = Unexpected(ErrorCode::Closed, {});  // closes the database, and so empties its log
    if (mayBeThere(m_ready + "-wal"))
        return diskError(m_ready + " could not be finished", "its log could not be emptied");
    giveToOwnerOf(m_folder, m_ready);
    return Contents{figures.accounts, figures.heldItems};
}

}  // namespace landline::relay
