#pragma once

#include "app/messenger/announcements.h"
#include "app/messenger/context.h"
#include "app/storage/relay_records.h"

#include <functional>
#include <set>
#include <span>
#include <vector>

namespace landline::app {

/// Takes what peers say they hold and have read, and tells which own messages gained a tick. What the own person has read
/// at another device counts as read here. Group commit as Ingest. On the messenger's thread.
class Marks {
public:
    struct Outcome {
        std::function<void(const MessageRecord&, const PersonId&)> delivered;
        std::function<void(const MessageRecord&, const PersonId&)> read;
        /// Something in the conversation was read at another device of one's own.
        std::function<void(const ConversationId&)> readElsewhere;
        std::function<void(const Error&)> failed;
        /// Deposits that these heads ended.
        std::function<void(const std::vector<SettledDeposit>&)> settled = {};
    };
    /// Own entries in (from, to] of one timeline that a person's mark has passed.
    struct Passed {
        ConversationId conversation;
        DeviceId author;
        PersonId person;
        EntryNumber from = 0;
        EntryNumber to = 0;
        bool read = false;
    };
    /// What came of heads that were taken in.
    struct Taken {
        std::vector<Passed> passed;
        std::set<ConversationId> readElsewhere;
        std::vector<SettledDeposit> settled;
    };

    Marks(Context& context, Announcements& announcements, Outcome outcome)
        : m_context(context), m_announcements(announcements), m_outcome(std::move(outcome)) {}

    void add(const DeviceId& device, const ConversationId& conversation, std::vector<wire::AuthorHead> heads);
    [[nodiscard]] bool isEmpty() const { return m_waiting.empty(); }
    void flush();

    /// In a transaction: heads however they came, of a device that is known.
    void take(const DeviceId& device, const ConversationId& conversation,
              std::span<const wire::AuthorHead> heads, Taken& taken);
    /// The ticks of what was taken, and after the commit the rest.
    void tellTicks(const Taken& taken) const;
    void tellCommitted(const Taken& taken) const;

private:
    struct Waiting {
        DeviceId device;
        ConversationId conversation;
        std::vector<wire::AuthorHead> heads;
    };

    void takeOwnReading(const ConversationId& conversation, std::span<const wire::AuthorHead> heads,
                        Taken& taken);

    Context& m_context;
    Announcements& m_announcements;
    Outcome m_outcome;
    std::vector<Waiting> m_waiting;
};

}  // namespace landline::app
