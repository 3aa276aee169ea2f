#pragma once

#include "p2p/base/bytes.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace landline::fuzz {

/// Reads decisions from a fuzzer's bytes; where they end, zeros.
class FuzzInput {
public:
    FuzzInput(const std::uint8_t* data, std::size_t size) : m_rest(data, size) {}

    [[nodiscard]] bool empty() const { return m_rest.empty(); }
    std::uint8_t u8() {
        if (m_rest.empty()) return 0;
        const std::uint8_t value = m_rest.front();
        m_rest = m_rest.subspan(1);
        return value;
    }
    std::uint16_t u16() {
        const unsigned high = u8();
        return static_cast<std::uint16_t>(high << 8 | u8());
    }
    /// At most `count` bytes.
    ByteView bytes(std::size_t count) {
        const ByteView head = m_rest.first(std::min(count, m_rest.size()));
        m_rest = m_rest.subspan(head.size());
        return head;
    }
    ByteView rest() { return bytes(m_rest.size()); }

private:
    ByteView m_rest;
};

/// Ends the run where a property does not hold, in every build.
inline void require(bool holds, const char* property) {
    if (holds) return;
    std::fprintf(stderr, "violated: %s\n", property);
    std::abort();
}

}  // namespace landline::fuzz
