#include "app/views/message_delegate.h"

#include "app/views/emoji_text.h"

#include <QListView>
#include <QPainter>
#include <QPainterPath>

namespace landline::app {

namespace {

constexpr int kKeptLayouts = 600;
constexpr int kRound = 14;
constexpr int kSharp = 4;

QByteArray keyOf(const EntryRef& entry) {
    return QByteArray(reinterpret_cast<const char*>(entry.author.data()), 32) +
           QByteArray::number(static_cast<qulonglong>(entry.number));
}

/// A bubble: round corners, sharp where it joins its neighbours of the same group on the author's side.
QPainterPath bubblePath(const QRectF& r, bool own, bool sharpTop, bool sharpBottom) {
    const double topOuter = sharpTop ? kSharp : kRound;
    const double bottomOuter = sharpBottom ? kSharp : kRound;
    const double tl = own ? kRound : topOuter;
    const double tr = own ? topOuter : kRound;
    const double bl = own ? kRound : bottomOuter;
    const double br = own ? bottomOuter : kRound;
    QPainterPath path;
    path.moveTo(r.left() + tl, r.top());
    path.lineTo(r.right() - tr, r.top());
    path.arcTo(r.right() - 2 * tr, r.top(), 2 * tr, 2 * tr, 90, -90);
    path.lineTo(r.right(), r.bottom() - br);
    path.arcTo(r.right() - 2 * br, r.bottom() - 2 * br, 2 * br, 2 * br, 0, -90);
    path.lineTo(r.left() + bl, r.bottom());
    path.arcTo(r.left(), r.bottom() - 2 * bl, 2 * bl, 2 * bl, 270, -90);
    path.lineTo(r.left(), r.top() + tl);
    path.arcTo(r.left(), r.top(), 2 * tl, 2 * tl, 180, -90);
    path.closeSubpath();
    return path;
}

const char* fileIconName(const TransferRecord& file) {
    switch (file.state) {
        case TransferState::Offered:
            return file.incoming ? "download" : "upload";
        case TransferState::Queued:
        case TransferState::Running:
            return "close";
        case TransferState::Paused:
        case TransferState::Failed:
        case TransferState::Cancelled:
            return file.incoming ? "download" : "file";
        case TransferState::Done:
            return "file";
    }
    return "file";
}

}  // namespace

void paintTick(QPainter& painter, const QPointF& topLeft, MessageState state, const QColor& quiet,
               const QColor& read, const QColor& failed) {
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(topLeft);
    painter.setBrush(Qt::NoBrush);
    QPen pen(quiet, 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
    const auto check = [&painter](double x) {
        painter.drawPolyline(QPolygonF({{x, 6.0}, {x + 2.8, 8.8}, {x + 8.6, 2.4}}));
    };
    switch (state) {
        case MessageState::Queued:
            painter.setPen(QPen(quiet, 1.3, Qt::SolidLine, Qt::RoundCap));
            painter.drawEllipse(QPointF(9, 5.5), 4.6, 4.6);
            painter.drawPolyline(QPolygonF({{9, 2.9}, {9, 5.7}, {10.9, 6.7}}));
            break;
        case MessageState::Held:
            painter.setPen(QPen(quiet, 1.3, Qt::DotLine, Qt::RoundCap));
            check(4);
            break;
        case MessageState::Delivered:
            painter.setPen(pen);
            check(4);
            break;
        case MessageState::Read:
            pen.setColor(read);
            painter.setPen(pen);
            check(1);
            check(5.6);
            break;
        case MessageState::Failed:
            painter.setPen(Qt::NoPen);
            painter.setBrush(failed);
            painter.drawEllipse(QPointF(9, 5.5), 5.5, 5.5);
            painter.setPen(QPen(Qt::white, 1.5, Qt::SolidLine, Qt::RoundCap));
            painter.drawLine(QPointF(9, 2.7), QPointF(9, 6));
            painter.drawPoint(QPointF(9, 8.3));
            break;
        case MessageState::Received:
            break;
    }
    painter.restore();
}

MessageDelegate::MessageDelegate(const Theme* theme, QObject* parent)
    : QStyledItemDelegate(parent), m_theme(theme), m_cache(kKeptLayouts) {}

void MessageDelegate::setSelf(const PersonId& self) {
    m_self = self;
    forgetAll();
}

void MessageDelegate::forget(const EntryRef& entry) {
    m_cache.remove(keyOf(entry));
}

const MessageLayout& MessageDelegate::layout(const MessageRow& row, int width) const {
    const QByteArray key = keyOf(row.message.ref.entry);
    Kept* kept = m_cache.object(key);
    if (kept && kept->width == width && kept->startsDay == row.startsDay &&
        kept->endsGroup == row.endsGroup && kept->startsUnread == row.startsUnread &&
        kept->startsGroup == row.startsGroup)
        return kept->layout;
    LayoutContext context;
    context.width = width;
    context.today = QDate::currentDate();
    context.self = m_self;
    context.base = Theme::font();
    context.link = m_theme->colors().link;
    kept = new Kept{width,           row.startsDay, row.startsUnread,
                    row.startsGroup, row.endsGroup, layOut(row, context)};
    m_cache.insert(key, kept);
    return kept->layout;
}

QSize MessageDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const auto* row = index.data(MessageListModel::RowRole).value<const MessageRow*>();
    if (!row) return {};
    const auto* view = qobject_cast<const QListView*>(option.widget);
    const int width = view ? view->viewport()->width() : option.rect.width();
    return layout(*row, width).size;
}

MessageHit MessageDelegate::hit(const QModelIndex& index, const QRect& rowRect, const QPoint& at) const {
    const auto* row = index.data(MessageListModel::RowRole).value<const MessageRow*>();
    if (!row) return {};
    return layout(*row, rowRect.width()).hit(at - rowRect.topLeft());
}

void MessageDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                            const QModelIndex& index) const {
    const auto* row = index.data(MessageListModel::RowRole).value<const MessageRow*>();
    if (!row) return;
    const auto& placed = layout(*row, option.rect.width());
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->translate(option.rect.topLeft());
    const bool focused = option.state.testFlag(QStyle::State_HasFocus);
    if (m_highlighted == row->message.ref.entry || focused) {
        QColor glow = m_theme->colors().accent;
        glow.setAlpha(focused ? 26 : 46);
        painter->fillRect(0, placed.bubble.top() - 3, placed.size.width(), placed.bubble.height() + 6, glow);
    }
    paintLines(*painter, placed);
    paintBubble(*painter, placed);
    paintReply(*painter, placed);
    if (row->message.file && !placed.fileIcon.isNull()) paintFile(*painter, placed, *row->message.file);
    paintText(*painter, placed);
    paintChips(*painter, placed);
    paintMeta(*painter, placed);
    painter->restore();
}

void MessageDelegate::paintLines(QPainter& painter, const MessageLayout& layout) const {
    const auto& c = m_theme->colors();
    painter.setFont(layout.smallFont);
    if (layout.day) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(c.dayLine);
        const double radius = layout.day->rect.height() / 2.0;
        painter.drawRoundedRect(layout.day->rect, radius, radius);
        painter.setPen(c.dayText);
        painter.drawText(layout.day->rect, Qt::AlignCenter, layout.day->text);
    }
    if (layout.unread) {
        painter.fillRect(layout.unread->rect, c.unreadLine);
        painter.setPen(c.accent);
        painter.drawText(layout.unread->rect, Qt::AlignCenter, layout.unread->text);
    }
}

void MessageDelegate::paintBubble(QPainter& painter, const MessageLayout& layout) const {
    if (layout.bare) return;
    const auto& c = m_theme->colors();
    const auto path = bubblePath(layout.bubble, layout.own, !layout.startsGroup, true);
    if (!m_theme->isDark()) {
        painter.fillPath(path.translated(0, 1), QColor(40, 60, 75, layout.endsGroup ? 22 : 12));
    }
    painter.fillPath(path, layout.own ? c.ownBubble : c.otherBubble);
}

void MessageDelegate::paintReply(QPainter& painter, const MessageLayout& layout) const {
    if (layout.reply.isNull()) return;
    const auto& c = m_theme->colors();
    const QColor accent = layout.own ? c.ownAccent : c.accent;
    QColor back = accent;
    back.setAlpha(28);
    QPainterPath clip;
    clip.addRoundedRect(layout.reply, 6, 6);
    painter.fillPath(clip, back);
    painter.save();
    painter.setClipPath(clip);
    painter.fillRect(QRect(layout.reply.topLeft(), QSize(3, layout.reply.height())), accent);
    painter.restore();
    painter.setPen(accent);
    painter.setFont(layout.boldFont);
    drawTextLine(painter, layout.replyAuthor.rect, layout.replyAuthor.text);
    painter.setPen(layout.own ? c.ownText : c.text);
    painter.setFont(Theme::font());
    drawTextLine(painter, layout.replyText.rect, layout.replyText.text);
}

void MessageDelegate::paintFile(QPainter& painter, const MessageLayout& layout,
                                const TransferRecord& file) const {
    const auto& c = m_theme->colors();
    const QColor accent = layout.own ? c.ownAccent : c.accent;
    const QRectF circle = layout.fileIcon;
    QColor fill = accent;
    if (layout.progress >= 0) fill.setAlpha(60);
    painter.setPen(Qt::NoPen);
    painter.setBrush(file.state == TransferState::Failed ? c.danger : fill);
    painter.drawEllipse(circle);
    if (layout.progress >= 0) {
        painter.setPen(QPen(accent, 3, Qt::SolidLine, Qt::RoundCap));
        painter.setBrush(Qt::NoBrush);
        painter.drawArc(circle.adjusted(2, 2, -2, -2), 90 * 16,
                        -static_cast<int>(layout.progress * 360 * 16));
    }
    const int size = 22;
    const QColor ink = layout.progress >= 0 ? accent : c.onAccent;
    const auto icon =
        Theme::pixmap(QLatin1String(fileIconName(file)), ink, size, painter.device()->devicePixelRatioF());
    painter.drawPixmap(layout.fileIcon.center() - QPoint(size / 2 - 1, size / 2 - 1), icon);
    painter.setPen(layout.own ? c.ownText : c.text);
    painter.setFont(layout.boldFont);
    drawTextLine(painter, layout.fileName.rect, layout.fileName.text);
    painter.setPen(file.state == TransferState::Failed ? c.danger : layout.own ? c.ownDim : c.dim);
    painter.setFont(layout.smallFont);
    painter.drawText(layout.fileInfo.rect, Qt::AlignLeft | Qt::AlignVCenter, layout.fileInfo.text);
    painter.setFont(layout.boldFont);
    for (const auto& button : layout.buttons) {
        painter.setPen(button.primary ? accent : layout.own ? c.ownDim : c.dim);
        painter.drawText(button.rect, Qt::AlignCenter, button.text);
    }
}

void MessageDelegate::paintText(QPainter& painter, const MessageLayout& layout) const {
    if (!layout.text) return;
    const auto& c = m_theme->colors();
    painter.setPen(layout.quiet ? (layout.own ? c.ownDim : c.dim) : (layout.own ? c.ownText : c.text));
    layout.text->draw(&painter, layout.textAt);
}

void MessageDelegate::paintChips(QPainter& painter, const MessageLayout& layout) const {
    const auto& c = m_theme->colors();
    const QColor accent = layout.own ? c.ownAccent : c.accent;
    painter.setFont(layout.chipFont);
    for (const auto& chip : layout.chips) {
        QColor back = accent;
        back.setAlpha(chip.own ? 70 : 30);
        painter.setPen(chip.own ? QPen(accent, 1) : QPen(Qt::NoPen));
        painter.setBrush(back);
        const double radius = chip.rect.height() / 2.0;
        painter.drawRoundedRect(QRectF(chip.rect).adjusted(.5, .5, -.5, -.5), radius, radius);
        painter.setPen(layout.own ? c.ownText : c.text);
        drawTextLine(painter, chip.rect.adjusted(10, 0, 0, 0), chip.text);
    }
}

void MessageDelegate::paintMeta(QPainter& painter, const MessageLayout& layout) const {
    const auto& c = m_theme->colors();
    const QColor dim = layout.own && !layout.bare ? c.ownDim : c.faint;
    painter.setFont(layout.smallFont);
    painter.setPen(dim);
    painter.drawText(layout.meta, Qt::AlignLeft | Qt::AlignVCenter, layout.metaText);
    if (!layout.tick) return;
    const QPointF at(layout.meta.right() - 15, layout.meta.center().y() - 4.5);
    paintTick(painter, at, *layout.tick, dim, layout.bare ? c.accent : c.ownAccent, c.danger);
}

}  // namespace landline::app
