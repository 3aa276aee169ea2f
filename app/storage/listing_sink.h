#pragma once

#include "p2p/transfer/chunk_io.h"
#include "p2p/wire/entry.h"
#include "p2p/wire/listing.h"

#include <QString>
#include <QStringList>

namespace landline::app {

/// Names for a bundle's items on this disk: every part of a path made safe (safeFileName), and where two become the same
/// (on a disk that does not tell cases apart, too) the later one numbered: "name (2)". As many as there are items.
[[nodiscard]] QStringList safePaths(const wire::Listing& listing);

/// The listing of a bundle being fetched: kept in memory, and where its digest is the one of the offer and it keeps the
/// rules of listings, as a record.
class ListingSink final : public transfer::ChunkSink {
public:
    ListingSink(QString record, const wire::ListingRef& ref) : m_record(std::move(record)), m_ref(ref) {}

    [[nodiscard]] Expected<transfer::Held> held() override;
    [[nodiscard]] Expected<Bytes> read(std::uint64_t offset, std::size_t length) override;
    [[nodiscard]] Expected<void> writeParts(std::uint64_t offset, std::span<const ByteView> parts) override;
    [[nodiscard]] Expected<void> skip(std::uint64_t offset, std::uint64_t length,
                                      wire::ItemFailure reason) override;
    /// Fails with Malformed or TooLarge where it is another listing than was offered, or none.
    [[nodiscard]] Expected<Result> finish() override;

private:
    QString m_record;
    wire::ListingRef m_ref;
    Bytes m_bytes;
};

/// The error of a listing that is not the one of its offer.
[[nodiscard]] Unexpected notAsOffered();

}  // namespace landline::app
