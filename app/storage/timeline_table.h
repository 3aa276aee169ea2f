#pragma once

#include "app/storage/sql.h"
#include "p2p/timeline/timeline_store.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace landline::app {

/// Bits of an entry's row id below its timeline's id.
inline constexpr int kEntryNumberBits = 40;
inline constexpr EntryNumber kHighestEntryNumber = (EntryNumber{1} << kEntryNumberBits) - 1;

[[nodiscard]] constexpr qint64 entryId(qint64 timeline, EntryNumber number) {
    return timeline << kEntryNumberBits | static_cast<qint64>(std::min(number, kHighestEntryNumber));
}
[[nodiscard]] constexpr qint64 timelineOf(qint64 entryId) {
    return entryId >> kEntryNumberBits;
}
[[nodiscard]] constexpr EntryNumber numberOf(qint64 entryId) {
    return static_cast<EntryNumber>(entryId) & kHighestEntryNumber;
}

/// Entry numbers come from peers with all 64 bits; what has no place in SQLite's integers is as good as the highest.
[[nodiscard]] constexpr qint64 storedNumber(EntryNumber number) {
    return static_cast<qint64>(std::min(number, EntryNumber{1} << 62));
}

/// Rows of `timeline`, `entry` and what belongs to them: erasures, forks, held entries. Knows nothing of messages. Rows of
/// `timeline` are written here only, and those in use are kept in memory: nearly every call begins with one.
///
/// What a timeline's row says of its last entry is compared with that entry when the row is first read: a wrong head
/// would be told to peers as a claim or a fork, and continued by one's own next entry.
class TimelineTable {
public:
    struct Row {
        qint64 id = 0;
        qint64 conversation = 0;
        timeline::TimelineHead head;
        qint64 unread = 0;
    };
    struct Key {
        qint64 conversation = 0;
        DeviceId author;
    };

    explicit TimelineTable(Sql& sql) : m_sql(sql) {}
    /// Forgets what is cached; after a transaction was undone.
    void forgetCached();

    [[nodiscard]] std::optional<Row> find(qint64 conversation, const DeviceId& author);
    [[nodiscard]] Row findOrMake(qint64 conversation, const DeviceId& author);
    /// In byte order of the authors.
    [[nodiscard]] std::vector<Row> all(qint64 conversation);
    /// Which timeline an id stands for; null if there is none.
    [[nodiscard]] const Key* keyOf(qint64 timeline);
    void setHead(const Row& timeline, const timeline::TimelineHead& head);
    void setUnread(const Row& timeline, qint64 unread);
    void addUnread(const Row& timeline, qint64 more);

    void putEntry(qint64 timeline, EntryNumber number, const wire::SignedEntry& entry,
                  const std::optional<qint64>& message);
    /// As they are stored, unchecked; empty where there is none.
    [[nodiscard]] std::optional<wire::SignedEntry> entry(qint64 id);
    /// The same without payload, which alone is long.
    [[nodiscard]] std::optional<wire::SignedEntry> headerOf(qint64 id);
    [[nodiscard]] std::optional<qint64> messageOf(qint64 entryId);
    /// A run that is checked for damage: each payload, the chain, that what lacks its payload was erased, and that the next
    /// entry continues it.
    [[nodiscard]] std::vector<wire::SignedEntry> readRun(const Row& timeline, EntryNumber first,
                                                         std::size_t maxCount, std::size_t maxBytes);
    /// False if there is no payload any more.
    bool erasePayload(qint64 entryId, const wire::ErasureProof& proof);
    [[nodiscard]] std::optional<wire::ErasureProof> erasureProof(qint64 entryId);

    void putFork(qint64 timeline, const std::pair<wire::SignedEntry, wire::SignedEntry>& evidence);
    [[nodiscard]] std::optional<std::pair<wire::SignedEntry, wire::SignedEntry>> fork(qint64 timeline);

    void hold(const Key& key, EntryNumber number, const wire::SignedEntry& entry);
    [[nodiscard]] std::vector<wire::SignedEntry> takeHeld(const Key& key, EntryNumber first);

private:
    [[nodiscard]] static Row readRow(const Rows& row);
    /// True if the head is that of the entry it names; marks the database as damaged if not.
    [[nodiscard]] bool hasSoundHead(const Row& row);
    [[nodiscard]] bool isIntact(const Row& timeline, EntryNumber first,
                                const std::vector<wire::SignedEntry>& run);
    [[nodiscard]] bool isNamedByNext(const Row& timeline, const timeline::CheckedEntry& entry);

    const Row& remember(Row row);
    [[nodiscard]] std::size_t& heldCount(qint64 conversation);
    [[nodiscard]] Row* remembered(const Row& timeline);

    Sql& m_sql;
    std::map<std::pair<qint64, DeviceId>, Row> m_rows;  ///< by conversation and author
    std::unordered_map<qint64, Key> m_keys;
    std::unordered_set<qint64>
        m_compared;  ///< timelines whose heads were found sound, or were written by this process
    std::unordered_map<qint64, std::size_t> m_heldCounts;  ///< by conversation
};

}  // namespace landline::app
