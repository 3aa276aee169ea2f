#pragma once

#include "app/views/theme.h"

#include <QCheckBox>

namespace landline::app {

/// A check box that looks like a switch: its text at the left, the switch at the right end.
class Switch final : public QCheckBox {
    Q_OBJECT

public:
    Switch(const Theme* theme, const QString& text, QWidget* parent);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    bool hitButton(const QPoint& at) const override { return rect().contains(at); }
    void paintEvent(QPaintEvent* event) override;

private:
    const Theme* m_theme;
};

}  // namespace landline::app
