#include "app/messenger/relay_silence.h"

#include "p2p/base/limits.h"

#include <algorithm>

namespace landline::app {

bool RelaySilence::isSilent(const One& one, MonoTime now) const {
    return one.oldest ? now - one.since >= m_patience : now < one.until;
}

bool RelaySilence::isSilent(const RelayKey& relay, MonoTime now) const {
    const auto found = m_relays.find(relay);
    return found != m_relays.end() && isSilent(found->second, now);
}

void RelaySilence::owes(const RelayKey& relay, std::optional<DepositCounter> oldest, bool isAnswer,
                        MonoTime now) {
    const auto found = m_relays.find(relay);
    const bool isKnown = found != m_relays.end();
    // Whoever answers all but the first of them has not ended it.
    const bool isOver = isKnown && isAnswer && (!oldest || found->second.oldest != oldest);
    if (!isKnown || isOver) {
        if (isKnown) m_relays.erase(found);
        if (oldest) m_relays.emplace(relay, One{oldest, now, now + m_patience, {}, 0});
        return;
    }
    One& one = found->second;
    if (one.oldest == oldest) return;
    const bool wasSilent = isSilent(one, now);
    if (!oldest && !wasSilent) {
        m_relays.erase(found);
        return;
    }
    if (!oldest) {
        const Duration wait = m_patience * (1 << std::min(one.times++, 16));
        one.due = one.until = now + std::min<Duration>(wait, limits::kDepositRetryMost);
    } else if (!one.oldest) {
        // Silent still if nothing else could be tried.
        if (!wasSilent) one.since = now;
        one.due = now + m_patience;
    }
    one.oldest = oldest;
}

std::vector<RelayKey> RelaySilence::owing(MonoTime now) const {
    std::vector<RelayKey> result;
    for (const auto& [relay, one] : m_relays)
        if (one.oldest && isSilent(one, now)) result.push_back(relay);
    return result;
}

std::vector<RelayKey> RelaySilence::takeDue(MonoTime now) {
    std::vector<RelayKey> result;
    for (auto& [relay, one] : m_relays) {
        if (one.due > now) continue;
        result.push_back(relay);
        one.due = one.oldest ? now + m_patience : MonoTime::max();
    }
    return result;
}

std::optional<MonoTime> RelaySilence::nextDue() const {
    MonoTime next = MonoTime::max();
    for (const auto& [relay, one] : m_relays) next = std::min(next, one.due);
    return next == MonoTime::max() ? std::nullopt : std::optional(next);
}

}  // namespace landline::app
