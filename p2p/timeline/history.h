#pragma once

#include "p2p/timeline/checked_entry.h"

#include <map>
#include <span>
#include <string>
#include <vector>

namespace landline::timeline {

/// One line of a conversation as every node shows it.
struct HistoryItem {
    EntryRef entry;
    HybridTime order = 0;   ///< the lowest clock among the entry and its author's later ones
    wire::Content content;  ///< Text (after edits), FileOffer or UnknownContent; Text{} if deleted
    bool edited = false;
    bool deleted = false;
    /// Set reactions, by person and emoji; a deleted item has none. (The value is always true.)
    std::map<std::pair<PersonId, std::string>, bool> reactions;

    friend bool operator==(const HistoryItem&, const HistoryItem&) = default;
};

/// The view of a conversation that follows from its entries, whatever their order of arrival: sorted by (order, author,
/// number); edits by the author's person only, the latest by (order, author, number) wins; deletes by the author's person
/// only, and they win over edits; reactions per person and emoji, the latest wins. The reference for what a store's
/// incremental views must show. `personOf` gives the person of every author that occurs.
[[nodiscard]] std::vector<HistoryItem> history(std::span<const CheckedEntry> entries,
                                               const std::map<DeviceId, PersonId>& personOf);

}  // namespace landline::timeline
