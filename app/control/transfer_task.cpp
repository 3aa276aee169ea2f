#include "app/control/transfer_task.h"

#include "app/control/json_values.h"
#include "app/control/lookups.h"

#include <QFile>
#include <QFileInfo>
#include <QThreadPool>

#include <algorithm>
#include <chrono>

namespace landline::app::control {

using namespace Qt::Literals::StringLiterals;

namespace {

bool hasEnded(TransferState state) {
    return state == TransferState::Done || state == TransferState::Failed || state == TransferState::Paused ||
           state == TransferState::Cancelled;
}

QString endText(const TransferRecord& transfer) {
    if (!transfer.error.isEmpty()) return transfer.error;
    if (transfer.state == TransferState::Paused)
        return TransferTask::tr("The transfer of %1 was paused.").arg(transfer.name);
    return TransferTask::tr("The transfer of %1 was cancelled.").arg(transfer.name);
}

/// As it is now.
TransferTask::Started started(Messenger& messenger, const wire::TransferId& id) {
    for (const TransferRecord& transfer : messenger.transfers())
        if (transfer.id == id) return std::vector<TransferRecord>{transfer};
    return Unexpected(ErrorCode::NotFound, "The transfer is gone: its offer was deleted.");
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
    if (arguments().name() == "send-file"_L1) return startOffer();
    ask([arguments = arguments()](Messenger& messenger) { return fetch(messenger, arguments); },
        [this](const Started& started) { onStarted(started); });
}

void TransferTask::startOffer() {
    const Expected<QStringList> paths = arguments().texts("path"_L1);
    if (!paths) return fail(paths.error());
    if (const Expected<QString> who = arguments().who(); !who) return fail(who.error());
    for (const QString& path : *paths) {
        const QFileInfo file(path);
        if (!(file.isFile() || file.isDir()) || !file.isReadable())
            return fail(ErrorCode::InvalidArgument,
                        tr("%1 is no file or folder that can be read; nothing was sent.").arg(path));
    }
    if (paths->size() == 1 && !QFileInfo(paths->front()).isDir()) {
        ask([arguments = arguments(),
             path = paths->front()](Messenger& messenger) { return offer(messenger, arguments, path); },
            [this](const Started& started) { onStarted(started); });
        return;
    }
    // The dispatcher waits for the pool before it goes, so that `anchor` outlives the work.
    context().pool->start([task = QPointer<TransferTask>(this), anchor = context().anchor, paths = *paths,
                           records = context().port.messenger()->bundlesFolder()] {
        Expected<PreparedBundle> prepared = prepareBundle(paths, records);
        QMetaObject::invokeMethod(
            anchor,
            [task, prepared = std::move(prepared)] {
                if (task) task->onPrepared(prepared);
            },
            Qt::QueuedConnection);
    });
}

void TransferTask::onPrepared(const Expected<PreparedBundle>& prepared) {
    if (!prepared) return fail(prepared.error());
    ask([arguments = arguments(),
         bundle = *prepared](Messenger& messenger) { return offer(messenger, arguments, bundle); },
        [this, kept = prepared->kept](const Started& started) {
            if (!started) QFile::remove(kept);
            onStarted(started);
        });
}

TransferTask::Started TransferTask::offer(Messenger& messenger, const Arguments& arguments,
                                          const Offer& what) {
    const Expected<PersonView> person = personOf(messenger, arguments);
    if (!person) return Unexpected(person.error());
    const auto* const path = std::get_if<QString>(&what);
    const Expected<TransferRecord> transfer =
        path ? messenger.sendFile(person->conversation, *path)
             : messenger.sendBundle(person->conversation, std::get<PreparedBundle>(what));
    if (!transfer) return Unexpected(transfer.error());
    return std::vector<TransferRecord>{*transfer};
}

TransferTask::Started TransferTask::fetch(Messenger& messenger, const Arguments& arguments) {
    const Expected<TransferRecord> transfer = transferOf(messenger, arguments);
    if (!transfer) return Unexpected(transfer.error());
    const Expected<std::optional<QString>> folder = arguments.optionalText("folder"_L1);
    if (!folder) return Unexpected(folder.error());
    const bool goesOn = arguments.name() == "resume"_L1;
    if (!transfer->incoming && !goesOn) {
        return Unexpected(ErrorCode::InvalidArgument,
                          "That file is one of yours: the other side fetches it.");
    }
    if (transfer->state != TransferState::Done) {
        const Expected<void> begun = goesOn ? messenger.resumeTransfer(transfer->id)
                                            : messenger.acceptFile(transfer->id, folder->value_or(QString()));
        if (!begun) return Unexpected(begun.error());
    }
    return started(messenger, transfer->id);
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
    event("progress"_L1, transferJson(transfer));
}

void TransferTask::report(const TransferRecord& transfer) {
    QJsonObject line = transferJson(transfer);
    line[u"seconds"_s] = static_cast<double>(m_begun.elapsed()) / 1000.0;
    m_ended.push_back(line);
    if (!hasEnded(transfer.state)) {
        if (m_timeout) m_worst = std::max(m_worst, ExitCode::NotDelivered);
    } else if (transfer.state != TransferState::Done) {
        m_worst = std::max(m_worst, ExitCode::Failed);
        m_error = endText(transfer);
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
