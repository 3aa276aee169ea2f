#include "relay/clients/timer_table.h"

#include <algorithm>

namespace landline::relay {

namespace {

using std::chrono::milliseconds;

/// Timers that may be late are due together, on whole multiples of this: fewer turns of the loop for the same timers.
/// Qt allows a coarse timer 5 % of its interval and a very coarse one a second.
milliseconds grain(milliseconds interval, Qt::TimerType type) {
    switch (type) {
        case Qt::PreciseTimer:
            return milliseconds(1);
        case Qt::CoarseTimer:
            return std::clamp(interval / 32, milliseconds(1), milliseconds(64));
        case Qt::VeryCoarseTimer:
            return milliseconds(1000);
    }
    return milliseconds(1);
}

TimerTable::Clock::time_point roundedUp(TimerTable::Clock::time_point exact, milliseconds step) {
    if (step <= milliseconds(1)) return exact;
    const auto whole = (exact.time_since_epoch() + step - TimerTable::Clock::duration(1)) / step * step;
    return TimerTable::Clock::time_point(std::chrono::duration_cast<TimerTable::Clock::duration>(whole));
}

}  // namespace

void TimerTable::start(int id, qint64 interval, Qt::TimerType type, QObject* object, Clock::time_point now) {
    stop(id);
    Timer made;
    made.object = object;
    made.interval = milliseconds(interval);
    made.type = type;
    made.exact = now + made.interval;
    made.due = roundedUp(made.exact, grain(made.interval, type));
    enqueue(id, made);
    m_timers.emplace(id, made);
    m_ofObject[object].push_back(id);
}

bool TimerTable::stop(int id) {
    const auto found = m_timers.find(id);
    if (found == m_timers.end()) return false;
    const Timer& timer = found->second;
    if (!timer.isRunning) dequeue(id, timer);
    const auto owner = m_ofObject.find(timer.object);
    std::erase(owner->second, id);
    if (owner->second.empty()) m_ofObject.erase(owner);
    m_timers.erase(found);
    return true;
}

bool TimerTable::stopAll(const QObject* object) {
    const auto owner = m_ofObject.find(object);
    if (owner == m_ofObject.end()) return false;
    const std::vector<int> ids = owner->second;
    for (const int id : ids) stop(id);
    return true;
}

QList<TimerTable::Info> TimerTable::of(const QObject* object) const {
    QList<Info> list;
    const auto owner = m_ofObject.find(object);
    if (owner == m_ofObject.end()) return list;
    for (const int id : owner->second) {
        const Timer& timer = m_timers.at(id);
        list.push_back(Info(id, int(timer.interval.count()), timer.type));
    }
    return list;
}

std::optional<TimerTable::Clock::time_point> TimerTable::nextDue() const {
    if (m_order.empty()) return std::nullopt;
    return m_order.begin()->first;
}

int TimerTable::remaining(int id, Clock::time_point now) const {
    const auto found = m_timers.find(id);
    if (found == m_timers.end()) return -1;
    const auto left = std::chrono::ceil<milliseconds>(found->second.due - now);
    return int(std::max<milliseconds::rep>(left.count(), 0));
}

std::vector<int> TimerTable::due(Clock::time_point now) const {
    std::vector<int> ids;
    for (const auto& [when, id] : m_order) {
        if (when > now) break;
        ids.push_back(id);
    }
    return ids;
}

QObject* TimerTable::begin(int id, Clock::time_point now) {
    const auto found = m_timers.find(id);
    if (found == m_timers.end()) return nullptr;
    Timer& timer = found->second;
    if (timer.isRunning || timer.due > now) return nullptr;
    dequeue(id, timer);
    timer.isRunning = true;
    // What was missed is not made up for: a loop that was held up would otherwise be held up by its timers.
    timer.exact += timer.interval;
    if (timer.exact <= now) timer.exact = now + timer.interval;
    timer.due = roundedUp(timer.exact, grain(timer.interval, timer.type));
    return timer.object;
}

void TimerTable::end(int id) {
    const auto found = m_timers.find(id);
    if (found == m_timers.end() || !found->second.isRunning) return;
    found->second.isRunning = false;
    enqueue(id, found->second);
}

}  // namespace landline::relay
