#include "app/views/transfers_button.h"

#include "app/views/plain_text.h"

#include <QPainter>

#include <algorithm>

namespace landline::app {

TransfersButton::TransfersButton(Theme* theme, QWidget* parent) : QToolButton(parent), m_theme(theme) {
    setIconSize(QSize(22, 22));
    setFocusPolicy(Qt::TabFocus);
    connect(theme, &Theme::changed, this, &TransfersButton::tell);
    tell();
}

void TransfersButton::attach(const TransferBoard* board) {
    m_board = board;
    connect(board, &TransferBoard::changed, this, &TransfersButton::tell);
    tell();
}

void TransfersButton::tell() {
    const int count = m_board ? m_board->count() : 0;
    setAccessibleName(tr("Transfers"));
    setAccessibleDescription(count > 0 ? tr("%n running", nullptr, count) : QString());
    setToolTip(plainTip(count > 0 ? QString(tr("Transfers") + u" (" + tr("%n running", nullptr, count) + u')')
                                  : tr("Transfers")));
    setIcon(m_theme->icon(QStringLiteral("transfers"),
                          count > 0 ? m_theme->colors().accent : m_theme->colors().dim));
    update();
}

void TransfersButton::paintEvent(QPaintEvent* event) {
    QToolButton::paintEvent(event);
    const int count = m_board ? m_board->count() : 0;
    if (count == 0) return;
    const auto& c = m_theme->colors();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const double size = std::min(width(), height()) - 4;
    const QRectF ring((width() - size) / 2, (height() - size) / 2, size, size);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(c.line, 2));
    painter.drawEllipse(ring);
    painter.setPen(QPen(c.accent, 2, Qt::SolidLine, Qt::RoundCap));
    painter.drawArc(ring, 90 * 16, -static_cast<int>(m_board->progress() * 360 * 16));
    if (count < 2) return;
    const QFont font = Theme::font(0.7, QFont::DemiBold);
    const QString text = count > 99 ? QStringLiteral("99+") : QString::number(count);
    const int high = QFontMetrics(font).height();
    const int wide = std::max(high, QFontMetrics(font).horizontalAdvance(text) + 6);
    const QRectF badge(width() - wide, 0, wide, high);
    painter.setPen(Qt::NoPen);
    painter.setBrush(c.badge);
    painter.drawRoundedRect(badge, high / 2.0, high / 2.0);
    painter.setFont(font);
    painter.setPen(Qt::white);
    painter.drawText(badge, Qt::AlignCenter, text);
}

}  // namespace landline::app
