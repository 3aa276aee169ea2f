#include "p2p/discovery/beacon.h"

#include "p2p/base/utf8.h"

#include <algorithm>
#include <string_view>

namespace landline::discovery {

namespace {

constexpr std::uint8_t kMagic[] = {'L', 'N', 'D'};
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kFixedBytes = 67;
static_assert(kFixedBytes + limits::kNameBytes + Signature::kSize == limits::kBeaconBytes);

Unexpected malformed(const char* what) {
    return Unexpected(ErrorCode::Malformed, what);
}

std::chrono::seconds boundedPeriod(std::uint16_t stated) {
    using std::chrono::duration_cast;
    using std::chrono::seconds;
    return std::clamp(seconds(stated), duration_cast<seconds>(limits::kBeaconPeriodLeast),
                      duration_cast<seconds>(limits::kBeaconPeriodMost));
}

/// True for names that need no cleaning: printable ASCII with single spaces inside. Nearly all are such, and a crowd's
/// beacons are many.
bool isPlain(std::string_view name) {
    char before = ' ';
    for (const char c : name) {
        if (c < ' ' || c > '~' || (c == ' ' && before == ' ')) return false;
        before = c;
    }
    return name.empty() || before != ' ';
}

bool isKnownType(std::uint8_t type) {
    return type >= static_cast<std::uint8_t>(BeaconType::Hello) &&
           type <= static_cast<std::uint8_t>(BeaconType::Goodbye);
}

}  // namespace

PersonHint hintOf(const PersonId& person) {
    return PersonHint::from(person.view().first(PersonHint::kSize)).value();
}

Bytes encodeBeacon(const Beacon& beacon, const identity::SigningKey& key) {
    const std::string name = sanitizedName(beacon.name, limits::kNameBytes);
    Bytes out;
    out.reserve(limits::kBeaconBytes);
    append(out, kMagic);
    out.push_back(kVersion);
    out.push_back(static_cast<std::uint8_t>(beacon.type));
    out.push_back(0);
    appendBe16(out, beacon.port);
    appendBe16(out, static_cast<std::uint16_t>(std::clamp<std::int64_t>(beacon.period.count(), 0, 0xFFFF)));
    appendBe64(out, beacon.instance);
    appendBe64(out, beacon.counter);
    append(out, key.publicKey().view());
    append(out, beacon.person.view());
    out.push_back(static_cast<std::uint8_t>(name.size()));
    append(out, viewOf(name));
    append(out, key.sign(identity::context::kBeacon, out).view());
    return out;
}

bool UncheckedBeacon::verify() const {
    return identity::verify(beacon.device.view(), identity::context::kBeacon, signedPart, signature);
}

Expected<UncheckedBeacon> parseBeacon(ByteView datagram) {
    if (datagram.size() < kBeaconBytesLeast || datagram.size() > limits::kBeaconBytes)
        return malformed("Not a beacon: wrong length.");
    const std::uint8_t* in = datagram.data();
    if (!std::equal(std::begin(kMagic), std::end(kMagic), in)) return malformed("Not a beacon: wrong magic.");
    if (in[3] != kVersion)
        return Unexpected(ErrorCode::VersionMismatch, "A beacon of protocol version " +
                                                          std::to_string(in[3]) + "; this program speaks " +
                                                          std::to_string(kVersion) + ".");
    const std::size_t nameBytes = in[66];
    if (datagram.size() != kBeaconBytesLeast + nameBytes) return malformed("Beacon of a wrong length.");
    if (!isKnownType(in[4])) return malformed("Beacon of an unknown type.");
    UncheckedBeacon result;
    Beacon& beacon = result.beacon;
    beacon.type = static_cast<BeaconType>(in[4]);
    beacon.port = loadBe16(in + 6);
    if (beacon.port == 0) return malformed("Beacon without a port.");
    beacon.period = boundedPeriod(loadBe16(in + 8));
    beacon.instance = loadBe64(in + 10);
    beacon.counter = loadBe64(in + 18);
    beacon.device = DeviceId::from(datagram.subspan(26, DeviceId::kSize)).value();
    beacon.person = PersonHint::from(datagram.subspan(58, PersonHint::kSize)).value();
    beacon.name = toString(datagram.subspan(kFixedBytes, nameBytes));
    if (!isPlain(beacon.name)) {
        if (!isValidUtf8(beacon.name)) return malformed("Beacon with a name that is no UTF-8.");
        beacon.name = sanitizedName(beacon.name, limits::kNameBytes);
    }
    result.signedPart = datagram.first(kFixedBytes + nameBytes);
    result.signature = Signature::from(datagram.last(Signature::kSize)).value();
    return result;
}

}  // namespace landline::discovery
