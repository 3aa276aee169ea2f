#pragma once

#include "p2p/base/expected.h"
#include "p2p/wire/messages.h"

#include <QString>

#include <optional>
#include <vector>

namespace landline::app {

/// One file or folder of a bundle, for a person to read.
struct BundleItem {
    QString path;  ///< within the bundle
    quint64 size = 0;
    bool folder = false;
    std::optional<wire::ItemFailure> failure;  ///< why it did not come
};

/// What is in a bundle. Where it is large, the first items only, but of those that did not come as many as fit.
struct BundleContents {
    quint32 files = 0;
    quint32 folders = 0;
    quint32 failed = 0;
    std::vector<BundleItem> items;    ///< in the order of the listing
    std::vector<BundleItem> missing;  ///< those that did not come
};

/// Reads a bundle's record and, at the receiver, the journal beside it; `most` items of either list. Fails with NotFound
/// where there is no record (any more), and Malformed where it is damaged. Blocks on the disk: not for the GUI thread.
[[nodiscard]] Expected<BundleContents> readBundleContents(const QString& record, std::size_t most);

}  // namespace landline::app
