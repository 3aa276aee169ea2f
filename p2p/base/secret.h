#pragma once

#include "p2p/base/bytes.h"

#include <sodium.h>

namespace landline {

/// N secret bytes that are wiped when they go. Movable, not copyable (copies are made on purpose, by clone), compared
/// only in constant time.
template <std::size_t N>
class Secret {
public:
    static constexpr std::size_t kSize = N;

    Secret() = default;
    explicit Secret(std::span<const std::uint8_t, N> bytes) { std::memcpy(m_bytes.data(), bytes.data(), N); }
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    Secret(Secret&& other) noexcept : m_bytes(other.m_bytes) { other.wipe(); }
    Secret& operator=(Secret&& other) noexcept {
        if (this != &other) {
            m_bytes = other.m_bytes;
            other.wipe();
        }
        return *this;
    }
    ~Secret() { wipe(); }

    [[nodiscard]] Secret clone() const { return Secret(std::span<const std::uint8_t, N>(m_bytes)); }
    [[nodiscard]] const std::uint8_t* data() const { return m_bytes.data(); }
    [[nodiscard]] std::uint8_t* data() { return m_bytes.data(); }
    [[nodiscard]] static constexpr std::size_t size() { return N; }
    [[nodiscard]] ByteView view() const { return m_bytes; }
    [[nodiscard]] std::span<std::uint8_t> span() { return m_bytes; }
    [[nodiscard]] bool equals(ByteView other) const {
        return other.size() == N && sodium_memcmp(m_bytes.data(), other.data(), N) == 0;
    }
    void wipe() { sodium_memzero(m_bytes.data(), N); }

private:
    std::array<std::uint8_t, N> m_bytes{};
};

}  // namespace landline
