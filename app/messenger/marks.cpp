#include "app/messenger/marks.h"

#include "app/storage/deposit_table.h"

#include <utility>

namespace landline::app {

void Marks::add(const DeviceId& device, const ConversationId& conversation,
                std::vector<wire::AuthorHead> heads) {
    m_waiting.push_back({device, conversation, std::move(heads)});
}

void Marks::flush() {
    if (m_waiting.empty()) return;
    Taken taken;
    for (const Waiting& waiting : std::exchange(m_waiting, {}))
        take(waiting.device, waiting.conversation, waiting.heads, taken);
    // A tick says what the other side has on disk, so it need not wait for ours. If the commit fails nothing is lost: the
    // same heads come again with the next session.
    tellTicks(taken);
    if (const auto committed = m_context.commit(); !committed) {
        m_announcements.undone();
        m_outcome.failed(committed.error());
        return;
    }
    m_announcements.committed();
    tellCommitted(taken);
}

void Marks::takeOwnReading(const ConversationId& conversation, std::span<const wire::AuthorHead> heads,
                           Taken& taken) {
    for (const wire::AuthorHead& told : heads) {
        const auto head = m_context.db->head(conversation, told.author);
        if (!head || told.read <= head->read) continue;
        m_context.db->setRead(conversation, told.author, told.read);
        m_announcements.headMoved(conversation, told.author);
        taken.readElsewhere.insert(conversation);
    }
}

void Marks::take(const DeviceId& device, const ConversationId& conversation,
                 std::span<const wire::AuthorHead> heads, Taken& taken) {
    const auto person = m_context.personOf(device);
    if (!person) return;
    Database& db = *m_context.db;
    const bool isOwn = *person == m_context.selfPerson();
    std::vector<std::pair<DeviceId, PersonMark>> before;
    for (const wire::AuthorHead& head : heads)
        if (!isOwn && m_context.personOf(head.author) == m_context.selfPerson())
            before.emplace_back(head.author, db.personMark(conversation, *person, head.author));
    db.putPeerHeads(conversation, device, heads);
    // What the store makes of the claims: one whose hash is another than ours is no tick.
    for (const auto& [author, was] : before) {
        const PersonMark is = db.personMark(conversation, *person, author);
        if (is.number > was.number)
            taken.passed.push_back({conversation, author, *person, was.number, is.number, false});
        if (is.read > was.read)
            taken.passed.push_back({conversation, author, *person, was.read, is.read, true});
    }
    const auto settled = db.deposits().settle(device, conversation, m_context.selfDevice());
    taken.settled.insert(taken.settled.end(), settled.begin(), settled.end());
    if (isOwn) takeOwnReading(conversation, heads, taken);
}

void Marks::tellTicks(const Taken& taken) const {
    for (const Passed& passed : taken.passed) {
        const auto& report = passed.read ? m_outcome.read : m_outcome.delivered;
        for (const MessageRecord& message :
             m_context.db->ownMessages(passed.conversation, passed.author, passed.from, passed.to))
            report(message, passed.person);
    }
}

void Marks::tellCommitted(const Taken& taken) const {
    if (m_outcome.settled && !taken.settled.empty()) m_outcome.settled(taken.settled);
    for (const ConversationId& conversation : taken.readElsewhere) m_outcome.readElsewhere(conversation);
}

}  // namespace landline::app
