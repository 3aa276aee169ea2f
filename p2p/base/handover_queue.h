#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>

namespace landline {

/// Hands values from any number of threads to one consumer, in the order of their arrival. Bounded: `push` refuses
/// when `capacity` values wait, and the producer decides what that means. The waker is called once for each change
/// from empty to not empty, on the producer's thread, so that an event loop can be nudged; it must not block and
/// must not call back into the queue.
template <class T>
class HandoverQueue {
public:
    explicit HandoverQueue(std::size_t capacity, std::function<void()> waker = {})
        : m_capacity(capacity), m_waker(std::move(waker)) {}

    /// False, and `value` is untouched, if the queue is full or closed.
    [[nodiscard]] bool push(T&& value) {
        {
            const std::lock_guard lock(m_mutex);
            if (m_closed || m_values.size() >= m_capacity) return false;
            m_values.push_back(std::move(value));
            if (m_values.size() > 1) return true;
        }
        m_filled.notify_one();
        if (m_waker) m_waker();
        return true;
    }

    /// Everything that waits, oldest first; does not block.
    [[nodiscard]] std::deque<T> takeAll() {
        const std::lock_guard lock(m_mutex);
        return std::exchange(m_values, {});
    }

    /// Blocks for the next value; nothing once the queue is closed and empty.
    [[nodiscard]] std::optional<T> waitNext() {
        std::unique_lock lock(m_mutex);
        m_filled.wait(lock, [this] { return m_closed || !m_values.empty(); });
        if (m_values.empty()) return std::nullopt;
        T value = std::move(m_values.front());
        m_values.pop_front();
        if (!m_values.empty()) m_filled.notify_one();
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
    const std::function<void()> m_waker;
    std::mutex m_mutex;
    std::condition_variable m_filled;
    std::deque<T> m_values;
    bool m_closed = false;
};

}  // namespace landline
