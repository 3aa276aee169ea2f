#pragma once

#include "p2p/base/bytes.h"

#include <cstdint>

namespace landline {

/// A source of random bytes. State machines are given one, so that a test can seed it; everything real uses
/// SystemRandom. Implementations need not be safe for several threads at once unless they say so.
class Random {
public:
    virtual ~Random() = default;
    virtual void fill(std::span<std::uint8_t> out) = 0;

    [[nodiscard]] std::uint64_t next64();
    /// Uniform in [0, bound); 0 if bound is 0.
    [[nodiscard]] std::uint64_t below(std::uint64_t bound);
    /// A FixedBytes type filled at random.
    template <class Id>
    [[nodiscard]] Id make() {
        Id id;
        fill(id.span());
        return id;
    }
};

/// libsodium's generator. Safe from any thread.
class SystemRandom final : public Random {
public:
    void fill(std::span<std::uint8_t> out) override;
};

/// Call once before anything of libsodium is used (any thread, any number of times). Ends the program with a
/// message if the library cannot start, since nothing of ours is safe then.
void initCrypto();

}  // namespace landline
