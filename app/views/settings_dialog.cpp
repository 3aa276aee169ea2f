#include "app/views/settings_dialog.h"

#include "app/views/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QPushButton>
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

SettingsDialog::SettingsDialog(Preferences* preferences, bool hasTray, QWidget* parent) : QDialog(parent) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Settings"));
    auto* title = new QLabel(tr("Settings"), this);
    title->setFont(Theme::font(1.2, QFont::DemiBold));
    auto* language = choice({{QString(), tr("As the system")},
                             {QStringLiteral("en"), QStringLiteral("English")},
                             {QStringLiteral("zh_CN"), QStringLiteral("简体中文")}},
                            preferences->language(), tr("Language"), this);
    auto* restart = new QLabel(tr("The language changes at the next start."), this);
    restart->setObjectName(QStringLiteral("hint"));
    restart->hide();
    auto* scheme = choice({{QStringLiteral("system"), tr("As the system")},
                           {QStringLiteral("light"), tr("Light")},
                           {QStringLiteral("dark"), tr("Dark")}},
                          preferences->colorScheme(), tr("Appearance"), this);
    auto* notify = new QCheckBox(tr("Notify me of new messages"), this);
    notify->setChecked(preferences->notify());
    auto* withText = new QCheckBox(tr("Show the text in notifications"), this);
    withText->setChecked(preferences->notifyWithText());
    withText->setEnabled(preferences->notify());
    auto* tray = new QCheckBox(tr("Keep running in the tray when the window is closed"), this);
    tray->setChecked(preferences->keepInTray());
    tray->setVisible(hasTray);
    auto* form = new QFormLayout;
    form->setHorizontalSpacing(18);
    form->setVerticalSpacing(10);
    form->setLabelAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    form->addRow(tr("Language"), language);
    form->addRow(QString(), restart);
    form->addRow(tr("Appearance"), scheme);
    auto* close = new QPushButton(tr("Close"), this);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(24, 20, 24, 18);
    column->setSpacing(12);
    column->addWidget(title);
    column->addLayout(form);
    for (QWidget* widget : std::initializer_list<QWidget*>{notify, withText, tray}) column->addWidget(widget);
    column->addSpacing(6);
    column->addWidget(close, 0, Qt::AlignRight);
    connect(language, &QComboBox::activated, this, [=] {
        preferences->setLanguage(language->currentData().toString());
        restart->show();
    });
    connect(scheme, &QComboBox::activated, this,
            [=] { preferences->setColorScheme(scheme->currentData().toString()); });
    connect(notify, &QCheckBox::toggled, this, [=](bool on) {
        preferences->setNotify(on);
        withText->setEnabled(on);
    });
    connect(withText, &QCheckBox::toggled, preferences, &Preferences::setNotifyWithText);
    connect(tray, &QCheckBox::toggled, preferences, &Preferences::setKeepInTray);
    connect(close, &QPushButton::clicked, this, &QDialog::accept);
}

}  // namespace landline::app
