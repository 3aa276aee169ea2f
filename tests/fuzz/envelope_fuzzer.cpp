// Envelopes, as a relay may hand them out: whatever comes, opening it gives what its depositor put in or fails, and a change
// of any byte is a failure. Prekeys as well. Input: 0 and seal and body; 1, padded content as a depositor likes; 2 and where
// to change which bits of a good one; 3 and a prekey.
#include "p2p/base/limits.h"
#include "p2p/envelope/sealing.h"
#include "tests/fuzz/fuzz_input.h"
#include "tests/p2p/envelope/raw_envelope.h"
#include "tests/support/seeded_random.h"

using namespace landline;
using namespace landline::fuzz;

namespace {

struct Keys {
    test::SeededRandom random{1};
    identity::NoiseKeyPair depositor = identity::NoiseKeyPair::generate(random);
    noise::KeyPair prekey = noise::KeyPair::generate(random);
    Secret<32> bodyKey = noise::KeyPair::generate(random).secret;
    wire::EnvelopeContent content{{}, "Ada", {}, {}, {}};
    envelope::Sealed sealed;

    Keys() {
        initCrypto();
        const NoiseKey to[] = {prekey.publicKey};
        sealed = envelope::seal(content, to, depositor, random).value();
    }
};

Keys& keys() {
    static Keys all;
    return all;
}

/// The bytes at their place in the smallest class that holds them.
Bytes padded(ByteView bytes) {
    Bytes whole = toBytes(bytes.first(std::min(bytes.size(), envelope::kMostContent)));
    whole.resize(envelope::bodyBytes(whole.size()) - 16);
    return whole;
}

void tryContent(ByteView bytes) {
    Keys& k = keys();
    const auto raw = test::rawEnvelope(padded(bytes), k.bodyKey.view(), k.bodyKey, k.prekey.publicKey,
                                       k.depositor, k.random);
    const auto opened = envelope::open(raw.seal, raw.body, k.prekey);
    if (!opened) return;
    require(opened->depositor == k.depositor.publicKey, "the depositor is who sealed it");
    const NoiseKey to[] = {k.prekey.publicKey};
    const auto again = envelope::seal(opened->content, to, k.depositor, k.random);
    if (!again) return;  // written out as we would it may be longer
    const auto reopened = envelope::open(again->seals[0], again->body, k.prekey);
    require(reopened.ok() && reopened->content == opened->content, "what was opened can be sealed again");
}

void tryChange(FuzzInput& input) {
    Keys& k = keys();
    Bytes seal = k.sealed.seals[0];
    Bytes body = k.sealed.body;
    while (!input.empty()) {
        const std::size_t at = input.u16() % (seal.size() + body.size());
        (at < seal.size() ? seal[at] : body[at - seal.size()]) ^= input.u8();
    }
    const bool isSame = seal == k.sealed.seals[0] && body == k.sealed.body;
    const auto opened = envelope::open(seal, body, k.prekey);
    require(opened.ok() == isSame, "an envelope opens if nothing was changed, and only then");
    require(!opened || opened->content == k.content, "it holds what was sealed");
}

void tryPrekey(ByteView bytes) {
    const auto prekey = envelope::Prekey::parse(bytes);
    require(
        !prekey || std::equal(bytes.begin(), bytes.end(), prekey->encoded().begin(), prekey->encoded().end()),
        "a prekey keeps its bytes");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    FuzzInput input(data, size);
    switch (input.u8() % 4) {
        case 0: {
            const ByteView seal = input.bytes(limits::kSeal);
            const auto opened = envelope::open(seal, toBytes(input.rest()), keys().prekey);
            require(!opened || seal.size() == limits::kSeal, "nothing opens without a seal");
            break;
        }
        case 1:
            tryContent(input.rest());
            break;
        case 2:
            tryChange(input);
            break;
        case 3:
            tryPrekey(input.rest());
            break;
    }
    return 0;
}
