#pragma once

#include "tests/bench/load/loop.h"

#include <array>
#include <deque>

namespace landline::load {

/// Answers of a time, and how long each took. Times are kept in steps of a sixteenth of their size at most.
class Meter {
public:
    void begin(MonoTime now) { m_began = now, m_isCounting = true; }
    void end(MonoTime now) { m_ended = now, m_isCounting = false; }
    void answered(Duration took);

    [[nodiscard]] double perSecond() const;
    /// Of the times, the one that `share` of them do not exceed, in milliseconds.
    [[nodiscard]] double quantile(double share) const;
    [[nodiscard]] std::uint64_t count() const { return m_count; }

private:
    static constexpr std::size_t kSteps = 16;  ///< for each power of two
    std::array<std::uint64_t, 40 * kSteps> m_times{};
    std::uint64_t m_count = 0;
    MonoTime m_began{};
    MonoTime m_ended{};
    bool m_isCounting = false;
};

/// What a run of deposits asks for.
struct Task {
    std::size_t depth = 1;  ///< deposits of one client that wait for their answers
    std::size_t rate = 0;   ///< deposits a second of all clients, however many wait; 0: a new one for each answer
    std::size_t bytes = 400;
    std::size_t boxes = 200;
    bool isOpen = false;  ///< more are made
    std::uint64_t answered = 0;
    Meter meter;
};

/// A client that leaves messages for others who are away, so many at a time, and measures how long each takes to be
/// answered. Answers come in order.
class Depositor : public Connection {
public:
    Depositor(Loop& loop, Task& task, std::size_t number)
        : Connection(loop), m_task(task), m_number(number) {}

    [[nodiscard]] bool isReady() const { return m_isReady; }
    /// As many as the task asks for; to be called once there is one.
    void fill();
    /// One more, whatever waits.
    void add();
    [[nodiscard]] std::size_t unanswered() const { return m_asked.size(); }

protected:
    /// Puts one deposit with the box's owner into what goes out.
    virtual void deposit(std::size_t box) = 0;
    void answered(std::size_t count);
    void becomeReady() { m_isReady = true; }
    /// The connection is gone, and what was asked by it.
    void forgetAsked() { m_asked.clear(), m_isReady = false; }
    void lost() override { fail("a client lost its connection"); }

    Task& m_task;
    const std::size_t m_number;

private:
    std::deque<MonoTime> m_asked;
    std::uint64_t m_turn = 0;
    bool m_isReady = false;
};

}  // namespace landline::load
