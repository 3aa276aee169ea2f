#include "app/storage/bundle_contents.h"

#include "app/storage/tree_scan.h"
#include "p2p/base/limits.h"
#include "p2p/transfer/journal.h"

#include <QFile>

namespace landline::app {

namespace {

transfer::Journal journalOf(const QString& record, const BundleRecord& bundle) {
    QFile file(record + QStringLiteral(".journal"));
    if (!file.open(QIODevice::ReadOnly)) return {};
    const QByteArray bytes = file.readAll();
    return transfer::parseJournal(bundle.ref(0).digest, {reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                                         static_cast<std::size_t>(bytes.size())});
}

}  // namespace

Expected<BundleContents> readBundleContents(const QString& record, std::size_t most) {
    const auto bundle = loadBundle(record);
    if (!bundle) return Unexpected(bundle.error());
    const auto listing = wire::parseListing(bundle->listing);
    if (!listing) return Unexpected(listing.error());
    const transfer::Journal journal = journalOf(record, *bundle);
    BundleContents contents;
    for (std::size_t i = 0; i < listing->items.size(); ++i) {
        const wire::ListingItem& listed = listing->items[i];
        const auto failure = journal.failed.find(static_cast<std::uint32_t>(i));
        const bool failed = failure != journal.failed.end();
        ++(listed.folder ? contents.folders : contents.files);
        if (failed) ++contents.failed;
        const bool keeps = contents.items.size() < most;
        const bool keepsFailed = failed && contents.missing.size() < most;
        if (!keeps && !keepsFailed) continue;
        BundleItem item{QString::fromStdString(listed.path), listed.size, listed.folder, {}};
        if (failed) item.failure = failure->second;
        if (keepsFailed) contents.missing.push_back(item);
        if (keeps) contents.items.push_back(std::move(item));
    }
    return contents;
}

}  // namespace landline::app
