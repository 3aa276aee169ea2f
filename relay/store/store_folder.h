#pragma once

#include "p2p/base/random.h"
#include "relay/store/life_note.h"
#include "relay/store/mailbox_store.h"

namespace landline::relay {

/// The folder in which a relay keeps its database: `relay.db` with SQLite's files beside it, the reserve, and the lock by
/// which a second relay is refused. The lock is held by the system for as long as this lives, so that a crash leaves none.
/// Used on one thread at a time.
class StoreFolder {
public:
    /// `vfs`: see SqliteLedger::Options. Fails with Locked, naming the process that has the folder, or Disk.
    [[nodiscard]] static Expected<std::unique_ptr<StoreFolder>> acquire(const std::string& folder,
                                                                        const std::string& vfs = {});
    ~StoreFolder();
    StoreFolder(const StoreFolder&) = delete;
    StoreFolder& operator=(const StoreFolder&) = delete;

    [[nodiscard]] const std::string& databasePath() const { return m_database; }
    /// Opens the store. A database that is damaged, or of which that is said, is renamed to relay.db.damaged-YYYYMMDD-HHMMSS
    /// (UTC), never deleted; accounts, invites, tokens and prekeys that can be read are taken over into a new one. What a crash
    /// has interrupted of that, of takeReady or putBack is finished first, or undone where no file had another name yet.
    [[nodiscard]] Expected<OpenedStore> open(Random& random, bool isDamaged);
    /// For CommitQueue::open; both must outlive it.
    [[nodiscard]] StoreOpener opener(Random& random);

    /// Puts what FolderWork::layReady has made in the place of the database, which is renamed to relay.db.replaced-YYYYMMDD-HHMMSS.
    /// Gives that name. The store must not be open. Fails with NotFound where nothing is ready; then, as with any failure,
    /// the database is the one there was.
    [[nodiscard]] Expected<std::string> takeReady();
    /// Undoes a `takeReady`, by what it gave; the restored database is deleted. The store must not be open. Fails with NotFound
    /// where the old one is gone, or Disk: then either of them is the database, and `open` goes on with it.
    [[nodiscard]] Expected<void> putBack(const std::string& replaced);

    /// Tests: disk space kept in reserve, and whether a thread moves the log.
    void setReserve(std::size_t bytes) { m_reserveBytes = bytes; }
    void setCheckpointsAside(bool aside) { m_checkpointsAside = aside; }

private:
    StoreFolder(std::string folder, std::string vfs, int lock);
    [[nodiscard]] Expected<std::unique_ptr<MailboxStore>> openDatabase(Random& random, bool* isDamaged) const;
    [[nodiscard]] static Expected<OpenedStore> withItsEpoch(std::unique_ptr<MailboxStore> store, const std::optional<LifeNote>& note,
                                                            Random& random);
    [[nodiscard]] Expected<OpenedStore> replaceDamaged(Random& random) const;
    [[nodiscard]] Expected<std::string> swapIn(const std::string& why) const;
    [[nodiscard]] Expected<void> moveIn(const std::string& aside) const;
    [[nodiscard]] Expected<void> removeNote() const;
    [[nodiscard]] Expected<std::string> finishSwap() const;
    [[nodiscard]] Expected<void> finishPutBack(const std::string& replaced) const;

    std::string m_folder;
    std::string m_vfs;
    std::string m_database;
    std::string m_note;
    std::size_t m_reserveBytes;
    bool m_checkpointsAside = true;
    int m_lock;
};

}  // namespace landline::relay
