#pragma once

#include "app/models/sidebar_model.h"
#include "app/views/theme.h"

#include <QStyledItemDelegate>

namespace landline::app {

/// Draws the rows of the left column, and of other lists of people.
class SidebarDelegate : public QStyledItemDelegate {
    Q_OBJECT

public:
    SidebarDelegate(const Theme* theme, QObject* parent) : QStyledItemDelegate(parent), m_theme(theme) {}

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

protected:
    [[nodiscard]] const Theme& theme() const { return *m_theme; }
    /// How much of a row's width at its end is left free of words.
    [[nodiscard]] virtual int spareOf(const QModelIndex&) const { return 0; }

private:
    /// What a row of two lines shows.
    struct Parts {
        ByteView key;
        QString name;
        QString preview;
        QString time;
        QString lead;              ///< before the preview, in the colour of warnings
        QString previewIcon;       ///< of resources/icons, before the preview
        QString words;             ///< of a search, marked in the preview
        bool previewLive = false;  ///< painted in the accent colour
        bool verified = false;
        bool alarm = false;
        std::optional<QColor> dot;
        std::optional<MessageState> tick;
        int unread = 0;
        bool quietBadge = false;
        double opacity = 1.0;
        QColor back;  ///< behind the row
    };
    [[nodiscard]] Parts partsOf(const SidebarRow& row) const;
    [[nodiscard]] Parts personParts(const SidebarRow& row) const;
    void paintHeading(QPainter& painter, const QRect& rect, const SidebarRow& row) const;
    void paintRow(QPainter& painter, const QRect& rect, const Parts& parts) const;
    void paintName(QPainter& painter, const QRect& line, const Parts& parts) const;
    void paintPreview(QPainter& painter, QRect line, const Parts& parts) const;
    void paintAvatarOf(QPainter& painter, const QRect& rect, const Parts& parts) const;
    [[nodiscard]] int paintBadge(QPainter& painter, const QRect& line, const Parts& parts) const;

    const Theme* m_theme;
};

/// The colour of a presence dot; nothing for people who are not online.
[[nodiscard]] std::optional<QColor> presenceColor(const Colors& colors, const PersonView& person);

}  // namespace landline::app
