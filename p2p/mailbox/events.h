#pragma once

#include "p2p/base/clock.h"
#include "p2p/wire/relay_messages.h"

#include <algorithm>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What a Mailbox tells its owner. Whatever the owner keeps of an event it commits at once, all of it in one transaction.
namespace landline::mailbox {

/// Both clocks: timeouts go by the one that only goes forward, expiry dates by the calendar.
struct Now {
    MonoTime mono;
    WallTime wall;
};

/// How far a box was committed, in which epoch. The owner keeps one for each box of each relay.
struct Position {
    RelayEpoch epoch = 0;
    MailboxNumber through = 0;
    friend bool operator==(const Position&, const Position&) = default;
};

/// A deposit that the relay holds for these devices. The owner keeps it until heads cover its entries.
struct HeldDeposit {
    DepositCounter counter = 0;
    RelayEpoch epoch = 0;
    std::vector<DeviceId> devices;
    WallTime expires;
};

/// The relay has let this device in.
struct Entered {
    wire::relay::Welcome welcome;
};
/// The relay does not let this device in, and will not before a person has done something (Mailbox::setHello).
struct ShutOut {
    wire::relay::Refusal refusal;
};
/// What became of a deposit. The entries in it are **held** for the devices in `held` until `expires`. For those in `failed`
/// the deposit is over: unless heads cover them, its entries are to be queued again. Then nothing is left of it if `held` is
/// empty. May come again after a crash.
struct DepositChanged {
    struct Failed {
        DeviceId device;
        std::optional<wire::relay::Reason> reason;  ///< nothing: its time at the relay has run out
        friend bool operator==(const Failed&, const Failed&) = default;
    };
    DepositCounter counter = 0;
    std::vector<DeviceId> held;
    WallTime expires{};
    std::vector<Failed> failed;
    friend bool operator==(const DepositChanged&, const DepositChanged&) = default;
};
/// True if the relay answered the deposit; otherwise its time has run out, or the relay is in another epoch.
[[nodiscard]] inline bool isAnswer(const DepositChanged& changed) {
    return !changed.held.empty() ||
           std::any_of(changed.failed.begin(), changed.failed.end(), [](const DepositChanged::Failed& one) {
               return one.reason && one.reason != wire::relay::Reason::OtherEpoch;
           });
}
/// Envelopes came, numbers growing. If the owner's position is of the same epoch, it passes over all of it where that lies
/// before `from` (it was set back since), and over those that it covers; it opens and applies
/// the others, and commits all that together with the position {epoch, through} of this box and with `missed` added to what
/// it counts as lost; then it calls Mailbox::committed. The same may come again after a reconnect.
struct Arrived {
    RelayEpoch epoch = 0;
    wire::relay::Box box = wire::relay::Box::Messages;
    std::vector<wire::relay::Item> items;
    MailboxNumber through = 0;
    std::uint64_t missed = 0;  ///< messages that the relay no longer had; at most limits::kMissedMost
    MailboxNumber from = 0;    ///< what was given before
};
/// The relay has stored the prekey: from these numbers on nothing is sealed to an older one.
struct PrekeyConfirmed {
    PrekeyId id;
    RelayEpoch epoch = 0;
    MailboxNumber messages = 0;
    MailboxNumber heads = 0;
    std::chrono::seconds life{0};
};
/// The relay has this device's tokens as Mailbox::setTokens gave them last, and no others, on its disk. Told in each session.
struct TokensConfirmed {
    Hash128 tokens;  ///< wire::relay::tokensDigest
};
/// The relay has freed everything up to these numbers.
struct Drained {
    RelayEpoch epoch = 0;
    MailboxNumber messages = 0;
    MailboxNumber heads = 0;
};
/// The answer to what the owner asked; Refused also if the connection was lost before.
struct Answer {
    std::uint64_t request = 0;
    wire::relay::Message message;
};
/// Of the watched devices: those of which something is known now.
struct PresenceTold {
    std::vector<wire::relay::Presence::One> devices;
};
/// The relay refused what this device keeps up there (prekey, tokens, watches), or takes no deposits at the moment; it is tried
/// again.
struct Trouble {
    wire::relay::Refusal refusal;
};
/// The session is of no use: the owner closes it.
struct Disconnect {
    std::string why;
};
using Event = std::variant<Entered, ShutOut, DepositChanged, Arrived, PrekeyConfirmed, TokensConfirmed, Drained,
                           Answer, PresenceTold, Trouble, Disconnect>;

}  // namespace landline::mailbox
