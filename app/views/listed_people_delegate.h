#pragma once

#include "app/models/listed_people_model.h"
#include "app/views/sidebar_delegate.h"

namespace landline::app {

/// Draws those whom a relay lists as the left column draws people, with a button for who is no contact.
class ListedPeopleDelegate final : public SidebarDelegate {
    Q_OBJECT

public:
    using SidebarDelegate::SidebarDelegate;

    /// Where the button of a row is that stands at `rect`; null where there is none.
    [[nodiscard]] QRect buttonRect(const QModelIndex& index, const QRect& rect) const;
    /// The button of the row that the mouse is over is lit.
    void setHovered(const QPersistentModelIndex& row) { m_hovered = row; }
    [[nodiscard]] const QPersistentModelIndex& hovered() const { return m_hovered; }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;

protected:
    [[nodiscard]] int spareOf(const QModelIndex& index) const override;

private:
    QPersistentModelIndex m_hovered;
};

}  // namespace landline::app
