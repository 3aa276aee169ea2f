#pragma once

#include "p2p/base/clock.h"
#include "p2p/base/expected.h"
#include "p2p/identity/keys.h"

namespace landline::identity {

/// States that a device belongs to a person, signed by both, and which Noise key is the device's. A device belongs to
/// one person for ever. Encoded in a fixed layout of 233 bytes (PROTOCOL.md, "Certificate"):
///
///     version 1 | person 32 | device 32 | noise key 32 | created 8 | person's signature 64 | device's signature 64
///
/// Both signatures cover the first 105 bytes under context::kCertificate.
class Certificate {
public:
    static constexpr std::size_t kBytes = 233;

    /// Signs a new one.
    [[nodiscard]] static Certificate issue(const SigningKey& person, const DeviceKeys& device,
                                           WallTime created);
    /// Fails with Malformed or BadSignature; a certificate that exists is verified.
    [[nodiscard]] static Expected<Certificate> parse(ByteView bytes);
    /// True if `bytes` have a certificate's form and state these keys. Signatures are not looked at: for comparing what
    /// was verified once with what was kept beside it.
    [[nodiscard]] static bool states(ByteView bytes, const PersonId& person, const DeviceId& device,
                                     const NoiseKey& noiseKey);

    [[nodiscard]] const PersonId& person() const { return m_person; }
    [[nodiscard]] const DeviceId& device() const { return m_device; }
    [[nodiscard]] const NoiseKey& noiseKey() const { return m_noiseKey; }
    [[nodiscard]] WallTime created() const { return m_created; }
    /// The exact bytes, as issued or received.
    [[nodiscard]] const Bytes& encoded() const { return m_encoded; }

    friend bool operator==(const Certificate& a, const Certificate& b) { return a.m_encoded == b.m_encoded; }

private:
    Certificate() = default;

    PersonId m_person;
    DeviceId m_device;
    NoiseKey m_noiseKey;
    WallTime m_created;
    Bytes m_encoded;
};

}  // namespace landline::identity
