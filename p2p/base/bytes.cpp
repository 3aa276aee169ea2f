#include "p2p/base/bytes.h"

namespace landline {

namespace {

int hexDigit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

template <class Int>
Int loadBe(const std::uint8_t* in) {
    Int value = 0;
    for (std::size_t i = 0; i < sizeof(Int); ++i) value = static_cast<Int>(value << 8 | in[i]);
    return value;
}

template <>
std::uint16_t loadBe(const std::uint8_t* in) {
    return static_cast<std::uint16_t>(in[0] << 8 | in[1]);
}

template <class Int>
void storeBe(std::uint8_t* out, Int value) {
    for (std::size_t i = 0; i < sizeof(Int); ++i)
        out[i] = static_cast<std::uint8_t>(value >> (8 * (sizeof(Int) - 1 - i)));
}

template <class Int>
void appendBe(Bytes& out, Int value) {
    std::array<std::uint8_t, sizeof(Int)> raw{};
    storeBe(raw.data(), value);
    append(out, raw);
}

}  // namespace

ByteView viewOf(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

Bytes toBytes(ByteView view) { return {view.begin(), view.end()}; }

std::string toString(ByteView view) {
    return {reinterpret_cast<const char*>(view.data()), view.size()};
}

void append(Bytes& out, ByteView more) { out.insert(out.end(), more.begin(), more.end()); }

std::string toHex(ByteView bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string hex;
    hex.reserve(bytes.size() * 2);
    for (const std::uint8_t byte : bytes) {
        hex.push_back(kDigits[byte >> 4]);
        hex.push_back(kDigits[byte & 15]);
    }
    return hex;
}

std::optional<Bytes> fromHex(std::string_view hex) {
    if (hex.size() % 2 != 0) return std::nullopt;
    Bytes bytes;
    bytes.reserve(hex.size() / 2);
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        const int high = hexDigit(hex[i]);
        const int low = hexDigit(hex[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        bytes.push_back(static_cast<std::uint8_t>(high << 4 | low));
    }
    return bytes;
}

std::uint16_t loadBe16(const std::uint8_t* in) { return loadBe<std::uint16_t>(in); }
std::uint32_t loadBe32(const std::uint8_t* in) { return loadBe<std::uint32_t>(in); }
std::uint64_t loadBe64(const std::uint8_t* in) { return loadBe<std::uint64_t>(in); }
void storeBe16(std::uint8_t* out, std::uint16_t value) { storeBe(out, value); }
void storeBe32(std::uint8_t* out, std::uint32_t value) { storeBe(out, value); }
void storeBe64(std::uint8_t* out, std::uint64_t value) { storeBe(out, value); }
void appendBe16(Bytes& out, std::uint16_t value) { appendBe(out, value); }
void appendBe32(Bytes& out, std::uint32_t value) { appendBe(out, value); }
void appendBe64(Bytes& out, std::uint64_t value) { appendBe(out, value); }

}  // namespace landline
