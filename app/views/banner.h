#pragma once

#include "app/views/theme.h"

#include <QFrame>

class QHBoxLayout;
class QLabel;
class QPushButton;
class QToolButton;

namespace landline::app {

/// A line across a pane that tells something and offers what to do about it.
class Banner final : public QFrame {
    Q_OBJECT

public:
    Banner(Theme* theme, bool closable, QWidget* parent);

    void showText(const QString& text, bool loud = false);
    QPushButton* addButton(const QString& text, bool primary = false);
    [[nodiscard]] QString text() const;

Q_SIGNALS:
    void closed();

private:
    void dress();

    Theme* m_theme;
    bool m_loud = false;
    QLabel* m_icon;
    QLabel* m_text;
    QHBoxLayout* m_buttons;
    QToolButton* m_close;
};

}  // namespace landline::app
