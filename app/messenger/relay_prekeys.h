#pragma once

#include "app/storage/database.h"
#include "app/storage/relay_records.h"
#include "p2p/base/random.h"
#include "p2p/mailbox/events.h"
#include "p2p/net/relay_setup.h"

namespace landline::app {

/// This device's prekeys at one relay, with the store: what the ring changes is written down at once, into the open
/// transaction. Where a function here returns true the caller commits; if that fails it lets go of this object and makes a
/// new one from the store. On the messenger's thread.
class RelayPrekeys {
public:
    /// As the store has them.
    RelayPrekeys(Database& db, const RelayKey& relay, const DeviceId& device);

    [[nodiscard]] envelope::PrekeyRing& ring() { return m_ring; }
    /// For the relay; nothing if none was made yet.
    [[nodiscard]] std::optional<net::RelayPrekey> newest() const;

    /// While there is a session: a new one if it is time, to be published after the commit.
    [[nodiscard]] bool rotate(const identity::DeviceKeys& device, Random& random, WallTime now);
    /// True if others may seal to this one, as the relay has it, and this device cannot open that: it was published after the
    /// profile was copied, say.
    [[nodiscard]] bool isForeign(const std::optional<PrekeyId>& atRelay) const {
        return atRelay && !m_ring.find(*atRelay);
    }
    /// A new one whenever it is time, to be published after the commit.
    void renew(const identity::DeviceKeys& device, Random& random, WallTime now);
    /// The relay has stored it.
    [[nodiscard]] bool confirmed(const mailbox::PrekeyConfirmed& told, WallTime now);
    /// The relay has freed so much: erases the private halves that have nothing more to open.
    [[nodiscard]] bool drained(const mailbox::Drained& told, WallTime now);
    /// The same with what was last told in this session: some only wait for their time.
    [[nodiscard]] bool erase(WallTime now);
    /// The session is over.
    void closed() { m_drained.reset(); }

private:
    Database& m_db;
    RelayKey m_relay;
    envelope::PrekeyRing m_ring;
    RelayEpoch m_confirmedIn = 0;  ///< the newest
    std::optional<mailbox::Drained> m_drained;
};

}  // namespace landline::app
