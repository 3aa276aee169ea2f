#pragma once

#include "app/models/app_models.h"

#include <QDialog>

class QLabel;
class QPlainTextEdit;
class QPushButton;

namespace landline::app {

/// One's own contact link, to be copied, read by a camera, or exchanged for another after a question. Deletes itself when closed.
class ContactLinkDialog final : public QDialog {
    Q_OBJECT

public:
    ContactLinkDialog(AppModels* models, QWidget* parent);
    /// Empty until it has come.
    [[nodiscard]] QString link() const;

private:
    void showLink(const QString& link);
    void askForAnother();
    void makeAnother();

    AppModels* m_models;
    QLabel* m_code;
    QPlainTextEdit* m_text;
    QPushButton* m_another;
    QPushButton* m_copy;
};

}  // namespace landline::app
