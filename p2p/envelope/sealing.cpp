#include "p2p/envelope/sealing.h"

#include "p2p/base/hash.h"
#include "p2p/base/limits.h"
#include "p2p/noise/handshake_state.h"

#include <algorithm>

namespace landline::envelope {

namespace {

constexpr std::string_view kContext = "landline envelope v1\n";
constexpr std::size_t kLengthBytes = 4;
constexpr std::array<std::size_t, 8> kClasses{512,  1024,  2048,  4096,
                                              8192, 16384, 32768, limits::kEnvelopeContent};

using noise::Aead;
using noise::SymmetricKey;

bool isBodyLength(std::size_t bytes) {
    return std::any_of(kClasses.begin(), kClasses.end(),
                       [bytes](std::size_t one) { return bytes == one + Aead::kTagBytes; });
}

/// The key serves once, so its nonce is always 0.
std::unique_ptr<Aead> aeadOf(const SymmetricKey& key) {
    auto aead = noise::makeAead(noise::Cipher::ChaChaPoly);
    aead->setKey(key);
    return aead;
}

/// What ties a seal to its body.
Bytes prologueOf(ByteView body) {
    Bytes prologue = toBytes(viewOf(kContext));
    append(prologue, sha256(body).view());
    return prologue;
}

Bytes encryptedBody(ByteView content, const SymmetricKey& key) {
    Bytes body;
    body.reserve(bodyBytes(content.size()));
    appendBe32(body, static_cast<std::uint32_t>(content.size()));
    append(body, content);
    body.resize(bodyBytes(content.size()));
    aeadOf(key)->seal(0, viewOf(kContext), body);
    return body;
}

Expected<Bytes> sealKey(const SymmetricKey& key, ByteView prologue, const NoiseKey& prekey,
                        const identity::NoiseKeyPair& depositor, Random& random) {
    noise::HandshakeState handshake(noise::kPatternX, noise::Cipher::ChaChaPoly, noise::Role::Initiator,
                                    prologue, {depositor.secret.clone(), depositor.publicKey}, prekey,
                                    random);
    return handshake.writeMessage(key.view());
}

Unexpected doesNotOpen() {
    return Unexpected(ErrorCode::BadSignature,
                      "An envelope from a relay does not open: it was altered, or sealed to another key.");
}

/// The content within what a body decrypted to; nothing if it is not padded as it must be.
std::optional<ByteView> unpadded(ByteView padded) {
    const std::size_t length = loadBe32(padded.data());
    const ByteView rest = padded.subspan(kLengthBytes);
    if (length > rest.size() || bodyBytes(length) != padded.size() + Aead::kTagBytes) return std::nullopt;
    const ByteView zeros = rest.subspan(length);
    if (std::any_of(zeros.begin(), zeros.end(), [](std::uint8_t byte) { return byte != 0; }))
        return std::nullopt;
    return rest.first(length);
}

}  // namespace

const std::size_t kMostContent = limits::kEnvelopeContent - kLengthBytes;

std::size_t bodyBytes(std::size_t contentBytes) {
    const auto* const fit = std::lower_bound(kClasses.begin(), kClasses.end(), contentBytes + kLengthBytes);
    assert(fit != kClasses.end());
    return *fit + Aead::kTagBytes;
}

Expected<Sealed> seal(const wire::EnvelopeContent& content, std::span<const NoiseKey> prekeys,
                      const identity::NoiseKeyPair& depositor, Random& random) {
    const Bytes plain = wire::encodeEnvelopeContent(content);
    if (plain.size() > kMostContent)
        return Unexpected(ErrorCode::TooLarge, "This does not fit into an envelope for a relay.");
    SymmetricKey key;
    random.fill(key.span());
    Sealed sealed{encryptedBody(plain, key), {}};
    const Bytes prologue = prologueOf(sealed.body);
    for (const NoiseKey& prekey : prekeys) {
        auto one = sealKey(key, prologue, prekey, depositor, random);
        if (!one) return Unexpected(one.error());
        sealed.seals.push_back(*std::move(one));
    }
    return sealed;
}

Expected<Opened> open(ByteView seal, Bytes body, const noise::KeyPair& prekey) {
    if (seal.size() != limits::kSeal || !isBodyLength(body.size()))
        return Unexpected(ErrorCode::Malformed, "An envelope from a relay has a length that none has.");
    SystemRandom unused;  // who opens draws nothing
    noise::HandshakeState handshake(noise::kPatternX, noise::Cipher::ChaChaPoly, noise::Role::Responder,
                                    prologueOf(body), prekey.clone(), std::nullopt, unused);
    auto opened = handshake.readMessage(seal);
    if (!opened || opened->size() != SymmetricKey::kSize) return doesNotOpen();
    const SymmetricKey key{
        std::span<const std::uint8_t, SymmetricKey::kSize>(opened->data(), opened->size())};
    sodium_memzero(opened->data(), opened->size());
    if (!aeadOf(key)->open(0, viewOf(kContext), body)) return doesNotOpen();
    const auto plain = unpadded(ByteView(body).first(body.size() - Aead::kTagBytes));
    if (!plain)
        return Unexpected(ErrorCode::Malformed, "An envelope from a relay is not filled as it must be.");
    auto content = wire::parseEnvelopeContent(*plain);
    if (!content) return Unexpected(content.error());
    return Opened{*handshake.remoteStatic(), *std::move(content)};
}

Expected<wire::HeadsStatement> verifiedHeads(const wire::SignedHeads& heads) {
    auto statement = wire::parseHeadsStatement(heads.statement);
    if (!statement) return statement;
    if (!identity::verify(statement->device.view(), identity::context::kHeads, heads.statement,
                          heads.signature))
        return Unexpected(ErrorCode::BadSignature, "What a device is said to hold is not signed by it.");
    return statement;
}

wire::SignedHeads signHeads(const wire::HeadsStatement& statement, const identity::SigningKey& device) {
    Bytes bytes = wire::encodeHeadsStatement(statement);
    const Signature signature = device.sign(identity::context::kHeads, bytes);
    return {std::move(bytes), signature};
}

}  // namespace landline::envelope
