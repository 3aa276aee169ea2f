#pragma once

#include "relay/clients/timer_table.h"

#include <QAbstractEventDispatcher>

#include <array>
#include <atomic>
#include <vector>

class QSocketNotifier;

namespace landline::relay {

/// An event loop on epoll(7), for a thread with very many sockets. Qt's own asks poll(2), which reads the whole list of
/// descriptors at each turn; here a turn costs as much as there is to do. Linux only.
///
/// Give one to QCoreApplication::setEventDispatcher before the application is made, or to QThread::setEventDispatcher
/// before the thread starts; Qt then owns it. All functions but wakeUp and interrupt are for its own thread. Sockets are
/// watched as level-triggered; epoll does not take files of a disk, so that a QSocketNotifier on one never fires and a
/// warning says so.
class EpollDispatcher final : public QAbstractEventDispatcher {
    Q_OBJECT

public:
    explicit EpollDispatcher(QObject* parent = nullptr);
    ~EpollDispatcher() override;

    bool processEvents(QEventLoop::ProcessEventsFlags flags) override;

    void registerSocketNotifier(QSocketNotifier* notifier) override;
    void unregisterSocketNotifier(QSocketNotifier* notifier) override;

    void registerTimer(int timerId, qint64 interval, Qt::TimerType timerType, QObject* object) override;
    bool unregisterTimer(int timerId) override;
    bool unregisterTimers(QObject* object) override;
    [[nodiscard]] QList<TimerInfo> registeredTimers(QObject* object) const override;
    [[nodiscard]] int remainingTime(int timerId) override;

    /// From any thread.
    void wakeUp() override;
    void interrupt() override;

private:
    /// The notifiers of one descriptor, by QSocketNotifier::Type, and what epoll was last told of them.
    struct Watched {
        std::array<QSocketNotifier*, 3> notifiers{};
        quint32 armed = 0;
        bool isChanged = false;  ///< is in m_changed
    };

    [[nodiscard]] static quint32 maskOf(const Watched& watched);
    void touch(int descriptor);
    /// Tells epoll what changed since the last turn. Sockets switch their notifiers off and on again within a turn.
    void applyChanges();
    void apply(int descriptor, Watched& watched);
    /// Milliseconds for epoll_wait; -1 to wait for ever.
    [[nodiscard]] int patience(bool mayBlock, bool withTimers) const;
    int deliverSockets(int patience);
    /// The same without sockets.
    int awaitWakeUp(int patience);
    int deliverTimers();
    void drainWakeUp();

    static constexpr int kEvents = 256;

    int m_epoll = -1;
    int m_wake = -1;  ///< an eventfd
    std::atomic<bool> m_isWoken{false};
    std::atomic<bool> m_isInterrupted{false};
    std::vector<Watched> m_watched;  ///< by descriptor
    std::vector<int> m_changed;
    TimerTable m_timers;
};

}  // namespace landline::relay
