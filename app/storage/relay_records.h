#pragma once

#include "p2p/base/clock.h"
#include "p2p/envelope/prekey_ring.h"
#include "p2p/identity/relay_url.h"
#include "p2p/wire/relay_messages.h"

#include <QtGlobal>

#include <optional>
#include <vector>

/// What the store keeps for relays, as plain values. A relay is known by its Noise key, wherever it is.
namespace landline::app {

using RelayKey = NoiseKey;

enum class RelayStanding {
    New,      ///< it has not let this device in yet
    Entered,  ///< it has
    ShutOut,  ///< it does not, until the person does something
};

/// What the person wants of a relay's directory.
enum class ListingWish {
    None,
    Listed,    ///< to be found there
    TakeBack,  ///< no more: the relay may still have an entry
};

/// A relay of this profile's.
struct RelayRecord {
    identity::RelayUrl url;  ///< with the invite until the relay has let this device in
    qint64 added = 0;        ///< unix milliseconds
    RelayStanding standing = RelayStanding::New;
    std::optional<wire::relay::Reason> reason = {};  ///< with ShutOut
    std::optional<WallTime> leavingSince = {};  ///< it is in use no more, but its mailbox is still to be emptied and shut
    ListingWish listing = ListingWish::None;
    friend bool operator==(const RelayRecord&, const RelayRecord&) = default;
};

/// A device at a relay, and what lets one leave something there.
struct DeviceGrant {
    DeviceId device;
    identity::RelayGrant grant;
    friend bool operator==(const DeviceGrant&, const DeviceGrant&) = default;
};

/// This device's prekeys at one relay: for envelope::PrekeyRing::restore, and for Mailbox::setPrekey.
struct OwnPrekeys {
    std::vector<envelope::HeldPrekey> held;
    RelayEpoch confirmedIn = 0;  ///< the newest one; 0 for none
};

/// Entries of one author in one conversation, with the numbers from `first` to `last`.
struct EntryRange {
    ConversationId conversation;
    DeviceId author;
    EntryNumber first = 0;
    EntryNumber last = 0;
    friend auto operator<=>(const EntryRange&, const EntryRange&) = default;
};

/// A deposit to be written down, before it is sent. Recipients, epoch and box are those of the message.
struct NewDeposit {
    RelayKey relay;
    DepositCounter counter = 0;  ///< DepositTable::nextCounter
    wire::relay::Deposit message;
    std::vector<EntryRange> ranges;  ///< what is in it, for all recipients alike; none with heads
};

/// A deposit that has no answer yet, byte for byte as it was or will be sent.
struct UnansweredDeposit {
    DepositCounter counter = 0;
    wire::relay::Deposit message;
    friend bool operator==(const UnansweredDeposit&, const UnansweredDeposit&) = default;
};

/// A deposit that has no answer yet, and one of those for whom it is.
struct AwaitedDeposit {
    DepositCounter counter = 0;
    DeviceId device;
    bool isNeeded = false;  ///< heads, or entries that the device is not known to hold
    friend bool operator==(const AwaitedDeposit&, const AwaitedDeposit&) = default;
};

/// A deposit as it stands: whom it is for, and what they are not known to hold yet.
struct DepositRecord {
    struct Recipient {
        DeviceId device;
        PrekeyId prekey;
        friend bool operator==(const Recipient&, const Recipient&) = default;
    };
    RelayKey relay;
    DepositCounter counter = 0;
    RelayEpoch epoch = 0;
    wire::relay::Box box = wire::relay::Box::Messages;
    std::optional<WallTime> expires = {};  ///< nothing: no answer yet; otherwise it is held until then
    std::vector<Recipient> recipients;
    friend bool operator==(const DepositRecord&, const DepositRecord&) = default;
};

/// A deposit that is over for one device, as Mailbox::settle wants to know.
struct SettledDeposit {
    RelayKey relay;
    DepositCounter counter = 0;
    DeviceId device;
    friend auto operator<=>(const SettledDeposit&, const SettledDeposit&) = default;
};

/// Heads that are to be deposited for a device.
struct OwedHeads {
    DeviceId device;
    qint64 count = 0;  ///< reasons since the last time
    friend bool operator==(const OwedHeads&, const OwedHeads&) = default;
};

/// Evidence of a fork that is to be deposited for a device: timeline::evidenceFrom, from `first` on.
struct OwedEvidence {
    DeviceId device;
    ConversationId conversation;
    DeviceId author;
    EntryNumber first = 0;
    friend bool operator==(const OwedEvidence&, const OwedEvidence&) = default;
};

}  // namespace landline::app
