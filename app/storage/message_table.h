#pragma once

#include "app/storage/amendment_table.h"
#include "app/storage/directory.h"
#include "app/storage/records.h"
#include "app/storage/search_index.h"
#include "app/storage/timeline_table.h"

namespace landline::app {

/// Bits of message.flags.
enum MessageFlag : int {
    kEdited = 1,
    kDeleted = 2,
    kDisputed = 4,
    kOwn = 8,
    kHasReactions = 16,
};

/// Keeps the `message` and `amendment` rows and the search index as timeline::history defines them, entry by entry and
/// whatever the order of arrival.
///
/// A message's place is decided by its order clock: the lowest clock among its entry and its author's later ones. Along
/// one timeline order clocks never fall, so an entry with a clock below its predecessors' lowers a tail of them.
class MessageTable {
public:
    MessageTable(Sql& sql, Directory& directory, TimelineTable& timelines, AmendmentTable& amendments,
                 SearchIndex& search)
        : m_sql(sql),
          m_directory(directory),
          m_timelines(timelines),
          m_amendments(amendments),
          m_search(search) {}

    /// Stores a run that continues `timeline`, with what it means for the views.
    void append(const TimelineTable::Row& timeline, std::span<const timeline::CheckedEntry> entries);
    /// Takes the payload out of an entry, if it is held, and of the edits of it by its author's person. True if there was
    /// anything to take.
    bool erase(qint64 conversation, const EntryRef& target, const wire::ErasureProof& proof);
    /// The proof with which an entry was erased, or that of a delete by its author's person which waits for it.
    [[nodiscard]] std::optional<wire::ErasureProof> erasureOf(qint64 conversation, const EntryRef& target);
    /// Everything beyond `last` is disputed: marked so, and amends nothing.
    void dispute(const TimelineTable::Row& timeline, EntryNumber last);
    /// Takes a conversation's entries out with all that is made of them, its words in the search index too.
    void removeAll(const Directory::Conversation& conversation);
    /// Messages that an older version kept without knowing their kind are shown as this one knows them. Returns their entries,
    /// without those that are disputed.
    [[nodiscard]] std::vector<timeline::CheckedEntry> showKnownKinds();
    /// Takes the messages that were merely noted into the search index.
    void indexWaiting();
    /// Messages of others beyond the read mark, counted anew.
    void recountUnread(const TimelineTable::Row& timeline);

private:
    struct Shown;

    [[nodiscard]] qint64 insertMessage(const TimelineTable::Row& timeline,
                                       const timeline::CheckedEntry& entry, timeline::HybridTime order);
    /// Lowers the order clocks of entries up to `last` to at most `to`.
    void lowerOrder(qint64 timeline, EntryNumber last, timeline::HybridTime to);
    void setOrder(qint64 entry, const std::optional<qint64>& message, timeline::HybridTime order);
    /// Raises order clocks again that were lowered by entries which count no longer.
    void restoreOrder(qint64 timeline, EntryNumber last);
    /// Computes how the message that `target` names is shown, from its entry and all amendments. If that is an amendment
    /// itself, what it amends; nothing if it is not held.
    void refresh(qint64 conversation, const EntryRef& target);
    void refreshMessage(const TimelineTable::Row& timeline, const EntryRef& target, qint64 message);
    [[nodiscard]] Shown shownNow(qint64 conversation, const EntryRef& target, qint64 entry);
    [[nodiscard]] SearchIndex::Tags tagsOf(qint64 conversation, const DeviceId& author) const;

    Sql& m_sql;
    Directory& m_directory;
    TimelineTable& m_timelines;
    AmendmentTable& m_amendments;
    SearchIndex& m_search;
};

/// How an entry of this content kind is shown.
[[nodiscard]] MessageKind messageKindOf(std::uint32_t contentKind);

/// The first 8 bytes of a device's key, by which messages of one order clock are sorted. (Two keys that agree in them
/// are put in an order by their entries' numbers; it takes 2^32 tries to make such a pair, and gains nothing.)
[[nodiscard]] qint64 authorRank(const DeviceId& author);

}  // namespace landline::app
