#pragma once

#include "p2p/base/expected.h"
#include "p2p/wire/entry.h"
#include "p2p/wire/listing.h"

#include <QStringList>

namespace landline::app {

/// What a person chose to send, looked at once: the listing, and where its top-level items lie.
struct ScannedTree {
    wire::Listing listing;
    QStringList roots;  ///< absolute paths, one for each item without '/' in its path, in their order
    QString name;       ///< of the only root, or of the first and how many more: "plan.pdf +2"
};

/// Lists files and folders with all that is in them, empty folders too. Symbolic links are not followed and neither they
/// nor anything else that is no file or folder is listed. Fails with NotFound where a path does not exist, Disk where a
/// folder cannot be read, and TooLarge beyond the limits of a listing. Blocks on the disk: not for the thread of the messenger.
[[nodiscard]] Expected<ScannedTree> scanTree(const QStringList& paths);

/// The record of a bundle, kept as long as its transfer: the exact bytes of its listing, and on the sender's side where
/// the top-level items lie.
struct BundleRecord {
    Bytes listing;
    QStringList roots;

    [[nodiscard]] wire::ListingRef ref(std::size_t items) const;
};
/// Makes the folder where needed. Fails with Disk or Full.
[[nodiscard]] Expected<void> saveBundle(const QString& path, const BundleRecord& bundle);
/// Fails with NotFound.
[[nodiscard]] Expected<BundleRecord> loadBundle(const QString& path);

/// What is to be offered, with all that the offer says but a transfer id. Made away from the messenger's thread.
struct PreparedBundle {
    wire::FileOffer offer;
    BundleRecord record;
    QString kept;  ///< the file in which the record lies already; empty if it is still to be saved
};
/// As scanTree; also TooLarge where the listing would be. With `records`, the folder for the records of bundles, it keeps
/// the record there under a name of its own, so that the messenger's thread has nothing to write: Disk or Full, too.
[[nodiscard]] Expected<PreparedBundle> prepareBundle(const QStringList& paths, const QString& records = {});

}  // namespace landline::app
