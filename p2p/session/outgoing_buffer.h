#pragma once

#include "p2p/base/bytes.h"

#include <algorithm>

namespace landline::session {

/// Bytes that wait for the socket: appended at the end, taken from the front. What was taken is moved out of
/// the way only when it is the larger part, so that each byte is moved at most once on average.
class OutgoingBuffer {
public:
    /// To append to, and only that. Ends the validity of `view`.
    [[nodiscard]] Bytes& tail() {
        if (m_at >= kCompactFrom && m_at >= m_bytes.size() / 2) {
            m_bytes.erase(m_bytes.begin(), m_bytes.begin() + static_cast<std::ptrdiff_t>(m_at));
            m_at = 0;
        }
        return m_bytes;
    }
    [[nodiscard]] ByteView view() const { return ByteView(m_bytes).subspan(m_at); }
    [[nodiscard]] std::size_t size() const { return m_bytes.size() - m_at; }

    void consume(std::size_t bytes) {
        m_at += std::min(bytes, size());
        if (m_at == m_bytes.size()) clear();
    }
    void clear() {
        m_at = 0;
        // An idle session keeps little memory: a relay has many thousand of them.
        if (m_bytes.capacity() > kKept)
            m_bytes = {};
        else
            m_bytes.clear();
    }

private:
    static constexpr std::size_t kCompactFrom = 16 * 1024;
    static constexpr std::size_t kKept = 256 * 1024;

    Bytes m_bytes;
    std::size_t m_at = 0;
};

}  // namespace landline::session
