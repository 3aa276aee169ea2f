#pragma once

#include "app/storage/listing_sink.h"
#include "app/storage/moved_notes.h"
#include "app/storage/origin_mark.h"
#include "p2p/transfer/journal.h"

#include <QFile>
#include <QString>
#include <QStringList>

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace landline::app {

/// A bundle being fetched: the items in a folder `NAME.part-ID` in the target folder, until all are there or known to
/// fail; then its top-level items move to the target folder, under free names. Those that failed can be fetched later, by
/// a new sink over the same record: they are put where they belong, and nothing else is touched.
///
/// Beside the record lie `RECORD.journal`, the items that failed or are whole (transfer::Journal), and `RECORD.moved`, where items have
/// moved (MovedNotes). So a crash at any time brings nothing twice. Once something has moved, all goes to the same folder,
/// whichever is asked for.
class BundleSink final : public transfer::ChunkSink {
public:
    struct Target {
        QString folder;
        QString name;
        QString id;      ///< tells transfers of one name apart
        QString record;  ///< where ListingSink has put the listing
        wire::ListingRef ref;
        std::uint64_t size = 0;
        Origin origin = {};  ///< marks every file
    };

    /// Touches nothing yet.
    explicit BundleSink(Target target);

    /// The first time, reads the listing and makes the folders. Fails with Disk, Full where there is not enough free
    /// space, NotFound without a record and Malformed where the listing does not fit the offer.
    [[nodiscard]] Expected<transfer::Held> held() override;
    [[nodiscard]] Expected<Bytes> read(std::uint64_t offset, std::size_t length) override;
    [[nodiscard]] Expected<void> writeParts(std::uint64_t offset, std::span<const ByteView> parts) override;
    [[nodiscard]] Expected<void> skip(std::uint64_t offset, std::uint64_t length,
                                      wire::ItemFailure reason) override;
    [[nodiscard]] Expected<Result> finish() override;

    /// Beside a record: where what has come was moved.
    [[nodiscard]] static QString movedNotesOf(const QString& record) {
        return record + QStringLiteral(".moved");
    }
    /// Removes a bundle's record and what lies beside it, once its transfer is done or not wanted any more.
    static void forget(const QString& record);

private:
    /// A top-level item on its way home.
    struct Move {
        std::uint32_t item = 0;
        FileIdentity identity;
        int number = 0;  ///< of the last name that was tried
    };

    [[nodiscard]] Expected<void> prepare();
    [[nodiscard]] Expected<void> openJournal();
    [[nodiscard]] Expected<void> readMoved();
    [[nodiscard]] Expected<void> makeFolders();
    void addHeld(transfer::Held& held, std::size_t item);
    [[nodiscard]] Expected<void> note(const Bytes& records);
    [[nodiscard]] Expected<void> noteLost();
    [[nodiscard]] Expected<void> noteChange(std::size_t item);
    [[nodiscard]] Expected<void> noteWhole();
    [[nodiscard]] Expected<void> syncJournal();
    [[nodiscard]] bool isWhole(std::size_t item) const;
    [[nodiscard]] Expected<void> open(std::size_t item, int flags);
    void closeItem();
    [[nodiscard]] Expected<void> begin(std::size_t item);
    [[nodiscard]] Expected<void> writeItem(std::size_t item, std::uint64_t within,
                                           std::span<const ByteView> parts);
    [[nodiscard]] bool isFailed(std::size_t item) const;
    [[nodiscard]] bool isHome(std::size_t item) const;
    [[nodiscard]] std::size_t itemAt(std::uint64_t offset) const;
    [[nodiscard]] QString partOf(std::size_t item) const;
    [[nodiscard]] QString homeOf(std::size_t item) const;
    [[nodiscard]] Expected<void> dress();
    [[nodiscard]] Expected<void> completePart(std::size_t item);
    [[nodiscard]] Expected<void> sync() const;
    [[nodiscard]] Expected<void> moveHome();
    [[nodiscard]] Expected<std::vector<Move>> moveSome(std::vector<Move> moves);
    [[nodiscard]] Expected<QString> move(std::size_t item, const QString& folder, const QString& name);
    [[nodiscard]] Expected<void> moveRecovered();

    Target m_target;
    MovedNotes m_notes;
    QString m_part;
    wire::Listing m_listing;  ///< empty until prepared, as are these:
    QStringList m_paths;
    std::vector<std::uint64_t> m_starts;  ///< of each item, and at the end the size of all
    std::vector<std::uint32_t> m_rootOf;  ///< the top-level item above each item
    transfer::Journal m_journal;
    QFile m_journalFile;
    std::set<std::uint32_t> m_whole;                    ///< written to their ends, and not noted yet
    std::chrono::steady_clock::time_point m_noteAfter;  ///< not before: a sync takes time
    std::map<std::uint32_t, QString> m_moved;           ///< top-level items, and where they are
    std::map<std::uint32_t, QString> m_uncertain;       ///< those whose move is perhaps not on the disk yet
    std::set<std::uint32_t> m_again;  ///< failed once, their top-level item has moved; come now
    QFile m_file;                     ///< of m_open
    std::optional<std::size_t> m_open;
};

}  // namespace landline::app
