#include "p2p/identity/safety_number.h"

#include "p2p/base/hash.h"

#include <algorithm>
#include <cstdio>

namespace landline::identity {

namespace {

constexpr std::size_t kGroups = 12;
constexpr std::size_t kGroupBytes = 5;
constexpr std::string_view kContext = "landline safety number v1\n";

}  // namespace

std::string safetyNumber(const PersonId& a, const PersonId& b) {
    const auto [low, high] = std::minmax(a, b);
    // 12 groups of 5 bytes need 60 bytes: one digest numbered 0, one numbered 1.
    Bytes pool;
    for (std::uint8_t block = 0; block < 2; ++block) {
        const Hash256 hash = sha256({viewOf(kContext), low.view(), high.view(), ByteView(&block, 1)});
        append(pool, hash.view());
    }
    std::string digits;
    for (std::size_t group = 0; group < kGroups; ++group) {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < kGroupBytes; ++i) value = value << 8 | pool[group * kGroupBytes + i];
        char text[8];
        std::snprintf(text, sizeof text, "%05u", static_cast<unsigned>(value % 100000));
        digits += text;
    }
    return digits;
}

std::string safetyNumberQr(const PersonId& a, const PersonId& b) {
    return "landline-verify:1:" + safetyNumber(a, b);
}

std::string fingerprint(ByteView key) {
    const std::string hex = toHex(key.first(std::min<std::size_t>(key.size(), 8)));
    std::string grouped;
    for (std::size_t i = 0; i < hex.size(); ++i) {
        if (i != 0 && i % 4 == 0) grouped.push_back(' ');
        grouped.push_back(hex[i]);
    }
    return grouped;
}

}  // namespace landline::identity
