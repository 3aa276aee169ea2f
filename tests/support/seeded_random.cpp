#include "tests/support/seeded_random.h"

#include <algorithm>

namespace landline::test {

void SeededRandom::fill(std::span<std::uint8_t> out) {
    // SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
    for (std::size_t at = 0; at < out.size(); at += 8) {
        m_state += 0x9E3779B97F4A7C15ULL;
        std::uint64_t value = m_state;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
        value ^= value >> 31;
        std::memcpy(out.data() + at, &value, std::min<std::size_t>(8, out.size() - at));
    }
}

}  // namespace landline::test
