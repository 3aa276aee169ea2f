#pragma once

#include "app/messenger/messenger.h"

#include <vector>

namespace landline::app::control {

/// Reads a conversation in pages, oldest first, so that a long one neither stops the messenger nor fills the
/// memory. A value: `next` runs on the messenger's thread and moves it on.
class HistoryReader {
public:
    static constexpr int kPage = 500;

    /// The newest `limit` messages, or those before a time; everything with a limit of 0.
    HistoryReader(const ConversationId& conversation, std::optional<qint64> before, qint64 limit)
        : m_conversation(conversation), m_before(before), m_limit(limit) {}

    /// The next page; empty at the end.
    [[nodiscard]] std::vector<MessageRecord> next(Messenger& messenger);

private:
    void findStart(Messenger& messenger);

    ConversationId m_conversation;
    std::optional<qint64> m_before;
    qint64 m_limit;
    bool m_begun = false;
    bool m_done = false;
    std::optional<HistoryCursor> m_after;
    std::optional<HistoryCursor> m_last;  ///< no further than this one
};

}  // namespace landline::app::control
