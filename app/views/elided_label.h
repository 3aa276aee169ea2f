#pragma once

#include "app/views/emoji_text.h"
#include "app/views/plain_text.h"

#include <QPainter>

namespace landline::app {

/// A label of one line that shortens its text with an ellipsis instead of asking for room.
class ElidedLabel final : public PlainLabel {
public:
    explicit ElidedLabel(QWidget* parent = nullptr) : PlainLabel(parent) {
        setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    }
    [[nodiscard]] QSize minimumSizeHint() const override { return {20, QLabel::minimumSizeHint().height()}; }

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        painter.setPen(palette().color(QPalette::WindowText));
        painter.setFont(font());
        drawTextLine(painter, rect(), text());
    }
};

}  // namespace landline::app
