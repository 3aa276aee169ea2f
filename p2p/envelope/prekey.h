#pragma once

#include "p2p/base/clock.h"
#include "p2p/base/expected.h"
#include "p2p/identity/keys.h"

#include <optional>

namespace landline::envelope {

/// A key of a device's to which others seal what they leave for it at one relay, signed by the device. In a fixed layout of
/// 145 bytes (PROTOCOL.md, "Prekeys"):
///
///     version 1 | device 32 | key 32 | created 8 | expires 8 | signature 64
///
/// The signature covers the first 81 bytes under identity::context::kPrekey.
class Prekey {
public:
    static constexpr std::size_t kBytes = 145;

    /// Signs one for `key`, which lives from `now` for limits::kPrekeyLife.
    [[nodiscard]] static Prekey issue(const identity::DeviceKeys& device, const NoiseKey& key, WallTime now);
    /// Fails with Malformed or BadSignature; a prekey that exists is its device's. Whose it should be, and whether it has
    /// expired, is for the caller to look at.
    [[nodiscard]] static Expected<Prekey> parse(ByteView bytes);

    /// The id that bytes of this form state; nothing for others. Nothing is verified: for a prekey that was.
    [[nodiscard]] static std::optional<PrekeyId> idIn(ByteView bytes);

    [[nodiscard]] const DeviceId& device() const { return m_device; }
    [[nodiscard]] const NoiseKey& key() const { return m_key; }
    [[nodiscard]] PrekeyId id() const { return PrekeyId::from(m_key.view().first(PrekeyId::kSize)).value(); }
    [[nodiscard]] WallTime created() const { return m_created; }
    /// Nothing is sealed to it from then on.
    [[nodiscard]] WallTime expires() const { return m_expires; }
    /// The exact bytes, as issued or received.
    [[nodiscard]] const Bytes& encoded() const { return m_encoded; }

    friend bool operator==(const Prekey& a, const Prekey& b) { return a.m_encoded == b.m_encoded; }

private:
    Prekey() = default;

    DeviceId m_device;
    NoiseKey m_key;
    WallTime m_created;
    WallTime m_expires;
    Bytes m_encoded;
};

}  // namespace landline::envelope
