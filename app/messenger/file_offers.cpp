#include "app/messenger/file_offers.h"

#include "app/storage/bundle_sink.h"
#include "app/storage/bundle_source.h"
#include "app/storage/file_io.h"
#include "p2p/base/limits.h"
#include "p2p/timeline/checked_entry.h"

#include <QDir>
#include <QFile>
#include <QSet>

namespace landline::app {

namespace {

QString hexOf(ByteView bytes) {
    return QString::fromStdString(toHex(bytes));
}

QString hex(const wire::TransferId& id) {
    return hexOf(id.view());
}

/// Ids that are enough for commands: `history 0123456789abcdef`, `reply 9f0c1a2b-0123456789abcdef-42`.
Origin originOf(const TransferRecord& transfer) {
    return {"landline:person/" + hexOf(transfer.person.view().first(8)).toLatin1(),
            "landline:message/" + messageId(transfer.offer).toLatin1()};
}

Unexpected noOffer() {
    return Unexpected(ErrorCode::NotFound,
                      "The offer of this file is not here any more. Ask for it to be sent again.");
}

/// The one that is in use, or a new one.
template <class Source, class Shared>
std::shared_ptr<transfer::ChunkSource> shared(Shared& inUse, const wire::TransferId& id,
                                              const QString& record, std::uint64_t size) {
    for (auto one = inUse.begin(); one != inUse.end();)
        one = one->second.expired() ? inUse.erase(one) : ++one;
    if (const auto found = inUse.find(id); found != inUse.end())
        if (auto source = found->second.lock()) return source;
    auto source = std::make_shared<Source>(record, size);
    inUse[id] = source;
    return source;
}

bool isNeeded(const TransferRecord& transfer) {
    return transfer.state != TransferState::Cancelled &&
           !(transfer.incoming && transfer.state == TransferState::Done);
}

}  // namespace

QString FileOffers::recordOf(const wire::TransferId& transfer) const {
    return QDir(m_bundles).filePath(hex(transfer));
}

std::optional<wire::FileOffer> FileOffers::offerOf(const TransferRecord& transfer) const {
    const auto& [conversation, entry] = transfer.offer;
    const auto stored =
        m_context.db->read(conversation, entry.author, entry.number, 1, limits::kEntryPayload * 2);
    if (stored.empty()) return std::nullopt;
    const auto checked = timeline::checkEntry(stored.front());
    if (!checked || !checked->content || checked->header.number != entry.number) return std::nullopt;
    const auto* const offer = std::get_if<wire::FileOffer>(&*checked->content);
    if (!offer || offer->transfer != transfer.id) return std::nullopt;
    return *offer;
}

Expected<net::FileWish> FileOffers::wish(const TransferRecord& transfer) const {
    const auto offer = offerOf(transfer);
    if (!offer) return noOffer();
    net::FileWish wish;
    wish.transfer = transfer.id;
    if (offer->listing) {
        wish.listing = true;
        wish.size = offer->listing->bytes;
        wish.sink = std::make_shared<ListingSink>(recordOf(transfer.id), *offer->listing);
        return wish;
    }
    const auto sink = FileSink::open(transfer.path, transfer.name, hex(transfer.id), transfer.size,
                                     BundleSink::movedNotesOf(recordOf(transfer.id)));
    if (!sink) return Unexpected(sink.error());
    (*sink)->setOrigin(originOf(transfer));
    wish.size = transfer.size;
    wish.sink = *sink;
    return wish;
}

Expected<net::FileWish> FileOffers::contentWish(const TransferRecord& transfer) const {
    const auto offer = offerOf(transfer);
    if (!offer || !offer->listing) return noOffer();
    net::FileWish wish;
    wish.transfer = transfer.id;
    wish.size = offer->size;
    wish.sink = std::make_shared<BundleSink>(
        BundleSink::Target{transfer.path, transfer.name, hex(transfer.id), recordOf(transfer.id),
                           *offer->listing, offer->size, originOf(transfer)});
    return wish;
}

FileOffers::Served FileOffers::source(const TransferRecord& transfer, bool listing) {
    const auto offer = offerOf(transfer);
    if (!offer || (listing && !offer->listing)) return {nullptr, wire::FileRefusal::NotOffered};
    if (offer->listing) {
        const QString record = recordOf(transfer.id);
        if (!QFile::exists(record)) return {nullptr, wire::FileRefusal::Unreadable};
        if (listing)
            return {shared<ListingSource>(m_listings, transfer.id, record, offer->listing->bytes), {}};
        return {shared<BundleSource>(m_contents, transfer.id, record, offer->size), {}};
    }
    auto file = FileSource::open(transfer.path);
    if (!file) return {nullptr, wire::FileRefusal::Unreadable};
    const bool same = (*file)->size() == offer->size && (*file)->modified() == offer->modified;
    if (!same) return {nullptr, wire::FileRefusal::Changed};
    return {std::move(*file), {}};
}

bool FileOffers::isBundle(const TransferRecord& transfer) const {
    const auto offer = offerOf(transfer);
    return offer && offer->listing;
}

QString FileOffers::partOf(const TransferRecord& transfer) {
    return partPath(transfer.path, transfer.name, hex(transfer.id));
}

Expected<void> FileOffers::keep(const wire::TransferId& transfer, const PreparedBundle& bundle) const {
    if (bundle.kept.isEmpty()) return saveBundle(recordOf(transfer), bundle.record);
    if (QFile::rename(bundle.kept, recordOf(transfer))) return {};
    return Unexpected(ErrorCode::Disk,
                      "The record of what is offered was lost before it was sent. Send it again.");
}

void FileOffers::forget(const wire::TransferId& transfer) const {
    BundleSink::forget(recordOf(transfer));
}

void FileOffers::sweep(const std::vector<TransferRecord>& transfers) const {
    QSet<QString> needed;
    for (const TransferRecord& transfer : transfers)
        if (isNeeded(transfer)) needed.insert(hex(transfer.id));
    const QDir folder(m_bundles);
    for (const QString& name : folder.entryList(QDir::Files | QDir::Hidden))
        if (!needed.contains(name.section(u'.', 0, 0))) QFile::remove(folder.filePath(name));
}

}  // namespace landline::app
