#pragma once

#include "p2p/base/clock.h"
#include "p2p/base/limits.h"
#include "p2p/base/random.h"
#include "p2p/discovery/endpoint.h"

#include <array>

namespace landline::discovery {

/// Allows `rate` takings a second and `burst` of them at once.
class TokenBucket {
public:
    struct Rate {
        double perSecond = 0;
        double burst = 0;
    };

    [[nodiscard]] bool mayTake(const Rate& rate, MonoTime now);
    void take() { m_spent += 1; }

private:
    double m_spent = 0;  ///< tokens missing from a full bucket: a fresh one is full
    MonoTime m_at{};
};

/// An allowance for everybody, within which each source address has its own. Its memory is fixed: addresses are hashed,
/// under a random key, into a table; two that meet share a bucket.
class SourceBudget {
public:
    SourceBudget(Random& random, TokenBucket::Rate everybody, TokenBucket::Rate perSource)
        : m_seed(random.next64()), m_everybodysRate(everybody), m_sourcesRate(perSource) {}

    /// True if `source` may go on; it is then charged.
    [[nodiscard]] bool allow(const Address& source, MonoTime now);

private:
    std::uint64_t m_seed;
    TokenBucket::Rate m_everybodysRate;
    TokenBucket::Rate m_sourcesRate;
    TokenBucket m_everybody;
    std::array<TokenBucket, 1024> m_sources;
};

/// Decides which beacons are worth a signature check, so that a flood costs a bounded share of a core
/// whatever it invents. Strangers share one allowance, within which each source address has its own; known
/// devices have another and one each, so that neither a flood of strangers nor a forger of one known key
/// silences the rest.
class VerifyBudget {
public:
    explicit VerifyBudget(Random& random);

    /// True if a stranger's beacon from `source` may be verified; it is then charged.
    [[nodiscard]] bool allowStranger(const Address& source, MonoTime now) {
        return m_strangers.allow(source, now);
    }
    /// The same for a known device, whose own bucket the caller keeps.
    [[nodiscard]] bool allowKnown(TokenBucket& ofDevice, MonoTime now);

private:
    SourceBudget m_strangers;
    TokenBucket m_known;
};

}  // namespace landline::discovery
