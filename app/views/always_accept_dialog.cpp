#include "app/views/always_accept_dialog.h"

#include "app/models/message_text.h"
#include "app/views/folder_field.h"
#include "app/views/plain_text.h"
#include "app/views/switch.h"

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

constexpr quint64 kGigabyte = 1'000'000'000;
constexpr quint64 kQuotas[] = {100'000'000, kGigabyte, 10 * kGigabyte, 100 * kGigabyte, 0};
constexpr quint64 kUsualQuota = 10 * kGigabyte;

}  // namespace

QString quotaText(quint64 bytes) {
    return bytes == 0 ? AlwaysAcceptDialog::tr("No limit")
                      : AlwaysAcceptDialog::tr("%1 a day").arg(byteText(bytes));
}

AlwaysAcceptDialog::AlwaysAcceptDialog(const Theme* theme, AppModels* models, const PersonId& person,
                                       QWidget* parent)
    : QDialog(parent), m_models(models), m_person(person) {
    setAttribute(Qt::WA_DeleteOnClose);
    const auto* const view = models->sidebar.person(person);
    const QString name = view ? displayName(*view) : QString();
    setWindowTitle(tr("Files from %1").arg(name));
    setMinimumWidth(320);
    auto* title = new PlainLabel(windowTitle(), this);
    title->setWordWrap(true);
    title->setFont(Theme::font(1.2, QFont::DemiBold));
    auto* hint =
        new PlainLabel(tr("Nothing is opened by itself. Beyond the limit, and where the disk is nearly full, "
                          "you are asked as usual."),
                       this);
    hint->setObjectName(QStringLiteral("hint"));
    hint->setWordWrap(true);
    const AlwaysAccept* const rule = models->rules.ruleOf(person);
    m_on = new Switch(theme, tr("Accept without asking"), this);
    m_on->setChecked(rule != nullptr);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(22, 20, 22, 18);
    column->setSpacing(12);
    for (QWidget* widget : std::initializer_list<QWidget*>{title, m_on}) column->addWidget(widget);
    column->addLayout(makeForm(rule));
    column->addWidget(hint);
    column->addLayout(makeButtons());
}

/// Of use while the switch is on.
QLayout* AlwaysAcceptDialog::makeForm(const AlwaysAccept* rule) {
    m_folder = new FolderField(
        tr("Into the folder"),
        rule ? rule->folder : QStandardPaths::writableLocation(QStandardPaths::DownloadLocation), this);
    m_quota = new QComboBox(this);
    m_quota->setAccessibleName(tr("At most"));
    const quint64 quota = rule ? rule->quota : kUsualQuota;
    for (const quint64 bytes : kQuotas) m_quota->addItem(quotaText(bytes), bytes);
    if (m_quota->findData(quota) < 0) m_quota->insertItem(0, quotaText(quota), quota);
    m_quota->setCurrentIndex(m_quota->findData(quota));
    auto* form = new QFormLayout;
    form->setHorizontalSpacing(18);
    form->setVerticalSpacing(10);
    form->setLabelAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    form->addRow(tr("Into the folder"), m_folder);
    form->addRow(tr("At most"), m_quota);
    for (QWidget* field : std::initializer_list<QWidget*>{m_folder, m_quota}) {
        field->setEnabled(m_on->isChecked());
        connect(m_on, &QCheckBox::toggled, field, &QWidget::setEnabled);
    }
    return form;
}

QLayout* AlwaysAcceptDialog::makeButtons() {
    auto* cancel = new QPushButton(tr("Cancel"), this);
    cancel->setAutoDefault(false);
    auto* save = new QPushButton(tr("Save"), this);
    save->setProperty("primary", true);
    save->setDefault(true);
    auto* buttons = new QHBoxLayout;
    buttons->addStretch(1);
    buttons->addWidget(cancel);
    buttons->addWidget(save);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(save, &QPushButton::clicked, this, &AlwaysAcceptDialog::save);
    return buttons;
}

void AlwaysAcceptDialog::save() {
    if (m_on->isChecked())
        m_models->rules.setRule(m_person, m_folder->folder(), m_quota->currentData().toULongLong());
    else if (m_models->rules.ruleOf(m_person))
        m_models->rules.endRule(m_person);
    accept();
}

}  // namespace landline::app
