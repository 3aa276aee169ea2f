#include "app/views/drop_overlay.h"

#include "app/views/emoji_text.h"

#include <QDragEnterEvent>
#include <QImage>
#include <QMimeData>
#include <QPainter>
#include <QUrl>

#include <algorithm>

namespace landline::app {

namespace {

constexpr int kMargin = 14;
constexpr int kIcon = 56;

QStringList filesOf(const QMimeData& data) {
    QStringList paths;
    for (const QUrl& url : data.urls())
        if (url.isLocalFile()) paths.append(url.toLocalFile());
    return paths;
}

}  // namespace

DropOverlay::DropOverlay(Theme* theme, QWidget* parent) : QWidget(parent), m_theme(theme) {
    setAcceptDrops(true);
    hide();
}

bool DropOverlay::takes(const QMimeData& data) {
    return data.hasImage() || !filesOf(data).isEmpty();
}

void DropOverlay::cover(const QString& receiver) {
    m_receiver = receiver;
    setGeometry(parentWidget()->rect());
    show();
    raise();
}

void DropOverlay::dragEnterEvent(QDragEnterEvent* event) {
    if (!takes(*event->mimeData())) return;
    event->acceptProposedAction();
    show();  // the parent was left for this widget, and took it away
}

void DropOverlay::dragLeaveEvent(QDragLeaveEvent*) {
    hide();
}

void DropOverlay::take(QDropEvent* event) {
    hide();
    const QStringList paths = filesOf(*event->mimeData());
    if (paths.isEmpty() && !event->mimeData()->hasImage()) return;
    event->acceptProposedAction();
    if (!paths.isEmpty())
        Q_EMIT filesDropped(paths);
    else
        Q_EMIT pictureDropped(qvariant_cast<QImage>(event->mimeData()->imageData()));
}

void DropOverlay::paintEvent(QPaintEvent*) {
    const auto& c = m_theme->colors();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QColor veil = c.window;
    veil.setAlpha(238);
    painter.fillRect(rect(), veil);
    const QRectF frame = QRectF(rect()).adjusted(kMargin, kMargin, -kMargin, -kMargin);
    QPen pen(c.accent, 2, Qt::CustomDashLine, Qt::RoundCap);
    pen.setDashPattern({4, 4});
    painter.setPen(pen);
    painter.drawRoundedRect(frame, 14, 14);
    const auto icon = Theme::pixmap(QStringLiteral("upload"), c.accent, kIcon, devicePixelRatioF());
    const int middle = height() / 2;
    painter.drawPixmap(QPoint((width() - kIcon) / 2, middle - kIcon - 8), icon);
    painter.setFont(Theme::font(1.25, QFont::DemiBold));
    painter.setPen(c.accent);
    const int room = std::max(0, width() - 4 * kMargin);
    const auto line = [&](const QString& text, int top) {
        const int wide = std::min(room, textWidth(text, painter.font()));
        drawTextLine(painter, QRect((width() - wide) / 2, top, wide + 1, painter.fontMetrics().height()),
                     text);
    };
    line(tr("Drop files here to send them"), middle + 8);
    const int below = middle + 14 + painter.fontMetrics().height();
    painter.setFont(Theme::font());
    painter.setPen(c.dim);
    line(tr("to %1").arg(m_receiver), below);
}

}  // namespace landline::app
