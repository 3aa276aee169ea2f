#include "app/messenger/relay_outbox.h"
#include "app/storage/deposit_table.h"

// What is done where relays do not answer.
namespace landline::app {

void RelayOutbox::noteOwed(const RelayKey& relay, bool isAnswer) {
    const MonoTime now = m_accounts.now();
    const bool wasSilent = m_silence.isSilent(relay, now);
    m_silence.owes(relay, m_context.db->deposits().oldestUnanswered(relay), isAnswer, now);
    if (wasSilent && !m_silence.isSilent(relay, now)) lookAtThoseAt(relay);
}

void RelayOutbox::leaveSilentRelays() {
    for (const RelayKey& relay : m_silence.takeDue(m_accounts.now())) {
        noteOwed(relay, false);
        const auto awaited = m_context.db->deposits().awaited(relay);
        for (const AwaitedDeposit& one : awaited) m_due.insert(one.device);
        if (awaited.empty())
            lookAtThoseAt(relay);
        else
            m_accounts.want(relay);
        // There may be other ways for those as well.
        if (const auto stalled = m_stalled.extract(relay))
            m_due.insert(stalled.mapped().begin(), stalled.mapped().end());
    }
    for (const RelayKey& relay : m_silence.owing(m_accounts.now())) leaveSilent(relay);
}

/// What a relay may or may not have is left at another, where there is one, or is over; an answer that comes after all ends what
/// it has.
void RelayOutbox::leaveSilent(const RelayKey& relay) {
    std::vector<AwaitedDeposit> awaited = m_context.db->deposits().awaited(relay);
    std::erase_if(awaited, [this](const AwaitedDeposit& one) { return m_due.count(one.device) == 0; });
    const bool isLost = !awaited.empty() && !m_accounts.isUsed(relay);
    std::map<DepositCounter, mailbox::DepositChanged> given;
    for (const AwaitedDeposit& one : awaited) {
        if (!isLost && !isOver(one) && !m_routes.hasOther(one.device, relay)) continue;
        given.try_emplace(one.counter, mailbox::DepositChanged{one.counter, {}, {}, {}})
            .first->second.failed.push_back({one.device, std::nullopt});
    }
    for (auto& [counter, changed] : given) m_changes.emplace_back(relay, std::move(changed));
}

/// Heads cover it, or no relay would have it any more.
bool RelayOutbox::isOver(const AwaitedDeposit& deposit) const {
    // Counters are the time when they were given out, or later.
    const auto made = fromUnixMillis(static_cast<std::int64_t>(deposit.counter));
    return !deposit.isNeeded || m_context.clock.wall() - made > limits::kRelayLifeMost;
}

}  // namespace landline::app
