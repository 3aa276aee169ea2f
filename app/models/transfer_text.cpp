#include "app/models/transfer_text.h"

#include "app/models/error_text.h"
#include "app/models/message_text.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>

namespace landline::app {

namespace {

/// The translation context of these functions.
struct TransferText {
    Q_DECLARE_TR_FUNCTIONS(TransferText)
};

const QString kBetween = QStringLiteral(" · ");

QString joined(const QStringList& parts) {
    QStringList shown = parts;
    shown.removeAll(QString());
    return shown.join(kBetween);
}

QString waitingText(const TransferView& transfer) {
    if (transfer.byRelay)
        return TransferText::tr("Waiting for a direct connection with %1").arg(transfer.peer);
    return transfer.online ? TransferText::tr("Connecting…")
                           : TransferText::tr("Waiting for %1 to come online").arg(transfer.peer);
}

/// The first line of one's own offer that nobody fetches now.
TransferLines offeredLines(const TransferView& transfer) {
    const QString size = sizeText(transfer.record);
    if (transfer.record.incoming) return {size, {}};
    return {size, transfer.online ? TransferText::tr("Waiting for %1 to accept").arg(transfer.peer)
                                  : TransferText::tr("Waiting for %1 to come online").arg(transfer.peer)};
}

TransferLines runningLines(const TransferView& transfer) {
    const auto& record = transfer.record;
    const QString done = record.done == 0 ? sizeText(record) : doneText(record);
    if (!record.incoming) return {done, rateText(record)};
    switch (record.stage) {
        case FetchStage::Waiting:
            return {done, waitingText(transfer)};
        case FetchStage::Comparing:
            return {done, TransferText::tr("Comparing what is here already…")};
        case FetchStage::Fetching:
            return {done, rateText(record)};
        case FetchStage::HeldBack:
            return {done, TransferText::tr("Paused by %1").arg(transfer.peer)};
    }
    return {done, {}};
}

QString failedText(const TransferRecord& transfer) {
    if (transfer.missing == 0) return TransferText::tr("Failed");
    return TransferText::tr("%1 of %2 did not come")
        .arg(QLocale().toString(transfer.missing), QLocale().toString(transfer.items));
}

bool isHere(const TransferRecord& transfer) {
    return !transfer.path.isEmpty() && (!transfer.incoming || transfer.state == TransferState::Done);
}

}  // namespace

QString durationText(qint64 seconds) {
    if (seconds < 60) return TransferText::tr("%1 s").arg(std::max<qint64>(seconds, 1));
    const qint64 minutes = (seconds + 30) / 60;
    if (minutes < 60) return TransferText::tr("%1 min").arg(minutes);
    const qint64 hours = minutes / 60;
    if (hours >= 24) return TransferText::tr("more than a day");
    return TransferText::tr("%1 h %2 min").arg(hours).arg(minutes % 60);
}

QString sizeText(const TransferRecord& transfer) {
    const QString size = byteText(transfer.size);
    if (transfer.items == 0) return size;
    return joined({size, TransferText::tr("%n items", nullptr, static_cast<int>(transfer.items))});
}

QString doneText(const TransferRecord& transfer) {
    return TransferText::tr("%1 of %2")
        .arg(byteText(std::min(transfer.done, transfer.size)), byteText(transfer.size));
}

QString rateText(const TransferRecord& transfer) {
    if (transfer.speed == 0) return {};
    const QString speed = TransferText::tr("%1/s").arg(byteText(transfer.speed));
    const quint64 left = transfer.size - std::min(transfer.size, transfer.done);
    const auto seconds = static_cast<qint64>((left + transfer.speed - 1) / transfer.speed);
    return joined({speed, TransferText::tr("%1 left").arg(durationText(seconds))});
}

TransferLines transferLines(const TransferView& transfer) {
    const auto& record = transfer.record;
    switch (record.state) {
        case TransferState::Offered:
            return offeredLines(transfer);
        case TransferState::Queued:
            return {sizeText(record), TransferText::tr("Waiting for its turn")};
        case TransferState::Running:
            return runningLines(transfer);
        case TransferState::Paused:
            return {record.done == 0 ? sizeText(record) : doneText(record), TransferText::tr("Paused")};
        case TransferState::Done:
            return {sizeText(record), {}};
        case TransferState::Failed:
            return {sizeText(record), failedText(record)};
        case TransferState::Cancelled:
            return {sizeText(record),
                    record.incoming ? TransferText::tr("Cancelled") : TransferText::tr("Withdrawn")};
    }
    return {};
}

QString transferLine(const TransferView& transfer) {
    const TransferLines lines = transferLines(transfer);
    return joined({lines.first, lines.second});
}

QString transferTrouble(const TransferRecord& transfer) {
    const bool mayTell = transfer.state == TransferState::Failed || transfer.state == TransferState::Paused ||
                         transfer.state == TransferState::Offered;
    if (!mayTell) return {};
    if (transfer.state == TransferState::Failed && transfer.missing > 0)
        return TransferText::tr(
            "It had changed or was gone at the sender. The rest is here; Retry fetches what is "
            "missing once the sender has it as it was.");
    return sentenceText(transfer.error);
}

double transferProgress(const TransferRecord& transfer) {
    if (transfer.state != TransferState::Running && transfer.state != TransferState::Paused) return -1;
    if (transfer.size == 0) return 1;
    return static_cast<double>(std::min(transfer.done, transfer.size)) / static_cast<double>(transfer.size);
}

std::vector<TransferAction> actionsFor(const TransferRecord& transfer) {
    using Action = TransferAction;
    std::vector<Action> actions;
    switch (transfer.state) {
        case TransferState::Offered:
            if (transfer.incoming)
                actions = {Action::Accept, Action::AcceptInto, Action::Decline};
            else
                actions = {Action::Withdraw, Action::Pause};
            break;
        case TransferState::Queued:
            if (transfer.incoming)
                actions = {Action::MoveUp, Action::MoveDown, Action::Pause, Action::Cancel};
            else
                actions = {Action::Withdraw};
            break;
        case TransferState::Running:
            actions = {Action::Pause, Action::Cancel};
            break;
        case TransferState::Paused:
            actions = {Action::Resume, Action::Cancel};
            break;
        case TransferState::Done:
            break;
        case TransferState::Failed:
            if (transfer.incoming) actions = {Action::Retry};
            break;
        case TransferState::Cancelled:
            if (transfer.incoming) actions = {Action::Accept, Action::AcceptInto};
            break;
    }
    if (isHere(transfer) && transfer.state != TransferState::Cancelled) {
        actions.push_back(Action::Open);
        actions.push_back(Action::ShowFolder);
    }
    const bool hasRecord = !transfer.incoming || transfer.missing > 0 || transfer.done > 0;
    if (transfer.items > 0 && hasRecord && transfer.state != TransferState::Cancelled &&
        !(transfer.incoming && transfer.state == TransferState::Done))
        actions.push_back(Action::ShowContents);
    if (sectionOf(transfer.state) == TransferSection::Ended) actions.push_back(Action::Remove);
    return actions;
}

bool allows(const TransferRecord& transfer, TransferAction action) {
    const auto actions = actionsFor(transfer);
    return std::find(actions.begin(), actions.end(), action) != actions.end();
}

QString actionText(TransferAction action) {
    switch (action) {
        case TransferAction::Accept:
            return TransferText::tr("Accept");
        case TransferAction::AcceptInto:
            return TransferText::tr("Accept into…");
        case TransferAction::Decline:
            return TransferText::tr("Decline");
        case TransferAction::Pause:
            return TransferText::tr("Pause");
        case TransferAction::Resume:
            return TransferText::tr("Resume");
        case TransferAction::Retry:
            return TransferText::tr("Retry");
        case TransferAction::MoveUp:
            return TransferText::tr("Earlier");
        case TransferAction::MoveDown:
            return TransferText::tr("Later");
        case TransferAction::Cancel:
            return TransferText::tr("Cancel");
        case TransferAction::Withdraw:
            return TransferText::tr("Withdraw");
        case TransferAction::Open:
            return TransferText::tr("Open");
        case TransferAction::ShowFolder:
            return TransferText::tr("Show in folder");
        case TransferAction::ShowContents:
            return TransferText::tr("Show what is in it");
        case TransferAction::Remove:
            return TransferText::tr("Remove from the list");
    }
    return {};
}

QString actionIcon(TransferAction action) {
    switch (action) {
        case TransferAction::Accept:
        case TransferAction::AcceptInto:
            return QStringLiteral("download");
        case TransferAction::Decline:
        case TransferAction::Cancel:
        case TransferAction::Withdraw:
        case TransferAction::Remove:
            return QStringLiteral("close");
        case TransferAction::MoveUp:
            return QStringLiteral("arrow-up");
        case TransferAction::MoveDown:
            return QStringLiteral("arrow-down");
        case TransferAction::Pause:
            return QStringLiteral("pause");
        case TransferAction::Resume:
            return QStringLiteral("play");
        case TransferAction::Retry:
            return QStringLiteral("retry");
        case TransferAction::Open:
            return QStringLiteral("file");
        case TransferAction::ShowFolder:
            return QStringLiteral("folder");
        case TransferAction::ShowContents:
            return QStringLiteral("list");
    }
    return {};
}

}  // namespace landline::app
