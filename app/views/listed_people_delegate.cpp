#include "app/views/listed_people_delegate.h"

#include <QPainter>

namespace landline::app {

namespace {

constexpr int kRowMargin = 16;  // to the edge of the row
constexpr int kGap = 8;

QFont buttonFont() {
    return Theme::font(0.92, QFont::DemiBold);
}

QSize buttonSize() {
    const QFontMetrics metrics(buttonFont());
    return {metrics.horizontalAdvance(ListedPeopleDelegate::tr("Add")) + 28, metrics.height() + 12};
}

bool isContact(const QModelIndex& index) {
    const auto* const people = qobject_cast<const ListedPeopleModel*>(index.model());
    return !people || people->isContact(index.row());
}

}  // namespace

QRect ListedPeopleDelegate::buttonRect(const QModelIndex& index, const QRect& rect) const {
    if (isContact(index)) return {};
    const QSize size = buttonSize();
    return {{rect.right() + 1 - kRowMargin - size.width(), rect.center().y() + 1 - size.height() / 2}, size};
}

int ListedPeopleDelegate::spareOf(const QModelIndex& index) const {
    return isContact(index) ? 0 : buttonSize().width() + kGap;
}

void ListedPeopleDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    SidebarDelegate::paint(painter, option, index);
    const QRect button = buttonRect(index, option.rect);
    if (button.isEmpty()) return;
    const Colors& c = theme().colors();
    const bool isLit = m_hovered == index;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(isLit ? c.accent : c.line);
    painter->setBrush(isLit ? c.accent : c.window);
    painter->drawRoundedRect(QRectF(button).adjusted(.5, .5, -.5, -.5), 8, 8);
    painter->setFont(buttonFont());
    painter->setPen(isLit ? c.onAccent : c.accent);
    painter->drawText(button, Qt::AlignCenter, tr("Add"));
    painter->restore();
}

}  // namespace landline::app
