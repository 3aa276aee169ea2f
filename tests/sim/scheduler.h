#pragma once

#include "tests/support/seeded_random.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

namespace landline::sim {

using SimTime = std::chrono::microseconds;

/// Virtual time: events happen in order of their time, those of one time in the order in which they were planned.
class Scheduler {
public:
    [[nodiscard]] SimTime now() const { return m_now; }
    void at(SimTime time, std::function<void()> event) {
        m_events.push({std::max(time, m_now), m_planned++, std::move(event)});
    }
    void after(SimTime delay, std::function<void()> event) { at(m_now + delay, std::move(event)); }

    /// Lets everything happen that is planned up to `end`.
    void runUntil(SimTime end) {
        while (!m_events.empty() && m_events.top().time <= end) step();
        m_now = std::max(m_now, end);
    }
    /// Lets events happen until none is left, or `most` of them did; true if none is left.
    bool runOut(std::size_t most) {
        while (!m_events.empty() && most-- > 0) step();
        return m_events.empty();
    }

private:
    struct Event {
        SimTime time;
        std::uint64_t order;
        std::function<void()> act;
        bool operator<(const Event& other) const {
            return std::pair(other.time, other.order) < std::pair(time, order);
        }
    };
    void step() {
        // A priority queue shows its top as const only; it is popped at once.
        Event event = std::move(const_cast<Event&>(m_events.top()));
        m_events.pop();
        m_now = event.time;
        event.act();
    }

    SimTime m_now{0};
    std::uint64_t m_planned = 0;
    std::priority_queue<Event> m_events;
};

}  // namespace landline::sim
