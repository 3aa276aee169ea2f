#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace landline::test {

/// Hands values from any number of threads to others, in the order of their arrival. Bounded: `push` refuses when `capacity`
/// values wait, and the producer decides what that means.
template <class T>
class HandoverQueue {
public:
    explicit HandoverQueue(std::size_t capacity) : m_capacity(capacity) {}

    /// False, and `value` is untouched, if the queue is full or closed.
    [[nodiscard]] bool push(T&& value) {
        {
            const std::lock_guard lock(m_mutex);
            if (m_closed || m_values.size() >= m_capacity) return false;
            m_values.push_back(std::move(value));
        }
        m_filled.notify_one();
        return true;
    }

    /// Blocks for the next value; nothing once the queue is closed and empty.
    [[nodiscard]] std::optional<T> waitNext() {
        std::unique_lock lock(m_mutex);
        m_filled.wait(lock, [this] { return m_closed || !m_values.empty(); });
        if (m_values.empty()) return std::nullopt;
        T value = std::move(m_values.front());
        m_values.pop_front();
        return value;
    }

    /// No further values are taken; those waiting can still be fetched.
    void close() {
        {
            const std::lock_guard lock(m_mutex);
            m_closed = true;
        }
        m_filled.notify_all();
    }

private:
    const std::size_t m_capacity;
    std::mutex m_mutex;
    std::condition_variable m_filled;
    std::deque<T> m_values;
    bool m_closed = false;
};

}  // namespace landline::test
