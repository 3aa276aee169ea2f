#pragma once

#include <QObject>
#include <QTimer>

class QSocketNotifier;

namespace landline::app {

/// Tells when the machine resumed from sleep (logind's PrepareForSleep) or its addresses changed (rtnetlink, on
/// Linux). Changes that follow each other closely are told once.
class SystemEvents final : public QObject {
    Q_OBJECT

public:
    explicit SystemEvents(QObject* parent = nullptr);
    ~SystemEvents() override;
    void start();

Q_SIGNALS:
    void networkChanged();

private Q_SLOTS:
    void prepareForSleep(bool begins);

private:
    void watchAddresses();
    void drain();

    int m_socket = -1;
    QSocketNotifier* m_notifier = nullptr;
    QTimer m_settle;
};

}  // namespace landline::app
