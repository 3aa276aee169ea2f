#include "app/views/switch.h"

#include <QPainter>

#include <algorithm>

namespace landline::app {

namespace {
constexpr int kWidth = 36;
constexpr int kHeight = 20;
constexpr int kTextGap = 16;
}  // namespace

Switch::Switch(const Theme* theme, const QString& text, QWidget* parent)
    : QCheckBox(text, parent), m_theme(theme) {
    setCursor(Qt::PointingHandCursor);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

QSize Switch::sizeHint() const {
    const QFontMetrics metrics(font());
    return {metrics.horizontalAdvance(text()) + kTextGap + kWidth + 2, std::max(kHeight, metrics.height()) + 8};
}

void Switch::paintEvent(QPaintEvent*) {
    const auto& c = m_theme->colors();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (!isEnabled()) painter.setOpacity(0.5);
    painter.setPen(c.text);
    painter.drawText(rect().adjusted(0, 0, -kWidth - kTextGap, 0), Qt::AlignLeft | Qt::AlignVCenter, text());
    const QRectF track(width() - kWidth - 1, (height() - kHeight) / 2.0, kWidth, kHeight);
    painter.setPen(Qt::NoPen);
    painter.setBrush(isChecked() ? c.accent : c.badgeQuiet);
    painter.drawRoundedRect(track, kHeight / 2.0, kHeight / 2.0);
    if (hasFocus()) {
        painter.setPen(QPen(c.text, 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(track.adjusted(-.5, -.5, .5, .5), kHeight / 2.0, kHeight / 2.0);
        painter.setPen(Qt::NoPen);
    }
    const double side = kHeight - 6;
    const double left = isChecked() ? track.right() - 3 - side : track.left() + 3;
    painter.setBrush(isChecked() ? c.onAccent : c.window);
    painter.drawEllipse(QRectF(left, track.top() + 3, side, side));
}

}  // namespace landline::app
