#pragma once

#include "p2p/base/random.h"

namespace landline::test {

/// Random bytes that a seed repeats. Fast (a counter stream of SplitMix64), not secret; for tests only.
class SeededRandom final : public Random {
public:
    explicit SeededRandom(std::uint64_t seed) : m_state(seed) {}
    void fill(std::span<std::uint8_t> out) override;

private:
    std::uint64_t m_state;
};

}  // namespace landline::test
