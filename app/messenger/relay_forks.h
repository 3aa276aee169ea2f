#pragma once

#include "app/messenger/context.h"
#include "app/storage/relay_records.h"
#include "p2p/timeline/applier.h"
#include "p2p/wire/envelope_content.h"

#include <set>

namespace landline::app {

/// Forks, and stores that are old copies, as they show in what comes from mailboxes: what the sync engine does on a session.
/// A bare head is believed by nobody; signed headers go both ways until one side has the proof, or the device knows its own
/// signature beyond what its store holds. Writes into the open transaction. Part of RelayInbox, on its thread.
class RelayForks {
public:
    /// What came of it, for whoever commits.
    struct Owed {
        std::set<DeviceId> evidence;  ///< to be looked at by the outbox
        bool areHeads = false;        ///< RelayOutbox::headsOwed
    };

    explicit RelayForks(Context& context) : m_context(context) {}

    /// Entries or evidence of this timeline came from `device`, with that result.
    void answer(const DeviceId& device, const ConversationId& conversation, const DeviceId& author,
                const timeline::ApplyResult& result, Owed& owed);
    /// A device states these heads, which are newer than all that it stated before.
    void compare(const wire::HeadsStatement& statement, const wire::Heads& heads, Owed& owed);

private:
    void compare(const wire::HeadsStatement& statement, const ConversationId& conversation,
                 const wire::AuthorHead& told, Owed& owed);
    /// Ours is another entry than that which was told.
    [[nodiscard]] bool differs(const ConversationId& conversation, const timeline::TimelineHead& ours,
                               const wire::AuthorHead& told);
    void owe(const OwedEvidence& evidence, Owed& owed);

    Context& m_context;
};

}  // namespace landline::app
