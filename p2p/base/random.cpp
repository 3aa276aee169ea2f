#include "p2p/base/random.h"

#include <sodium.h>

#include <cstdio>
#include <cstdlib>

namespace landline {

std::uint64_t Random::next64() {
    std::array<std::uint8_t, 8> raw{};
    fill(raw);
    return loadBe64(raw.data());
}

std::uint64_t Random::below(std::uint64_t bound) {
    if (bound == 0) return 0;
    // The lowest multiple of `bound` that still leaves a whole number of them above: what lies below is redrawn.
    const std::uint64_t minimum = (~bound + 1) % bound;
    for (;;) {
        const std::uint64_t value = next64();
        if (value >= minimum) return value % bound;
    }
}

void SystemRandom::fill(std::span<std::uint8_t> out) { randombytes_buf(out.data(), out.size()); }

void initCrypto() {
    if (sodium_init() >= 0) return;
    std::fputs("Landline cannot start: libsodium found no source of randomness on this system.\n", stderr);
    std::abort();
}

}  // namespace landline
