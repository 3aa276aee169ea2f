#include "app/views/transfer_commands.h"

#include "app/platform/file_manager.h"
#include "app/views/bundle_dialog.h"
#include "app/views/open_file.h"
#include "app/views/text_dialog.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QStandardPaths>

namespace landline::app {

TransferCommands::TransferCommands(Theme* theme, QWidget* window)
    : QObject(window), m_theme(theme), m_window(window) {}

void TransferCommands::run(const TransferRecord& transfer, TransferAction action) {
    if (!m_models) return;
    auto& actions = m_models->actions;
    switch (action) {
        case TransferAction::Accept:
            return actions.acceptFile(transfer.id, {});
        case TransferAction::AcceptInto:
            return acceptInto(transfer);
        case TransferAction::Decline:
            return actions.cancelTransfer(transfer.id);
        case TransferAction::Pause:
            return actions.pauseTransfer(transfer.id);
        case TransferAction::Resume:
        case TransferAction::Retry:
            return actions.resumeTransfer(transfer.id);
        case TransferAction::MoveUp:
            return actions.moveTransfer(transfer.id, TransferMove::Up);
        case TransferAction::MoveDown:
            return actions.moveTransfer(transfer.id, TransferMove::Down);
        case TransferAction::Cancel:
        case TransferAction::Withdraw:
            return confirmCancel(transfer);
        case TransferAction::Open:
            return open(transfer.path);
        case TransferAction::ShowFolder:
            return showInFolder(transfer.path, this);
        case TransferAction::ShowContents:
            (new BundleDialog(m_theme, &m_models->bundles, transfer, m_window))->open();
            return;
        case TransferAction::Remove:
            return m_models->transfers.remove(transfer.id);
    }
}

void TransferCommands::acceptInto(const TransferRecord& transfer) {
    auto* dialog = new QFileDialog(m_window, tr("Accept into"),
                                   QStandardPaths::writableLocation(QStandardPaths::DownloadLocation));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, this,
            [this, id = transfer.id](const QString& folder) { m_models->actions.acceptFile(id, folder); });
    dialog->open();
}

/// What has come already is worth a question; an own offer, too, since it cannot be made again.
void TransferCommands::confirmCancel(const TransferRecord& transfer) {
    if (transfer.incoming && transfer.done < transfer.size / 10)
        return m_models->actions.cancelTransfer(transfer.id);
    const QString text =
        transfer.incoming ? tr("“%1” is fetched no further. You can accept it again later.")
                          : tr("Nobody can fetch “%1” from you any more. To offer it again, send it again.");
    auto* dialog = new ConfirmDialog(
        transfer.incoming ? tr("Cancel this transfer?") : tr("Withdraw this offer?"), text.arg(transfer.name),
        transfer.incoming ? tr("Cancel the transfer") : tr("Withdraw"), true, m_window);
    connect(dialog, &QDialog::accepted, this,
            [this, id = transfer.id] { m_models->actions.cancelTransfer(id); });
    dialog->open();
}

void TransferCommands::open(const QString& path) {
    if (QFileInfo::exists(path))
        openFile(path, m_window);
    else
        Q_EMIT problem(tr("%1 could not be opened. It may have been moved or deleted.").arg(path));
}

}  // namespace landline::app
