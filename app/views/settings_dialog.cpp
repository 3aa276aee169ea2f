#include "app/views/settings_dialog.h"

#include "app/views/file_settings.h"
#include "app/views/plain_text.h"
#include "app/views/relay_settings.h"
#include "app/views/switch.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QPushButton>
#include <QStackedWidget>
#include <QTabBar>
#include <QVBoxLayout>

namespace landline::app {

namespace {

QComboBox* choice(const QList<std::pair<QString, QString>>& entries, const QString& current,
                  const QString& name, QWidget* parent) {
    auto* box = new QComboBox(parent);
    box->setAccessibleName(name);
    for (const auto& [value, text] : entries) box->addItem(text, value);
    box->setCurrentIndex(std::max(0, box->findData(current)));
    return box;
}

}  // namespace

SettingsDialog::SettingsDialog(const Theme* theme, Preferences* preferences, AppModels* models, bool hasTray,
                               QWidget* parent)
    : QDialog(parent), m_theme(theme), m_preferences(preferences) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Settings"));
    setMinimumWidth(340);
    auto* title = new PlainLabel(tr("Settings"), this);
    title->setFont(Theme::font(1.2, QFont::DemiBold));
    m_pages = new QTabBar(this);
    m_pages->setDrawBase(false);
    m_pages->setExpanding(false);
    m_pages->setAccessibleName(tr("Settings"));
    m_pages->addTab(tr("General"));
    m_pages->addTab(tr("Files"));
    if (models) m_pages->addTab(tr("Relays"));
    auto* stack = new QStackedWidget(this);
    stack->addWidget(makeGeneral(hasTray));
    stack->addWidget(new FileSettings(theme, preferences, models, stack));
    if (models) stack->addWidget(new RelaySettings(theme, models, stack));
    connect(m_pages, &QTabBar::currentChanged, stack, &QStackedWidget::setCurrentIndex);
    auto* close = new QPushButton(tr("Close"), this);
    connect(close, &QPushButton::clicked, this, &QDialog::accept);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(24, 20, 24, 18);
    column->setSpacing(12);
    column->addWidget(title);
    column->addWidget(m_pages);
    column->addWidget(stack, 1);
    column->addSpacing(6);
    column->addWidget(close, 0, Qt::AlignRight);
}

void SettingsDialog::showPage(Page page) {
    m_pages->setCurrentIndex(page);
}

QWidget* SettingsDialog::makeGeneral(bool hasTray) {
    auto* page = new QWidget(this);
    m_general = new QVBoxLayout(page);
    m_general->setContentsMargins(0, 0, 0, 0);
    m_general->setSpacing(12);
    m_general->addLayout(makeChoices());
    m_general->addSpacing(4);
    auto* notify =
        addSwitch(tr("Notify me of new messages"), m_preferences->notify(), &Preferences::setNotify);
    auto* withText = addSwitch(tr("Show the text in notifications"), m_preferences->notifyWithText(),
                               &Preferences::setNotifyWithText);
    withText->setEnabled(m_preferences->notify());
    connect(notify, &QCheckBox::toggled, withText, &QWidget::setEnabled);
    addSwitch(tr("Keep running in the tray when the window is closed"), m_preferences->keepInTray(),
              &Preferences::setKeepInTray)
        ->setVisible(hasTray);
    m_general->addStretch(1);
    return page;
}

QLayout* SettingsDialog::makeChoices() {
    auto* language = choice({{QString(), tr("As the system")},
                             {QStringLiteral("en"), QStringLiteral("English")},
                             {QStringLiteral("zh_CN"), QStringLiteral("简体中文")}},
                            m_preferences->language(), tr("Language"), this);
    auto* restart = new PlainLabel(tr("The language changes at the next start."), this);
    restart->setObjectName(QStringLiteral("hint"));
    restart->hide();
    auto* scheme = choice({{QStringLiteral("system"), tr("As the system")},
                           {QStringLiteral("light"), tr("Light")},
                           {QStringLiteral("dark"), tr("Dark")}},
                          m_preferences->colorScheme(), tr("Appearance"), this);
    connect(language, &QComboBox::activated, this, [this, language, restart] {
        m_preferences->setLanguage(language->currentData().toString());
        restart->show();
    });
    connect(scheme, &QComboBox::activated, this,
            [this, scheme] { m_preferences->setColorScheme(scheme->currentData().toString()); });
    auto* form = new QFormLayout;
    form->setHorizontalSpacing(18);
    form->setVerticalSpacing(10);
    form->setLabelAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    form->addRow(tr("Language"), language);
    form->addRow(QString(), restart);
    form->addRow(tr("Appearance"), scheme);
    return form;
}

QCheckBox* SettingsDialog::addSwitch(const QString& text, bool on, void (Preferences::*set)(bool)) {
    auto* box = new Switch(m_theme, text, this);
    box->setChecked(on);
    m_general->addWidget(box);
    connect(box, &QCheckBox::toggled, m_preferences, set);
    return box;
}

}  // namespace landline::app
