#pragma once

#include "app/views/doctor_run.h"
#include "app/views/theme.h"

#include <QDialog>

class QLabel;
class QPushButton;
class QVBoxLayout;

namespace landline::app {

/// "Why can't I see somebody?": the doctor's checks, each with what to do. Deletes itself when closed.
class DoctorDialog final : public QDialog {
    Q_OBJECT

public:
    DoctorDialog(Theme* theme, DoctorRun* doctor, const QString& who, QWidget* parent);

private:
    void begin();
    void show(const QString& problem);
    void addCheck(const control::Check& check);

    Theme* m_theme;
    DoctorRun* m_doctor;
    QString m_who;
    QLabel* m_summary;
    QWidget* m_list = nullptr;
    QVBoxLayout* m_frame;
    QPushButton* m_again;
};

}  // namespace landline::app
