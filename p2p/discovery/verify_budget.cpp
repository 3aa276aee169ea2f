#include "p2p/discovery/verify_budget.h"

#include <algorithm>

namespace landline::discovery {

namespace {

constexpr TokenBucket::Rate kEverybody{limits::kBeaconChecks, limits::kBeaconChecksBurst};
constexpr TokenBucket::Rate kSource{limits::kBeaconChecksPerAddress, limits::kBeaconChecksPerAddressBurst};
constexpr TokenBucket::Rate kKnownDevice{limits::kBeaconChecksPerKnown, limits::kBeaconChecksPerKnownBurst};

std::uint64_t mix(std::uint64_t value) {
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
    return value ^ (value >> 31);
}

}  // namespace

bool TokenBucket::mayTake(const Rate& rate, MonoTime now) {
    const double seconds = std::chrono::duration<double>(now - m_at).count();
    if (seconds > 0) {
        m_spent = std::max(0.0, m_spent - seconds * rate.perSecond);
        m_at = now;
    }
    return m_spent + 1 <= rate.burst;
}

bool SourceBudget::allow(const Address& source, MonoTime now) {
    const std::uint64_t high = loadBe64(source.bytes.data());
    const std::uint64_t low = loadBe64(source.bytes.data() + 8);
    const std::uint64_t hash = mix(mix(mix(m_seed ^ high) ^ low) ^ source.scope);
    TokenBucket& bucket = m_sources[hash % m_sources.size()];
    if (!bucket.mayTake(m_sourcesRate, now) || !m_everybody.mayTake(m_everybodysRate, now)) return false;
    bucket.take();
    m_everybody.take();
    return true;
}

VerifyBudget::VerifyBudget(Random& random) : m_strangers(random, kEverybody, kSource) {}

bool VerifyBudget::allowKnown(TokenBucket& ofDevice, MonoTime now) {
    if (!ofDevice.mayTake(kKnownDevice, now) || !m_known.mayTake(kEverybody, now)) return false;
    ofDevice.take();
    m_known.take();
    return true;
}

}  // namespace landline::discovery
