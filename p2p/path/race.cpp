#include "p2p/path/race.h"

#include "p2p/base/limits.h"

#include <algorithm>
#include <utility>

namespace landline::path {

Race::Race(std::size_t lanes, MonoTime now) : m_lanes(lanes, State::Waiting) {
    m_deadline = now + limits::kDialTimeout + limits::kDialStagger * static_cast<int>(lanes);
    dialNext(now);
    settle(now);
}

void Race::connected(std::size_t lane, MonoTime now) {
    if (m_over || m_lanes[lane] != State::Connecting) return;
    m_lanes[lane] = State::Ready;
    m_ready.push_back(lane);
    settle(now);
}

void Race::failed(std::size_t lane, MonoTime now) {
    if (m_over || m_lanes[lane] == State::Out) return;
    m_lanes[lane] = State::Out;
    std::erase(m_ready, lane);
    if (!any(State::Connecting)) dialNext(now);
    settle(now);
}

void Race::opened(std::size_t lane, MonoTime) {
    if (m_over || m_lanes[lane] != State::Shaking) return;
    for (std::size_t other = 0; other < m_lanes.size(); ++other)
        if (other != lane) drop(other);
    m_actions.push_back(Won{lane});
    m_over = true;
}

void Race::advance(MonoTime now) {
    if (m_over) return;
    if (m_handshakeEnd && now >= *m_handshakeEnd)
        drop(static_cast<std::size_t>(std::find(m_lanes.begin(), m_lanes.end(), State::Shaking) -
                                      m_lanes.begin()));
    if (now >= m_deadline)
        for (std::size_t lane = 0; lane < m_lanes.size(); ++lane) drop(lane);
    else if (m_nextDial && now >= *m_nextDial)
        dialNext(now);
    settle(now);
}

std::optional<MonoTime> Race::nextTimeout() const {
    if (m_over) return std::nullopt;
    MonoTime next = m_deadline;
    if (m_nextDial) next = std::min(next, *m_nextDial);
    if (m_handshakeEnd) next = std::min(next, *m_handshakeEnd);
    return next;
}

std::optional<Race::Action> Race::nextAction() {
    if (m_actions.empty()) return std::nullopt;
    const Action action = m_actions.front();
    m_actions.pop_front();
    return action;
}

void Race::dialNext(MonoTime now) {
    const auto next = std::find(m_lanes.begin(), m_lanes.end(), State::Waiting);
    if (next != m_lanes.end()) {
        *next = State::Connecting;
        m_actions.push_back(Dial{static_cast<std::size_t>(next - m_lanes.begin())});
    }
    m_nextDial.reset();
    if (any(State::Waiting)) m_nextDial = now + limits::kDialStagger;
}

void Race::shakeNext(MonoTime now) {
    if (any(State::Shaking)) return;
    m_handshakeEnd.reset();
    if (m_ready.empty()) return;
    const std::size_t lane = m_ready.front();
    m_ready.pop_front();
    m_lanes[lane] = State::Shaking;
    m_handshakeEnd = now + limits::kDialHandshake;
    m_actions.push_back(Handshake{lane});
}

void Race::drop(std::size_t lane) {
    const State was = std::exchange(m_lanes[lane], State::Out);
    std::erase(m_ready, lane);
    if (was != State::Out && was != State::Waiting) m_actions.push_back(Drop{lane});
}

void Race::settle(MonoTime now) {
    shakeNext(now);
    const bool spent = std::all_of(m_lanes.begin(), m_lanes.end(), [](State s) { return s == State::Out; });
    if (!spent) return;
    m_over = true;
    m_actions.push_back(Lost{});
}

bool Race::any(State state) const {
    return std::find(m_lanes.begin(), m_lanes.end(), state) != m_lanes.end();
}

}  // namespace landline::path
