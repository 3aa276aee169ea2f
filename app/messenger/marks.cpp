#include "app/messenger/marks.h"

#include <utility>

namespace landline::app {

void Marks::add(const DeviceId& device, const ConversationId& conversation,
                std::vector<wire::AuthorHead> heads) {
    m_waiting.push_back({device, conversation, std::move(heads)});
}

void Marks::flush() {
    if (m_waiting.empty()) return;
    std::vector<Passed> passed;
    std::set<ConversationId> readElsewhere;
    for (const Waiting& waiting : std::exchange(m_waiting, {})) {
        record(waiting, passed);
        takeOwnReading(waiting, readElsewhere);
    }
    // A tick says what the other side has on disk, so it need not wait for ours. If the commit fails nothing is lost: the
    // same heads come again with the next session.
    for (const Passed& one : passed) tell(one);
    if (const auto committed = m_context.commit(); !committed) {
        m_announcements.undone();
        m_outcome.failed(committed.error());
        return;
    }
    m_announcements.committed();
    for (const ConversationId& conversation : readElsewhere) m_outcome.readElsewhere(conversation);
}

void Marks::takeOwnReading(const Waiting& waiting, std::set<ConversationId>& read) {
    if (m_context.personOf(waiting.device) != m_context.selfPerson()) return;
    for (const wire::AuthorHead& told : waiting.heads) {
        const auto head = m_context.db->head(waiting.conversation, told.author);
        if (!head || told.read <= head->read) continue;
        m_context.db->setRead(waiting.conversation, told.author, told.read);
        m_announcements.headMoved(waiting.conversation, told.author);
        read.insert(waiting.conversation);
    }
}

void Marks::record(const Waiting& waiting, std::vector<Passed>& passed) {
    const auto person = m_context.personOf(waiting.device);
    if (!person) return;
    Database& db = *m_context.db;
    std::vector<std::pair<DeviceId, PersonMark>> before;
    for (const wire::AuthorHead& head : waiting.heads)
        if (*person != m_context.selfPerson() && m_context.personOf(head.author) == m_context.selfPerson())
            before.emplace_back(head.author, db.personMark(waiting.conversation, *person, head.author));
    db.putPeerHeads(waiting.conversation, waiting.device, waiting.heads);
    // What the store makes of the claims: one whose hash is another than ours is no tick.
    for (const auto& [author, was] : before) {
        const PersonMark is = db.personMark(waiting.conversation, *person, author);
        if (is.number > was.number)
            passed.push_back({waiting.conversation, author, *person, was.number, is.number, false});
        if (is.read > was.read)
            passed.push_back({waiting.conversation, author, *person, was.read, is.read, true});
    }
}

void Marks::tell(const Passed& passed) const {
    const auto& report = passed.read ? m_outcome.read : m_outcome.delivered;
    for (const MessageRecord& message :
         m_context.db->ownMessages(passed.conversation, passed.author, passed.from, passed.to))
        report(message, passed.person);
}

}  // namespace landline::app
