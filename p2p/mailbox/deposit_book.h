#pragma once

#include "p2p/mailbox/events.h"

#include <map>
#include <set>

namespace landline::mailbox {

/// The deposits of this device at one relay that are not over: those without an answer, in the order of their counters, and
/// those that the relay holds. What it tells of, the owner has written down before. Owned by one Mailbox.
class DepositBook {
public:
    struct Pending {
        wire::relay::Deposit deposit;
        std::optional<MonoTime> sent;  ///< in this session
    };

    /// One that was written down and has no answer.
    void add(DepositCounter counter, wire::relay::Deposit deposit);
    void restore(HeldDeposit held);

    /// The first that this session has not sent, marked as sent; nothing if all are. After a refusal that passes one alone, until
    /// that is answered: whoever has no room is not sent everything again and again.
    [[nodiscard]] std::optional<wire::relay::Frame> sendNext(MonoTime now);
    [[nodiscard]] std::optional<MonoTime> oldestSent() const;
    /// The session is over: all without an answer are sent again in the next one.
    void unsendAll();

    /// What follows from an answer: nothing if the deposit stays as it is, to be sent again (`refusal` says when), or is not
    /// known. `isBroken` if it answers for recipients that there are not.
    struct Outcome {
        std::optional<DepositChanged> changed;
        std::optional<wire::relay::Refusal> refusal;
        bool isBroken = false;
    };
    /// `life` is what the relay says of all deposits. What it says of this one is believed within that only: a date that has
    /// gone by would have it made again at once and for ever, one too far away would never be.
    [[nodiscard]] Outcome answered(DepositCounter counter, const wire::relay::Deposited& answer,
                                   std::chrono::milliseconds life, WallTime now);

    /// Those that fail because the relay is in this epoch now.
    [[nodiscard]] std::vector<DepositChanged> enterEpoch(RelayEpoch epoch);
    /// Those held whose time has run out.
    [[nodiscard]] std::vector<DepositChanged> expire(WallTime now);
    [[nodiscard]] std::optional<WallTime> nextExpiry() const;
    /// Heads cover it for this device.
    void settle(DepositCounter counter, const DeviceId& device);

private:
    struct Held {
        RelayEpoch epoch = 0;
        std::vector<DeviceId> devices;
        WallTime expires;
    };

    void hold(DepositCounter counter, Held held);
    void forget(std::map<DepositCounter, Held>::iterator held);

    std::map<DepositCounter, Pending> m_pending;
    bool m_isRefused = false;  ///< the last one was, by an answer of this session
    std::map<DepositCounter, Held> m_held;
    std::set<std::pair<WallTime, DepositCounter>> m_expiries;  ///< of m_held
};

}  // namespace landline::mailbox
