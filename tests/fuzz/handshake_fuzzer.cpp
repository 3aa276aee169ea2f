// The handshake against somebody without the right keys. Input: mode 1, then
//   mode bit 0 clear: bytes for a Session of the role in bit 1, in pieces of (length 1, bytes). It never opens.
//   mode bit 0 set: an honest handshake (bit 1: pattern X, bit 2: AES-GCM) whose messages are changed by (message 1,
//     position 2, xor 1) each. Both sides finish only if nothing was changed.
#include "p2p/noise/handshake_state.h"
#include "tests/fuzz/fuzz_input.h"
#include "tests/support/session_pair.h"

#include <map>

using namespace landline;
using namespace landline::fuzz;

namespace {

constexpr MonoTime kStart{std::chrono::hours(1)};
/// Preface, two handshake messages and two hellos, with room.
constexpr std::size_t kMostOutput = 2048;

test::TestParty& party() {
    static test::TestParty one(1);
    one.random = test::SeededRandom(1);
    return one;
}

void feedSession(session::Role role, FuzzInput& input) {
    test::TestParty& self = party();
    session::Session session(role, wire::Purpose::Conversation, wire::Suite::ChaChaPoly, self.local, {},
                             std::nullopt, self.random, kStart);
    MonoTime now = kStart;
    while (!input.empty()) {
        session.receive(input.bytes(input.u8()), now);
        now += std::chrono::milliseconds(input.u8());
        session.advance(now);
        require(session.outgoing().size() <= kMostOutput, "an unproven peer cannot grow the output");
    }
    require(!session.isAuthenticated(), "no keys, no session");
    bool ended = false;
    while (const auto event = session.nextEvent()) {
        require(!std::holds_alternative<session::Opened>(*event), "no keys, no session");
        require(!ended, "nothing comes after the end");
        ended = std::holds_alternative<session::Ended>(*event);
    }
    session.advance(now + limits::kHandshakeTimeout + limits::kDrain);
    session.advance(now + limits::kHandshakeTimeout + limits::kDrain);
    require(session.isFinished(), "every handshake ends in time");
}

using Changes = std::map<std::size_t, std::vector<std::pair<std::size_t, std::uint8_t>>>;

Changes readChanges(FuzzInput& input) {
    Changes changes;
    while (!input.empty()) {
        const std::size_t message = input.u8() % 3;
        const std::size_t position = input.u16();
        changes[message].emplace_back(position, input.u8());
    }
    return changes;
}

void changeHandshake(const noise::Pattern& pattern, noise::Cipher cipher, const Changes& changes) {
    test::SeededRandom random(3);
    const auto initiatorKey = noise::KeyPair::generate(random);
    const auto responderKey = noise::KeyPair::generate(random);
    noise::HandshakeState initiator(pattern, cipher, noise::Role::Initiator, {}, initiatorKey.clone(),
                                    responderKey.publicKey, random);
    noise::HandshakeState responder(pattern, cipher, noise::Role::Responder, {}, responderKey.clone(),
                                    std::nullopt, random);
    bool changed = false;
    bool failed = false;
    for (std::size_t i = 0; i < pattern.messages.size() && !failed; ++i) {
        noise::HandshakeState& from = i % 2 == 0 ? initiator : responder;
        noise::HandshakeState& to = i % 2 == 0 ? responder : initiator;
        auto message = from.writeMessage({});
        // A changed ephemeral key may be one of low order.
        if (!message) {
            require(changed, "honest sides write");
            return;
        }
        const Bytes honest = *message;
        if (const auto found = changes.find(i); found != changes.end())
            for (const auto& [position, bits] : found->second) (*message)[position % message->size()] ^= bits;
        changed = changed || *message != honest;
        failed = !to.readMessage(*message).ok();
    }
    const bool both = !failed && initiator.isFinished() && responder.isFinished();
    require(both == !changed, "a handshake ends well exactly if nobody changed it");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    initCrypto();
    FuzzInput input(data, size);
    const std::uint8_t mode = input.u8();
    if ((mode & 1) == 0) {
        feedSession((mode & 2) != 0 ? session::Role::Dialler : session::Role::Responder, input);
        return 0;
    }
    const bool aes = (mode & 4) != 0 && noise::aesGcmAvailable();
    changeHandshake((mode & 2) != 0 ? noise::kPatternX : noise::kPatternXX,
                    aes ? noise::Cipher::AesGcm : noise::Cipher::ChaChaPoly, readChanges(input));
    return 0;
}
