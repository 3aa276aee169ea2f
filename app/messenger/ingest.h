#pragma once

#include "app/messenger/announcements.h"
#include "app/messenger/context.h"

#include <functional>
#include <vector>

namespace landline::app {

/// Takes entries and evidence from sessions into the store: everything that waits in one transaction (group
/// commit), then heads back and the news to the person. Entries that come in another way go through `apply` and `tell`, in
/// the transaction of whoever brings them. On the messenger's thread.
class Ingest {
public:
    /// What the messenger does with the outcome.
    struct Outcome {
        /// Inside the transaction: writes what belongs to the entries.
        std::function<void(const timeline::ApplyResult&)> applying;
        /// After the commit: tells the person.
        std::function<void(const timeline::ApplyResult&, const ConversationId&)> applied;
        std::function<void(const Error&)> failed;
    };

    Ingest(Context& context, Announcements& announcements, Outcome outcome);

    void add(net::SessionNumber session, wire::Entries entries);
    void addEvidence(net::SessionNumber session, wire::ForkEvidence evidence);
    [[nodiscard]] bool isEmpty() const { return m_entries.empty() && m_evidence.empty(); }
    /// Applies and commits what waits, at most a few megabytes at once; the rest stays for the next call. If
    /// the commit fails, the sessions concerned end: sync brings the same entries again after they reconnect.
    void flush();

    /// In a transaction: by the rules for entries, however they came.
    [[nodiscard]] timeline::ApplyResult apply(const wire::Entries& entries, WallTime now);
    /// The same of evidence.
    [[nodiscard]] timeline::ApplyResult examine(const wire::ForkEvidence& evidence);
    /// After its commit.
    void tell(const timeline::ApplyResult& result, const ConversationId& conversation) {
        m_outcome.applied(result, conversation);
    }

private:
    struct Waiting {
        net::SessionNumber session = 0;
        wire::Entries entries;
    };
    struct Done {
        net::SessionNumber session = 0;
        ConversationId conversation;
        DeviceId author;
        std::size_t bytes = 0;
        timeline::ApplyResult result;
        bool isEvidence = false;
    };

    [[nodiscard]] std::vector<Done> applyWaiting();
    void settle(const std::vector<Done>& batch);
    void abandon(const std::vector<Done>& batch, const Error& error);
    void sendEvidence(const Done& done);

    Context& m_context;
    Announcements& m_announcements;
    Outcome m_outcome;
    std::vector<Waiting> m_entries;
    std::vector<std::pair<net::SessionNumber, wire::ForkEvidence>> m_evidence;
};

}  // namespace landline::app
