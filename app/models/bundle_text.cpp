#include "app/models/bundle_text.h"

#include <QCoreApplication>

#include <algorithm>

namespace landline::app {

namespace {

/// The translation context of these functions.
struct BundleText {
    Q_DECLARE_TR_FUNCTIONS(BundleText)
};

BundlePreview missingPreview(const BundleContents& contents, int most) {
    BundlePreview preview;
    for (const BundleItem& item : contents.missing) {
        if (preview.names.size() == most) break;
        preview.names.append(item.path);
    }
    preview.more = contents.failed - static_cast<quint32>(preview.names.size());
    return preview;
}

}  // namespace

BundlePreview bundlePreview(const BundleContents& contents, int most) {
    if (!contents.missing.empty()) return missingPreview(contents, most);
    const auto& items = contents.items;
    const auto isTop = [](const BundleItem& item) { return !item.path.contains(u'/'); };
    const bool oneFolder =
        !items.empty() && items.front().folder && std::none_of(std::next(items.begin()), items.end(), isTop);
    const qsizetype depth = oneFolder ? 1 : 0;
    BundlePreview preview;
    for (const BundleItem& item : items) {
        if (item.path.count(u'/') != depth) continue;
        if (preview.names.size() == most) break;
        QString name = item.path.section(u'/', -1);
        if (item.folder) name += u'/';
        preview.names.append(name);
    }
    const quint32 all = contents.files + contents.folders - (oneFolder ? 1 : 0);
    preview.more = all - static_cast<quint32>(preview.names.size());
    return preview;
}

QString failureText(wire::ItemFailure failure) {
    switch (failure) {
        case wire::ItemFailure::Vanished:
            return BundleText::tr("gone at the sender");
        case wire::ItemFailure::Changed:
            return BundleText::tr("changed at the sender");
        case wire::ItemFailure::Unreadable:
            return BundleText::tr("could not be read at the sender");
        case wire::ItemFailure::Unknown:
            break;
    }
    return BundleText::tr("did not come");
}

QString countText(quint32 files, quint32 folders) {
    const QString count = BundleText::tr("%n files", nullptr, static_cast<int>(files));
    if (folders == 0) return count;
    //: %1: "3 files"
    return BundleText::tr("%1 in %n folders", nullptr, static_cast<int>(folders)).arg(count);
}

}  // namespace landline::app
