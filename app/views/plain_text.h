#pragma once

#include <QLabel>

namespace landline::app {

/// A label that shows its text as it is. Qt's own takes for markup whatever looks like it: a name, a file's name or a
/// sentence from elsewhere would choose its size and colours, hide words and show pictures. All labels of the windows are
/// such ones (tests/arch).
class PlainLabel : public QLabel {
public:
    explicit PlainLabel(QWidget* parent = nullptr) : QLabel(parent) { setTextFormat(Qt::PlainText); }
    explicit PlainLabel(const QString& text, QWidget* parent = nullptr) : PlainLabel(parent) {
        setText(text);
    }
};

/// For a tool tip that wraps long lines and shows the text otherwise as it is.
[[nodiscard]] inline QString wrappedTip(const QString& text) {
    return QStringLiteral("<p style='white-space:pre-wrap'>") + text.toHtmlEscaped();
}

/// For a tool tip that shows the text as it is: tool tips take for markup what labels do, and cannot be told not to. Text
/// that is not mistaken stays as it is, since it is read out as well.
[[nodiscard]] inline QString plainTip(const QString& text) {
    return Qt::mightBeRichText(text) ? wrappedTip(text) : text;
}

}  // namespace landline::app
