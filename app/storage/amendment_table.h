#pragma once

#include "app/storage/directory.h"
#include "app/storage/timeline_table.h"

#include <map>
#include <unordered_map>

namespace landline::app {

/// An edit, a delete or a reaction, as it is stored.
struct Amendment {
    qint64 entryId = 0;
    EntryRef entry;
    timeline::HybridTime order = 0;
    wire::ContentKind kind = wire::ContentKind::Edit;
    QString text;  ///< the new text, or the emoji
    bool removed = false;
    qint64 person = 0;  ///< the author's; 0 if not known

    /// Later ones win.
    [[nodiscard]] auto position() const { return std::tie(order, entry.author, entry.number); }
};

/// What all amendments of one target come to (timeline::history).
struct Amended {
    bool deleted = false;
    std::optional<QString> text;
    /// By emoji; active ones only.
    std::map<QString, std::vector<PersonId>> reactions;
};

/// Rows of `amendment`: kept by target, whether or not the target is held.
class AmendmentTable {
public:
    AmendmentTable(Sql& sql, Directory& directory, TimelineTable& timelines)
        : m_sql(sql), m_directory(directory), m_timelines(timelines) {}

    /// `content`: an Edit, Delete or Reaction; gives its target.
    EntryRef put(qint64 conversation, qint64 entryId, timeline::HybridTime order,
                 const wire::Content& content);
    void remove(qint64 entryId);
    /// Takes out those of a timeline beyond `last`; gives their targets.
    [[nodiscard]] std::vector<EntryRef> removeBeyond(qint64 timeline, EntryNumber last);
    /// False if the entry is no amendment.
    bool setOrder(qint64 entryId, timeline::HybridTime order);

    /// Forgets what is cached; after a transaction was undone.
    void forgetCached() { m_highestTargets.clear(); }
    [[nodiscard]] bool any(qint64 conversation, const EntryRef& target);
    /// In their order. One that is not what its author's entry says is left out, and marks the database as damaged.
    [[nodiscard]] std::vector<Amendment> of(qint64 conversation, const EntryRef& target);
    /// What an amendment amends; nothing if the entry is none.
    [[nodiscard]] std::optional<EntryRef> targetOf(qint64 entryId);
    [[nodiscard]] Amended outcome(qint64 conversation, const EntryRef& target);
    /// True if both are devices of one person.
    [[nodiscard]] bool isBySamePerson(const Amendment& amendment, const DeviceId& author) const;

private:
    /// An edit or a reaction that its author's person took back by a delete.
    [[nodiscard]] bool isDeleted(qint64 conversation, const Amendment& amendment);
    /// No amendment of the conversation names a higher number: so new messages need no look into the table.
    [[nodiscard]] EntryNumber& highestTarget(qint64 conversation);

    Sql& m_sql;
    Directory& m_directory;
    TimelineTable& m_timelines;
    std::unordered_map<qint64, EntryNumber> m_highestTargets;
};

}  // namespace landline::app
