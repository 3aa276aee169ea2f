#pragma once

#include "app/control/task.h"

#include <QTimer>

#include <map>
#include <vector>

namespace landline::app::control {

/// `send-file`, `accept` and `resume`: begins transfers and, where `timeout` is given, stays until they have
/// ended, reporting progress; it gives up after that many seconds without any. Without a timeout the answer
/// comes after the commit. One result per transfer: `transfer`, `state`, `bytes`, `seconds`; NotDelivered if
/// one is still waiting.
class TransferTask final : public Task {
    Q_OBJECT

public:
    using Task::Task;
    void start() override;

private:
    using Started = Expected<std::vector<TransferRecord>>;
    static Started offer(Messenger& messenger, const Arguments& arguments);
    static Started fetch(Messenger& messenger, const Arguments& arguments);
    void onStarted(const Started& started);
    void onChanged(const TransferRecord& transfer);
    void report(const TransferRecord& transfer);
    void finishAll();

    std::optional<std::chrono::milliseconds> m_timeout;
    QTimer m_silence;
    QElapsedTimer m_begun;
    std::map<wire::TransferId, TransferRecord> m_open;
    std::vector<QJsonObject> m_ended;
    ExitCode m_worst = ExitCode::Done;
    QString m_error;
};

}  // namespace landline::app::control
