#include "app/views/doctor_report.h"

#include "app/views/plain_text.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>

namespace landline::app {

DoctorReport::DoctorReport(const Theme* theme, QWidget* parent) : QWidget(parent), m_theme(theme) {
    m_summary = new PlainLabel(this);
    m_summary->setObjectName(QStringLiteral("hint"));
    m_summary->setWordWrap(true);
    auto* area = new QScrollArea(this);
    area->setFrameShape(QFrame::NoFrame);
    area->setWidgetResizable(true);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* page = new QWidget(area);
    m_frame = new QVBoxLayout(page);
    m_frame->setContentsMargins(0, 0, 6, 0);
    m_frame->addStretch(1);
    area->setWidget(page);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(12);
    column->addWidget(m_summary);
    column->addWidget(area, 1);
}

void DoctorReport::showWaiting() {
    m_summary->setText(tr("Looking at the network. This takes a few seconds…"));
    delete std::exchange(m_list, nullptr);
}

void DoctorReport::showChecks(const std::vector<control::Check>& checks, const QString& problem) {
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
    column->setSpacing(10);
    for (const bool wanted : {false, true})
        for (const auto& check : checks)
            if (check.ok == wanted) addCheck(check);
}

void DoctorReport::addCheck(const control::Check& check) {
    const auto& c = m_theme->colors();
    auto* row = new QFrame(m_list);
    row->setObjectName(QStringLiteral("check"));
    row->setProperty("failed", !check.ok);
    auto* icon = new PlainLabel(row);
    icon->setPixmap(Theme::pixmap(check.ok ? QStringLiteral("check") : QStringLiteral("warning"),
                                  check.ok ? c.online : c.danger, 20, devicePixelRatioF()));
    auto* words = new QVBoxLayout;
    words->setSpacing(4);
    for (const QString& text : {check.found, check.advice}) {
        if (text.isEmpty()) continue;
        auto* label = new PlainLabel(text, row);
        label->setWordWrap(true);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
        if (text == check.advice) label->setObjectName(QStringLiteral("hint"));
        words->addWidget(label);
    }
    auto* line = new QHBoxLayout(row);
    line->setContentsMargins(12, 10, 12, 10);
    line->setSpacing(12);
    line->addWidget(icon, 0, Qt::AlignTop);
    line->addLayout(words, 1);
    m_list->layout()->addWidget(row);
}

}  // namespace landline::app
