#include "tests/sim/message_check.h"

#include "p2p/base/hash.h"
#include "p2p/timeline/history.h"

#include <algorithm>
#include <map>

namespace landline::sim {

namespace {

using Nodes = std::vector<std::unique_ptr<SimNode>>;
using History = std::vector<timeline::HistoryItem>;

std::string nameOf(const EntryRef& ref) {
    return toHex(ref.author.view().first(2)) + "/" + std::to_string(ref.number);
}

/// The first line at which two histories part, for whoever looks for the cause.
std::string difference(const History& a, const History& b) {
    const auto line = [](const History& history, std::size_t at) {
        if (at >= history.size()) return std::string("nothing");
        const timeline::HistoryItem& item = history[at];
        const auto* const text = std::get_if<wire::Text>(&item.content);
        return nameOf(item.entry) +
               (item.deleted ? " deleted"
                : text       ? " \"" + text->text + "\""
                             : "") +
               (item.edited ? " edited" : "") + " with " + std::to_string(item.reactions.size()) +
               " reactions";
    };
    std::size_t at = 0;
    while (at < a.size() && at < b.size() && a[at] == b[at]) ++at;
    return "line " + std::to_string(at) + " is " + line(a, at) + " rather than " + line(b, at);
}

class RestCheck {
public:
    RestCheck(SimContext& context, const Nodes& nodes, const Survivors& survivors)
        : m_context(context), m_nodes(nodes), m_survivors(survivors) {}

    void checkEntries(SimNode& node);
    void checkNothingLost(SimNode& node);
    void checkErased(SimNode& node);
    void checkHistory(const ConversationId& conversation);
    void checkMarks(SimNode& node, SimNode& peer, Ending ending);
    std::vector<ConversationId> conversations() const;

private:
    [[nodiscard]] std::set<EntryRef> uncertain(const ConversationId& conversation) const;
    [[nodiscard]] History historyAt(SimNode& node, const ConversationId& conversation,
                                    const std::set<EntryRef>& uncertain) const;
    void checkHistoryOf(SimNode& node, const History& history);

    SimContext& m_context;
    const Nodes& m_nodes;
    const Survivors& m_survivors;
};

std::vector<ConversationId> RestCheck::conversations() const {
    std::set<ConversationId> all;
    for (const auto& node : m_nodes)
        for (const ConversationId& id : node->store().conversations()) all.insert(id);
    return {all.begin(), all.end()};
}

/// Each stored timeline is the one its author wrote: known entries, each continuing the one before.
void RestCheck::checkEntries(SimNode& node) {
    for (const ConversationId& id : node.store().conversations()) {
        std::map<DeviceId, Hash256> previous;
        for (const timeline::CheckedEntry& entry : node.store().entries(id)) {
            if (const std::string fault = m_context.ledger.faultOf(entry); !fault.empty())
                m_context.fault(node.name() + " holds " + fault);
            if (entry.header.previous != previous[entry.header.author])
                m_context.fault(node.name() + " holds " + nameOf(entry.ref()) +
                                " after another entry than its author");
            previous[entry.header.author] = entry.hash;
        }
        for (const timeline::TimelineHead& head : node.store().heads(id))
            if (head.number != 0 && previous[head.author] != head.hash)
                m_context.fault(node.name() + " has a head that is not its last entry");
        if (node.store().heldEntries(id) != 0) {
            // Only the leftovers of what a carrier brought beyond a fork may wait for ever, and what a relay still had of a
            // device whose store was replaced by an older copy.
            bool forked = m_context.areEntriesLost;
            for (const auto& [key, line] : m_survivors.lines()) forked |= key.first == id && line.forkedAt;
            if (!forked) m_context.fault(node.name() + " still holds entries that wait for earlier ones");
        }
    }
}

/// What was deleted by its author's person is gone, and so are that person's edits of it.
void RestCheck::checkErased(SimNode& node) {
    const auto people = node.store().personOf();
    for (const ConversationId& id : node.store().conversations()) {
        const std::vector<timeline::CheckedEntry> entries = node.store().entries(id);
        std::set<std::pair<EntryRef, PersonId>> deleted;
        for (const timeline::CheckedEntry& entry : entries) {
            const PersonId& person = people.at(entry.header.author);
            if (entry.content && std::holds_alternative<wire::Delete>(*entry.content))
                deleted.insert({std::get<wire::Delete>(*entry.content).target, person});
            // What is known to be deleted by a proof alone, as long as its delete has not come.
            if (!entry.content && !entry.header.target) deleted.insert({entry.ref(), person});
        }
        for (const timeline::CheckedEntry& entry : entries) {
            if (!entry.content || std::holds_alternative<wire::Delete>(*entry.content)) continue;
            const PersonId& person = people.at(entry.header.author);
            const bool isEditOfDeleted = entry.header.target &&
                                         deleted.count({*entry.header.target, person}) != 0 &&
                                         people.count(entry.header.target->author) != 0 &&
                                         people.at(entry.header.target->author) == person;
            if (isEditOfDeleted || deleted.count({entry.ref(), person}) != 0)
                m_context.fault(node.name() + " still holds the content of " + nameOf(entry.ref()) +
                                ", which was deleted");
        }
    }
}

void RestCheck::checkNothingLost(SimNode& node) {
    for (const auto& [key, line] : m_survivors.lines()) {
        const auto& [conversation, author] = key;
        if (node.store().members(conversation).empty()) continue;
        const auto head = node.store().head(conversation, author);
        const EntryNumber number = head ? head->number : 0;
        const std::string what =
            node.name() + " holds " + std::to_string(number) + " entries of " + toHex(author.view().first(2));
        if (!line.forkedAt && number < line.highest)
            m_context.fault(what + ", but " + std::to_string(line.highest) + " were there");
        if (line.forkedAt && number != *line.forkedAt - 1)
            m_context.fault(what + ", but they fork at " + std::to_string(*line.forkedAt));
    }
}

/// Messages that a lost delete names: whoever saw it, or its proof, in time has erased them, and nobody else ever can. A
/// delete is lost with the end of a forked timeline, or with a store that was replaced by an older copy before anybody had
/// the delete itself; that no other entry is lost, checkNothingLost sees to.
std::set<EntryRef> RestCheck::uncertain(const ConversationId& conversation) const {
    std::set<Hash256> held;
    std::map<DeviceId, PersonId> people;
    for (const auto& node : m_nodes) {
        people.merge(node->store().personOf());
        for (const timeline::CheckedEntry& entry : node->store().entries(conversation))
            held.insert(entry.hash);
    }
    std::set<EntryRef> refs;
    for (const auto& [hash, written] : m_context.ledger.all()) {
        const auto* const deletion = std::get_if<wire::Delete>(&*written.content);
        if (!deletion || !written.isCommitted || written.conversation != conversation) continue;
        const auto author = people.find(deletion->target.author);
        if (author != people.end() && author->second == written.person && held.count(hash) == 0)
            refs.insert(deletion->target);
    }
    return refs;
}

History RestCheck::historyAt(SimNode& node, const ConversationId& conversation,
                             const std::set<EntryRef>& uncertain) const {
    History history = timeline::history(node.store().entries(conversation), node.store().personOf());
    for (timeline::HistoryItem& item : history) {
        if (uncertain.count(item.entry) == 0) continue;
        item.content = wire::Text{};
        item.edited = item.deleted = false;
        item.reactions.clear();
    }
    return history;
}

void RestCheck::checkHistoryOf(SimNode& node, const History& history) {
    std::set<EntryRef> seen;
    std::set<std::string> texts;
    std::map<DeviceId, EntryNumber> last;
    for (const timeline::HistoryItem& item : history) {
        if (!seen.insert(item.entry).second)
            m_context.fault(node.name() + " shows " + nameOf(item.entry) + " twice");
        EntryNumber& before = last[item.entry.author];
        if (item.entry.number <= before)
            m_context.fault(node.name() + " shows " + nameOf(item.entry) +
                            " after a later one of its author");
        before = item.entry.number;
        const auto* const text = std::get_if<wire::Text>(&item.content);
        if (text && !text->text.empty() && !texts.insert(text->text).second)
            m_context.fault(node.name() + " shows a text twice: " + text->text);
    }
}

void RestCheck::checkHistory(const ConversationId& conversation) {
    const std::set<EntryRef> skip = uncertain(conversation);
    std::optional<History> first;
    std::string firstName;
    for (const auto& node : m_nodes) {
        if (node->store().members(conversation).empty()) continue;
        History history = historyAt(*node, conversation, skip);
        checkHistoryOf(*node, history);
        if (!first) {
            first = std::move(history);
            firstName = node->name();
        } else if (history != *first) {
            m_context.fault(node->name() + " and " + firstName + " show different histories of " +
                            toHex(conversation.view().first(2)) + ": " + difference(history, *first));
        }
    }
}

/// How far any device of the person told to have read.
EntryNumber readBy(SimNode& node, const ConversationId& conversation, const PersonId& person,
                   const DeviceId& author) {
    EntryNumber read = 0;
    if (const auto own = node.store().head(conversation, author); own && node.person() == person)
        read = own->read;
    for (const auto& [device, of] : node.store().personOf())
        if (of == person)
            for (const wire::AuthorHead& mark : node.store().peerHeads(conversation, device))
                if (mark.author == author) read = std::max(read, mark.read);
    return read;
}

/// Every tick and read mark that is due has come: what the peer holds and has read, as told at the end.
void RestCheck::checkMarks(SimNode& node, SimNode& peer, Ending ending) {
    const auto people = node.store().personOf();
    for (const ConversationId& id : node.sharedWith(peer)) {
        std::map<DeviceId, wire::AuthorHead> marks;
        for (const wire::AuthorHead& mark : node.store().peerHeads(id, peer.device()))
            marks[mark.author] = mark;
        for (const timeline::TimelineHead& head : peer.store().heads(id)) {
            // Of a timeline that ended, a mark may lie beyond the end: the device, or a clone of it, did hold that once.
            const auto own = node.store().head(id, head.author);
            if (head.end || (own && own->end) || head.author == peer.device()) continue;
            if (ending == Ending::Relays && people.at(head.author) != node.person()) continue;
            const std::string of = " of " + toHex(head.author.view().first(2)) + " at " + peer.name();
            if (marks[head.author].number != head.number)
                m_context.fault(node.name() + " has a tick up to " +
                                std::to_string(marks[head.author].number) + of + ", which holds " +
                                std::to_string(head.number));
            // A person's devices tell each other what was read; by relays only the one where it was read tells others.
            const EntryNumber read = ending == Ending::Sessions
                                         ? marks[head.author].read
                                         : readBy(node, id, peer.person(), head.author);
            if (read < head.read) m_context.fault(node.name() + " lacks a read mark" + of);
        }
    }
}

}  // namespace

void Survivors::note(const std::vector<std::unique_ptr<SimNode>>& nodes, const Ledger& ledger) {
    const auto isCommitted = [&](const Hash256& hash) {
        const auto written = ledger.all().find(hash);
        return written != ledger.all().end() && written->second.isCommitted;
    };
    std::map<std::pair<Key, EntryNumber>, std::set<Hash256>> entries;
    for (const auto& node : nodes)
        for (const ConversationId& id : node->store().conversations()) {
            for (const timeline::CheckedEntry& entry : node->store().everything(id)) {
                if (!isCommitted(entry.hash)) continue;
                if (!node->store().holdsDurably(id, entry.ref(), truncated(entry.hash))) continue;
                Line& line = m_lines[{id, entry.header.author}];
                line.highest = std::max(line.highest, entry.header.number);
                entries[{{id, entry.header.author}, entry.header.number}].insert(entry.hash);
            }
            for (const timeline::TimelineHead& head : node->store().heads(id)) {
                const auto evidence = node->store().forkEvidence(id, head.author);
                if (!evidence) continue;
                for (const wire::SignedEntry* const side : {&evidence->first, &evidence->second}) {
                    const Hash256 hash = timeline::entryHash(*side);
                    if (isCommitted(hash))
                        entries[{{id, head.author}, ledger.all().at(hash).ref.number}].insert(hash);
                }
            }
        }
    for (const auto& [at, hashes] : entries) {
        Line& line = m_lines[at.first];
        if (hashes.size() > 1 && (!line.forkedAt || at.second < *line.forkedAt)) line.forkedAt = at.second;
    }
}

void checkAtRest(SimContext& context, const std::vector<std::unique_ptr<SimNode>>& nodes,
                 const std::vector<std::unique_ptr<SimLink>>& links, const Survivors& survivors,
                 Ending ending) {
    RestCheck check(context, nodes, survivors);
    for (const auto& node : nodes) {
        if (node->store().hasUncommitted()) context.fault(node->name() + " has not committed everything");
        check.checkEntries(*node);
        check.checkNothingLost(*node);
        check.checkErased(*node);
    }
    for (const ConversationId& id : check.conversations()) check.checkHistory(id);
    for (const auto& link : links) {
        if (!link->isUp() && ending == Ending::Sessions) {
            context.fault(link->a().name() + " and " + link->b().name() + " have no session");
            continue;
        }
        check.checkMarks(link->a(), link->b(), ending);
        check.checkMarks(link->b(), link->a(), ending);
    }
}

}  // namespace landline::sim
