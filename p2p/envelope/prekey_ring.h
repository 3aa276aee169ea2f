#pragma once

#include "p2p/envelope/prekey.h"
#include "p2p/noise/dh.h"

#include <optional>
#include <vector>

namespace landline::envelope {

/// A prekey with its private half, as the device keeps it. A store keeps one row of each.
struct HeldPrekey {
    /// What has to happen before the private half may go, once the relay has confirmed a later prekey.
    struct Superseded {
        RelayEpoch epoch = 0;
        MailboxNumber messages = 0;  ///< to be drained in this epoch: no later number can be sealed to it
        MailboxNumber heads = 0;
        WallTime until;  ///< and kept at least till then: a restored backup may hold older envelopes
        friend bool operator==(const Superseded&, const Superseded&) = default;
    };
    Prekey prekey;
    Secret<32> secret;
    bool isConfirmed = false;
    std::optional<Superseded> superseded;
};

/// The prekeys of this device at one relay: when a new one is due, which one opens an envelope, and when a private half is to
/// be destroyed (PROTOCOL.md, "Prekeys"). Has no store of its own: whoever owns it writes down what `rotate`, `confirmed` and
/// `drained` changed before anything of it is sent, and erases what `takeDue` gives. One thread.
class PrekeyRing {
public:
    explicit PrekeyRing(const DeviceId& device) : m_device(device) {}

    /// One that was stored, in any order; ignored if it is not this device's.
    void restore(HeldPrekey held);

    /// Makes a prekey where there is none, the newest is confirmed and older than limits::kPrekeyRotation (or dated ahead of
    /// the clock), or it has expired. True if so: `newest` is to be stored, then published. For when the relay is connected.
    bool rotate(const identity::DeviceKeys& device, Random& random, WallTime now);
    /// Makes one in any case: the relay has one of which the private half is not known.
    void renew(const identity::DeviceKeys& device, Random& random, WallTime now);
    [[nodiscard]] const HeldPrekey* newest() const;
    /// What opens an envelope that names this prekey; nothing if it was destroyed, or never was.
    [[nodiscard]] std::optional<noise::KeyPair> find(const PrekeyId& id) const;

    /// The relay has stored the prekey `id` in `epoch`, with these numbers as the highest of its boxes, and keeps what it
    /// stores for `life`. All older ones now wait to be destroyed. True if anything changed.
    bool confirmed(const PrekeyId& id, RelayEpoch epoch, MailboxNumber messages, MailboxNumber heads,
                   std::chrono::seconds life, WallTime now);
    /// What can be destroyed now, where everything up to these numbers of `epoch` is pulled, committed and acknowledged, and
    /// what expired longer ago than limits::kRelayLifeMost, whatever the relay says: it is gone from the ring, and the store
    /// erases it. The newest stays.
    [[nodiscard]] std::vector<PrekeyId> takeDue(RelayEpoch epoch, MailboxNumber messages, MailboxNumber heads,
                                                WallTime now);
    [[nodiscard]] const std::vector<HeldPrekey>& all() const { return m_held; }

private:
    DeviceId m_device;
    std::vector<HeldPrekey> m_held;  ///< oldest first
};

}  // namespace landline::envelope
