#pragma once

#include "p2p/base/clock.h"

#include <cstddef>
#include <deque>
#include <optional>
#include <variant>
#include <vector>

namespace landline::path {

/// Races the candidate addresses of one device, best first, as "Happy Eyeballs" does (RFC 8305): the next
/// lane starts a stagger after the one before, or at once when that has failed. A state machine: it knows
/// lanes by number only, the owner dials. Each lane goes
///
///     Waiting ──Dial──► Connecting ──connected──► Ready ──Handshake──► Shaking ──opened──► the race is won
///        └──────────────────┴──────────────────────┴────────failed───────┴──► Out
///
/// Only one lane shakes hands at a time, so that the other side never sees two sessions of one race. The race
/// ends with one Won or Lost; before Won every other lane in use is dropped.
class Race {
public:
    struct Dial {
        std::size_t lane = 0;
    };
    struct Handshake {
        std::size_t lane = 0;
    };
    /// The lane is of no more use: hang up.
    struct Drop {
        std::size_t lane = 0;
    };
    struct Won {
        std::size_t lane = 0;
    };
    struct Lost {};
    using Action = std::variant<Dial, Handshake, Drop, Won, Lost>;

    Race(std::size_t lanes, MonoTime now);

    void connected(std::size_t lane, MonoTime now);
    void failed(std::size_t lane, MonoTime now);
    void opened(std::size_t lane, MonoTime now);
    /// Call at `nextTimeout` or later.
    void advance(MonoTime now);
    [[nodiscard]] std::optional<MonoTime> nextTimeout() const;
    /// The next thing to do; drain after every input.
    [[nodiscard]] std::optional<Action> nextAction();
    [[nodiscard]] bool isOver() const { return m_over; }

private:
    enum class State { Waiting, Connecting, Ready, Shaking, Out };

    void dialNext(MonoTime now);
    void shakeNext(MonoTime now);
    void drop(std::size_t lane);
    void settle(MonoTime now);
    [[nodiscard]] bool any(State state) const;

    std::vector<State> m_lanes;
    std::deque<std::size_t> m_ready;  ///< in the order in which they connected
    std::optional<MonoTime> m_nextDial;
    std::optional<MonoTime> m_handshakeEnd;
    MonoTime m_deadline;
    std::deque<Action> m_actions;
    bool m_over = false;
};

}  // namespace landline::path
