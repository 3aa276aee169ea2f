#pragma once

#include "app/control/history_reader.h"
#include "app/control/task.h"

namespace landline::app::control {

/// `history`: a line per message, oldest first: the newest `limit` (100; 0 for all), or those before the time
/// `before`. What is queued tells why, where that is known. Pauses while its caller is congested.
class HistoryTask final : public Task {
    Q_OBJECT

public:
    using Task::Task;
    void start() override;

private:
    void readOn();
    void onPage(HistoryReader reader, const std::vector<MessageRecord>& page, const PostView& post);

    std::optional<HistoryReader> m_reader;
    qint64 m_count = 0;
};

}  // namespace landline::app::control
