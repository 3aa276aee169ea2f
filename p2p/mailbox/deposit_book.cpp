#include "p2p/mailbox/deposit_book.h"

#include "p2p/base/limits.h"

#include <algorithm>

namespace landline::mailbox {

using namespace wire::relay;

namespace {

DepositChanged failedForAll(DepositCounter counter, const std::vector<DeviceId>& devices,
                            std::optional<Reason> reason) {
    DepositChanged changed{counter, {}, {}, {}};
    for (const DeviceId& device : devices) changed.failed.push_back({device, reason});
    return changed;
}

/// When a deposit that came to be held `now` runs out, whatever the relay's clock is.
WallTime expiryOf(WallTime told, std::chrono::milliseconds life, WallTime now) {
    return std::clamp(told, now + limits::kHeldLeast, now + life + limits::kHeldBeyondLife);
}

std::vector<DeviceId> devicesOf(const Deposit& deposit) {
    std::vector<DeviceId> devices;
    for (const Recipient& one : deposit.recipients) devices.push_back(one.to.device);
    return devices;
}

}  // namespace

void DepositBook::add(DepositCounter counter, Deposit deposit) {
    m_pending.insert_or_assign(counter, Pending{std::move(deposit), std::nullopt});
}

void DepositBook::restore(HeldDeposit held) {
    hold(held.counter, {held.epoch, std::move(held.devices), held.expires});
}

std::optional<Frame> DepositBook::sendNext(MonoTime now) {
    std::size_t sent = 0;
    if (m_isRefused && oldestSent()) return std::nullopt;
    for (auto& [counter, pending] : m_pending) {
        if (sent == limits::kDepositsUnanswered) break;
        if (!pending.sent) {
            pending.sent = now;
            return Frame{counter, pending.deposit};
        }
        ++sent;
    }
    return std::nullopt;
}

std::optional<MonoTime> DepositBook::oldestSent() const {
    std::optional<MonoTime> oldest;
    for (const auto& [counter, pending] : m_pending)
        if (pending.sent && (!oldest || *pending.sent < *oldest)) oldest = pending.sent;
    return oldest;
}

void DepositBook::unsendAll() {
    m_isRefused = false;
    for (auto& [counter, pending] : m_pending) pending.sent.reset();
}

DepositBook::Outcome DepositBook::answered(DepositCounter counter, const Deposited& answer,
                                           std::chrono::milliseconds life, WallTime now) {
    const auto found = m_pending.find(counter);
    if (found == m_pending.end()) return {};
    const Deposit& deposit = found->second.deposit;
    if (!answer.failures.empty() && answer.failures.back().recipient >= deposit.recipients.size())
        return {{}, {}, true};
    m_isRefused = answer.refusal && isPassing(answer.refusal->reason);
    if (m_isRefused) {
        found->second.sent.reset();
        return {{}, answer.refusal, false};
    }
    DepositChanged changed{counter, devicesOf(deposit), expiryOf(answer.expires, life, now), {}};
    if (answer.refusal) {
        changed = failedForAll(counter, changed.held, answer.refusal->reason);
    } else {
        // From the back, so that the places of the others stay.
        for (auto one = answer.failures.rbegin(); one != answer.failures.rend(); ++one) {
            const auto at = changed.held.begin() + static_cast<std::ptrdiff_t>(one->recipient);
            changed.failed.insert(changed.failed.begin(), {*at, one->reason});
            changed.held.erase(at);
        }
        if (!changed.held.empty()) hold(counter, {deposit.epoch, changed.held, changed.expires});
    }
    m_pending.erase(found);
    return {std::move(changed), {}, false};
}

std::vector<DepositChanged> DepositBook::enterEpoch(RelayEpoch epoch) {
    std::vector<DepositChanged> changes;
    for (auto held = m_held.begin(); held != m_held.end();) {
        const auto one = held++;
        if (one->second.epoch == epoch) continue;
        changes.push_back(failedForAll(one->first, one->second.devices, Reason::OtherEpoch));
        forget(one);
    }
    std::erase_if(m_pending, [&](const auto& one) {
        if (one.second.deposit.epoch == epoch) return false;
        changes.push_back(failedForAll(one.first, devicesOf(one.second.deposit), Reason::OtherEpoch));
        return true;
    });
    return changes;
}

std::vector<DepositChanged> DepositBook::expire(WallTime now) {
    std::vector<DepositChanged> changes;
    while (!m_expiries.empty() && m_expiries.begin()->first <= now) {
        const auto held = m_held.find(m_expiries.begin()->second);
        changes.push_back(failedForAll(held->first, held->second.devices, std::nullopt));
        forget(held);
    }
    return changes;
}

std::optional<WallTime> DepositBook::nextExpiry() const {
    if (m_expiries.empty()) return std::nullopt;
    return m_expiries.begin()->first;
}

void DepositBook::settle(DepositCounter counter, const DeviceId& device) {
    const auto found = m_held.find(counter);
    if (found == m_held.end()) return;
    std::erase(found->second.devices, device);
    if (found->second.devices.empty()) forget(found);
}

void DepositBook::hold(DepositCounter counter, Held held) {
    if (const auto before = m_held.find(counter); before != m_held.end()) forget(before);
    m_expiries.insert({held.expires, counter});
    m_held.emplace(counter, std::move(held));
}

void DepositBook::forget(std::map<DepositCounter, Held>::iterator held) {
    m_expiries.erase({held->second.expires, held->first});
    m_held.erase(held);
}

}  // namespace landline::mailbox
