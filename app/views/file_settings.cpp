#include "app/views/file_settings.h"

#include "app/models/message_text.h"
#include "app/views/always_accept_dialog.h"
#include "app/views/elided_label.h"
#include "app/views/folder_field.h"

#include <QComboBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStandardPaths>
#include <QVBoxLayout>

#include <algorithm>

namespace landline::app {

namespace {

constexpr quint64 kRates[] = {0,          500'000,    1'000'000,  5'000'000,
                              10'000'000, 25'000'000, 50'000'000, 100'000'000};
constexpr int kCounts[] = {1, 2, 3, 5, 10, 20};

/// One that is no usual one is added.
void choose(QComboBox* box, qulonglong value, const QString& text) {
    if (box->findData(value) < 0) box->addItem(text, value);
    box->setCurrentIndex(box->findData(value));
}

}  // namespace

FileSettings::FileSettings(const Theme* theme, Preferences* preferences, AppModels* models, QWidget* parent)
    : QWidget(parent), m_theme(theme), m_models(models) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(10);
    auto* form = new QFormLayout;
    form->setHorizontalSpacing(18);
    form->setVerticalSpacing(10);
    form->setLabelAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    column->addLayout(form);
    const QString kept = preferences->downloadFolder();
    auto* folder = new FolderField(
        tr("Download folder"),
        kept.isEmpty() ? QStandardPaths::writableLocation(QStandardPaths::DownloadLocation) : kept, this);
    connect(folder, &FolderField::chosen, preferences, &Preferences::setDownloadFolder);
    form->addRow(tr("Download folder"), folder);
    if (!models) return;
    addLimits(form);
    addPeople(column);
    column->addStretch(1);
    connect(&models->rules, &FileRules::changed, this, &FileSettings::showRules);
    showRules();
    models->rules.reload();
}

void FileSettings::addLimits(QFormLayout* form) {
    m_receiving = addChoice(tr("Receive at most"));
    m_sending = addChoice(tr("Send at most"));
    m_atOnce = addChoice(tr("Fetch at once"));
    for (QComboBox* box : {m_receiving, m_sending})
        for (const quint64 rate : kRates)
            box->addItem(rate == 0 ? tr("No limit") : tr("%1/s").arg(byteText(rate)), qulonglong(rate));
    for (const int count : kCounts) m_atOnce->addItem(tr("%n files", nullptr, count), qulonglong(count));
    for (QComboBox* box : {m_receiving, m_sending, m_atOnce}) form->addRow(box->accessibleName(), box);
}

void FileSettings::addPeople(QVBoxLayout* column) {
    auto* title = new PlainLabel(tr("Accepted without asking"), this);
    title->setFont(Theme::font(1.0, QFont::DemiBold));
    m_nobody =
        new PlainLabel(tr("Nobody's files. To change that, open a conversation and choose “Accept files "
                          "without asking…” in its menu."),
                       this);
    m_nobody->setObjectName(QStringLiteral("hint"));
    m_nobody->setWordWrap(true);
    m_people = new QVBoxLayout;
    m_people->setSpacing(6);
    column->addSpacing(4);
    column->addWidget(title);
    column->addWidget(m_nobody);
    column->addLayout(m_people);
}

QComboBox* FileSettings::addChoice(const QString& name) {
    auto* box = new QComboBox(this);
    box->setAccessibleName(name);
    connect(box, &QComboBox::activated, this, &FileSettings::save);
    return box;
}

void FileSettings::showRules() {
    const TransferLimits& limits = m_models->rules.limits();
    choose(m_receiving, limits.receiving, tr("%1/s").arg(byteText(limits.receiving)));
    choose(m_sending, limits.sending, tr("%1/s").arg(byteText(limits.sending)));
    choose(m_atOnce, static_cast<qulonglong>(limits.atOnce), tr("%n files", nullptr, limits.atOnce));
    showPeople();
}

void FileSettings::save() {
    TransferLimits limits;
    limits.receiving = m_receiving->currentData().toULongLong();
    limits.sending = m_sending->currentData().toULongLong();
    limits.atOnce = m_atOnce->currentData().toInt();
    m_models->rules.setLimits(limits);
}

void FileSettings::showPeople() {
    while (auto* const item = m_people->takeAt(0)) {
        item->widget()->deleteLater();
        delete item;
    }
    const auto& rules = m_models->rules.rules();
    m_nobody->setVisible(rules.empty());
    for (const AlwaysAccept& rule : rules) m_people->addWidget(makeRule(rule));
}

QWidget* FileSettings::makeRule(const AlwaysAccept& rule) {
    const auto* const person = m_models->sidebar.person(rule.person);
    const QString who = person ? displayName(*person) : tr("Somebody unknown");
    auto* row = new QWidget(this);
    auto* name = new ElidedLabel(row);
    name->setText(who);
    auto* about = new ElidedLabel(row);
    about->setObjectName(QStringLiteral("hint"));
    about->setText(QString(quotaText(rule.quota) + u" · " + rule.folder));
    about->setToolTip(plainTip(rule.folder));
    auto* change = new QPushButton(tr("Change…"), row);
    change->setAutoDefault(false);
    change->setAccessibleName(tr("Change: %1").arg(who));
    auto* words = new QVBoxLayout;
    words->setSpacing(1);
    words->addWidget(name);
    words->addWidget(about);
    auto* line = new QHBoxLayout(row);
    line->setContentsMargins(0, 0, 0, 0);
    line->addLayout(words, 1);
    line->addWidget(change);
    connect(change, &QPushButton::clicked, this,
            [this, id = rule.person] { (new AlwaysAcceptDialog(m_theme, m_models, id, window()))->open(); });
    return row;
}

}  // namespace landline::app
