#include "tests/sim/ledger.h"

#include <algorithm>

namespace landline::sim {

void Ledger::wrote(const timeline::CheckedEntry& entry, const PersonId& person) {
    m_written[entry.hash] = {entry.header.conversation, entry.ref(), person, entry.content, false};
}

void Ledger::committed(const Hash256& hash) {
    const auto found = m_written.find(hash);
    if (found == m_written.end()) return;
    Written& written = found->second;
    written.isCommitted = true;
    if (const auto* const deletion = std::get_if<wire::Delete>(&*written.content))
        m_deleted[{written.conversation, deletion->target}].insert(written.person);
}

bool Ledger::deletes(const Hash256& hash, const GlobalEntryRef& target, const PersonId& person) const {
    const Written& written = m_written.at(hash);
    const auto* const deletion = std::get_if<wire::Delete>(&*written.content);
    return deletion && written.person == person &&
           GlobalEntryRef{written.conversation, deletion->target} == target;
}

bool Ledger::mayBeErased(const timeline::CheckedEntry& entry, const PersonId& person,
                         std::span<const Hash256> pending) const {
    const auto deletedBy = [&](const EntryRef& ref) {
        const GlobalEntryRef target{entry.header.conversation, ref};
        const auto found = m_deleted.find(target);
        return (found != m_deleted.end() && found->second.count(person) != 0) ||
               std::any_of(pending.begin(), pending.end(),
                           [&](const Hash256& hash) { return deletes(hash, target, person); });
    };
    return deletedBy(entry.ref()) || (entry.header.target && deletedBy(*entry.header.target));
}

std::string Ledger::faultOf(const timeline::CheckedEntry& entry, std::span<const Hash256> pending) const {
    const auto found = m_written.find(entry.hash);
    if (found == m_written.end()) return "an entry that nobody wrote";
    const Written& written = found->second;
    if (!written.isCommitted) return "an entry that its author has not committed";
    if (written.conversation != entry.header.conversation || written.ref != entry.ref())
        return "an entry in another place than it was written for";
    if (entry.content ? entry.content != written.content : !mayBeErased(entry, written.person, pending))
        return entry.content ? "an entry with another content than was written"
                             : "an entry erased by nobody entitled";
    return {};
}

}  // namespace landline::sim
