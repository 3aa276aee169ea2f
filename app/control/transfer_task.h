#pragma once

#include "app/control/task.h"
#include "app/storage/tree_scan.h"

#include <QTimer>

#include <map>
#include <variant>
#include <vector>

namespace landline::app::control {

/// `send-file`, `accept` and `resume`: begins a transfer and, where `timeout` is given, stays until it has ended or was
/// paused, reporting progress; it gives up after that many seconds without any. Without a timeout the answer comes after
/// the commit: `transfer`, `state`, `bytes`, `seconds`; NotDelivered if it is still waiting. Several paths, or a folder,
/// are one offer.
class TransferTask final : public Task {
    Q_OBJECT

public:
    using Task::Task;
    void start() override;

    using Started = Expected<std::vector<TransferRecord>>;

private:
    using Offer = std::variant<QString, PreparedBundle>;
    void startOffer();
    void onPrepared(const Expected<PreparedBundle>& prepared);
    static Started offer(Messenger& messenger, const Arguments& arguments, const Offer& what);
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
