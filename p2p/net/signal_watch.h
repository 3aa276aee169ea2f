#pragma once

#include <QObject>

class QSocketNotifier;

namespace landline::net {

/// Turns SIGINT, SIGTERM and SIGHUP into Qt signals. One at a time, on the main thread.
class SignalWatch final : public QObject {
    Q_OBJECT

public:
    /// What SIGHUP means: the terminal is gone, or a service is to read its settings again.
    enum class Hangup { Interrupts, Reloads };

    explicit SignalWatch(QObject* parent = nullptr, Hangup hangup = Hangup::Interrupts);
    ~SignalWatch() override;

Q_SIGNALS:
    void interrupted();
    void reloadWanted();

private:
    void onReadable();

    const Hangup m_hangup;
    QSocketNotifier* m_notifier = nullptr;
};

}  // namespace landline::net
