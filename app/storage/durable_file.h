#pragma once

#include "p2p/base/bytes.h"
#include "p2p/base/expected.h"

#include <QString>

#include <functional>

namespace landline::app {

/// What tells a file from a copy of it; 0 where the system has no such thing.
struct FileIdentity {
    std::uint64_t inode = 0;
    std::uint64_t birth = 0;  ///< unix milliseconds
};
[[nodiscard]] FileIdentity identityOf(const QString& path);

/// Puts a file of mode 0600 in the place of `path` or leaves the old one: written beside it, synced, renamed, the folder
/// synced. `content` is told the new file's identity, which it keeps under its final name. Fails with Disk or Full.
[[nodiscard]] Expected<void> writeDurably(const QString& path,
                                          const std::function<Bytes(const FileIdentity&)>& content);

/// The names in a folder are on the disk as they are when it returns true.
bool syncFolder(const QString& folder);

/// A sentence for a file or folder that could not be written, and why (errno).
[[nodiscard]] Error writeError(const QString& path, int reason);

}  // namespace landline::app
