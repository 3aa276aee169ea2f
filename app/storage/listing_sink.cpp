#include "app/storage/listing_sink.h"

#include "app/storage/file_io.h"
#include "app/storage/tree_scan.h"
#include "p2p/base/hash.h"

#include <QHash>
#include <QSet>

#include <algorithm>
#include <utility>

namespace landline::app {

Unexpected notAsOffered() {
    return Unexpected(ErrorCode::Malformed,
                      "The list of the offered files does not fit the offer. Ask for them to be sent again.");
}

QStringList safePaths(const wire::Listing& listing) {
    QStringList paths;
    QHash<QString, QString> folders;  // as listed, and as they are called here
    QSet<QString> taken;              // in one case
    QHash<QString, int> numbers;      // the next one to try: many items may become one name
    for (const wire::ListingItem& item : listing.items) {
        const QString listed = QString::fromStdString(item.path);
        const qsizetype slash = listed.lastIndexOf(u'/');
        const QString parent = slash < 0 ? QString() : folders.value(listed.left(slash)) + u'/';
        const QString name = safeFileName(listed.mid(slash + 1), slash < 0 ? Hidden::Shown : Hidden::Allowed);
        QString path = parent + name;
        if (taken.contains(path.toCaseFolded())) {
            int& number = numbers[path.toCaseFolded()];
            number = std::max(number, 2);
            do {
                path = parent + numberedName(name, number++);
            } while (taken.contains(path.toCaseFolded()));
        }
        taken.insert(path.toCaseFolded());
        if (item.folder) folders.insert(listed, path);
        paths.append(path);
    }
    return paths;
}

Expected<transfer::Held> ListingSink::held() {
    if (m_bytes.empty()) {
        auto record = loadBundle(m_record);
        if (record && record->listing.size() == m_ref.bytes && chunkDigest(record->listing) == m_ref.digest)
            m_bytes = std::move(record->listing);
    }
    transfer::Held held;
    if (m_bytes.size() < m_ref.bytes) held.missing.push_back({m_bytes.size(), m_ref.bytes});
    return held;
}

Expected<Bytes> ListingSink::read(std::uint64_t offset, std::size_t length) {
    return toBytes(ByteView(m_bytes).subspan(offset, length));
}

Expected<void> ListingSink::writeParts(std::uint64_t offset, std::span<const ByteView> parts) {
    if (offset != m_bytes.size()) return notAsOffered();
    for (const ByteView part : parts) append(m_bytes, part);
    return {};
}

Expected<void> ListingSink::skip(std::uint64_t, std::uint64_t, wire::ItemFailure) {
    return notAsOffered();
}

Expected<ListingSink::Result> ListingSink::finish() {
    Bytes bytes = std::exchange(m_bytes, {});
    if (chunkDigest(bytes) != m_ref.digest) return notAsOffered();
    // Whoever made the offer could name the digest of anything.
    auto listing = wire::parseListing(bytes);
    if (!listing) return Unexpected(listing.error());
    if (listing->items.size() != m_ref.items) return notAsOffered();
    if (auto saved = saveBundle(m_record, {std::move(bytes), {}}); !saved) return Unexpected(saved.error());
    return Result{m_record.toStdString(), 0};
}

}  // namespace landline::app
