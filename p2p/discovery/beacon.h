#pragma once

#include "p2p/base/expected.h"
#include "p2p/base/ids.h"
#include "p2p/base/limits.h"
#include "p2p/identity/keys.h"

#include <chrono>
#include <cstdint>
#include <string>

namespace landline::discovery {

enum class BeaconType : std::uint8_t {
    Hello = 1,     ///< has started, resumed or changed its network: wants to be answered
    Announce = 2,  ///< the steady sign of life
    Answer = 3,    ///< owed to one or several who said hello
    Goodbye = 4,   ///< leaves; ends no session
};

/// The first eight bytes of a person's key: lets a contact list be matched before a handshake, proves
/// nothing.
using PersonHint = FixedBytes<struct PersonHintTag, 8>;
[[nodiscard]] PersonHint hintOf(const PersonId& person);

// clang-format off
/// One datagram of discovery. Fixed layout, integers big-endian, 131 to 195 bytes:
///
///     offset  bytes
///          0      3  magic "LND"
///          3      1  version, 1
///          4      1  type: 1 hello, 2 announce, 3 answer, 4 goodbye
///          5      1  flags: sent as 0, ignored by a receiver
///          6      2  TCP port on which the device listens for sessions, never 0
///          8      2  period: seconds between two announcements; silent for three of them, the device is gone
///         10      8  instance: random, new each time the program starts
///         18      8  counter: milliseconds since 1970 when the program started, plus 1 for each datagram since
///         26     32  device: its Ed25519 public key
///         58      8  person hint: the first 8 bytes of the person's key
///         66      1  length of the name, 0 to 64
///         67   0-64  name, UTF-8
///     67 + n     64  Ed25519 signature by the device over "landline beacon v1\n" and all bytes before it
///
/// The datagram ends with the signature. Another version, an unknown type, another length or a name that is
/// no UTF-8 make the whole of it void. A beacon proves its device key and nothing else: it adds an address to
/// try and a name to show; it never ends a session and never ties a device to a person.
// clang-format on
struct Beacon {
    BeaconType type = BeaconType::Announce;
    std::uint16_t port = 0;
    std::chrono::seconds period{20};
    std::uint64_t instance = 0;
    std::uint64_t counter = 0;
    DeviceId device;
    PersonHint person;
    /// Once parsed: fit to be shown on one line (base/utf8.h), so perhaps not the signed bytes.
    std::string name;

    friend bool operator==(const Beacon&, const Beacon&) = default;
};

inline constexpr std::size_t kBeaconBytesLeast = limits::kBeaconBytes - limits::kNameBytes;

/// The datagram, signed. `beacon.device` is overwritten by the key's; a name that is too long is cut.
[[nodiscard]] Bytes encodeBeacon(const Beacon& beacon, const identity::SigningKey& key);

/// A beacon whose signature nobody has looked at yet. Parsing costs under a microsecond, verifying some
/// seventy: so whatever can be decided without the signature is decided first. Refers to the datagram it was
/// parsed from.
struct UncheckedBeacon {
    Beacon beacon;
    ByteView signedPart;
    Signature signature;

    [[nodiscard]] bool verify() const;
};

/// Fails with Malformed, or with VersionMismatch for a Landline beacon of another version. The stated period
/// is brought into the bounds of limits.h.
[[nodiscard]] Expected<UncheckedBeacon> parseBeacon(ByteView datagram);

}  // namespace landline::discovery
