#include "app/views/sidebar_delegate.h"

#include "app/models/message_text.h"
#include "app/models/search_match.h"
#include "app/views/avatar.h"
#include "app/views/emoji_text.h"
#include "app/views/message_delegate.h"

#include <QDateTime>
#include <QPainter>

#include <algorithm>

namespace landline::app {

namespace {

constexpr int kRowAvatar = 44;
constexpr int kPad = 12;
constexpr int kPresenceDot = 13;

QFont nameFont() {
    return Theme::font(1.02, QFont::DemiBold);
}
QFont textFont() {
    return Theme::font(0.95);
}

int rowHeight() {
    const QFontMetrics name(nameFont());
    const QFontMetrics text(textFont());
    return std::max(kRowAvatar + 18, name.height() + text.height() + 24);
}

}  // namespace

std::optional<QColor> presenceColor(const Colors& colors, const PersonView& person) {
    if (!person.online) return std::nullopt;
    switch (person.presence) {
        case wire::Presence::Away:
            return colors.away;
        case wire::Presence::Busy:
            return colors.busy;
        case wire::Presence::Unknown:
        case wire::Presence::Online:
        case wire::Presence::Offline:
            return colors.online;
    }
    return std::nullopt;
}

QSize SidebarDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const auto* row = index.data(SidebarModel::RowRole).value<const SidebarRow*>();
    if (!row) return {};
    const bool heading = row->kind == SidebarRow::Kind::Heading;
    return {option.rect.width(), heading ? QFontMetrics(Theme::font(0.86)).height() + 18 : rowHeight()};
}

SidebarDelegate::Parts SidebarDelegate::personParts(const SidebarRow& row) const {
    const auto& person = row.person;
    Parts parts;
    parts.key = person.record.id.view();
    parts.name = displayName(person);
    parts.verified = person.record.verified;
    parts.alarm = person.nameClash;
    parts.dot = presenceColor(m_theme->colors(), person);
    parts.unread = person.unread;
    const auto standing = person.record.standing;
    parts.quietBadge = standing == timeline::Standing::Ignored || standing == timeline::Standing::Blocked;
    parts.opacity = parts.quietBadge ? 0.55 : 1.0;
    if (person.last) {
        parts.preview = previewText(*person.last);
        if (person.last->kind == MessageKind::File && !person.last->deleted)
            parts.previewIcon = QStringLiteral("file");
        if (person.last->own)
            parts.tick = person.last->deleted ? std::nullopt : std::optional(person.last->state);
        parts.time = briefTime(person.last->time, QDateTime::currentDateTime());
    } else {
        parts.preview = person.statusText.isEmpty() ? presenceText(person, QDateTime::currentDateTime())
                                                    : person.statusText;
    }
    if (!row.draft.isEmpty()) {
        parts.lead = tr("Draft:");
        parts.preview = row.draft;
        parts.previewIcon.clear();
        parts.tick.reset();
    }
    if (person.typing) {
        parts.lead.clear();
        parts.preview = tr("typing…");
        parts.previewLive = true;
        parts.previewIcon.clear();
        parts.tick.reset();
    }
    return parts;
}

SidebarDelegate::Parts SidebarDelegate::partsOf(const SidebarRow& row) const {
    switch (row.kind) {
        case SidebarRow::Kind::Heading:
            return {};
        case SidebarRow::Kind::Person:
            return personParts(row);
        case SidebarRow::Kind::Nearby: {
            Parts parts;
            parts.key = row.device.device.view();
            parts.name = row.device.name.isEmpty() ? tr("Somebody nearby") : row.device.name;
            parts.preview = tr("Seen nearby, connecting…");
            parts.opacity = 0.6;
            return parts;
        }
        case SidebarRow::Kind::Found: {
            Parts parts;
            parts.key = row.person.record.id.view();
            parts.name = displayName(row.person);
            const QString text = searchSnippet(previewText(row.message), row.words);
            parts.words = row.words;
            parts.preview = row.message.own ? tr("You: %1").arg(text) : text;
            parts.time = briefTime(row.message.time, QDateTime::currentDateTime());
            return parts;
        }
    }
    return {};
}

void SidebarDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                            const QModelIndex& index) const {
    const auto* row = index.data(SidebarModel::RowRole).value<const SidebarRow*>();
    if (!row) return;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    if (row->kind == SidebarRow::Kind::Heading) {
        paintHeading(*painter, option.rect, *row);
    } else {
        const auto& c = m_theme->colors();
        const QRect back = option.rect.adjusted(6, 1, -6, -1);
        painter->setPen(Qt::NoPen);
        if (option.state.testFlag(QStyle::State_Selected))
            painter->setBrush(c.sidebarChosen);
        else if (option.state.testFlag(QStyle::State_MouseOver))
            painter->setBrush(c.sidebarHover);
        if (painter->brush().style() != Qt::NoBrush) painter->drawRoundedRect(back, 10, 10);
        Parts parts = partsOf(*row);
        parts.back = painter->brush().style() == Qt::NoBrush ? c.sidebar : painter->brush().color();
        if (option.state.testFlag(QStyle::State_HasFocus)) {
            painter->setPen(QPen(c.accent, 1.2));
            painter->setBrush(Qt::NoBrush);
            painter->drawRoundedRect(QRectF(back).adjusted(.6, .6, -.6, -.6), 10, 10);
        }
        painter->setOpacity(parts.opacity);
        paintRow(*painter, back.adjusted(0, 0, -spareOf(index), 0), parts);
    }
    painter->restore();
}

void SidebarDelegate::paintHeading(QPainter& painter, const QRect& rect, const SidebarRow& row) const {
    const auto& c = m_theme->colors();
    painter.setFont(Theme::font(0.86, QFont::DemiBold));
    painter.setPen(row.section == SidebarRow::Section::Requests ? c.accent : c.dim);
    painter.drawText(rect.adjusted(kPad + 6, 6, -kPad, 0), Qt::AlignLeft | Qt::AlignVCenter,
                     SidebarModel::sectionTitle(row.section));
}

void SidebarDelegate::paintAvatarOf(QPainter& painter, const QRect& rect, const Parts& parts) const {
    paintAvatar(painter, rect, parts.key, parts.name);
    if (!parts.dot) return;
    const QRectF dot(rect.right() - kPresenceDot + 1.0, rect.bottom() - kPresenceDot + 1.0, kPresenceDot, kPresenceDot);
    painter.setPen(QPen(parts.back, 2));
    painter.setBrush(*parts.dot);
    painter.drawEllipse(dot);
}

int SidebarDelegate::paintBadge(QPainter& painter, const QRect& line, const Parts& parts) const {
    if (parts.unread <= 0) return 0;
    const auto& c = m_theme->colors();
    const QFont font = Theme::font(0.82, QFont::DemiBold);
    const QString text = parts.unread > 999 ? QStringLiteral("999+") : QString::number(parts.unread);
    const QFontMetrics metrics(font);
    const int height = metrics.height() + 4;
    const int width = std::max(height, metrics.horizontalAdvance(text) + 12);
    const QRect badge(line.right() - width + 1, line.center().y() - height / 2 + 1, width, height);
    painter.setPen(Qt::NoPen);
    painter.setBrush(parts.quietBadge ? c.badgeQuiet : c.badge);
    painter.drawRoundedRect(badge, height / 2.0, height / 2.0);
    painter.setPen(Qt::white);
    painter.setFont(font);
    painter.drawText(badge, Qt::AlignCenter, text);
    return width + 8;
}

void SidebarDelegate::paintRow(QPainter& painter, const QRect& rect, const Parts& parts) const {
    const QRect avatar(rect.left() + 8, rect.center().y() - kRowAvatar / 2, kRowAvatar, kRowAvatar);
    paintAvatarOf(painter, avatar, parts);
    const int nameHeight = QFontMetrics(nameFont()).height();
    const int textHeight = QFontMetrics(textFont()).height();
    const int left = avatar.right() + 12;
    const int width = rect.right() - 10 - left;
    const int top = rect.center().y() - (nameHeight + textHeight + 4) / 2;
    paintName(painter, QRect(left, top, width, nameHeight), parts);
    paintPreview(painter, QRect(left, top + nameHeight + 4, width, textHeight), parts);
}

/// The name, its mark, and the time at the right.
void SidebarDelegate::paintName(QPainter& painter, const QRect& line, const Parts& parts) const {
    const auto& c = m_theme->colors();
    painter.setFont(Theme::font(0.82));
    painter.setPen(c.faint);
    painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter, parts.time);
    int room = line.width();
    if (!parts.time.isEmpty()) room -= painter.fontMetrics().horizontalAdvance(parts.time) + 10;
    const bool marked = parts.verified || parts.alarm;
    if (marked) room -= 20;
    painter.setFont(nameFont());
    painter.setPen(parts.alarm ? c.danger : c.text);
    drawTextLine(painter, QRect(line.left(), line.top(), room, line.height()), parts.name);
    if (!marked) return;
    const auto icon =
        Theme::pixmap(parts.alarm ? QStringLiteral("warning") : QStringLiteral("verified"),
                      parts.alarm ? c.danger : c.accent, 16, painter.device()->devicePixelRatioF());
    const int nameWidth = std::min(room, textWidth(parts.name, nameFont()));
    painter.drawPixmap(QPoint(line.left() + nameWidth + 4, line.center().y() - 7), icon);
}

/// The newest message with its tick, and the count of unread ones.
void SidebarDelegate::paintPreview(QPainter& painter, QRect line, const Parts& parts) const {
    const auto& c = m_theme->colors();
    line.setRight(line.right() - paintBadge(painter, line, parts));
    if (parts.tick) {
        paintTick(painter, QPointF(line.left() - 2, line.center().y() - 4.5), *parts.tick, c.faint, c.accent,
                  c.danger);
        line.setLeft(line.left() + 19);
    }
    if (!parts.previewIcon.isEmpty()) {
        const auto icon =
            Theme::pixmap(parts.previewIcon, c.accent, 16, painter.device()->devicePixelRatioF());
        painter.drawPixmap(QPoint(line.left() - 1, line.center().y() - 7), icon);
        line.setLeft(line.left() + 18);
    }
    painter.setFont(textFont());
    if (!parts.lead.isEmpty()) {
        painter.setPen(c.danger);
        drawTextLine(painter, line, parts.lead);
        // A full-width colon brings its own gap.
        const int gap = parts.lead.endsWith(u'：') ? 0 : 5;
        line.setLeft(line.left() + textWidth(parts.lead, textFont()) + gap);
    }
    const QString shown = parts.preview.left(200);
    QList<QTextLayout::FormatRange> found;
    for (const auto& match : searchMatches(shown, parts.words)) {
        QTextLayout::FormatRange range;
        range.start = match.start;
        range.length = match.length;
        range.format.setForeground(c.accent);
        range.format.setFontWeight(QFont::DemiBold);
        found.append(range);
    }
    painter.setPen(parts.previewLive ? c.accent : c.dim);
    drawTextLine(painter, line, shown, found);
}

}  // namespace landline::app
