#pragma once

#include "p2p/base/expected.h"
#include "p2p/base/random.h"

#include <cstdint>
#include <memory>
#include <string>

namespace landline::relay {

/// Backing up and restoring: from another program than the relay that serves, or while none does. Backups go side by side;
/// a restore is alone, so that no backup is of half of the one and half of the other. Blocks for the disk; one thread.
class FolderWork {
public:
    enum class Kind { BackUp, Restore };
    struct Contents {
        std::uint64_t accounts = 0;
        std::uint64_t items = 0;
    };

    /// Fails with Locked while other work keeps this from going on, NotFound, or Disk.
    [[nodiscard]] static Expected<std::unique_ptr<FolderWork>> begin(const std::string& folder, Kind kind,
                                                                     const std::string& vfs = {});
    ~FolderWork();
    FolderWork(const FolderWork&) = delete;
    FolderWork& operator=(const FolderWork&) = delete;

    /// Writes a copy of the database, as one commit left it, to a file of mode 0600, which is there whole or not at all. Fails
    /// with NotPermitted where there is such a file that may not be replaced, Full, or Disk.
    [[nodiscard]] Expected<void> backUp(const std::string& file, bool mayReplace) const;
    /// Copies a backup into the folder, reads all of it, and gives it a new epoch, so that `takeReady` is all that is left to
    /// do. The file is not touched. `everyItem`: each item that is held is read as well. Fails with NotFound, Malformed for
    /// what is no sound backup, VersionMismatch, Full or Disk; then nothing is left.
    [[nodiscard]] Expected<Contents> layReady(const std::string& file, bool everyItem, Random& random) const;
    /// What was made ready is not wanted.
    void discard() const;

private:
    FolderWork(std::string folder, std::string vfs, int lock);
    [[nodiscard]] Expected<Contents> makeReady(const std::string& file, bool everyItem, Random& random) const;

    std::string m_folder;
    std::string m_vfs;
    std::string m_database;
    std::string m_ready;
    int m_lock;
};

}  // namespace landline::relay
