#include "app/messenger/announcements.h"

namespace landline::app {

void Announcements::appended(const ConversationId& conversation,
                             const std::vector<timeline::CheckedEntry>& entries) {
    Change& change = m_changes[conversation];
    for (const timeline::CheckedEntry& entry : entries) {
        change.authors.insert(entry.header.author);
        const bool continues =
            !change.fresh.empty() && change.fresh.back().author == entry.header.author &&
            change.fresh.back().first + change.fresh.back().entries.size() == entry.header.number;
        if (!continues) change.fresh.push_back({conversation, entry.header.author, entry.header.number, {}});
        change.fresh.back().entries.push_back(entry.bytes);
    }
}

void Announcements::headMoved(const ConversationId& conversation, const DeviceId& author) {
    m_changes[conversation].authors.insert(author);
}

void Announcements::committed() {
    for (auto& [conversation, change] : m_changes) {
        timeline::ConversationHeads heads{conversation, {}};
        for (const DeviceId& author : change.authors)
            if (const auto head = m_context.db->head(conversation, author)) heads.heads.push_back(*head);
        const bool isAppended = !change.fresh.empty();
        m_context.node.post(
            [members = m_context.db->members(conversation), heads = std::move(heads),
             fresh = std::move(change.fresh)](net::Node& node) { node.headsChanged(members, heads, fresh); });
        if (isAppended && m_onAppended) m_onAppended(conversation);
    }
    m_changes.clear();
}

void Announcements::undone() {
    m_changes.clear();
}

}  // namespace landline::app
