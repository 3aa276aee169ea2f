#pragma once

#include "app/models/transfer_list_model.h"
#include "app/views/theme.h"

#include <QStyledItemDelegate>

namespace landline::app {

/// Draws the rows of the transfers pane; tells where the buttons of a row are.
class TransferDelegate final : public QStyledItemDelegate {
    Q_OBJECT

public:
    TransferDelegate(const Theme* theme, QObject* parent);

    /// At `at` within the view, where the row stands at `rect`.
    [[nodiscard]] std::optional<TransferAction> actionAt(const TransferRow& row, const QRect& rect,
                                                         const QPoint& at) const;
    /// Where that button of a row is; null where there is none.
    [[nodiscard]] QRect buttonRect(const TransferRow& row, const QRect& rect, TransferAction action) const;
    /// The button that the mouse is over is lit.
    void setHovered(const QPersistentModelIndex& row, const std::optional<TransferAction>& action);

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

private:
    /// Without the title above.
    [[nodiscard]] QRect bodyOf(const TransferRow& row, const QRect& rect) const;
    void paintTitle(QPainter& painter, const QRect& rect, TransferSection section) const;
    void paintWords(QPainter& painter, const TransferRow& row, const QRect& rect) const;
    void paintButtons(QPainter& painter, const TransferRow& row, const QRect& rect,
                      const QModelIndex& index) const;

    const Theme* m_theme;
    int m_rowHeight = 0;  ///< asked for of thousands of rows
    int m_titleHeight = 0;
    QPersistentModelIndex m_hovered;
    std::optional<TransferAction> m_hoveredAction;
};

/// The one or two that have a button in the row; the menu has all.
[[nodiscard]] std::vector<TransferAction> rowActions(const TransferRecord& transfer);

}  // namespace landline::app
