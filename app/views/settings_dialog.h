#pragma once

#include "app/platform/preferences.h"
#include "app/views/theme.h"

#include <QDialog>

class QCheckBox;

namespace landline::app {

/// The few choices of the desktop program; each takes effect at once. Deletes itself when closed.
class SettingsDialog final : public QDialog {
    Q_OBJECT

public:
    SettingsDialog(const Theme* theme, Preferences* preferences, bool hasTray, QWidget* parent);

private:
    QLayout* makeChoices();
    QCheckBox* addSwitch(const QString& text, bool on, void (Preferences::*set)(bool));

    const Theme* m_theme;
    Preferences* m_preferences;
};

}  // namespace landline::app
