#include "p2p/identity/certificate.h"

namespace landline::identity {

namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kPersonAt = 1;
constexpr std::size_t kDeviceAt = 33;
constexpr std::size_t kNoiseAt = 65;
constexpr std::size_t kCreatedAt = 97;
constexpr std::size_t kSignedBytes = 105;
constexpr std::size_t kPersonSignatureAt = kSignedBytes;
constexpr std::size_t kDeviceSignatureAt = kPersonSignatureAt + Signature::kSize;
static_assert(kDeviceSignatureAt + Signature::kSize == Certificate::kBytes);

template <class Id>
Id idAt(ByteView bytes, std::size_t at) {
    return Id::from(bytes.subspan(at, Id::kSize)).value();
}

}  // namespace

Certificate Certificate::issue(const SigningKey& person, const DeviceKeys& device, WallTime created) {
    Certificate certificate;
    certificate.m_person = personIdOf(person);
    certificate.m_device = device.id();
    certificate.m_noiseKey = device.noise.publicKey;
    certificate.m_created = created;

    Bytes& out = certificate.m_encoded;
    out.push_back(kVersion);
    append(out, certificate.m_person.view());
    append(out, certificate.m_device.view());
    append(out, certificate.m_noiseKey.view());
    appendBe64(out, static_cast<std::uint64_t>(toUnixMillis(created)));
    const Bytes signedPart = out;
    append(out, person.sign(context::kCertificate, signedPart).view());
    append(out, device.signing.sign(context::kCertificate, signedPart).view());
    return certificate;
}

Expected<Certificate> Certificate::parse(ByteView bytes) {
    if (bytes.size() != kBytes || bytes[0] != kVersion)
        return Unexpected(ErrorCode::Malformed, "A device certificate has the wrong size or version.");
    Certificate certificate;
    certificate.m_person = idAt<PersonId>(bytes, kPersonAt);
    certificate.m_device = idAt<DeviceId>(bytes, kDeviceAt);
    certificate.m_noiseKey = idAt<NoiseKey>(bytes, kNoiseAt);
    certificate.m_created = fromUnixMillis(static_cast<std::int64_t>(loadBe64(bytes.data() + kCreatedAt)));
    certificate.m_encoded = toBytes(bytes);

    const ByteView signedPart = bytes.first(kSignedBytes);
    if (!verify(certificate.m_person.view(), context::kCertificate, signedPart,
                idAt<Signature>(bytes, kPersonSignatureAt)) ||
        !verify(certificate.m_device.view(), context::kCertificate, signedPart,
                idAt<Signature>(bytes, kDeviceSignatureAt)))
        return Unexpected(ErrorCode::BadSignature,
                          "A device certificate is not signed by its person and device.");
    return certificate;
}

bool Certificate::states(ByteView bytes, const PersonId& person, const DeviceId& device,
                         const NoiseKey& noiseKey) {
    return bytes.size() == kBytes && bytes[0] == kVersion && idAt<PersonId>(bytes, kPersonAt) == person &&
           idAt<DeviceId>(bytes, kDeviceAt) == device && idAt<NoiseKey>(bytes, kNoiseAt) == noiseKey;
}

}  // namespace landline::identity
