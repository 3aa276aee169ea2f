#pragma once

#include "app/control/caller.h"
#include "app/control/commands.h"
#include "app/control/doctor.h"
#include "app/messenger/messenger_port.h"

#include <QObject>

#include <vector>

namespace landline::app {

/// Runs the doctor for the desktop. On the GUI thread; destroyed before the runtime.
class DoctorRun final : public QObject {
    Q_OBJECT

public:
    DoctorRun(MessengerPort port, const QString& folder, QObject* parent = nullptr);
    ~DoctorRun() override;

    /// Begins anew unless one is under way; `who` may be empty.
    void run(const QString& who);
    [[nodiscard]] bool isRunning() const { return m_running; }
    [[nodiscard]] const std::vector<control::Check>& checks() const { return m_checks; }

Q_SIGNALS:
    /// `problem` is empty if all checks could be made.
    void finished(const QString& problem);

private:
    class Listener;
    void take(const QJsonObject& line);

    control::Dispatcher m_dispatcher;
    std::unique_ptr<Listener> m_listener;
    std::vector<control::Check> m_checks;
    bool m_running = false;
};

}  // namespace landline::app
