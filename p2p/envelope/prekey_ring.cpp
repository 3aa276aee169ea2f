#include "p2p/envelope/prekey_ring.h"

#include "p2p/base/limits.h"

#include <algorithm>

namespace landline::envelope {

namespace {

/// A prekey dated further ahead than this was made under a wrong clock.
constexpr auto kClockDoubt = limits::kClockAhead;

bool isDue(const HeldPrekey& newest, WallTime now) {
    const WallTime created = newest.prekey.created();
    if (now >= newest.prekey.expires() || created > now + kClockDoubt) return true;
    return newest.isConfirmed && now - created >= limits::kPrekeyRotation;
}

}  // namespace

void PrekeyRing::restore(HeldPrekey held) {
    if (held.prekey.device() != m_device) return;
    // One that is superseded is older than one that is not, whatever a wrong clock dated it.
    const auto isOlder = [](const HeldPrekey& a, const HeldPrekey& b) {
        if (a.superseded.has_value() != b.superseded.has_value()) return a.superseded.has_value();
        return a.prekey.created() < b.prekey.created();
    };
    m_held.insert(std::upper_bound(m_held.begin(), m_held.end(), held, isOlder), std::move(held));
}

bool PrekeyRing::rotate(const identity::DeviceKeys& device, Random& random, WallTime now) {
    if (!m_held.empty() && !isDue(m_held.back(), now)) return false;
    renew(device, random, now);
    return true;
}

void PrekeyRing::renew(const identity::DeviceKeys& device, Random& random, WallTime now) {
    assert(device.id() == m_device);
    noise::KeyPair pair = noise::KeyPair::generate(random);
    m_held.push_back(
        {Prekey::issue(device, pair.publicKey, now), std::move(pair.secret), false, std::nullopt});
}

const HeldPrekey* PrekeyRing::newest() const {
    return m_held.empty() ? nullptr : &m_held.back();
}

std::optional<noise::KeyPair> PrekeyRing::find(const PrekeyId& id) const {
    for (const HeldPrekey& held : m_held)
        if (held.prekey.id() == id) return noise::KeyPair{held.secret.clone(), held.prekey.key()};
    return std::nullopt;
}

bool PrekeyRing::confirmed(const PrekeyId& id, RelayEpoch epoch, MailboxNumber messages, MailboxNumber heads,
                           std::chrono::seconds life, WallTime now) {
    const auto found = std::find_if(m_held.begin(), m_held.end(),
                                    [&id](const HeldPrekey& held) { return held.prekey.id() == id; });
    if (found == m_held.end()) return false;
    bool changed = !found->isConfirmed;
    found->isConfirmed = true;
    for (auto held = m_held.begin(); held != found; ++held) {
        // In a new epoch an older database may hold again what had been drained.
        if (held->superseded && held->superseded->epoch == epoch) continue;
        held->superseded =
            HeldPrekey::Superseded{epoch, messages, heads, now + std::min(life, limits::kRelayLifeMost)};
        changed = true;
    }
    return changed;
}

std::vector<PrekeyId> PrekeyRing::takeDue(RelayEpoch epoch, MailboxNumber messages, MailboxNumber heads,
                                          WallTime now) {
    std::vector<PrekeyId> due;
    const PrekeyId last = m_held.empty() ? PrekeyId() : m_held.back().prekey.id();
    std::erase_if(m_held, [&](const HeldPrekey& held) {
        const auto& superseded = held.superseded;
        const bool isDue = superseded && superseded->epoch == epoch && superseded->messages <= messages &&
                           superseded->heads <= heads && superseded->until <= now;
        const bool isOver = held.prekey.id() != last && held.prekey.expires() + limits::kRelayLifeMost <= now;
        if (isDue || isOver) due.push_back(held.prekey.id());
        return isDue || isOver;
    });
    return due;
}

}  // namespace landline::envelope
