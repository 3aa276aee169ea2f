#pragma once

#include "p2p/discovery/endpoint.h"
#include "p2p/wire/messages.h"
#include "relay/clients/rate_table.h"
#include "relay/store/mailbox_types.h"

#include <limits>

/// What goes into and comes out of a Hub: values.
namespace landline::relay {

/// Names a client's session; never used twice while the relay runs.
using ClientId = std::uint64_t;

/// What the operator allows. May change while the relay runs.
struct ClientRules {
    std::size_t clients = 20'000;
    /// Of clients and of those that are not let in yet, together. The more are in, the fewer wait before the door.
    std::size_t sessions = std::numeric_limits<std::size_t>::max();
    Rate handshakesPerAddress{20, 200};
    Rate requestsPerDevice{2'000, 4'000};
    /// Of all devices without an account that come from one address.
    Rate requestsOfGuests{200, 400};
    /// Guests at the same time, from one address (of IPv6: one /64 network); of all clients they are a quarter at most.
    std::size_t guestsPerAddress = 64;
    /// The same of sessions that have proven a device and are not let in yet. They come beside `clients`.
    std::size_t strangersPerAddress = 256;
    /// Where everybody gets an account: so many from one address.
    Rate accountsPerAddress{0.1, 1'000};
    /// And so many from all addresses together: whoever has a /48 network has 65,536 of these.
    Rate accounts{5, 5'000};
    bool isOpen = false;
    bool hasDirectory = false;
};

struct SendFrame {
    ClientId client = 0;
    wire::relay::Frame frame;
};
/// Nothing follows for this client; what was sent before still goes out.
struct CloseClient {
    ClientId client = 0;
    wire::CloseReason reason = wire::CloseReason::Goodbye;
    std::string text;
};
/// Whether the client's socket is to be read.
struct ReadClient {
    ClientId client = 0;
    bool on = true;
};
struct AskStore {
    TaggedRequest request;
};
using Output = std::variant<SendFrame, CloseClient, ReadClient, AskStore>;

/// Counted since the start; `clients`, `guests` and `strangers` as of now.
struct HubFigures {
    std::uint64_t clients = 0;    ///< that were let in
    std::uint64_t guests = 0;     ///< of these
    std::uint64_t strangers = 0;  ///< that were not let in yet
    std::uint64_t admitted = 0;
    std::uint64_t refused = 0;   ///< at the door
    std::uint64_t requests = 0;
    std::uint64_t tooFast = 0;
    std::uint64_t violations = 0;
    std::uint64_t stuck = 0;     ///< closed because they did not read
    std::uint64_t hints = 0;
};

}  // namespace landline::relay
