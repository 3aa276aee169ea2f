#pragma once

#include "p2p/base/ids.h"
#include "p2p/base/random.h"
#include "p2p/base/secret.h"

#include <string_view>

namespace landline::identity {

/// What a signature is for. The fixed string is signed in front of the message, so that a signature made for one use
/// is worth nothing in another.
namespace context {
inline constexpr std::string_view kCertificate = "landline certificate v1\n";
inline constexpr std::string_view kEntry = "landline entry v1\n";
inline constexpr std::string_view kBeacon = "landline beacon v1\n";
inline constexpr std::string_view kPrekey = "landline prekey v1\n";
inline constexpr std::string_view kHeads = "landline heads v1\n";
}  // namespace context

/// An Ed25519 key pair (RFC 8032). Immutable once made; may be read from any thread.
class SigningKey {
public:
    /// A new key from `random`.
    [[nodiscard]] static SigningKey generate(Random& random);
    /// The key that grows from a 32-byte seed.
    [[nodiscard]] static SigningKey fromSeed(const Secret<32>& seed);

    [[nodiscard]] const FixedBytes<struct RawKeyTag, 32>& publicKey() const { return m_public; }
    /// For the key file and the recovery file only.
    [[nodiscard]] Secret<32> seed() const;
    [[nodiscard]] Signature sign(std::string_view context, ByteView message) const;

private:
    SigningKey() = default;
    Secret<64> m_secret;
    FixedBytes<struct RawKeyTag, 32> m_public;
};

/// True if `signature` is `publicKey`'s over context and message. Rejects keys of small order and non-canonical
/// signatures, as libsodium does.
[[nodiscard]] bool verify(ByteView publicKey, std::string_view context, ByteView message,
                          const Signature& signature);

/// An X25519 key pair (RFC 7748): the Noise static key of a device.
struct NoiseKeyPair {
    Secret<32> secret;
    NoiseKey publicKey;

    [[nodiscard]] static NoiseKeyPair generate(Random& random);
    [[nodiscard]] static NoiseKeyPair fromSecret(const Secret<32>& secret);
};

/// The secrets of one device. They belong to one store and are never copied to another.
struct DeviceKeys {
    SigningKey signing;
    NoiseKeyPair noise;

    [[nodiscard]] static DeviceKeys generate(Random& random);
    [[nodiscard]] DeviceId id() const { return DeviceId::from(signing.publicKey().view()).value(); }
};

[[nodiscard]] inline PersonId personIdOf(const SigningKey& person) {
    return PersonId::from(person.publicKey().view()).value();
}

}  // namespace landline::identity
