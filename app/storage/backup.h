#pragma once

#include "p2p/base/expected.h"

#include <QString>

namespace landline::app {

/// One file that holds a profile: its key file and a consistent copy of its database, optionally sealed by a passphrase
/// (Argon2id, then libsodium's secretstream). Mode 0600: whoever reads an unsealed one has the keys.
///
///     magic 16 ("landline backup" and the version 1) | sealed 1 | salt 16 and stream header 24 if sealed | chunks
///
/// Each chunk is its length (4 bytes, big-endian, at most kChunk plus 17 if sealed) and its bytes. Their plaintext is the
/// body: per file 1 | name length 1 | name | size 8 | bytes; at the end 0 | SHA-256 of the body before it.
namespace backup {

inline constexpr std::size_t kChunk = 64 * 1024;

/// Of the profile in `folder`, which may be in use: the database is copied as of one moment through a connection of its
/// own. `file` must not exist. Takes as long as reading the profile does: never on a thread that others wait for. Fails with
/// InvalidArgument, Disk or Full, and leaves nothing behind then.
[[nodiscard]] Expected<void> write(const QString& folder, const QString& file, const QString& passphrase);

/// Lays a profile in `folder`, which must hold none. Opening it makes a new device of the same person. Fails with
/// InvalidArgument, Disk, Malformed (no backup, or damaged), Locked (sealed, and the passphrase is missing or wrong) or
/// VersionMismatch; the folder then holds no profile.
[[nodiscard]] Expected<void> restore(const QString& file, const QString& folder, const QString& passphrase);

/// Removes what a program that was killed has left of its copies in `folder`: keys and history. Only for who holds the
/// profile's lock, since a copy may be under way.
void sweep(const QString& folder);

}  // namespace backup
}  // namespace landline::app
