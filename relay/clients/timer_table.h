#pragma once

#include <QAbstractEventDispatcher>
#include <QList>

#include <chrono>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

namespace landline::relay {

/// The timers of one thread, in the order in which they are due. Starting, stopping and finding the next one cost
/// O(log n) and a turn of the loop costs nothing for those that are not due, so that 20,000 clients may each have some.
/// It tells nobody and reads no clock: EpollDispatcher, its owner, does. Not thread-safe.
class TimerTable final {
public:
    using Clock = std::chrono::steady_clock;
    using Info = QAbstractEventDispatcher::TimerInfo;

    /// `interval` in milliseconds, not negative. An id that is in use is replaced.
    void start(int id, qint64 interval, Qt::TimerType type, QObject* object, Clock::time_point now);
    bool stop(int id);
    /// Every timer of the object; false if it had none.
    bool stopAll(const QObject* object);
    [[nodiscard]] QList<Info> of(const QObject* object) const;

    /// Empty without timers, or while each is being delivered.
    [[nodiscard]] std::optional<Clock::time_point> nextDue() const;
    /// Milliseconds until the timer is due, rounded up; -1 for one that is not known.
    [[nodiscard]] int remaining(int id, Clock::time_point now) const;

    /// Those that are due, earliest first. Each is then to be begun and ended, if it is still there.
    [[nodiscard]] std::vector<int> due(Clock::time_point now) const;
    /// Whom to tell of this timer; null if it was stopped meanwhile, or is not due any more. Until `end` it is not due
    /// again, so that a nested loop within its own event does not run it once more.
    QObject* begin(int id, Clock::time_point now);
    void end(int id);

private:
    struct Timer {
        QObject* object = nullptr;
        std::chrono::milliseconds interval{};
        Qt::TimerType type = Qt::CoarseTimer;
        Clock::time_point exact;  ///< when it would be due if it might never be late
        Clock::time_point due;
        bool isRunning = false;  ///< its event is being delivered
    };
    void enqueue(int id, const Timer& timer) { m_order.emplace(timer.due, id); }
    void dequeue(int id, const Timer& timer) { m_order.erase({timer.due, id}); }

    std::unordered_map<int, Timer> m_timers;
    std::unordered_map<const QObject*, std::vector<int>> m_ofObject;
    std::set<std::pair<Clock::time_point, int>> m_order;  ///< without those that are running
};

}  // namespace landline::relay
