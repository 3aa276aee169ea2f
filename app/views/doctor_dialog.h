#pragma once

#include "app/views/doctor_run.h"
#include "app/views/theme.h"

#include <QDialog>

class QPushButton;

namespace landline::app {

class DoctorReport;

/// "Why can't I see somebody?": the doctor's checks, each with what to do. Deletes itself when closed.
class DoctorDialog final : public QDialog {
    Q_OBJECT

public:
    DoctorDialog(Theme* theme, DoctorRun* doctor, const QString& who, QWidget* parent);

private:
    void begin();

    DoctorRun* m_doctor;
    QString m_who;
    DoctorReport* m_report;
    QPushButton* m_again;
};

}  // namespace landline::app
