#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>

namespace landline::test {

/// A SQLite VFS over the default one on which power fails and disks fill up. Registered for as long as it lives, under
/// `name`: reached through Qt's driver with QSQLITE_OPEN_URI and "?vfs=NAME", or with sqlite3_open_v2.
///
/// It keeps, of the database and its log, what was synced and every write since. When the power fails nothing more
/// reaches the files; `restart` leaves in them what was synced, and of each 512-byte sector written since either the new
/// or the old contents, as chance has it: writes may be missing, torn, or there before earlier ones. One at a time.
class FaultyVfs {
public:
    explicit FaultyVfs(std::string name);
    ~FaultyVfs();
    FaultyVfs(const FaultyVfs&) = delete;
    FaultyVfs& operator=(const FaultyVfs&) = delete;

    [[nodiscard]] const std::string& name() const { return m_name; }
    /// For Database::open.
    [[nodiscard]] std::string uriParameters() const { return "vfs=" + m_name; }

    static constexpr int kNever = std::numeric_limits<int>::max();
    /// The power fails in place of the sync after `syncs` more of them.
    void failPowerAfter(int syncs);
    [[nodiscard]] bool hasPower() const;
    /// How many syncs there were.
    [[nodiscard]] int syncs() const;
    /// Power is back, and the files hold what a disk would. Every connection must be closed.
    void restart(std::uint64_t seed);

    /// Writes fail with SQLITE_FULL once this many bytes more were written.
    void setFreeBytes(std::int64_t bytes);
    /// Nothing can be opened for writing or written.
    void setReadOnly(bool readOnly);
    /// A sync does not come back until this is over.
    void holdSyncs(bool hold);

    struct State;

private:
    std::string m_name;
    std::unique_ptr<State> m_state;
};

}  // namespace landline::test
