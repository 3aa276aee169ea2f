#pragma once

#include "app/models/app_models.h"
#include "app/platform/preferences.h"
#include "app/views/theme.h"

#include <QDialog>

class QCheckBox;
class QTabBar;
class QVBoxLayout;

namespace landline::app {

/// The few choices of the desktop program; each takes effect at once. Deletes itself when closed.
class SettingsDialog final : public QDialog {
    Q_OBJECT

public:
    /// `models` may be null, while no profile is open.
    SettingsDialog(const Theme* theme, Preferences* preferences, AppModels* models, bool hasTray,
                   QWidget* parent);
    /// The pages, in their order; relays are there only with models.
    enum Page { General, Files, Relays };
    void showPage(Page page);
    [[nodiscard]] QTabBar* pages() const { return m_pages; }

private:
    QWidget* makeGeneral(bool hasTray);
    QLayout* makeChoices();
    QCheckBox* addSwitch(const QString& text, bool on, void (Preferences::*set)(bool));

    const Theme* m_theme;
    Preferences* m_preferences;
    QTabBar* m_pages;
    QVBoxLayout* m_general = nullptr;
};

}  // namespace landline::app
