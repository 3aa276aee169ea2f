#pragma once

#include "p2p/base/expected.h"
#include "p2p/base/ids.h"
#include "p2p/base/random.h"
#include "p2p/base/secret.h"

namespace landline::noise {

/// An X25519 key pair (RFC 7748; Noise specification, section 12.1).
struct KeyPair {
    Secret<32> secret;
    NoiseKey publicKey;

    /// GENERATE_KEYPAIR: draws 32 bytes.
    [[nodiscard]] static KeyPair generate(Random& random);
    [[nodiscard]] static KeyPair fromSecret(Secret<32> secret);
    [[nodiscard]] KeyPair clone() const { return {secret.clone(), publicKey}; }
};

/// DH(key pair, public key). A result of zeros, which only a public key of low order gives, is refused with
/// WrongKey.
[[nodiscard]] Expected<Secret<32>> dh(const KeyPair& pair, const NoiseKey& publicKey);

}  // namespace landline::noise
