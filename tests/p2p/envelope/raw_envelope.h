#pragma once

#include "p2p/base/hash.h"
#include "p2p/identity/keys.h"
#include "p2p/noise/handshake_state.h"

#include <sodium.h>

namespace landline::test {

struct RawEnvelope {
    Bytes seal;
    Bytes body;
};

/// An envelope as PROTOCOL.md words it, put together from the libraries' pieces: with any `padded` content and any payload
/// in its seal. An empty seal means that the prekey is no key.
inline RawEnvelope rawEnvelope(ByteView padded, ByteView payload, const Secret<32>& bodyKey,
                               const NoiseKey& prekey, const identity::NoiseKeyPair& depositor,
                               Random& random) {
    const ByteView context = viewOf("landline envelope v1\n");
    RawEnvelope raw;
    raw.body.resize(padded.size() + crypto_aead_chacha20poly1305_IETF_ABYTES);
    const std::array<std::uint8_t, crypto_aead_chacha20poly1305_IETF_NPUBBYTES> nonce{};
    crypto_aead_chacha20poly1305_ietf_encrypt(raw.body.data(), nullptr, padded.data(), padded.size(),
                                              context.data(), context.size(), nullptr, nonce.data(),
                                              bodyKey.data());
    Bytes prologue = toBytes(context);
    append(prologue, sha256(raw.body).view());
    noise::HandshakeState handshake(noise::kPatternX, noise::Cipher::ChaChaPoly, noise::Role::Initiator,
                                    prologue, {depositor.secret.clone(), depositor.publicKey}, prekey,
                                    random);
    if (auto message = handshake.writeMessage(payload)) raw.seal = *std::move(message);
    return raw;
}

}  // namespace landline::test
