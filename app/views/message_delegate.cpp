#include "app/views/message_delegate.h"

#include "app/models/message_picture.h"
#include "app/models/search_match.h"
#include "app/views/emoji_text.h"
#include "app/views/file_painter.h"

#include <QListView>
#include <QPainter>
#include <QPainterPath>
#include <QTransform>

namespace landline::app {

namespace {

constexpr int kKeptLayouts = 600;
constexpr double kRound = 15;
constexpr double kJoint = 6;
constexpr double kTailWidth = 7;
constexpr double kTailHeight = 14;

QByteArray keyOf(const EntryRef& entry) {
    return QByteArray(reinterpret_cast<const char*>(entry.author.data()), 32) +
           QByteArray::number(static_cast<qulonglong>(entry.number));
}

/// The corner at which a bubble's author sits, with the tail that ends a group; `r` is of a bubble whose author is right.
void addTail(QPainterPath& path, const QRectF& r) {
    path.lineTo(r.right(), r.bottom() - kTailHeight);
    path.cubicTo(r.right(), r.bottom() - 6, r.right() + 2.5, r.bottom() - 2.6, r.right() + kTailWidth - .6,
                 r.bottom() - .9);
    path.cubicTo(r.right() + kTailWidth, r.bottom() - .6, r.right() + kTailWidth - .2, r.bottom(),
                 r.right() + kTailWidth - 1, r.bottom());
}

/// A bubble: round corners, less so where it joins its neighbours of the same group on the author's side, and a tail at
/// the group's end. Drawn for an author at the right, and mirrored for one at the left.
QPainterPath bubblePath(const QRectF& r, bool own, bool startsGroup, bool endsGroup) {
    const double top = startsGroup ? kRound : kJoint;
    QPainterPath path;
    path.moveTo(r.left() + kRound, r.top());
    path.lineTo(r.right() - top, r.top());
    path.arcTo(r.right() - 2 * top, r.top(), 2 * top, 2 * top, 90, -90);
    if (endsGroup) {
        addTail(path, r);
    } else {
        path.lineTo(r.right(), r.bottom() - kJoint);
        path.arcTo(r.right() - 2 * kJoint, r.bottom() - 2 * kJoint, 2 * kJoint, 2 * kJoint, 0, -90);
    }
    path.lineTo(r.left() + kRound, r.bottom());
    path.arcTo(r.left(), r.bottom() - 2 * kRound, 2 * kRound, 2 * kRound, 270, -90);
    path.lineTo(r.left(), r.top() + kRound);
    path.arcTo(r.left(), r.top(), 2 * kRound, 2 * kRound, 180, -90);
    path.closeSubpath();
    if (own) return path;
    return QTransform(-1, 0, 0, 1, r.left() + r.right(), 0).map(path);
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
            // A letter that waits in a mailbox.
            painter.setPen(QPen(quiet, 1.2, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
            painter.drawRoundedRect(QRectF(3.5, 1.5, 11, 8), 1.6, 1.6);
            painter.drawPolyline(QPolygonF({{4.2, 2.6}, {9, 6.2}, {13.8, 2.6}}));
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
    const QSize picture = pictureSize(row.message);
    Kept* kept = m_cache.object(key);
    if (kept && kept->width == width && kept->startsDay == row.startsDay &&
        kept->endsGroup == row.endsGroup && kept->startsUnread == row.startsUnread &&
        kept->startsGroup == row.startsGroup && kept->picture == picture)
        return kept->layout;
    LayoutContext context;
    context.width = width;
    context.today = QDate::currentDate();
    context.self = m_self;
    context.base = Theme::font();
    context.link = m_theme->colors().link;
    context.picture = picture;
    if (row.message.file) {
        context.transfer = viewOf(*row.message.file);
        context.contents = m_bundles ? m_bundles->find(row.message.file->id) : nullptr;
    }
    kept = new Kept{width,         row.startsDay, row.startsUnread,    row.startsGroup,
                    row.endsGroup, picture,       layOut(row, context)};
    m_cache.insert(key, kept);
    return kept->layout;
}

TransferView MessageDelegate::viewOf(const TransferRecord& file) const {
    TransferView view{file, m_peer, m_peerOnline, m_peerByRelay};
    const TransferRecord* const running = m_board ? m_board->running(file.id) : nullptr;
    if (!running || file.state != TransferState::Running) return view;
    view.record.done = running->done;
    view.record.stage = running->stage;
    view.record.speed = running->speed;
    return view;
}

bool MessageDelegate::setPeer(const QString& name, bool online, bool byRelay) {
    if (m_peer == name && m_peerOnline == online && m_peerByRelay == byRelay) return false;
    m_peer = name;
    m_peerOnline = online;
    m_peerByRelay = byRelay;
    forgetAll();
    return true;
}

/// A file that is called like a picture but is none, or is not looked at yet, has no size.
QSize MessageDelegate::pictureSize(const MessageRecord& message) const {
    return m_pictures && pictureOf(message) ? m_pictures->sizeOf(message.ref) : QSize();
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
    if (!placed.picture.isNull())
        paintPicture(*painter, *m_theme, placed, m_pictures ? m_pictures->find(row->message.ref) : QImage());
    else if (row->message.file && !placed.fileIcon.isNull())
        paintFile(*painter, *m_theme, placed, *row->message.file);
    paintText(*painter, placed, row->message);
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
    const auto path = bubblePath(layout.bubble, layout.own, layout.startsGroup, layout.endsGroup);
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

/// Backgrounds of what a search found and of what is selected.
QList<QTextLayout::FormatRange> MessageDelegate::marksIn(const MessageLayout& layout,
                                                         const MessageRecord& message) const {
    QList<QTextLayout::FormatRange> marks;
    if (!layout.hasText()) return marks;
    const auto add = [&marks](int start, int length, const QColor& back) {
        QTextLayout::FormatRange range;
        range.start = start;
        range.length = length;
        range.format.setBackground(back);
        marks.append(range);
    };
    for (const auto& match : searchMatches(message.text, m_searchWords))
        add(match.start, match.length, m_theme->colors().mark);
    if (m_selection.isIn(message.ref.entry) && !m_selection.isEmpty())
        add(m_selection.start(), m_selection.length(),
            layout.own ? m_theme->colors().ownSelected : m_theme->colors().selected);
    return marks;
}

void MessageDelegate::paintText(QPainter& painter, const MessageLayout& layout,
                                const MessageRecord& message) const {
    if (!layout.text) return;
    const auto& c = m_theme->colors();
    painter.setPen(layout.quiet ? (layout.own ? c.ownDim : c.dim) : (layout.own ? c.ownText : c.text));
    layout.text->draw(&painter, layout.textAt, marksIn(layout, message));
}

void MessageDelegate::paintChips(QPainter& painter, const MessageLayout& layout) const {
    const auto& c = m_theme->colors();
    const QColor accent = layout.own ? c.ownAccent : c.accent;
    painter.setFont(layout.chipFont);
    for (const auto& chip : layout.chips) {
        QColor back = accent;
        back.setAlpha(chip.own ? 255 : 36);
        painter.setPen(Qt::NoPen);
        painter.setBrush(back);
        const double radius = chip.rect.height() / 2.0;
        painter.drawRoundedRect(chip.rect, radius, radius);
        painter.setPen(chip.own ? c.onAccent : accent);
        drawTextLine(painter, chip.rect.adjusted(10, 0, 0, 0), chip.text);
    }
}

void MessageDelegate::paintMeta(QPainter& painter, const MessageLayout& layout) const {
    const auto& c = m_theme->colors();
    const bool pill = layout.bare || layout.metaOnPicture;
    const QColor dim = layout.metaOnPicture ? QColor(Qt::white)
                       : layout.bare        ? c.dayText
                       : layout.own         ? c.ownDim
                                            : c.faint;
    if (pill) {
        const QRectF back = layout.meta.adjusted(-7, -1, layout.tick ? 5 : 7, 1);
        painter.setPen(Qt::NoPen);
        painter.setBrush(layout.metaOnPicture ? c.pictureShade : c.dayLine);
        painter.drawRoundedRect(back, back.height() / 2, back.height() / 2);
    }
    painter.setFont(layout.smallFont);
    painter.setPen(dim);
    painter.drawText(layout.meta, Qt::AlignLeft | Qt::AlignVCenter, layout.metaText);
    if (!layout.tick) return;
    const QPointF at(layout.meta.right() - 15, layout.meta.center().y() - 4.5);
    const QColor read = layout.metaOnPicture ? QColor(Qt::white) : layout.bare ? c.accent : c.ownAccent;
    paintTick(painter, at, *layout.tick, dim, read, c.danger);
}

}  // namespace landline::app
