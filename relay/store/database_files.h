#pragma once

#include "p2p/base/expected.h"

#include <array>
#include <string>
#include <string_view>

/// A database as files: what SQLite keeps beside it goes with it. Names in the folder of a relay.
namespace landline::relay {

/// The log goes first: left beside another database it would be taken for that one's.
inline constexpr std::array kDatabaseSuffixes = {"-wal", "-shm", ""};

[[nodiscard]] std::string databaseIn(const std::string& folder);
/// A backup that was read, found right, and given a new epoch.
[[nodiscard]] std::string readyIn(const std::string& folder);

[[nodiscard]] Unexpected diskError(const std::string& what, const std::string& reason);
/// Of a relay's folder that is not there (yet).
[[nodiscard]] Unexpected noFolder(const std::string& folder);
/// Flags as for open(2).
[[nodiscard]] bool syncPath(const std::string& path, int flags);
/// A file with this text, on the disk: whatever happens meanwhile, there is the whole one or the one before. `mode`: before the
/// umask. Written as PATH.part. Where it fails errno says why.
[[nodiscard]] bool writeWhole(const std::string& path, std::string_view text, unsigned mode = 0600);
void removeDatabase(const std::string& path);
/// All of its files, or none where one of them cannot be renamed.
[[nodiscard]] Expected<void> renameDatabase(const std::string& from, const std::string& to);
/// An empty file for its owner alone, which SQLite takes for a new database. False if it exists or cannot be made.
[[nodiscard]] bool makePrivate(const std::string& path);
/// What root makes in a folder of somebody else's belongs to that one: a relay that runs as its own user must be able to
/// write it. Nothing for anybody but root.
void giveToOwnerOf(const std::string& folder, const std::string& path);

}  // namespace landline::relay
