#include "app/messenger/held_watch.h"

#include "app/storage/deposit_table.h"

namespace landline::app {

void HeldWatch::add(DepositCounter deposit) {
    Database& db = *m_context.db;
    for (const EntryRange& range : db.deposits().entriesOf(deposit))
        for (const MessageRecord& message :
             db.ownMessages(range.conversation, range.author, range.first - 1, range.last))
            m_before.try_emplace(message.ref, Was{message.state, message.heldUntil});
}

void HeldWatch::tell(const Told& changed, const Told& held) {
    for (const auto& [ref, was] : std::exchange(m_before, {})) {
        const auto message = m_context.db->message(ref);
        if (!message || (message->state == was.state && message->heldUntil == was.heldUntil)) continue;
        changed(*message);
        if (message->state == MessageState::Held && was.state != MessageState::Held) held(*message);
    }
}

}  // namespace landline::app
