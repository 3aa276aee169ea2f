#pragma once

#include "p2p/base/clock.h"

#include <algorithm>
#include <cstddef>
#include <unordered_map>

namespace landline::relay {

/// So many a second, and so many at once after a silence.
struct Rate {
    double perSecond = 0;
    double burst = 0;
};

/// What became of a request to spend.
struct Spending {
    bool allowed = false;
    Duration wait{};  ///< until nothing is owed any more; of what was not allowed: until it may be
};

/// A token bucket for each key, of those that are not full. Bounded: while too many keys are in use, all further ones share
/// one bucket. Not thread-safe.
template <class Key>
class RateTable {
public:
    explicit RateTable(std::size_t most) : m_most(most) {}

    /// Lets `key` run into debt by what it may spend in `debt`.
    [[nodiscard]] Spending spend(const Key& key, double cost, const Rate& rate, Duration debt, MonoTime now) {
        Bucket& bucket = bucketOf(key, rate, now);
        refill(bucket, rate, now);
        const double most = rate.burst + rate.perSecond * std::chrono::duration<double>(debt).count();
        const double spent = bucket.spent + cost;
        // A full bucket lets everything through, whatever it costs.
        if (spent > most && bucket.spent > 0) return {false, timeFor(spent - most, rate)};
        bucket.spent = spent;
        return {true, timeFor(spent - rate.burst, rate)};
    }
    /// What was spent for nothing.
    void refund(const Key& key, double cost) {
        const auto found = m_buckets.find(key);
        // One that is full by now is no longer there.
        if (found != m_buckets.end()) found->second.spent = std::max(0.0, found->second.spent - cost);
    }
    [[nodiscard]] std::size_t size() const { return m_buckets.size(); }

private:
    struct Bucket {
        double spent = 0;  ///< of a full one
        MonoTime at{};
    };

    static Duration timeFor(double amount, const Rate& rate) {
        if (amount <= 0) return Duration::zero();
        return std::chrono::ceil<Duration>(std::chrono::duration<double>(amount / rate.perSecond));
    }
    static void refill(Bucket& bucket, const Rate& rate, MonoTime now) {
        const double seconds = std::chrono::duration<double>(now - bucket.at).count();
        if (seconds > 0) bucket.spent = std::max(0.0, bucket.spent - seconds * rate.perSecond);
        bucket.at = std::max(bucket.at, now);
    }
    Bucket& bucketOf(const Key& key, const Rate& rate, MonoTime now) {
        if (const auto found = m_buckets.find(key); found != m_buckets.end()) return found->second;
        if (m_buckets.size() >= m_most && now >= m_nextClean) {
            // Looking through all of them is worth it once in a while only.
            m_nextClean = now + std::chrono::seconds(1);
            for (auto at = m_buckets.begin(); at != m_buckets.end();) {
                refill(at->second, rate, now);
                at = at->second.spent <= 0 ? m_buckets.erase(at) : std::next(at);
            }
        }
        return m_buckets.size() >= m_most ? m_shared : m_buckets[key];
    }

    std::size_t m_most;
    std::unordered_map<Key, Bucket> m_buckets;
    Bucket m_shared;
    MonoTime m_nextClean{};
};

}  // namespace landline::relay
