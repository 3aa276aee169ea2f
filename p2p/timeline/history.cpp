#include "p2p/timeline/history.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace landline::timeline {

namespace {

using Position = std::tuple<HybridTime, DeviceId, EntryNumber>;
using People = std::map<DeviceId, PersonId>;

constexpr bool isItem(std::uint32_t kind) {
    return kind != std::uint32_t(wire::ContentKind::Edit) &&
           kind != std::uint32_t(wire::ContentKind::Delete) &&
           kind != std::uint32_t(wire::ContentKind::Reaction);
}

/// Every entry with its place in the order.
struct Placed {
    const CheckedEntry* entry = nullptr;
    HybridTime order = 0;
    [[nodiscard]] Position position() const { return {order, entry->header.author, entry->header.number}; }
};

std::vector<Placed> inOrder(std::span<const CheckedEntry> entries) {
    std::vector<Placed> placed;
    for (const CheckedEntry& entry : entries) placed.push_back({&entry, entry.header.clock});
    std::sort(placed.begin(), placed.end(),
              [](const Placed& a, const Placed& b) { return a.entry->ref() < b.entry->ref(); });
    // An entry sorts by the lowest clock among itself and its author's later ones.
    for (std::size_t i = placed.size(); i-- > 1;)
        if (placed[i - 1].entry->header.author == placed[i].entry->header.author)
            placed[i - 1].order = std::min(placed[i - 1].order, placed[i].order);
    std::sort(placed.begin(), placed.end(),
              [](const Placed& a, const Placed& b) { return a.position() < b.position(); });
    return placed;
}

bool samePerson(const People& people, const DeviceId& a, const DeviceId& b) {
    const auto first = people.find(a);
    const auto second = people.find(b);
    return a == b || (first != people.end() && second != people.end() && first->second == second->second);
}

/// What the deletes name that may delete it. A delete itself cannot be deleted.
std::set<EntryRef> deletedEntries(const std::vector<Placed>& placed, const People& people) {
    std::set<EntryRef> deleted;
    for (const Placed& one : placed) {
        if (!one.entry->content) continue;
        const auto* const deletion = std::get_if<wire::Delete>(&*one.entry->content);
        if (deletion && samePerson(people, one.entry->header.author, deletion->target.author))
            deleted.insert(deletion->target);
    }
    return deleted;
}

HistoryItem itemOf(const Placed& placed, bool deleted) {
    HistoryItem item;
    item.entry = placed.entry->ref();
    item.order = placed.order;
    item.deleted = deleted || !placed.entry->content;
    item.content = item.deleted ? wire::Content(wire::Text{}) : *placed.entry->content;
    return item;
}

/// Applies edits and reactions to the items, in the order of history, so that the latest wins.
class Amendments {
public:
    Amendments(std::vector<HistoryItem>& items, const People& people) : m_people(people) {
        for (HistoryItem& item : items) m_items[item.entry] = &item;
    }
    void apply(const CheckedEntry& entry) {
        if (const auto* const edit = std::get_if<wire::Edit>(&*entry.content)) applyEdit(entry, *edit);
        if (const auto* const reaction = std::get_if<wire::Reaction>(&*entry.content))
            applyReaction(entry, *reaction);
    }

private:
    HistoryItem* find(const EntryRef& ref) const {
        const auto found = m_items.find(ref);
        return found == m_items.end() || found->second->deleted ? nullptr : found->second;
    }
    void applyEdit(const CheckedEntry& entry, const wire::Edit& edit) const {
        HistoryItem* const item = find(edit.target);
        if (!item || !samePerson(m_people, entry.header.author, edit.target.author)) return;
        if (auto* const text = std::get_if<wire::Text>(&item->content)) {
            text->text = edit.text;
            item->edited = true;
        }
    }
    void applyReaction(const CheckedEntry& entry, const wire::Reaction& reaction) const {
        HistoryItem* const item = find(reaction.target);
        const auto person = m_people.find(entry.header.author);
        if (!item || person == m_people.end()) return;
        if (reaction.removed)
            item->reactions.erase({person->second, reaction.emoji});
        else
            item->reactions[{person->second, reaction.emoji}] = true;
    }

    const People& m_people;
    std::map<EntryRef, HistoryItem*> m_items;
};

}  // namespace

std::vector<HistoryItem> history(std::span<const CheckedEntry> entries, const People& personOf) {
    const std::vector<Placed> placed = inOrder(entries);
    const std::set<EntryRef> deleted = deletedEntries(placed, personOf);
    std::vector<HistoryItem> items;
    for (const Placed& one : placed)
        if (isItem(one.entry->header.kind))
            items.push_back(itemOf(one, deleted.count(one.entry->ref()) != 0));
    Amendments amendments(items, personOf);
    for (const Placed& one : placed)
        if (one.entry->content && deleted.count(one.entry->ref()) == 0) amendments.apply(*one.entry);
    return items;
}

}  // namespace landline::timeline
