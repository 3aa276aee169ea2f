#pragma once

#include "p2p/base/clock.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace landline::transfer {

/// A bound on bytes per second which several takers share in turn: a token bucket with a line before it, without a clock
/// of its own. Whoever is next is given one share, a sixteenth of a second's worth within the bounds it was made with, as
/// soon as earlier ones are paid for. So the bound holds over any time, but for one share and for what a silence saves, an
/// eighth of a second's worth at most; and takers get the same, however fast each could be.
class SharedRate {
public:
    using Taker = std::uint64_t;

    SharedRate(std::size_t leastShare, std::size_t mostShare) : m_least(leastShare), m_most(mostShare) {}

    /// 0: no bound. Whoever stands in line stays there.
    void setRate(std::uint64_t bytesPerSecond, MonoTime now);
    [[nodiscard]] bool isBounded() const { return m_rate != 0; }
    /// What one is given at a time.
    [[nodiscard]] std::size_t share() const;

    /// Stands in line, behind the others, unless it does already.
    void want(Taker taker);
    void leave(Taker taker);
    /// The first in line, if it is its turn: it has a share, and leaves the line.
    [[nodiscard]] std::optional<Taker> next(MonoTime now);
    /// When it will be somebody's turn; nothing while nobody stands in line.
    [[nodiscard]] std::optional<MonoTime> nextTimeout() const;
    /// A share that was taken past the line, and what of one was not used.
    void charge(std::size_t bytes, MonoTime now);
    void giveBack(std::size_t bytes) { m_balance += static_cast<double>(bytes); }

private:
    void refill(MonoTime now);

    std::size_t m_least;
    std::size_t m_most;
    std::uint64_t m_rate = 0;
    double m_balance = 0;  ///< bytes; below 0 while shares are to be paid for
    MonoTime m_at;
    std::deque<Taker> m_line;
};

}  // namespace landline::transfer
