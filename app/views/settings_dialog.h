#pragma once

#include "app/platform/preferences.h"

#include <QDialog>

namespace landline::app {

/// The few choices of the desktop program; each takes effect at once. Deletes itself when closed.
class SettingsDialog final : public QDialog {
    Q_OBJECT

public:
    SettingsDialog(Preferences* preferences, bool hasTray, QWidget* parent);
};

}  // namespace landline::app
