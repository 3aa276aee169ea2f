#include "app/control/transfer_task.h"

#include "app/control/json_values.h"
#include "app/control/lookups.h"

#include <QFileInfo>

#include <algorithm>
#include <chrono>

namespace landline::app::control {

using namespace Qt::Literals::StringLiterals;

namespace {

bool hasEnded(TransferState state) {
    return state == TransferState::Done || state == TransferState::Failed ||
           state == TransferState::Cancelled;
}

}  // namespace

void TransferTask::start() {
    const Expected<std::optional<std::chrono::milliseconds>> timeout = arguments().duration("timeout"_L1);
    if (!timeout) return fail(timeout.error());
    m_timeout = *timeout;
    m_begun.start();
    // Connected before the transfer begins, so that no change is missed; those of other transfers are
    // dropped.
    connect(context().port.messenger(), &Messenger::transferChanged, this, &TransferTask::onChanged);
    const bool sending = arguments().name() == "send-file"_L1;
    ask(
        [arguments = arguments(), sending](Messenger& messenger) {
            return sending ? offer(messenger, arguments) : fetch(messenger, arguments);
        },
        [this](const Started& started) { onStarted(started); });
}

TransferTask::Started TransferTask::offer(Messenger& messenger, const Arguments& arguments) {
    const Expected<QStringList> paths = arguments.texts("path"_L1);
    if (!paths) return Unexpected(paths.error());
    const Expected<PersonView> person = personOf(messenger, arguments);
    if (!person) return Unexpected(person.error());
    for (const QString& path : *paths) {
        const QFileInfo file(path);
        if (!file.isFile() || !file.isReadable()) {
            return Unexpected(ErrorCode::InvalidArgument,
                              path.toStdString() + " is no file that can be read; nothing was sent.");
        }
    }
    std::vector<TransferRecord> started;
    for (const QString& path : *paths) {
        const Expected<TransferRecord> transfer = messenger.sendFile(person->conversation, path);
        if (!transfer) return Unexpected(transfer.error());
        started.push_back(*transfer);
    }
    return started;
}

TransferTask::Started TransferTask::fetch(Messenger& messenger, const Arguments& arguments) {
    const Expected<TransferRecord> transfer = transferOf(messenger, arguments);
    if (!transfer) return Unexpected(transfer.error());
    const Expected<std::optional<QString>> folder = arguments.optionalText("folder"_L1);
    if (!folder) return Unexpected(folder.error());
    if (!transfer->incoming) {
        return Unexpected(ErrorCode::InvalidArgument,
                          "That file is one of yours: the other side fetches it.");
    }
    if (transfer->state != TransferState::Done) {
        const Expected<void> accepted = messenger.acceptFile(transfer->id, folder->value_or(QString()));
        if (!accepted) return Unexpected(accepted.error());
    }
    return std::vector<TransferRecord>{*transfer};
}

void TransferTask::onStarted(const Started& started) {
    if (!started) return fail(started.error());
    for (const TransferRecord& transfer : *started) m_open.emplace(transfer.id, transfer);
    if (!m_timeout) return finishAll();
    connect(&m_silence, &QTimer::timeout, this, &TransferTask::finishAll);
    m_silence.setSingleShot(true);
    m_silence.start(*m_timeout);
    for (const TransferRecord& transfer : *started) onChanged(transfer);
}

void TransferTask::onChanged(const TransferRecord& transfer) {
    const auto open = m_open.find(transfer.id);
    if (open == m_open.end()) return;
    if (transfer.done != open->second.done || transfer.state != open->second.state) m_silence.start();
    open->second = transfer;
    if (hasEnded(transfer.state)) {
        report(transfer);
        m_open.erase(open);
        if (m_open.empty()) finishAll();
        return;
    }
    event("progress"_L1, {{u"transfer"_s, hexOf(transfer.id.view())},
                          {u"name"_s, transfer.name},
                          {u"state"_s, stateName(transfer.state)},
                          {u"bytes"_s, static_cast<qint64>(transfer.done)},
                          {u"size"_s, static_cast<qint64>(transfer.size)}});
}

void TransferTask::report(const TransferRecord& transfer) {
    QJsonObject line = transferJson(transfer);
    line[u"seconds"_s] = static_cast<double>(m_begun.elapsed()) / 1000.0;
    m_ended.push_back(line);
    if (!hasEnded(transfer.state)) {
        if (m_timeout) m_worst = std::max(m_worst, ExitCode::NotDelivered);
    } else if (transfer.state != TransferState::Done) {
        m_worst = std::max(m_worst, ExitCode::Failed);
        m_error = transfer.error.isEmpty() ? tr("The transfer of %1 was cancelled.").arg(transfer.name)
                                           : transfer.error;
    }
}

void TransferTask::finishAll() {
    for (const auto& [id, transfer] : m_open) report(transfer);
    m_open.clear();
    if (m_ended.size() == 1) {
        QJsonObject fields = m_ended.front();
        if (!m_error.isEmpty()) fields[u"error"_s] = m_error;
        return finish(fields, m_worst);
    }
    for (const QJsonObject& line : m_ended) result(line);
    QJsonObject fields{{u"count"_s, static_cast<qint64>(m_ended.size())}};
    if (!m_error.isEmpty()) fields[u"error"_s] = m_error;
    finish(fields, m_worst);
}

}  // namespace landline::app::control
