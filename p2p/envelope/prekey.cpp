#include "p2p/envelope/prekey.h"

#include "p2p/base/limits.h"

namespace landline::envelope {

namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kDeviceAt = 1;
constexpr std::size_t kKeyAt = 33;
constexpr std::size_t kCreatedAt = 65;
constexpr std::size_t kExpiresAt = 73;
constexpr std::size_t kSignedBytes = 81;

WallTime timeAt(ByteView bytes, std::size_t at) {
    return fromUnixMillis(static_cast<std::int64_t>(loadBe64(bytes.data() + at)));
}

}  // namespace

Prekey Prekey::issue(const identity::DeviceKeys& device, const NoiseKey& key, WallTime now) {
    Prekey prekey;
    prekey.m_device = device.id();
    prekey.m_key = key;
    prekey.m_created = now;
    prekey.m_expires = now + limits::kPrekeyLife;
    Bytes& out = prekey.m_encoded;
    out.push_back(kVersion);
    append(out, prekey.m_device.view());
    append(out, key.view());
    appendBe64(out, static_cast<std::uint64_t>(toUnixMillis(prekey.m_created)));
    appendBe64(out, static_cast<std::uint64_t>(toUnixMillis(prekey.m_expires)));
    append(out, device.signing.sign(identity::context::kPrekey, out).view());
    return prekey;
}

std::optional<PrekeyId> Prekey::idIn(ByteView bytes) {
    if (bytes.size() != kBytes || bytes[0] != kVersion) return std::nullopt;
    return PrekeyId::from(bytes.subspan(kKeyAt, PrekeyId::kSize));
}

Expected<Prekey> Prekey::parse(ByteView bytes) {
    if (bytes.size() != kBytes || bytes[0] != kVersion)
        return Unexpected(ErrorCode::Malformed, "The other side's key for envelopes cannot be read.");
    Prekey prekey;
    prekey.m_device = DeviceId::from(bytes.subspan(kDeviceAt, DeviceId::kSize)).value();
    prekey.m_key = NoiseKey::from(bytes.subspan(kKeyAt, NoiseKey::kSize)).value();
    prekey.m_created = timeAt(bytes, kCreatedAt);
    prekey.m_expires = timeAt(bytes, kExpiresAt);
    const Signature signature = Signature::from(bytes.subspan(kSignedBytes)).value();
    if (!identity::verify(prekey.m_device.view(), identity::context::kPrekey, bytes.first(kSignedBytes),
                          signature))
        return Unexpected(ErrorCode::BadSignature,
                          "The other side's key for envelopes is not signed by its device.");
    prekey.m_encoded = toBytes(bytes);
    return prekey;
}

}  // namespace landline::envelope
