#pragma once

#include "app/messenger/context.h"
#include "app/storage/tree_scan.h"

#include <map>
#include <memory>

namespace landline::app {

/// What a transfer's record does not say: the offer as it stands in the timeline, and of a bundle the record with its
/// listing, one file for each transfer in a folder of the profile. On the messenger's thread.
class FileOffers {
public:
    /// Where it comes from or goes to; without one, why not.
    struct Served {
        std::shared_ptr<transfer::ChunkSource> source;
        wire::FileRefusal refusal = wire::FileRefusal::Unknown;
    };

    /// `bundles`: the folder for the records of bundles.
    FileOffers(Context& context, QString bundles) : m_context(context), m_bundles(std::move(bundles)) {}

    /// What to fetch first: a file, or the listing of a bundle. Fails with NotFound, Disk or Full.
    [[nodiscard]] Expected<net::FileWish> wish(const TransferRecord& transfer) const;
    /// What to fetch once the listing is there. Fails with NotFound.
    [[nodiscard]] Expected<net::FileWish> contentWish(const TransferRecord& transfer) const;
    /// For whoever asks for an own offer's content, or listing. Of a bundle all who fetch it at one time are given the same,
    /// since a long listing takes memory: to be used by one job of the transfer at a time.
    [[nodiscard]] Served source(const TransferRecord& transfer, bool listing);

    [[nodiscard]] bool isBundle(const TransferRecord& transfer) const;
    /// Where what has come of it lies until it is whole.
    [[nodiscard]] static QString partOf(const TransferRecord& transfer);

    /// Keeps the record of an own bundle.
    [[nodiscard]] Expected<void> keep(const wire::TransferId& transfer, const PreparedBundle& bundle) const;
    void forget(const wire::TransferId& transfer) const;
    /// Removes the records of which no transfer has need any more.
    void sweep(const std::vector<TransferRecord>& transfers) const;
    /// Where the record of a bundle is or would be.
    [[nodiscard]] QString recordOf(const wire::TransferId& transfer) const;

private:
    [[nodiscard]] std::optional<wire::FileOffer> offerOf(const TransferRecord& transfer) const;

    using Shared = std::map<wire::TransferId, std::weak_ptr<transfer::ChunkSource>>;

    Context& m_context;
    QString m_bundles;
    Shared m_contents;
    Shared m_listings;
};

}  // namespace landline::app
