#include "tests/bench/load/depositor.h"

#include <algorithm>
#include <bit>

namespace landline::load {

void Meter::answered(Duration took) {
    if (!m_isCounting) return;
    ++m_count;
    const auto micros = static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 1));
    const auto power = static_cast<std::size_t>(std::bit_width(micros) - 1);
    const std::size_t step = ((micros << 4) >> power) - kSteps;
    ++m_times[std::min(power * kSteps + step, m_times.size() - 1)];
}

double Meter::perSecond() const {
    return static_cast<double>(m_count) / std::chrono::duration<double>(m_ended - m_began).count();
}

double Meter::quantile(double share) const {
    auto left = static_cast<std::uint64_t>(share * static_cast<double>(m_count));
    for (std::size_t at = 0; at < m_times.size(); ++at) {
        if (m_times[at] <= left) {
            left -= m_times[at];
            continue;
        }
        const auto low = static_cast<double>(1ULL << at / kSteps);
        return low * (1 + static_cast<double>(at % kSteps + 1) / kSteps) / 1000;
    }
    return 0;
}

void Depositor::fill() {
    while (m_task.isOpen && m_task.rate == 0 && m_asked.size() < m_task.depth) add();
}

void Depositor::add() {
    // Spread evenly, and for each client in another order.
    deposit((m_number * 7919 + ++m_turn * 104'729) % m_task.boxes);
    m_asked.push_back(m_loop.now());
}

void Depositor::answered(std::size_t count) {
    if (count > m_asked.size()) fail("more answers came than were asked for");
    m_task.answered += count;
    for (; count > 0; --count) {
        m_task.meter.answered(m_loop.now() - m_asked.front());
        m_asked.pop_front();
    }
    fill();
}

}  // namespace landline::load
