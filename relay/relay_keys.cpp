#include "relay/relay_keys.h"

#include "p2p/base/hash.h"
#include "p2p/base/secret.h"
#include "relay/store/database_files.h"
#include "relay/store/is_there.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace landline::relay {

namespace {

constexpr std::string_view kMagic = "landrlay";
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kSeedAt = 9;
constexpr std::size_t kNoiseAt = kSeedAt + 32;
constexpr std::size_t kCertificateAt = kNoiseAt + 32;
constexpr std::size_t kDigestAt = kCertificateAt + identity::Certificate::kBytes;
constexpr std::size_t kBytes = kDigestAt + Hash256::kSize;

Expected<Bytes> readWhole(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0 && errno == ENOENT)
        return Unexpected(ErrorCode::NotFound, "There is no relay key " + path +
                                                   ". Put it back from your copy; for a new relay \"landline-relay init\" makes one.");
    if (file < 0) return diskError(path + " cannot be read", std::strerror(errno));
    Bytes bytes(kBytes + 1);
    const ssize_t count = ::read(file, bytes.data(), bytes.size());
    ::close(file);
    if (count < 0) return diskError(path + " cannot be read", std::strerror(errno));
    bytes.resize(static_cast<std::size_t>(count));
    return bytes;
}

}  // namespace

Expected<RelayKeys> makeRelayKeys(const std::string& path, Random& random, WallTime now) {
    if (mayBeThere(path))
        return Unexpected(ErrorCode::InvalidArgument, "There is a relay in this folder already: " + path + " exists.");
    const auto person = identity::SigningKey::generate(random);
    auto device = identity::DeviceKeys::generate(random);
    auto certificate = identity::Certificate::issue(person, device, now);
    RelayKeys keys{std::move(device), std::move(certificate)};
    Bytes out = toBytes(viewOf(kMagic));
    out.push_back(kVersion);
    append(out, keys.device.signing.seed().view());
    append(out, keys.device.noise.secret.view());
    append(out, keys.certificate.encoded());
    append(out, sha256(out).view());
    // No copy of the secrets stays in memory.
    const bool isWritten = writeWhole(path, {reinterpret_cast<const char*>(out.data()), out.size()});
    const int why = errno;
    sodium_memzero(out.data(), out.size());
    if (!isWritten) return diskError(path + " cannot be written", std::strerror(why));
    return keys;
}

Expected<RelayKeys> readRelayKeys(const std::string& path) {
    auto bytes = readWhole(path);
    if (!bytes) return Unexpected(bytes.error());
    const ByteView all(*bytes);
    const auto damaged = [&path] {
        return Unexpected(ErrorCode::Malformed,
                          "The relay key " + path +
                              " is empty, cut short or damaged. Put it back from your copy: with another key no client knows this relay. "
                              "Only if nobody has joined it yet, remove the file and run \"landline-relay init\" again.");
    };
    if (all.size() < kSeedAt || toString(all.first(kMagic.size())) != kMagic) return damaged();
    if (all[kMagic.size()] > kVersion)
        return Unexpected(ErrorCode::VersionMismatch, "The relay key " + path + " is of a newer version of landline-relay.");
    if (all.size() != kBytes || sha256(all.first(kDigestAt)) != Hash256::from(all.subspan(kDigestAt)).value())
        return damaged();
    Secret<32> seed;
    Secret<32> noise;
    std::copy_n(all.begin() + kSeedAt, 32, seed.span().begin());
    std::copy_n(all.begin() + kNoiseAt, 32, noise.span().begin());
    auto certificate = identity::Certificate::parse(all.subspan(kCertificateAt, identity::Certificate::kBytes));
    sodium_memzero(bytes->data(), bytes->size());
    if (!certificate) return damaged();
    RelayKeys keys{{identity::SigningKey::fromSeed(seed), identity::NoiseKeyPair::fromSecret(noise)}, std::move(*certificate)};
    if (keys.certificate.device() != keys.device.id() || keys.certificate.noiseKey() != keys.device.noise.publicKey)
        return damaged();
    return keys;
}

}  // namespace landline::relay
