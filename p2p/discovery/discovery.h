#pragma once

#include "p2p/discovery/announcer.h"
#include "p2p/discovery/roster.h"
#include "p2p/discovery/verify_budget.h"

#include <deque>
#include <functional>
#include <variant>

namespace landline::discovery {

struct Config {
    const identity::SigningKey* key = nullptr;  ///< the device's; outlives the Discovery
    PersonId person;
    std::string name;
    std::uint16_t port = 0;          ///< where sessions are accepted (TCP)
    std::uint64_t instance = 0;      ///< random, not 0; the same that session hellos state
    std::uint64_t firstCounter = 0;  ///< milliseconds since 1970 at start
    bool visible = true;
    /// Checks a signature. A simulation of a thousand devices remembers the answers instead of repeating the
    /// work.
    std::function<bool(const UncheckedBeacon&)> verify = &UncheckedBeacon::verify;
};

/// A device is here, or something about it changed. A hint until a handshake proves it.
struct Seen {
    DeviceId device;
    PersonHint person;
    std::string name;
    Endpoint candidate;  ///< the newest
    std::uint64_t instance = 0;
    bool appeared = false;   ///< was not present before
    bool saidHello = false;  ///< it has just started, resumed or moved: worth dialling at once
};
/// It said goodbye, fell silent or made room for others. Ends no session.
struct Gone {
    DeviceId device;
};
/// Two live programs seem to use one device key: a copied profile. Only a hint, since beacons can be
/// replayed; a handshake at `candidate` would prove it. The device may be one's own.
struct CloneSuspected {
    DeviceId device;
    Endpoint candidate;
};
using Event = std::variant<Seen, Gone, CloneSuspected>;

/// Why beacons were not taken in, for `doctor` and for tests.
struct Statistics {
    std::uint64_t received = 0;
    std::uint64_t malformed = 0;
    std::uint64_t otherVersion = 0;
    std::uint64_t ownEcho = 0;
    std::uint64_t stale = 0;       ///< replays, and strangers for whom there is no room
    std::uint64_t repeated = 0;    ///< said again, against loss: dropped unverified
    std::uint64_t overBudget = 0;  ///< dropped unverified: too many at once
    std::uint64_t badSignature = 0;
    std::uint64_t accepted = 0;
};

/// Discovery as one state machine without socket, clock or thread: feed it datagrams and the time; after each
/// call that is not const take every Send and every Event. Owned by one driver, on one thread.
///
/// A datagram is parsed, compared with the roster, weighed against the budget and only then verified; so
/// forged and replayed beacons and floods of invented keys cost little and put out no known key.
class Discovery {
public:
    Discovery(Config config, Random& random);

    /// Hellos, if visible. Listening needs no start.
    void start(MonoTime now);
    /// An interface or address changed, or the machine resumed.
    void networkChanged(MonoTime now);
    /// Goodbye; nothing is sent afterwards.
    void stop();

    void setVisible(bool visible, MonoTime now);
    /// Told to the others with the next beacon, which comes soon.
    void setName(const std::string& name, MonoTime now);
    void setKnown(const DeviceId& device, bool known) { m_roster.setKnown(device, known); }
    /// A session has proven this instance of the device.
    void confirmInstance(const DeviceId& device, std::uint64_t instance);

    /// `onLink`: the source is an address of a network this machine is on (only such are answered).
    void receive(ByteView datagram, const Endpoint& source, bool onLink, MonoTime now);
    void advance(MonoTime now);
    [[nodiscard]] std::optional<MonoTime> nextTimeout() const;

    /// For each datagram that a Send becomes call makeBeacon anew: no two share a counter.
    [[nodiscard]] std::optional<Send> nextSend() { return m_announcer.nextSend(); }
    [[nodiscard]] Bytes makeBeacon(BeaconType type);
    [[nodiscard]] std::optional<Event> nextEvent();

    [[nodiscard]] const Roster& roster() const { return m_roster; }
    [[nodiscard]] const Statistics& statistics() const { return m_statistics; }

private:
    [[nodiscard]] bool isWorthVerifying(const Beacon& beacon, const Endpoint& source, MonoTime now);
    void receiveOwnKey(const UncheckedBeacon& unchecked, const Endpoint& source, MonoTime now);
    void report(const Roster::Applied& applied, const Endpoint& source);

    Config m_config;
    DeviceId m_self;
    std::uint64_t m_counter;
    bool m_started = false;
    VerifyBudget m_budget;
    TokenBucket m_ownKeyBucket;
    std::optional<MonoTime> m_ownCloneReported;
    Roster m_roster;
    Announcer m_announcer;
    MonoTime m_nextSweep{};
    std::deque<Event> m_events;
    Statistics m_statistics;
};

}  // namespace landline::discovery
