#pragma once

#include <QDialog>

class QLineEdit;

namespace landline::app {

/// Asks for one line of text; deletes itself when closed.
class TextDialog final : public QDialog {
    Q_OBJECT

public:
    /// `action` is what the button says, if not "Save".
    TextDialog(const QString& title, const QString& hint, const QString& text, bool mayBeEmpty,
               QWidget* parent, const QString& action = {});
    [[nodiscard]] QLineEdit* field() const { return m_field; }

Q_SIGNALS:
    void saved(const QString& text);

private:
    QLineEdit* m_field;
};

/// Asks whether to go on; `accept` runs if so. Deletes itself when closed.
class ConfirmDialog final : public QDialog {
    Q_OBJECT

public:
    ConfirmDialog(const QString& title, const QString& text, const QString& action, bool dangerous,
                  QWidget* parent);
};

/// Says something and closes. Deletes itself when closed.
class NoticeDialog final : public QDialog {
    Q_OBJECT

public:
    NoticeDialog(const QString& title, const QString& text, QWidget* parent);
};

}  // namespace landline::app
