#include "app/messenger/speed_meter.h"

namespace landline::app {

namespace {

// Long enough to look steady, short enough to follow a change.
constexpr Duration kWindow = std::chrono::seconds(5);
constexpr Duration kLeast = std::chrono::milliseconds(500);
constexpr Duration kBetween = std::chrono::milliseconds(100);

}  // namespace

void SpeedMeter::add(MonoTime now, std::uint64_t total) {
    // Another attempt counts anew.
    if (!m_samples.empty() && total < m_samples.back().total) m_samples.clear();
    // The one at the window's edge stays, so that the window is full.
    while (m_samples.size() > 2 && now - m_samples[1].at >= kWindow) m_samples.pop_front();
    if (m_samples.size() > 1 && now - m_samples[m_samples.size() - 2].at < kBetween) m_samples.pop_back();
    m_samples.push_back({now, total});
}

std::uint64_t SpeedMeter::perSecond(MonoTime now) const {
    if (m_samples.size() < 2) return 0;
    const Duration since = now - m_samples.front().at;
    if (since < kLeast || now - m_samples.back().at >= kWindow) return 0;
    const double seconds = std::chrono::duration<double>(since).count();
    return static_cast<std::uint64_t>(static_cast<double>(m_samples.back().total - m_samples.front().total) /
                                      seconds);
}

}  // namespace landline::app
