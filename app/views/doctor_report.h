#pragma once

#include "app/control/doctor.h"
#include "app/views/theme.h"

#include <QWidget>

#include <vector>

class QLabel;
class QVBoxLayout;

namespace landline::app {

/// What the doctor found: a sentence for all of it, then each check, those that failed first, with what to do.
class DoctorReport final : public QWidget {
    Q_OBJECT

public:
    DoctorReport(const Theme* theme, QWidget* parent);

    /// While the checks are under way.
    void showWaiting();
    /// `problem` tells why not all could be made; usually empty.
    void showChecks(const std::vector<control::Check>& checks, const QString& problem);

private:
    void addCheck(const control::Check& check);

    const Theme* m_theme;
    QLabel* m_summary;
    QWidget* m_list = nullptr;
    QVBoxLayout* m_frame;
};

}  // namespace landline::app
