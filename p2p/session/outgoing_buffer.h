#pragma once

#include "p2p/base/shared_bytes.h"
#include "p2p/base/sliding_vector.h"

#include <algorithm>

namespace landline::session {

/// Bytes that wait for the socket: appended at the end, taken from the front. Of those that are appended, what was taken
/// is moved out of the way only when it is the larger part, so that each byte is moved at most once on average. Slices
/// stand between them and stay where they are.
class OutgoingBuffer {
public:
    /// To append to, and only that. Ends the validity of `view` and `parts`.
    [[nodiscard]] Bytes& tail() {
        if (m_at >= kCompactFrom && m_at >= m_bytes.size() / 2) {
            m_bytes.erase(m_bytes.begin(), m_bytes.begin() + static_cast<std::ptrdiff_t>(m_at));
            for (Cut& cut : m_cuts) cut.at -= m_at;
            m_at = 0;
        }
        return m_bytes;
    }
    /// Goes out behind the first `at` bytes of `tail`, in front of which stands the slice before.
    void insertSlice(std::size_t at, SharedSlice slice) {
        m_sliced += slice.size;
        m_cuts.push_back(Cut{at, std::move(slice)});
    }

    /// What goes out first, as far as it lies in one place.
    [[nodiscard]] ByteView view() const {
        ByteView first;
        (void)parts({&first, 1});
        return first;
    }
    /// What goes out first, in order, in as many parts as there is room for; gives how many there are.
    [[nodiscard]] std::size_t parts(std::span<ByteView> out) const {
        std::size_t count = 0;
        std::size_t at = m_at;
        const auto add = [&](ByteView part) {
            if (!part.empty() && count < out.size()) out[count++] = part;
        };
        for (const Cut& cut : m_cuts) {
            if (count == out.size()) break;
            add(ByteView(m_bytes).subspan(at, cut.at - at));
            add(cut.slice.view());
            at = cut.at;
        }
        add(ByteView(m_bytes).subspan(at));
        return count;
    }
    [[nodiscard]] std::size_t size() const { return m_bytes.size() - m_at + m_sliced; }

    void consume(std::size_t bytes) {
        while (bytes > 0 && size() > 0) {
            const std::size_t until = m_cuts.empty() ? m_bytes.size() : m_cuts.front().at;
            if (m_at < until) {
                const std::size_t taken = std::min(bytes, until - m_at);
                m_at += taken;
                bytes -= taken;
                continue;
            }
            SharedSlice& slice = m_cuts.front().slice;
            const std::size_t taken = std::min(bytes, slice.size);
            slice.at += taken;
            slice.size -= taken;
            m_sliced -= taken;
            bytes -= taken;
            if (slice.size == 0) m_cuts.popFront();
        }
        if (size() == 0) clear();
    }
    void clear() {
        m_at = 0;
        m_sliced = 0;
        m_cuts.clear();
        // An idle session keeps little memory: a relay has many thousand of them.
        if (m_bytes.capacity() > kKept)
            m_bytes = Bytes();  // "= {}" would keep the memory
        else
            m_bytes.clear();
    }

private:
    static constexpr std::size_t kCompactFrom = 16 * 1024;
    static constexpr std::size_t kKept = 1024;

    /// A slice behind so many of m_bytes.
    struct Cut {
        std::size_t at = 0;
        SharedSlice slice;
    };

    Bytes m_bytes;
    std::size_t m_at = 0;
    SlidingVector<Cut> m_cuts;
    std::size_t m_sliced = 0;  ///< bytes of all slices
};

}  // namespace landline::session
