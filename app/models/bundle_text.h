#pragma once

#include "app/storage/bundle_contents.h"

#include <QStringList>

namespace landline::app {

/// The first names of a bundle, and how many more there are: of a single folder what is in it, otherwise what lies on top;
/// where something did not come, the paths of that.
struct BundlePreview {
    QStringList names;
    quint32 more = 0;
};
[[nodiscard]] BundlePreview bundlePreview(const BundleContents& contents, int most);

/// Why an item did not come, in a few words.
[[nodiscard]] QString failureText(wire::ItemFailure failure);
/// "3 files in 2 folders".
[[nodiscard]] QString countText(quint32 files, quint32 folders);

}  // namespace landline::app
