#include "app/control/history_reader.h"

#include <algorithm>

namespace landline::app::control {

// Walks back, page by page, to the message before the first one that is wanted.
void HistoryReader::findStart(Messenger& messenger) {
    m_begun = true;
    qint64 left = m_limit;
    std::optional<HistoryCursor> before;
    while (m_limit == 0 || left > 0) {
        HistoryQuery query;
        query.conversation = m_conversation;
        query.before = before;
        if (!before) query.beforeTime = m_before;
        query.limit = m_limit == 0 ? 1 : static_cast<int>(std::min<qint64>(left, kPage));
        const std::vector<MessageRecord> page = messenger.history(query);
        if (!m_last) {
            if (page.empty()) {
                m_done = true;
                return;
            }
            m_last = page.back().cursor;
            if (m_limit == 0) return;
        }
        left -= static_cast<qint64>(page.size());
        if (page.size() < static_cast<std::size_t>(query.limit)) return;
        before = page.front().cursor;
    }
    HistoryQuery query;
    query.conversation = m_conversation;
    query.before = before;
    query.limit = 1;
    const std::vector<MessageRecord> page = messenger.history(query);
    if (!page.empty()) m_after = page.back().cursor;
}

std::vector<MessageRecord> HistoryReader::next(Messenger& messenger) {
    if (!m_begun) findStart(messenger);
    if (m_done) return {};
    HistoryQuery query;
    query.conversation = m_conversation;
    query.after = m_after.value_or(HistoryCursor{});
    query.limit = kPage;
    std::vector<MessageRecord> page = messenger.history(query);
    const auto beyond = std::find_if(
        page.begin(), page.end(), [this](const MessageRecord& message) { return message.cursor > *m_last; });
    page.erase(beyond, page.end());
    if (page.empty() || page.back().cursor == *m_last) m_done = true;
    if (!page.empty()) m_after = page.back().cursor;
    return page;
}

}  // namespace landline::app::control
