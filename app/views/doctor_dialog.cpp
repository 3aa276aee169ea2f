#include "app/views/doctor_dialog.h"

#include "app/views/doctor_report.h"
#include "app/views/plain_text.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace landline::app {

DoctorDialog::DoctorDialog(Theme* theme, DoctorRun* doctor, const QString& who, QWidget* parent)
    : QDialog(parent), m_doctor(doctor), m_who(who) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Why can't I see somebody?"));
    resize(520, 560);
    auto* title = new PlainLabel(windowTitle(), this);
    title->setFont(Theme::font(1.2, QFont::DemiBold));
    m_report = new DoctorReport(theme, this);
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
    column->addWidget(m_report, 1);
    column->addLayout(buttons);
    connect(close, &QPushButton::clicked, this, &QDialog::accept);
    connect(m_again, &QPushButton::clicked, this, &DoctorDialog::begin);
    connect(doctor, &DoctorRun::finished, this, [this](const QString& problem) {
        m_again->setEnabled(true);
        m_report->showChecks(m_doctor->checks(), problem);
    });
    begin();
}

void DoctorDialog::begin() {
    m_again->setEnabled(false);
    m_report->showWaiting();
    m_doctor->run(m_who);
}

}  // namespace landline::app
