#include "app/views/desktop.h"

#include "app/messenger/relay_text.h"
#include "app/models/error_text.h"
#include "app/models/message_text.h"
#include "app/storage/file_io.h"
#include "app/storage/profile.h"
#include "app/views/contact_link_dialog.h"
#include "app/views/conversation_pane.h"
#include "app/views/doctor_dialog.h"
#include "app/views/first_run_page.h"
#include "app/views/link_opener.h"
#include "app/views/main_window.h"
#include "app/views/settings_dialog.h"
#include "app/views/sidebar.h"
#include "app/views/text_dialog.h"

#include <QApplication>
#include <QSplitter>
#include <QTimer>

namespace landline::app {

namespace {

QByteArray tagOf(const PersonId& person) {
    return QByteArray(reinterpret_cast<const char*>(person.data()), static_cast<qsizetype>(PersonId::size()));
}

std::optional<PersonId> personOf(const QByteArray& tag) {
    return PersonId::from(
        {reinterpret_cast<const std::uint8_t*>(tag.constData()), static_cast<std::size_t>(tag.size())});
}

}  // namespace

Desktop::Desktop(const DesktopOptions& options, QObject* parent)
    : QObject(parent), m_options(options), m_preferences(options.runtime.profile) {
    dress();
    m_theme.apply(*qobject_cast<QApplication*>(QCoreApplication::instance()));
    m_window = std::make_unique<MainWindow>(&m_theme);
    connect(&m_preferences, &Preferences::changed, this, &Desktop::dress);
    connect(&m_preferences, &Preferences::changed, this, [this] {
        if (m_models) m_models->actions.setDownloadFolder(m_preferences.downloadFolder());
    });
    connect(&m_systemScheme, &SystemColorScheme::darkWanted, this, [this](bool dark) {
        if (Profile::exists(m_options.runtime.profile)) m_preferences.setSystemWasDark(dark);
        const QString scheme =
            m_options.colorScheme.isEmpty() ? m_preferences.colorScheme() : m_options.colorScheme;
        if (scheme == QStringLiteral("system")) m_theme.setDark(dark);
    });
    connect(m_window.get(), &MainWindow::closeWanted, this, &Desktop::closeWindow);
    connect(m_window->firstRun(), &FirstRunPage::nameGiven, this, &Desktop::createProfile);
    connect(m_window->problemPage(), &ProblemPage::retryWanted, this, &Desktop::openProfile);
    connect(m_window->problemPage(), &ProblemPage::quitWanted, qApp, &QCoreApplication::quit);
    auto* sidebar = m_window->sidebar();
    connect(sidebar, &Sidebar::quitWanted, qApp, &QCoreApplication::quit);
    connect(sidebar, &Sidebar::diagnosisWanted, this, &Desktop::showDiagnosis);
    connect(sidebar, &Sidebar::aboutWanted, this, &Desktop::showAbout);
    connect(sidebar, &Sidebar::settingsWanted, this, &Desktop::showSettings);
    connect(sidebar, &Sidebar::linkWanted, this, &Desktop::askForLink);
    connect(sidebar, &Sidebar::contactLinkWanted, this, [this] {
        if (m_models) (new ContactLinkDialog(m_models.get(), m_window.get()))->open();
    });
    connect(&m_tray, &Tray::openWanted, this, &Desktop::showWindow);
    connect(&m_tray, &Tray::quitWanted, qApp, &QCoreApplication::quit);
    connect(&m_events, &SystemEvents::networkChanged, this, [this] {
        if (m_runtime) m_runtime->networkChanged();
    });
    connect(&m_notifier, &Notifier::pressed, this, [this](const QByteArray& tag) {
        showWindow();
        if (const auto person = personOf(tag)) m_window->openConversation(*person);
    });
}

/// The runtime goes first: once it has ended nothing calls the models any more.
Desktop::~Desktop() {
    if (m_runtime) {
        m_preferences.setGeometry(m_window->saveGeometry());
        m_preferences.setSplitter(m_window->splitter()->saveState());
    }
    m_window->hide();
    m_control.reset();
    m_doctor.reset();
    m_links.reset();
    m_runtime.reset();
    m_window.reset();
}

void Desktop::start() {
    if (const auto geometry = m_preferences.geometry(); !geometry.isEmpty())
        m_window->restoreGeometry(geometry);
    if (const auto split = m_preferences.splitter(); !split.isEmpty())
        m_window->splitter()->restoreState(split);
    const bool known = Profile::exists(m_options.runtime.profile);
    if (known)
        m_window->showMain();
    else
        m_window->showFirstRun();
    m_window->show();
    QTimer::singleShot(0, this, [this, known] {
        if (known) openProfile(m_options.runtime.passphrase);
        startPlatform();
    });
}

void Desktop::dress() {
    const QString scheme =
        m_options.colorScheme.isEmpty() ? m_preferences.colorScheme() : m_options.colorScheme;
    m_theme.setDark(scheme == QStringLiteral("dark") ||
                    (scheme == QStringLiteral("system") && m_preferences.systemWasDark()));
}

void Desktop::startPlatform() {
    m_systemScheme.start();
    m_events.start();
    m_tray.start(m_window->windowIcon());
}

void Desktop::createProfile(const QString& name) {
    {
        const auto created = Profile::create(m_options.runtime.profile, name);
        if (!created.ok()) {
            m_window->firstRun()->showProblem(errorText(created.error()));
            return;
        }
    }
    openProfile({});
}

void Desktop::openProfile(const QString& passphrase) {
    m_options.runtime.passphrase = passphrase;
    auto runtime = Runtime::open(m_options.runtime);
    m_options.runtime.passphrase.clear();
    if (!runtime.ok()) {
        m_window->showProblem(errorText(runtime.error()), runtime.error().code == ErrorCode::Locked);
        return;
    }
    m_runtime = std::move(*runtime);
    m_models = std::make_unique<AppModels>(m_runtime->port(), outboxOf(m_runtime->folder()));
    m_models->actions.setDownloadFolder(m_preferences.downloadFolder());
    m_window->attach(m_models.get());
    m_links = std::make_unique<LinkOpener>(m_models.get(), m_window.get());
    connect(m_links.get(), &LinkOpener::personAdded, m_window.get(), &MainWindow::openConversation);
    connect(m_links.get(), &LinkOpener::relayAdded, this,
            [this] { showSettings()->showPage(SettingsDialog::Relays); });
    connectMessenger();
    m_models->rules.reload();
    m_models->relays.reload();
    m_models->self.reload();
    m_models->sidebar.reload();
    if (!m_runtime->notice().isEmpty()) m_window->notice(m_runtime->notice(), true);
    m_doctor = std::make_unique<DoctorRun>(m_runtime->port(), m_runtime->folder());
    m_control = std::make_unique<control::ControlServer>(m_runtime->port(), m_runtime->folder());
    m_control->setOpener([this](const QString& link) { openLink(link); });
    if (const auto listening = m_control->listen(); !listening.ok())
        m_window->notice(errorText(listening.error()), false);
    m_runtime->startNetwork();
    Q_EMIT opened();
    if (const QString link = std::exchange(m_options.link, {}); !link.isEmpty()) openLink(link);
}

void Desktop::openLink(const QString& link) {
    if (!m_links) return;
    showWindow();
    m_links->open(link);
}

void Desktop::askForLink() {
    if (!m_links) return;
    auto* const dialog = new TextDialog(
        tr("Add somebody by a link"),
        tr("For people whom this network does not reach. They find their link behind their own "
           "name at the top left, or by “landline-cli contact link”."),
        {}, false, m_window.get(), tr("Open"));
    connect(dialog, &TextDialog::saved, m_links.get(), &LinkOpener::open);
    dialog->open();
}

SettingsDialog* Desktop::showSettings() {
    auto* const dialog =
        new SettingsDialog(&m_theme, &m_preferences, m_models.get(), m_tray.isThere(), m_window.get());
    dialog->open();
    return dialog;
}

void Desktop::connectMessenger() {
    const auto* messenger = m_runtime->port().messenger();
    connect(messenger, &Messenger::problem, m_window.get(), [this](const QString& code, const QString& text) {
        m_window->notice(problemText(code, text), true);
    });
    connect(&m_models->relays, &RelayList::shutOut, m_window.get(), [this](const RelayView& relay) {
        const QString what = tr("The relay %1 does not let this device in.").arg(relay.address);
        m_window->notice(QString(what + u' ' + relayTrouble(relay)), true);
    });
    connect(messenger, &Messenger::contactLinkRenewed, m_window.get(), [this] {
        m_window->notice(tr("This person had come by your contact link, which leads to your relays no more. "
                            "“My contact link…” shows the new one."),
                         false);
    });
    connect(messenger, &Messenger::messageAdded, this, &Desktop::notifyOf);
    connect(&m_models->sidebar, &SidebarModel::arranged, this, [this] {
        const int unread = m_models->sidebar.unread();
        m_tray.setUnread(unread);
        m_window->setWindowTitle(unread > 0 ? QStringLiteral("(%1) Landline").arg(unread)
                                            : QStringLiteral("Landline"));
    });
    connect(&m_models->sidebar, &SidebarModel::personChanged, this, [this](const PersonId& id) {
        const auto* person = m_models->sidebar.person(id);
        if (!person || person->unread == 0) m_notifier.withdraw(tagOf(id));
    });
}

void Desktop::notifyOf(const MessageRecord& message) {
    if (message.own || !m_preferences.notify()) return;
    const auto* person = m_models->sidebar.personOf(message.ref.conversation);
    if (!person) return;
    const auto standing = person->record.standing;
    if (standing == timeline::Standing::Ignored || standing == timeline::Standing::Blocked) return;
    if (m_window->isActiveWindow() && m_window->openPerson() == person->record.id) return;
    const bool request = standing == timeline::Standing::Stranger;
    const QString body = request                          ? tr("would like to write to you")
                         : m_preferences.notifyWithText() ? previewText(message).left(240)
                                                          : tr("New message");
    m_notifier.show(tagOf(person->record.id), displayName(*person), body);
}

void Desktop::showWindow() {
    m_window->setWindowState(m_window->windowState() & ~Qt::WindowMinimized);
    m_window->show();
    m_window->raise();
    m_window->activateWindow();
}

/// Without a tray nothing could bring a hidden window back.
void Desktop::closeWindow() {
    if (m_runtime && m_tray.isThere() && m_preferences.keepInTray())
        m_window->hide();
    else
        QCoreApplication::quit();
}

void Desktop::showDiagnosis() {
    if (!m_doctor) return;
    const auto open = m_window->openPerson();
    const QString who = open ? QString::fromStdString(toHex(open->view())) : QString();
    (new DoctorDialog(&m_theme, m_doctor.get(), who, m_window.get()))->open();
}

void Desktop::showAbout() {
    const QString text =
        tr("Version %1\n\nA messenger for people on one network: no server, no account, encrypted from "
           "end to end.")
            .arg(QLatin1String(LANDLINE_VERSION));
    auto* dialog = new NoticeDialog(tr("About Landline"), text, m_window.get());
    dialog->open();
}

}  // namespace landline::app
