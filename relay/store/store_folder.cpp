#include "relay/store/store_folder.h"

#include "p2p/base/limits.h"
#include "relay/store/database_files.h"
#include "relay/store/is_there.h"
#include "relay/store/ledger_store.h"
#include "relay/store/salvage.h"
#include "relay/store/sqlite_ledger.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>

namespace landline::relay {

namespace {

namespace fs = std::filesystem;

/// What is behind "relay.db" in the names of other files of the folder.
constexpr const char* kNew = ".new";
constexpr const char* kSwapNote = ".damaged";
constexpr const char* kDamaged = ".damaged-";
constexpr const char* kReplaced = ".replaced-";
/// Before the name in the note where the database of that name is to come back.
constexpr std::string_view kBack = "back ";

std::string holderOf(int descriptor) {
    std::array<char, 32> text{};
    const ssize_t length = ::pread(descriptor, text.data(), text.size(), 0);
    return length > 0 ? "process " + std::string(text.data(), static_cast<std::size_t>(length))
                      : "another process";
}

std::string freeName(const std::string& base) {
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    ::gmtime_r(&now, &utc);
    std::array<char, 32> date{};
    const std::size_t length = std::strftime(date.data(), date.size(), "%Y%m%d-%H%M%S", &utc);
    const std::string dated = base + std::string(date.data(), length);
    std::string name = dated;
    // What cannot be looked at is found out by whoever uses the name.
    const auto isTaken = [](const std::string& path) {
        const auto there = isThere(path);
        return there && *there;
    };
    for (int i = 2; isTaken(name) || isTaken(name + "-wal"); ++i)
        name = dated + "-" + std::to_string(i);
    return name;
}

}  // namespace

Expected<std::unique_ptr<StoreFolder>> StoreFolder::acquire(const std::string& folder,
                                                            const std::string& vfs) {
    const std::string path = folder + "/relay.lock";
    // A link that the service's user has put there would have root write to what it leads to.
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (descriptor < 0 && errno == ENOENT) return noFolder(folder);
    if (descriptor < 0) return diskError(path + " cannot be written", std::strerror(errno));
    giveToOwnerOf(folder, path);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        const std::string holder = holderOf(descriptor);
        ::close(descriptor);
        return Unexpected(ErrorCode::Locked, "A relay is running on the folder " + folder + " already (" +
                                                 holder + "). Stop it first, or use another folder.");
    }
    const std::string own = std::to_string(::getpid());
    // Only for the sentence above in another process: whether it could be written does not matter.
    if (::ftruncate(descriptor, 0) == 0) (void)!::pwrite(descriptor, own.data(), own.size(), 0);
    return std::unique_ptr<StoreFolder>(new StoreFolder(folder, vfs, descriptor));
}

StoreFolder::StoreFolder(std::string folder, std::string vfs, int lock)
    : m_folder(std::move(folder)),
      m_vfs(std::move(vfs)),
      m_database(m_folder + "/relay.db"),
      m_note(m_database + ".life"),
      m_reserveBytes(limits::kStoreReserve),
      m_lock(lock) {}

StoreFolder::~StoreFolder() {
    ::close(m_lock);
}

StoreOpener StoreFolder::opener(Random& random) {
    return [this, &random](bool isDamaged) { return open(random, isDamaged); };
}

Expected<OpenedStore> StoreFolder::open(Random& random, bool isDamaged) {
    const auto note = LifeNote::read(m_note);
    const auto aside = finishSwap();
    if (!aside) return Unexpected(aside.error());
    if (!isDamaged) {
        auto store = openDatabase(random, &isDamaged);
        if (!store && !isDamaged) return Unexpected(store.error());
        if (store) {
            auto opened = withItsEpoch(*std::move(store), note, random);
            if (opened && aside->starts_with(m_database + kDamaged)) {
                opened->damagedCopy = *aside;
                opened->salvagedAccounts = opened->store->figures().accounts;
            }
            return opened;
        }
    }
    return replaceDamaged(random);
}

/// What was given out by the epoch of an older copy, and what others were told is held, is not in it.
Expected<OpenedStore> StoreFolder::withItsEpoch(std::unique_ptr<MailboxStore> store, const std::optional<LifeNote>& note,
                                                Random& random) {
    OpenedStore opened{std::move(store), {}, 0};
    opened.isOlder = note && note->isAheadOf(opened.store->epoch(), opened.store->keptTime());
    if (!opened.isOlder) return opened;
    opened.store->startEpoch(random);
    if (auto committed = opened.store->commit(); !committed) return Unexpected(committed.error());
    return opened;
}

Expected<std::unique_ptr<MailboxStore>> StoreFolder::openDatabase(Random& random, bool* isDamaged) const {
    auto ledger = SqliteLedger::open(m_database, {m_vfs, m_checkpointsAside, m_reserveBytes, m_note}, isDamaged);
    if (!ledger) return Unexpected(ledger.error());
    auto store = LedgerStore::open(std::move(*ledger), random, isDamaged);
    if (!store) return Unexpected(store.error());
    return std::unique_ptr<MailboxStore>(std::move(*store));
}

Expected<OpenedStore> StoreFolder::replaceDamaged(Random& random) const {
    OpenedStore opened;
    const Salvage saved = salvage(m_database, m_vfs);
    opened.salvagedAccounts = saved.accounts.size();
    const std::string fresh = m_database + kNew;
    removeDatabase(fresh);
    {
        auto ledger = SqliteLedger::open(fresh, {m_vfs, false, 0});
        if (!ledger) return Unexpected(ledger.error());
        putInto(**ledger, saved);
        (*ledger)->putMeta({drawEpoch(random), {}});
        if (auto committed = (*ledger)->commit(); !committed) return Unexpected(committed.error());
    }
    auto aside = swapIn(kDamaged);
    if (!aside) return Unexpected(aside.error());
    opened.damagedCopy = *aside;
    auto store = openDatabase(random, nullptr);
    if (!store) return Unexpected(store.error());
    opened.store = std::move(*store);
    return opened;
}

/// Renames the database to one of `why` and the date, and relay.db.new, which is whole, to the database. Gives the old one's
/// new name. A crash in between is made good by finishSwap: the note that tells of it says that name.
Expected<std::string> StoreFolder::swapIn(const std::string& why) const {
    if (mayBeThere(m_database + kNew + "-wal"))
        return diskError("The new database could not be finished", "its log could not be emptied");
    const std::string note = m_database + kSwapNote;
    const std::string aside = freeName(m_database + why);
    auto moved = writeWhole(note, fs::path(aside).filename().string())
                     ? moveIn(aside)
                     : diskError(note + " cannot be written", std::strerror(errno));
    // Where it stays it is alone, and says that all is done.
    (void)removeNote();
    if (!moved) return Unexpected(moved.error());
    return aside;
}

/// Both renames, or none.
Expected<void> StoreFolder::moveIn(const std::string& aside) const {
    auto moved = renameDatabase(m_database, aside);
    if (moved && !(moved = renameDatabase(m_database + kNew, m_database))) (void)renameDatabase(aside, m_database);
    return moved;
}

Expected<void> StoreFolder::removeNote() const {
    const std::string note = m_database + kSwapNote;
    std::error_code failed;
    // What it tells of has to be on the disk before it goes, and its own end before there is another relay.db.new.
    (void)syncPath(m_folder, O_RDONLY | O_DIRECTORY);
    fs::remove(note, failed);
    if (failed) return diskError(note + " cannot be removed", failed.message());
    (void)syncPath(m_folder, O_RDONLY | O_DIRECTORY);
    return {};
}

/// Goes on where a crash has interrupted swapIn or putBack. Gives the name that the old database has got, nothing where there is
/// no note or the old one is back. Of an older version the note is empty: it tells nothing of what the old one was.
Expected<std::string> StoreFolder::finishSwap() const {
    const std::string note = m_database + kSwapNote;
    const auto hasNote = isThere(note);
    const auto hasNew = isThere(m_database + kNew);
    const auto hasDatabase = isThere(m_database);
    for (const auto* const one : {&hasNote, &hasNew, &hasDatabase})
        if (!*one) return Unexpected(one->error());
    if (!*hasNote) {
        if (!*hasNew || !*hasDatabase) return std::string();
        // Nobody has come to the renames: it may be half of one.
        removeDatabase(m_database + kNew);
        std::error_code ignored;
        fs::remove(note + ".part", ignored);
        return std::string();
    }
    std::string name;
    std::getline(std::ifstream(note), name);
    if (name.starts_with(kBack)) {
        if (auto back = finishPutBack(m_folder + "/" + name.substr(kBack.size())); !back) return Unexpected(back.error());
        return std::string();
    }
    std::string aside = m_folder + "/" + name;
    if (!aside.starts_with(m_database + kDamaged) && !aside.starts_with(m_database + kReplaced))
        aside = freeName(m_database + kReplaced);
    if (*hasNew)
        if (auto moved = moveIn(aside); !moved) return Unexpected(moved.error());
    if (auto removed = removeNote(); !removed) return Unexpected(removed.error());
    return aside;
}

Expected<std::string> StoreFolder::takeReady() {
    if (auto finished = finishSwap(); !finished) return finished;
    const std::string ready = readyIn(m_folder);
    if (!mayBeThere(ready)) return Unexpected(ErrorCode::NotFound, "There is no backup ready to be restored.");
    const std::string fresh = m_database + kNew;
    removeDatabase(fresh);
    std::error_code failed;
    fs::rename(ready, fresh, failed);
    if (failed) return diskError(ready + " cannot be renamed", failed.message());
    auto aside = swapIn(kReplaced);
    if (aside) return aside;
    removeDatabase(fresh);
    return aside;
}

Expected<void> StoreFolder::putBack(const std::string& replaced) {
    if (!mayBeThere(replaced)) return Unexpected(ErrorCode::NotFound, "There is no database " + replaced + " to put back.");
    removeDatabase(m_database + kNew);
    const std::string note = m_database + kSwapNote;
    if (!writeWhole(note, std::string(kBack) + fs::path(replaced).filename().string()))
        return diskError(note + " cannot be written", std::strerror(errno));
    return finishPutBack(replaced);
}

/// From wherever a crash has left it. Of each database the file itself goes last: while the old one's is aside, the one in
/// its place, if any, is the restored one. Where it fails the note stays, and the next start tries again.
Expected<void> StoreFolder::finishPutBack(const std::string& replaced) const {
    const std::string restored = m_database + kNew;
    const auto isAside = isThere(replaced);
    const auto hasDatabase = isThere(m_database);
    for (const auto* const one : {&isAside, &hasDatabase})
        if (!*one) return Unexpected(one->error());
    // By hand: what is left is not to be deleted for that.
    if (!*isAside && !*hasDatabase)
        return Unexpected(ErrorCode::NotFound, "The database " + replaced + " was about to be put back, and is gone. Put it there again.");
    if (*isAside && *hasDatabase)
        if (auto moved = renameDatabase(m_database, restored); !moved) return moved;
    if (*isAside)
        if (auto moved = renameDatabase(replaced, m_database); !moved) return moved;
    if (auto removed = removeNote(); !removed) return removed;
    // Without the note it is known for what nobody needs.
    removeDatabase(restored);
    return {};
}

}  // namespace landline::relay
