#pragma once

#include "app/storage/relay_records.h"
#include "p2p/base/clock.h"

#include <map>
#include <optional>
#include <vector>

namespace landline::app {

/// Which relays owe the answer to a deposit for too long, connected or not, and whatever else they say: what was left there is
/// then left elsewhere, and they are passed over where there is another. It counts from when a deposit became the oldest
/// without an answer, over all sessions, and only the answer to that one ends it. Where everything was left elsewhere nothing
/// is owed any more: the relay is tried again after a while, longer with each time. Part of RelayOutbox, on its thread.
class RelaySilence {
public:
    /// `patience`: how long an answer may take.
    explicit RelaySilence(Duration patience) : m_patience(patience) {}

    /// To be told whenever that may have changed: this is the oldest deposit without an answer there. `isAnswer`: the relay
    /// has answered one since the last time.
    void owes(const RelayKey& relay, std::optional<DepositCounter> oldest, bool isAnswer, MonoTime now);
    [[nodiscard]] bool isSilent(const RelayKey& relay, MonoTime now) const;
    /// Those that are, and owe something still.
    [[nodiscard]] std::vector<RelayKey> owing(MonoTime now) const;
    /// Of which more is to be seen now: those that have just fallen silent, or did not end it for another while, and those
    /// that may be tried again.
    [[nodiscard]] std::vector<RelayKey> takeDue(MonoTime now);
    /// When there will be one; nothing if never.
    [[nodiscard]] std::optional<MonoTime> nextDue() const;
    void forgetAll() { m_relays.clear(); }

private:
    struct One {
        std::optional<DepositCounter> oldest;
        MonoTime since{};  ///< when that, or one before it that was left elsewhere, became the oldest
        MonoTime due{};
        MonoTime until{};  ///< without an oldest: passed over until then
        int times = 0;     ///< that all was left elsewhere, without an answer in between
    };
    [[nodiscard]] bool isSilent(const One& one, MonoTime now) const;

    const Duration m_patience;
    std::map<RelayKey, One> m_relays;
};

}  // namespace landline::app
