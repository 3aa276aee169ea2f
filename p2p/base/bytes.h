#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace landline {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

/// An array of exactly N bytes whose Tag keeps it from being mistaken for another of the same size. Ordered and
/// compared byte by byte (not in constant time: never a secret; see Secret for those).
template <class Tag, std::size_t N>
class FixedBytes {
public:
    static constexpr std::size_t kSize = N;

    constexpr FixedBytes() = default;
    constexpr explicit FixedBytes(const std::array<std::uint8_t, N>& bytes) : m_bytes(bytes) {}

    /// Nothing if `bytes` has another length than N.
    [[nodiscard]] static std::optional<FixedBytes> from(ByteView bytes) {
        if (bytes.size() != N) return std::nullopt;
        FixedBytes result;
        std::memcpy(result.m_bytes.data(), bytes.data(), N);
        return result;
    }

    [[nodiscard]] constexpr const std::uint8_t* data() const { return m_bytes.data(); }
    [[nodiscard]] constexpr std::uint8_t* data() { return m_bytes.data(); }
    [[nodiscard]] static constexpr std::size_t size() { return N; }
    [[nodiscard]] ByteView view() const { return m_bytes; }
    [[nodiscard]] std::span<std::uint8_t> span() { return m_bytes; }
    [[nodiscard]] bool isZero() const { return *this == FixedBytes{}; }

    friend constexpr auto operator<=>(const FixedBytes&, const FixedBytes&) = default;

private:
    std::array<std::uint8_t, N> m_bytes{};
};

/// Hashes the first bytes of an id. Ids are keys or digests, so these are spread evenly already.
template <class Id>
struct IdHash {
    std::size_t operator()(const Id& id) const noexcept {
        std::size_t value = 0;
        std::memcpy(&value, id.data(), std::min(sizeof(value), Id::kSize));
        return value;
    }
};

[[nodiscard]] ByteView viewOf(std::string_view text);
[[nodiscard]] Bytes toBytes(ByteView view);
[[nodiscard]] std::string toString(ByteView view);
void append(Bytes& out, ByteView more);

/// Lower-case hexadecimal.
[[nodiscard]] std::string toHex(ByteView bytes);
/// Nothing unless `hex` is an even number of hexadecimal digits.
[[nodiscard]] std::optional<Bytes> fromHex(std::string_view hex);

// Integers on the wire are big-endian unless a format says otherwise. `in` must hold enough bytes.
[[nodiscard]] std::uint16_t loadBe16(const std::uint8_t* in);
[[nodiscard]] std::uint32_t loadBe32(const std::uint8_t* in);
[[nodiscard]] std::uint64_t loadBe64(const std::uint8_t* in);
void storeBe16(std::uint8_t* out, std::uint16_t value);
void storeBe32(std::uint8_t* out, std::uint32_t value);
void storeBe64(std::uint8_t* out, std::uint64_t value);
void appendBe16(Bytes& out, std::uint16_t value);
void appendBe32(Bytes& out, std::uint32_t value);
void appendBe64(Bytes& out, std::uint64_t value);

}  // namespace landline

template <class Tag, std::size_t N>
struct std::hash<landline::FixedBytes<Tag, N>> : landline::IdHash<landline::FixedBytes<Tag, N>> {};
