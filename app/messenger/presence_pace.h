#pragma once

#include "p2p/base/clock.h"
#include "p2p/base/ids.h"

#include <optional>
#include <set>
#include <utility>

namespace landline::app {

/// Paces what relays tell of who is there: each of them may tell of hundreds of devices each second, and whoever shows persons
/// works anew for each that changed. The first change after a rest is due at once, with all that come with it; those that
/// follow sooner wait together for the end of the rest. Owns no timer; the messenger's, on its thread.
class PresencePace {
public:
    static constexpr Duration kRest = std::chrono::milliseconds(500);

    void changed(const PersonId& person) { m_changed.insert(person); }
    /// When to `take`; nothing while nobody changed.
    [[nodiscard]] std::optional<MonoTime> due() const { return m_changed.empty() ? std::nullopt : std::optional(m_next); }
    /// Who is to be told of now.
    [[nodiscard]] std::set<PersonId> take(MonoTime now) {
        m_next = now + kRest;
        return std::exchange(m_changed, {});
    }
    /// Nobody is waited for any more.
    void forgetAll() { m_changed.clear(); }

private:
    std::set<PersonId> m_changed;
    MonoTime m_next{};
};

}  // namespace landline::app
