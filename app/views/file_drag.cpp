#include "app/views/file_drag.h"

#include "app/models/transfer_text.h"
#include "app/views/file_layout.h"

#include <QDrag>
#include <QMimeData>
#include <QUrl>

namespace landline::app {

namespace {
constexpr int kDragIcon = 32;
}

QMimeData* dragData(const TransferRecord& transfer) {
    if (!allows(transfer, TransferAction::Open)) return nullptr;
    auto* const data = new QMimeData;
    data->setUrls({QUrl::fromLocalFile(transfer.path)});
    return data;
}

bool startFileDrag(QWidget* from, const Theme& theme, const TransferRecord& transfer) {
    QMimeData* const data = dragData(transfer);
    if (!data) return false;
    auto* const drag = new QDrag(from);
    drag->setMimeData(data);
    const QString icon = transfer.items > 0 ? QStringLiteral("folder") : QStringLiteral("file");
    drag->setPixmap(Theme::pixmap(icon, theme.colors().accent, kDragIcon, from->devicePixelRatioF()));
    drag->exec(Qt::CopyAction, Qt::CopyAction);
    return true;
}

}  // namespace landline::app
