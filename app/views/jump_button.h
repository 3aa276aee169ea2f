#pragma once

#include "app/views/theme.h"

#include <QAbstractButton>

namespace landline::app {

/// The round button above a conversation's end that leads to the newest message, with the number of new ones.
class JumpButton final : public QAbstractButton {
    Q_OBJECT

public:
    JumpButton(Theme* theme, QWidget* parent);
    void setCount(int count);
    [[nodiscard]] QSize sizeHint() const override { return {46, 54}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Theme* m_theme;
    int m_count = 0;
};

}  // namespace landline::app
