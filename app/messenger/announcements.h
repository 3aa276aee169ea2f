#pragma once

#include "app/messenger/context.h"
#include "p2p/timeline/applier.h"

#include <functional>
#include <map>
#include <set>
#include <vector>

namespace landline::app {

/// Collects which heads a transaction moved, and tells the node once it is committed: so nothing is
/// acknowledged or sent that is not on disk. On the messenger's thread.
class Announcements {
public:
    explicit Announcements(Context& context) : m_context(context) {}
    /// `told` is called for each conversation to which entries were appended, after the commit.
    void onAppended(std::function<void(const ConversationId&)> told) { m_onAppended = std::move(told); }

    /// Entries appended to `conversation`, each author's run together.
    void appended(const ConversationId& conversation, const std::vector<timeline::CheckedEntry>& entries);
    /// A head changed without new entries: a read mark, the end of a timeline.
    void headMoved(const ConversationId& conversation, const DeviceId& author);
    /// The transaction was committed: tells the node.
    void committed();
    /// The transaction was undone: forgets.
    void undone();

private:
    struct Change {
        std::set<DeviceId> authors;
        std::vector<wire::Entries> fresh;
    };
    Context& m_context;
    std::map<ConversationId, Change> m_changes;
    std::function<void(const ConversationId&)> m_onAppended;
};

}  // namespace landline::app
