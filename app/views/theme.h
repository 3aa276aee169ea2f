#pragma once

#include <QColor>
#include <QFont>
#include <QIcon>
#include <QObject>
#include <QPalette>

class QApplication;

namespace landline::app {

enum class ColorScheme { System, Light, Dark };

/// Every colour that is painted anywhere.
struct Colors {
    QColor window, sidebar, sidebarHover, sidebarChosen, line;
    QColor chat, field, text, dim, faint, accent, onAccent, link;
    QColor ownBubble, ownText, ownDim, ownAccent, otherBubble, mark, selected, ownSelected;
    QColor dayLine, dayText, unreadLine, badge, badgeQuiet, online, away, busy, danger, dangerBack, notice,
        pictureShade;
};

/// The look of the program: its colours, light and dark, and the fonts that follow from the system's. Owned by the
/// application's coordinator; on the GUI thread.
class Theme final : public QObject {
    Q_OBJECT

public:
    explicit Theme(QObject* parent = nullptr);

    [[nodiscard]] const Colors& colors() const { return m_colors; }
    [[nodiscard]] bool isDark() const { return m_dark; }
    void setDark(bool dark);

    /// Style, palette and style sheet for the whole application.
    void apply(QApplication& application);

    /// `scale` of the application's font; weights as in QFont.
    [[nodiscard]] static QFont font(double scale = 1.0, QFont::Weight weight = QFont::Normal);
    /// An icon of resources/icons in one colour.
    [[nodiscard]] QIcon icon(const QString& name, const QColor& color) const;
    [[nodiscard]] QIcon icon(const QString& name) const { return icon(name, m_colors.dim); }
    [[nodiscard]] static QPixmap pixmap(const QString& name, const QColor& color, int size, qreal ratio);

Q_SIGNALS:
    void changed();

private:
    [[nodiscard]] QPalette palette() const;
    [[nodiscard]] QString styleSheet() const;

    Colors m_colors;
    bool m_dark = false;
};

}  // namespace landline::app
