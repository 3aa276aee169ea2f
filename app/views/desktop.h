#pragma once

#include "app/control/control_server.h"
#include "app/messenger/runtime.h"
#include "app/models/app_models.h"
#include "app/platform/color_scheme.h"
#include "app/platform/notifier.h"
#include "app/platform/preferences.h"
#include "app/platform/system_events.h"
#include "app/platform/tray.h"
#include "app/views/doctor_run.h"
#include "app/views/theme.h"

#include <QObject>

#include <memory>

namespace landline::app {

class LinkOpener;
class MainWindow;
class SettingsDialog;

struct DesktopOptions {
    RuntimeOptions runtime;
    QString colorScheme;  ///< "light", "dark", "system"; empty: as the preferences say
    QString link;         ///< a contact link or a relay's URL to open once the profile is; empty: none
};

/// The desktop program: opens the profile, holds runtime, models and window together, and passes on what the platform
/// tells. The window is shown before anything is opened. On the GUI thread.
class Desktop final : public QObject {
    Q_OBJECT

public:
    explicit Desktop(const DesktopOptions& options, QObject* parent = nullptr);
    ~Desktop() override;

    void start();
    /// Shows what a contact link or a relay's URL is about, and asks whether to add it.
    void openLink(const QString& link);
    [[nodiscard]] MainWindow* window() const { return m_window.get(); }
    [[nodiscard]] AppModels* models() const { return m_models.get(); }
    [[nodiscard]] Runtime* runtime() const { return m_runtime.get(); }
    [[nodiscard]] Theme* theme() { return &m_theme; }

Q_SIGNALS:
    /// The profile is open and the models are loading.
    void opened();

private:
    void dress();
    void openProfile(const QString& passphrase);
    void createProfile(const QString& name);
    void startPlatform();
    void connectMessenger();
    void notifyOf(const MessageRecord& message);
    void showWindow();
    void closeWindow();
    void showAbout();
    void showDiagnosis();
    void askForLink();
    SettingsDialog* showSettings();

    DesktopOptions m_options;
    Preferences m_preferences;
    Theme m_theme;
    SystemColorScheme m_systemScheme;
    Notifier m_notifier;
    SystemEvents m_events;
    Tray m_tray;
    std::unique_ptr<AppModels> m_models;
    std::unique_ptr<Runtime> m_runtime;
    std::unique_ptr<control::ControlServer> m_control;
    std::unique_ptr<DoctorRun> m_doctor;
    std::unique_ptr<LinkOpener> m_links;
    std::unique_ptr<MainWindow> m_window;
};

}  // namespace landline::app
