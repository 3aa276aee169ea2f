#pragma once

#include "p2p/timeline/checked_entry.h"

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace landline::sim {

/// Everything that any device wrote, as the simulation itself saw it happen: the truth that stores are held against.
class Ledger {
public:
    struct Written {
        ConversationId conversation;
        EntryRef ref;
        PersonId person;
        std::optional<wire::Content> content;
        bool isCommitted = false;
    };

    void wrote(const timeline::CheckedEntry& entry, const PersonId& person);
    void committed(const Hash256& hash);
    /// What is wrong with a store that takes this entry; empty if nothing is. `pending` are entries that the store's own
    /// device wrote in the transaction that is open: a delete among them erases what is taken in the same transaction,
    /// for both are committed or both are not.
    [[nodiscard]] std::string faultOf(const timeline::CheckedEntry& entry,
                                      std::span<const Hash256> pending = {}) const;
    [[nodiscard]] const std::map<Hash256, Written>& all() const { return m_written; }

private:
    [[nodiscard]] bool mayBeErased(const timeline::CheckedEntry& entry, const PersonId& person,
                                   std::span<const Hash256> pending) const;
    [[nodiscard]] bool deletes(const Hash256& hash, const GlobalEntryRef& target,
                               const PersonId& person) const;

    std::map<Hash256, Written> m_written;
    /// What committed deletes name, with the person who deleted.
    std::map<GlobalEntryRef, std::set<PersonId>> m_deleted;
};

}  // namespace landline::sim
