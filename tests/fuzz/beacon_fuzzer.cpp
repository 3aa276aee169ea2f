// Beacons: the parser takes any bytes, and discovery as a whole any series of beacons (here with every signature taken
// for right) without leaving its bounds. Input: 0 and a datagram, or 1 and steps.
#include "p2p/base/utf8.h"
#include "p2p/discovery/discovery.h"
#include "tests/fuzz/fuzz_input.h"
#include "tests/support/seeded_random.h"

using namespace landline;
using namespace landline::fuzz;
using namespace std::chrono_literals;

namespace {

const identity::SigningKey& ownKey() {
    static const identity::SigningKey key = [] {
        initCrypto();
        test::SeededRandom random(1);
        return identity::SigningKey::generate(random);
    }();
    return key;
}

void tryParser(ByteView datagram) {
    const auto parsed = discovery::parseBeacon(datagram);
    if (!parsed) return;
    const discovery::Beacon& beacon = parsed->beacon;
    require(datagram.size() <= limits::kBeaconBytes, "a beacon is not too long");
    require(parsed->signedPart.size() + Signature::kSize == datagram.size(),
            "all but the signature is signed");
    require(beacon.port != 0, "a beacon names a port");
    require(beacon.period >= limits::kBeaconPeriodLeast && beacon.period <= limits::kBeaconPeriodMost,
            "the period is in its bounds");
    require(sanitizedName(beacon.name, limits::kNameBytes) == beacon.name, "the name is fit to be shown");
    discovery::Beacon expected = beacon;
    expected.device = DeviceId::from(ownKey().publicKey().view()).value();
    const Bytes encoded = discovery::encodeBeacon(beacon, ownKey());
    const auto again = discovery::parseBeacon(encoded);
    require(again.ok() && again->beacon == expected, "a beacon comes back as it was");
    require(again->verify(), "an encoded beacon is signed");
}

/// A beacon made from a few bytes, so that the fuzzer meets the same device, instance and source again.
Bytes madeUp(FuzzInput& input) {
    Bytes datagram{'L', 'N', 'D', 1, static_cast<std::uint8_t>(1 + input.u8() % 4), 0, 15, 160, 0};
    datagram.push_back(input.u8());  // period
    appendBe64(datagram, input.u8() % 4);
    appendBe64(datagram, input.u8());
    Bytes device(32, input.u8());
    append(datagram, device);
    append(datagram, Bytes(8, 7));
    const ByteView name = input.bytes(input.u8() % 8);
    datagram.push_back(static_cast<std::uint8_t>(name.size()));
    append(datagram, name);
    append(datagram, Bytes(Signature::kSize, 0));
    return datagram;
}

void drain(discovery::Discovery& subject) {
    std::size_t sends = 0;
    std::size_t events = 0;
    while (const auto send = subject.nextSend()) {
        ++sends;
        require(subject.makeBeacon(send->type).size() <= limits::kBeaconBytes,
                "what is sent is not too long");
    }
    while (subject.nextEvent()) ++events;
    require(sends <= 3, "one step makes few datagrams");
    require(events <= limits::kRoster + 1, "one step makes a bounded number of events");
    const discovery::Roster& roster = subject.roster();
    require(roster.size() <= limits::kRoster && roster.present() <= roster.size(), "the roster is bounded");
    std::size_t present = 0;
    for (const auto* entry : roster.entries()) {
        present += entry->present ? 1 : 0;
        require(entry->candidates.size() <= limits::kCandidatesPerPeer, "candidates are bounded");
        require(!entry->present || !entry->candidates.empty(), "whoever is present has an address");
    }
    require(present == roster.present(), "the count of those present is right");
}

void trySteps(FuzzInput& input) {
    test::SeededRandom random(2);
    discovery::Config config;
    config.key = &ownKey();
    config.port = 1;
    config.instance = 5;
    config.verify = [](const discovery::UncheckedBeacon&) { return true; };
    discovery::Discovery subject(config, random);
    MonoTime now{1h};
    while (!input.empty()) {
        const std::uint8_t step = input.u8();
        switch (step % 8) {
            case 0:
                now += 10ms * input.u16();
                break;
            case 1:
                subject.setKnown(DeviceId::from(Bytes(32, input.u8())).value(), step > 127);
                break;
            case 2:
                subject.setVisible(step > 127, now);
                break;
            case 3:
                subject.start(now);
                break;
            case 4:
                subject.networkChanged(now);
                break;
            case 5:
                subject.confirmInstance(DeviceId::from(Bytes(32, input.u8())).value(), input.u8() % 4);
                break;
            default: {
                const discovery::Endpoint source{discovery::Address::fromIpv4(input.u8() % 16), 9};
                subject.receive(madeUp(input), source, step > 127, now);
            }
        }
        subject.advance(now);
        drain(subject);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    FuzzInput input(data, size);
    if (input.u8() % 2 == 0) {
        tryParser(input.rest());
    } else {
        trySteps(input);
    }
    return 0;
}
