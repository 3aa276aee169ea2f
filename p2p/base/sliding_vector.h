#pragma once

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

namespace landline {

/// A queue in one piece of memory: grows at the back, is emptied from the front. Empty it keeps a few bytes, where a
/// std::deque takes half a kilobyte: a relay has some for each device.
template <class T>
class SlidingVector {
public:
    [[nodiscard]] std::size_t size() const { return m_values.size() - m_first; }
    [[nodiscard]] bool empty() const { return size() == 0; }
    [[nodiscard]] T& operator[](std::size_t index) { return m_values[m_first + index]; }
    [[nodiscard]] const T& operator[](std::size_t index) const { return m_values[m_first + index]; }
    [[nodiscard]] T& front() { return m_values[m_first]; }
    [[nodiscard]] T& back() { return m_values.back(); }
    [[nodiscard]] T* begin() { return m_values.data() + m_first; }
    [[nodiscard]] T* end() { return m_values.data() + m_values.size(); }
    [[nodiscard]] const T* begin() const { return m_values.data() + m_first; }
    [[nodiscard]] const T* end() const { return m_values.data() + m_values.size(); }

    void push_back(T value) { m_values.push_back(std::move(value)); }
    void popFront(std::size_t count = 1) {
        for (count = std::min(count, size()); count > 0; --count) letGo(m_values[m_first++]);
        if (empty()) return clear();
        if (m_first < kKeep) return;
        // At least half is empty: each value is moved once for each that was taken out, at most.
        if (m_first * 2 < m_values.size()) return;
        m_values.erase(m_values.begin(), m_values.begin() + static_cast<std::ptrdiff_t>(m_first));
        m_first = 0;
        if (m_values.capacity() > 2 * kKeep && m_values.size() < m_values.capacity() / 4)
            m_values.shrink_to_fit();
    }
    void clear() {
        m_first = 0;
        if (m_values.capacity() * sizeof(T) > kKeptBytes)
            m_values = std::vector<T>();  // "= {}" would keep the memory
        else
            m_values.clear();
    }

private:
    /// What it holds goes at once, though its place stays for a while.
    static void letGo(T& value) {
        if constexpr (!std::is_trivially_copyable_v<T>) [[maybe_unused]]
            const T gone = std::move(value);
    }

    static constexpr std::size_t kKeep = 16;
    static constexpr std::size_t kKeptBytes = 256;
    std::vector<T> m_values;
    std::size_t m_first = 0;
};

}  // namespace landline
