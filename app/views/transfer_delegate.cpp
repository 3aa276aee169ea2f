#include "app/views/transfer_delegate.h"

#include "app/models/message_text.h"
#include "app/views/emoji_text.h"
#include "app/views/file_layout.h"
#include "app/views/file_painter.h"

#include <QDateTime>
#include <QPainter>

#include <algorithm>

namespace landline::app {

namespace {

constexpr int kRowSide = 16;
constexpr int kDisc = 40;
constexpr int kRowGap = 12;
constexpr int kButton = 34;
constexpr int kRowGlyph = 20;
constexpr int kRowPad = 9;
constexpr int kBar = 3;

/// The second line tells who, the third how far; what has failed says why instead of when.
QString whoText(const TransferView& transfer, const QDateTime& now) {
    const QString peer = transfer.record.incoming ? TransferDelegate::tr("from %1").arg(transfer.peer)
                                                  : TransferDelegate::tr("to %1").arg(transfer.peer);
    if (sectionOf(transfer.record.state) == TransferSection::Running) return peer;
    return peer + u" · " + briefTime(transfer.record.updated, now);
}

QString howText(const TransferView& transfer) {
    const QString line = transferLine(transfer);
    const QString why = transferTrouble(transfer.record);
    return why.isEmpty() ? line : QString(line + u" · " + why);
}

}  // namespace

std::vector<TransferAction> rowActions(const TransferRecord& transfer) {
    using Action = TransferAction;
    switch (transfer.state) {
        case TransferState::Offered:
            if (transfer.incoming) return {Action::Accept, Action::Decline};
            return {Action::Withdraw};
        case TransferState::Queued:
            if (transfer.incoming) return {Action::MoveUp, Action::MoveDown, Action::Cancel};
            return {Action::Withdraw};
        case TransferState::Running:
            return {Action::Pause, Action::Cancel};
        case TransferState::Paused:
            return {Action::Resume, Action::Cancel};
        case TransferState::Done:
            if (transfer.path.isEmpty()) return {Action::Remove};
            return {Action::ShowFolder, Action::Remove};
        case TransferState::Failed:
            if (transfer.incoming) return {Action::Retry, Action::Remove};
            return {Action::Remove};
        case TransferState::Cancelled:
            return {Action::Remove};
    }
    return {};
}

TransferDelegate::TransferDelegate(const Theme* theme, QObject* parent)
    : QStyledItemDelegate(parent), m_theme(theme) {
    const int words = QFontMetrics(Theme::font(1.0, QFont::DemiBold)).height() +
                      2 * QFontMetrics(Theme::font(0.88)).height() + 6 + kBar + 3;
    m_rowHeight = std::max(words, kDisc) + 2 * kRowPad;
    m_titleHeight = QFontMetrics(Theme::font(0.9, QFont::DemiBold)).height() + 16;
}

QRect TransferDelegate::bodyOf(const TransferRow& row, const QRect& rect) const {
    return row.startsSection ? rect.adjusted(0, m_titleHeight, 0, 0) : rect;
}

void TransferDelegate::setHovered(const QPersistentModelIndex& row,
                                  const std::optional<TransferAction>& action) {
    m_hovered = row;
    m_hoveredAction = action;
}

QRect TransferDelegate::buttonRect(const TransferRow& row, const QRect& rect, TransferAction action) const {
    const auto actions = rowActions(row.transfer.record);
    const auto found = std::find(actions.begin(), actions.end(), action);
    if (found == actions.end()) return {};
    const QRect body = bodyOf(row, rect);
    const int behind = static_cast<int>(actions.end() - found);
    return {body.right() - 8 - behind * kButton, body.center().y() - kButton / 2, kButton, kButton};
}

std::optional<TransferAction> TransferDelegate::actionAt(const TransferRow& row, const QRect& rect,
                                                         const QPoint& at) const {
    for (const TransferAction action : rowActions(row.transfer.record))
        if (buttonRect(row, rect, action).contains(at)) return action;
    return std::nullopt;
}

QSize TransferDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const auto* const row = index.data(TransferListModel::RowRole).value<const TransferRow*>();
    const int title = row && row->startsSection ? m_titleHeight : 0;
    return {option.rect.width(), m_rowHeight + title};
}

void TransferDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                             const QModelIndex& index) const {
    const auto* const row = index.data(TransferListModel::RowRole).value<const TransferRow*>();
    if (!row) return;
    const auto& c = m_theme->colors();
    const auto& file = row->transfer.record;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    if (row->startsSection) paintTitle(*painter, option.rect, sectionOf(file.state));
    const QRect body = bodyOf(*row, option.rect);
    if (option.state.testFlag(QStyle::State_Selected) && option.state.testFlag(QStyle::State_HasFocus))
        painter->fillRect(body, c.sidebarChosen);
    else if (option.state.testFlag(QStyle::State_MouseOver))
        painter->fillRect(body, c.sidebarHover);
    const bool failed = file.state == TransferState::Failed;
    const bool gone = file.state == TransferState::Cancelled;
    const QRect disc(body.left() + kRowSide, body.center().y() - kDisc / 2, kDisc, kDisc);
    const bool whole = file.state == TransferState::Done || failed || gone;
    const QString kind = file.items > 0 ? QStringLiteral("folder") : QStringLiteral("file");
    const QString way = file.incoming ? QStringLiteral("download") : QStringLiteral("upload");
    paintDisc(*painter, {disc, whole ? kind : way, transferProgress(file),
                         failed ? c.danger
                         : gone ? c.badgeQuiet
                                : c.accent,
                         gone || failed ? c.window : c.onAccent});
    paintWords(*painter, *row, body);
    paintButtons(*painter, *row, option.rect, index);
    painter->restore();
}

void TransferDelegate::paintTitle(QPainter& painter, const QRect& rect, TransferSection section) const {
    painter.setFont(Theme::font(0.9, QFont::DemiBold));
    painter.setPen(m_theme->colors().accent);
    drawTextLine(painter,
                 QRect(rect.left() + kRowSide, rect.top() + 6, rect.width() - 2 * kRowSide, m_titleHeight - 6),
                 sectionTitle(section));
}

void TransferDelegate::paintWords(QPainter& painter, const TransferRow& row, const QRect& rect) const {
    const auto& c = m_theme->colors();
    const auto& file = row.transfer.record;
    const int left = rect.left() + kRowSide + kDisc + kRowGap;
    const int buttons = static_cast<int>(rowActions(file).size()) * kButton;
    const int width = rect.right() - 12 - buttons - left;
    const QFont bold = Theme::font(1.0, QFont::DemiBold);
    const QFont small = Theme::font(0.88);
    const int nameHeight = QFontMetrics(bold).height();
    const int lineHeight = QFontMetrics(small).height();
    const double progress = transferProgress(file);
    const int words = nameHeight + 2 * lineHeight + 6 + (progress >= 0 ? kBar + 3 : 0);
    int y = rect.center().y() - words / 2;
    painter.setFont(bold);
    painter.setPen(file.state == TransferState::Cancelled ? c.dim : c.text);
    drawTextLine(painter, QRect(left, y, width, nameHeight), elideMiddle(file.name, bold, width));
    y += nameHeight + 3;
    painter.setFont(small);
    painter.setPen(c.dim);
    drawTextLine(painter, QRect(left, y, width, lineHeight),
                 whoText(row.transfer, QDateTime::currentDateTime()));
    y += lineHeight + 3;
    painter.setPen(file.state == TransferState::Failed ? c.danger : c.dim);
    drawTextLine(painter, QRect(left, y, width, lineHeight), howText(row.transfer));
    if (progress < 0) return;
    y += lineHeight + 3;
    painter.setPen(Qt::NoPen);
    painter.setBrush(c.line);
    painter.drawRoundedRect(QRectF(left, y, width, kBar), kBar / 2.0, kBar / 2.0);
    painter.setBrush(file.state == TransferState::Paused ? c.badgeQuiet : c.accent);
    painter.drawRoundedRect(QRectF(left, y, width * progress, kBar), kBar / 2.0, kBar / 2.0);
}

void TransferDelegate::paintButtons(QPainter& painter, const TransferRow& row, const QRect& rect,
                                    const QModelIndex& index) const {
    const auto& c = m_theme->colors();
    for (const TransferAction action : rowActions(row.transfer.record)) {
        const QRect button = buttonRect(row, rect, action);
        if (m_hovered == index && m_hoveredAction == action) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(c.line);
            painter.drawRoundedRect(button, 8, 8);
        }
        const bool primary = action == TransferAction::Accept || action == TransferAction::Resume ||
                             action == TransferAction::Retry;
        const auto icon = Theme::pixmap(actionIcon(action), primary ? c.accent : c.dim, kRowGlyph,
                                        painter.device()->devicePixelRatioF());
        painter.drawPixmap(button.topLeft() + QPoint((kButton - kRowGlyph) / 2, (kButton - kRowGlyph) / 2), icon);
    }
}

}  // namespace landline::app
