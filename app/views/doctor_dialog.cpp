#include "app/views/doctor_dialog.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>

namespace landline::app {

DoctorDialog::DoctorDialog(Theme* theme, DoctorRun* doctor, const QString& who, QWidget* parent)
    : QDialog(parent), m_theme(theme), m_doctor(doctor), m_who(who) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Why can't I see somebody?"));
    resize(520, 560);
    auto* title = new QLabel(windowTitle(), this);
    title->setFont(Theme::font(1.2, QFont::DemiBold));
    m_summary = new QLabel(this);
    m_summary->setObjectName(QStringLiteral("hint"));
    m_summary->setWordWrap(true);
    auto* area = new QScrollArea(this);
    area->setFrameShape(QFrame::NoFrame);
    area->setWidgetResizable(true);
    auto* page = new QWidget(area);
    m_frame = new QVBoxLayout(page);
    m_frame->setContentsMargins(0, 0, 6, 0);
    m_frame->addStretch(1);
    area->setWidget(page);
    m_again = new QPushButton(tr("Check again"), this);
    auto* close = new QPushButton(tr("Close"), this);
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_again);
    buttons->addStretch(1);
    buttons->addWidget(close);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(22, 20, 22, 18);
    column->setSpacing(12);
    column->addWidget(title);
    column->addWidget(m_summary);
    column->addWidget(area, 1);
    column->addLayout(buttons);
    connect(close, &QPushButton::clicked, this, &QDialog::accept);
    connect(m_again, &QPushButton::clicked, this, &DoctorDialog::begin);
    connect(doctor, &DoctorRun::finished, this, &DoctorDialog::show);
    begin();
}

void DoctorDialog::begin() {
    m_again->setEnabled(false);
    m_summary->setText(tr("Looking at the network. This takes a few seconds…"));
    delete std::exchange(m_list, nullptr);
    m_doctor->run(m_who);
}

void DoctorDialog::show(const QString& problem) {
    m_again->setEnabled(true);
    const auto& checks = m_doctor->checks();
    const bool well = std::all_of(checks.begin(), checks.end(), [](const control::Check& c) { return c.ok; });
    if (!problem.isEmpty())
        m_summary->setText(tr("The program could not look: %1").arg(problem));
    else
        m_summary->setText(well ? tr("Everything that can be checked from here is well.")
                                : tr("Something stands in the way:"));
    delete std::exchange(m_list, new QWidget(this));
    m_frame->insertWidget(0, m_list);
    auto* column = new QVBoxLayout(m_list);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(12);
    for (const bool wanted : {false, true})
        for (const auto& check : checks)
            if (check.ok == wanted) addCheck(check);
}

void DoctorDialog::addCheck(const control::Check& check) {
    const auto& c = m_theme->colors();
    auto* row = new QWidget(m_list);
    auto* icon = new QLabel(row);
    icon->setPixmap(Theme::pixmap(check.ok ? QStringLiteral("check") : QStringLiteral("warning"),
                                  check.ok ? c.online : c.danger, 20, devicePixelRatioF()));
    auto* words = new QVBoxLayout;
    words->setSpacing(3);
    for (const QString& text : {check.found, check.advice}) {
        if (text.isEmpty()) continue;
        auto* label = new QLabel(text, row);
        label->setTextFormat(Qt::PlainText);
        label->setWordWrap(true);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
        if (text == check.advice) label->setObjectName(QStringLiteral("hint"));
        words->addWidget(label);
    }
    auto* line = new QHBoxLayout(row);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(10);
    line->addWidget(icon, 0, Qt::AlignTop);
    line->addLayout(words, 1);
    m_list->layout()->addWidget(row);
}

}  // namespace landline::app
