#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace landline {

/// Hands values from any number of threads to any number of them. Those pushed under one key, a strand, are handed out in
/// their order and one at a time: the next one not before `done` for the one before. Strands take turns, so that none
/// waits for all of another. Unbounded: whoever pushes has a bound of its own.
template <class Key, class T>
class StrandQueue {
public:
    /// Ignored once closed.
    void push(const Key& strand, T value) {
        {
            const std::lock_guard lock(m_mutex);
            if (m_closed) return;
            const auto [found, isNew] = m_strands.try_emplace(strand);
            found->second.push_back(std::move(value));
            if (!isNew) return;
            m_ready.push_back(strand);
        }
        m_filled.notify_one();
    }

    /// Blocks for the next value; nothing once the queue is closed.
    [[nodiscard]] std::optional<std::pair<Key, T>> waitNext() {
        std::unique_lock lock(m_mutex);
        m_filled.wait(lock, [this] { return m_closed || !m_ready.empty(); });
        if (m_closed) return std::nullopt;
        const Key strand = m_ready.front();
        m_ready.pop_front();
        std::deque<T>& values = m_strands.at(strand);
        std::pair<Key, T> next(strand, std::move(values.front()));
        values.pop_front();
        return next;
    }

    /// What waitNext gave of this strand is over.
    void done(const Key& strand) {
        {
            const std::lock_guard lock(m_mutex);
            const auto found = m_strands.find(strand);
            if (found == m_strands.end()) return;
            if (found->second.empty()) {
                m_strands.erase(found);
                return;
            }
            m_ready.push_back(strand);
        }
        m_filled.notify_one();
    }

    /// Nothing is handed out any more; returns what was waiting.
    std::map<Key, std::deque<T>> close() {
        std::map<Key, std::deque<T>> waiting;
        {
            const std::lock_guard lock(m_mutex);
            m_closed = true;
            waiting.swap(m_strands);
            m_ready.clear();
        }
        m_filled.notify_all();
        return waiting;
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_filled;
    std::map<Key, std::deque<T>> m_strands;  ///< those that run or wait
    std::deque<Key> m_ready;                 ///< those that wait, and of which nothing runs
    bool m_closed = false;
};

}  // namespace landline
