#pragma once

#include "app/models/app_models.h"
#include "app/views/theme.h"

#include <QDialog>
#include <QImage>

class QLabel;
class QLayout;
class QPushButton;

namespace landline::app {

/// The safety number of oneself and another person, as digits and as a QR code, and whether both have compared it.
/// Deletes itself when closed.
class VerifyDialog final : public QDialog {
    Q_OBJECT

public:
    VerifyDialog(Theme* theme, AppModels* models, const PersonId& person, QWidget* parent);

private:
    QLabel* makeNumber();
    QLabel* makeCode();
    QLayout* makeButtons();
    void showState();

    Theme* m_theme;
    AppModels* m_models;
    PersonId m_person;
    QLabel* m_state;
    QPushButton* m_mark;
};

/// A QR code of `text`, one pixel a module with a quiet zone of four; null if it does not fit. A long text is `dense`: it has
/// fewer modules, which can make up for less damage.
[[nodiscard]] QImage qrImage(const QString& text, bool dense = false);

/// 60 digits as lines of groups of five.
[[nodiscard]] QString groupedDigits(const QString& digits, int groupsPerLine);

}  // namespace landline::app
