#include "app/views/jump_button.h"

#include "app/views/plain_text.h"

#include <QPainter>

#include <algorithm>

namespace landline::app {

JumpButton::JumpButton(Theme* theme, QWidget* parent) : QAbstractButton(parent), m_theme(theme) {
    resize(sizeHint());
    setCursor(Qt::PointingHandCursor);
    setFocusPolicy(Qt::NoFocus);
    setAccessibleName(tr("Go to the newest message"));
    setToolTip(plainTip(accessibleName()));
    connect(theme, &Theme::changed, this, [this] { update(); });
    hide();
}

void JumpButton::setCount(int count) {
    m_count = count;
    setAccessibleDescription(count > 0 ? tr("%n new messages", nullptr, count) : QString());
    update();
}

void JumpButton::paintEvent(QPaintEvent*) {
    const auto& c = m_theme->colors();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF disc(3.5, 11.5, 39, 39);
    painter.setPen(Qt::NoPen);
    painter.setBrush(QColor(0, 0, 0, 28));
    painter.drawEllipse(disc.translated(0, 1.5));
    painter.setPen(QPen(c.line, 1));
    painter.setBrush(underMouse() ? c.sidebarHover : c.window);
    painter.drawEllipse(disc);
    const auto icon = Theme::pixmap(QStringLiteral("down"), c.dim, 22, devicePixelRatioF());
    painter.drawPixmap(QPointF(disc.center().x() - 11, disc.center().y() - 10), icon);
    if (m_count <= 0) return;
    const QFont font = Theme::font(0.8, QFont::DemiBold);
    const QString text = m_count > 999 ? QStringLiteral("999+") : QString::number(m_count);
    const int height = QFontMetrics(font).height() + 3;
    const int width = std::max(height, QFontMetrics(font).horizontalAdvance(text) + 10);
    const QRectF badge((46 - width) / 2.0, 1, width, height);
    painter.setPen(Qt::NoPen);
    painter.setBrush(c.badge);
    painter.drawRoundedRect(badge, height / 2.0, height / 2.0);
    painter.setFont(font);
    painter.setPen(Qt::white);
    painter.drawText(badge, Qt::AlignCenter, text);
}

}  // namespace landline::app
