#pragma once

#include "p2p/base/bytes.h"
#include "p2p/base/expected.h"

#include <QFile>
#include <QString>

namespace landline::app {

// Where parts lie other people and programs may write, too: a link in the place of a part or of its folder would lead
// what is written, or removed, elsewhere.

/// Whether it is a folder, no link to one, that belongs to this user, or to whom the folder around it belongs.
[[nodiscard]] bool isOwnFolder(const QString& path);
/// Makes a folder in one that is there, or takes the one that isOwnFolder. Fails with Disk or Full.
[[nodiscard]] Expected<void> makeOwnFolder(const QString& path);
/// Opens a regular file for reading and writing; `flags` as for open(2) beside those. Fails with Disk or Full.
[[nodiscard]] Expected<void> openPart(QFile& file, const QString& path, int flags);

/// Writes these bytes, one behind the other, to a file that was opened with openPart. Fails with Disk, also where the file
/// has less than `offset` bytes, since the gap would be taken for what came, or with Full; some of it may be there then.
[[nodiscard]] Expected<void> writePart(int file, const QString& path, std::uint64_t offset,
                                       std::span<const ByteView> parts);

/// Removes a part, or the folder of a bundle's parts. A link in its place goes, and not what it leads to. Nothing happens
/// where there is none.
void removePart(const QString& path);

/// The error of a part that could not be written, and why (errno).
[[nodiscard]] Error partError(const QString& path, int reason);
/// The error of a part that has less than what was written to it.
[[nodiscard]] Unexpected partLost(const QString& path);

}  // namespace landline::app
