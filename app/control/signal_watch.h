#pragma once

#include <QObject>

#include <memory>

class QSocketNotifier;

namespace landline::app::control {

/// Turns SIGINT, SIGTERM and SIGHUP into a Qt signal. One at a time, on the main thread.
class SignalWatch final : public QObject {
    Q_OBJECT

public:
    explicit SignalWatch(QObject* parent = nullptr);
    ~SignalWatch() override;

Q_SIGNALS:
    void interrupted();

private:
    QSocketNotifier* m_notifier = nullptr;
};

}  // namespace landline::app::control
