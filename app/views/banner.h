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
    enum class Tone { Info, Warning, Alarm };

    Banner(Theme* theme, bool closable, QWidget* parent);

    void showText(const QString& text, Tone tone = Tone::Info);
    QPushButton* addButton(const QString& text, bool primary = false);
    [[nodiscard]] QString text() const;

Q_SIGNALS:
    void closed();

private:
    void dress();

    Theme* m_theme;
    Tone m_tone = Tone::Info;
    QLabel* m_icon;
    QLabel* m_text;
    QHBoxLayout* m_buttons;
    QToolButton* m_close;
};

}  // namespace landline::app
