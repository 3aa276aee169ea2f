#pragma once

#include "app/storage/tree_scan.h"
#include "p2p/transfer/chunk_io.h"

#include <QFile>
#include <QString>
#include <QStringList>

#include <optional>
#include <vector>

namespace landline::app {

/// The contents of an offered bundle's files, one after another in the listing's order. A file that has vanished, changed
/// or cannot be read since the offer is skipped, and so is one that a link leads to by now: the others still go. Reads fail with NotFound where the bundle's record
/// is not that of the offer.
class BundleSource final : public transfer::ChunkSource {
public:
    /// Touches nothing yet.
    BundleSource(QString record, std::uint64_t size) : m_record(std::move(record)), m_size(size) {}

    [[nodiscard]] std::uint64_t size() const override { return m_size; }
    [[nodiscard]] Expected<std::vector<transfer::Piece>> read(std::uint64_t offset,
                                                              std::size_t length) override;

private:
    class Pieces;

    [[nodiscard]] Expected<void> load();
    [[nodiscard]] std::optional<wire::ItemFailure> open(std::size_t item);
    [[nodiscard]] bool isAsOffered(std::size_t item) const;
    void readInto(Pieces& pieces, std::size_t item, std::uint64_t offset, std::size_t wanted);

    QString m_record;
    std::uint64_t m_size;
    std::vector<wire::ListingItem> m_items;  ///< empty until loaded, as are these:
    std::vector<std::uint64_t> m_starts;     ///< of each item, and at the end the size of all
    std::vector<std::uint32_t> m_rootOf;     ///< position among the roots
    QStringList m_roots;
    QFile m_file;  ///< of m_open
    std::optional<std::size_t> m_open;
};

/// The listing of an offered bundle, from its record.
class ListingSource final : public transfer::ChunkSource {
public:
    /// Touches nothing yet.
    ListingSource(QString record, std::uint64_t size) : m_record(std::move(record)), m_size(size) {}

    [[nodiscard]] std::uint64_t size() const override { return m_size; }
    [[nodiscard]] Expected<std::vector<transfer::Piece>> read(std::uint64_t offset,
                                                              std::size_t length) override;

private:
    QString m_record;
    std::uint64_t m_size;
    Bytes m_bytes;
};

}  // namespace landline::app
