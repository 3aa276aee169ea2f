#include "app/storage/key_file_format.h"

#include "p2p/base/hash.h"
#include "p2p/base/limits.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>

namespace landline::app::key_file {

namespace {

constexpr std::string_view kMagic = "landkeys";
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kStart = 10;
constexpr std::size_t kBody = 459;
constexpr std::size_t kOpenBytes = kStart + kBody + Hash256::kSize;
constexpr std::size_t kSealHead = kStart + 16 + 8 + 8 + crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kSealedBytes = kSealHead + kBody + crypto_aead_xchacha20poly1305_ietf_ABYTES;
/// A file that asks for more was not written by this program.
constexpr std::uint64_t kMostMemory = std::uint64_t{1} << 30;
constexpr std::uint64_t kMostOperations = 16;

using Body = Secret<kBody>;

/// Walks over a body, writing or reading its fields in order.
class Cursor {
public:
    explicit Cursor(std::uint8_t* at) : m_at(at) {}
    void put(ByteView bytes) {
        std::memcpy(m_at, bytes.data(), bytes.size());
        m_at += bytes.size();
    }
    void get(std::span<std::uint8_t> out) {
        std::memcpy(out.data(), m_at, out.size());
        m_at += out.size();
    }
    void put64(std::uint64_t value) {
        storeBe64(m_at, value);
        m_at += 8;
    }
    std::uint64_t get64() {
        m_at += 8;
        return loadBe64(m_at - 8);
    }
    void put8(std::uint8_t value) { *m_at++ = value; }
    std::uint8_t get8() { return *m_at++; }
    [[nodiscard]] std::uint8_t* at() const { return m_at; }

private:
    std::uint8_t* m_at;
};

Body toBody(const KeyFileContent& content) {
    Body body;
    Cursor out(body.data());
    out.put(content.personSeed.view());
    out.put(content.deviceSeed.view());
    out.put(content.noiseSecret.view());
    out.put(content.certificate);
    out.put(content.place.machine.view());
    out.put64(content.place.inode);
    out.put64(content.place.birth);
    out.put8(content.bound ? 1 : 0);
    const std::size_t length = std::min(content.name.size(), limits::kNameBytes);
    out.put8(static_cast<std::uint8_t>(length));
    out.put(viewOf(content.name).first(length));
    return body;
}

std::variant<KeyFileContent, Fault> fromBody(Body& body) {
    KeyFileContent content;
    Cursor in(body.data());
    in.get(content.personSeed.span());
    in.get(content.deviceSeed.span());
    in.get(content.noiseSecret.span());
    content.certificate.resize(identity::Certificate::kBytes);
    in.get(content.certificate);
    in.get(content.place.machine.span());
    content.place.inode = in.get64();
    content.place.birth = in.get64();
    content.bound = in.get8() != 0;
    const std::size_t length = in.get8();
    if (length > limits::kNameBytes) return Fault::NameTooLong;
    content.name.assign(reinterpret_cast<const char*>(in.at()), length);
    return content;
}

Bytes startOf(bool sealed) {
    Bytes bytes = toBytes(viewOf(kMagic));
    bytes.push_back(kVersion);
    bytes.push_back(sealed ? 1 : 0);
    return bytes;
}

std::variant<KeyFileContent, SealKey, Fault> parseOpen(ByteView bytes) {
    if (bytes.size() != kOpenBytes) return Fault::WrongLength;
    if (sha256(bytes.first(kStart + kBody)) != Hash256::from(bytes.subspan(kStart + kBody)))
        return Fault::WrongChecksum;
    Body body;
    std::memcpy(body.data(), bytes.data() + kStart, kBody);
    auto read = fromBody(body);
    if (const auto* fault = std::get_if<Fault>(&read)) return *fault;
    return std::get<KeyFileContent>(std::move(read));
}

std::variant<KeyFileContent, SealKey, Fault> parseSealed(ByteView bytes) {
    if (bytes.size() != kSealedBytes) return Fault::WrongLength;
    SealKey seal;
    std::memcpy(seal.salt.data(), bytes.data() + kStart, seal.salt.size());
    seal.operations = loadBe64(bytes.data() + kStart + 16);
    seal.memory = loadBe64(bytes.data() + kStart + 24);
    if (seal.memory < crypto_pwhash_MEMLIMIT_MIN || seal.memory > kMostMemory ||
        seal.operations < crypto_pwhash_OPSLIMIT_MIN || seal.operations > kMostOperations)
        return Fault::SealOutOfRange;
    return seal;
}

}  // namespace

std::variant<KeyFileContent, SealKey, Fault> parse(ByteView bytes) {
    if (bytes.size() < kStart || !std::equal(kMagic.begin(), kMagic.end(), bytes.begin()))
        return Fault::NoKeyFile;
    if (bytes[8] != kVersion) return Fault::NewerVersion;
    if (bytes[9] > 1) return Fault::NoSealMark;
    return bytes[9] == 0 ? parseOpen(bytes) : parseSealed(bytes);
}

std::variant<KeyFileContent, Fault> unseal(ByteView bytes, const SealKey& seal) {
    if (bytes.size() != kSealedBytes) return Fault::WrongLength;
    Body body;
    const std::uint8_t* const nonce = bytes.data() + kStart + 32;
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(body.data(), nullptr, nullptr, bytes.data() + kSealHead,
                                                   bytes.size() - kSealHead, bytes.data(), kSealHead, nonce,
                                                   seal.key.data()) != 0)
        return Fault::WrongKey;
    return fromBody(body);
}

Bytes encode(const KeyFileContent& content, const SealKey* seal, Random& random) {
    const Body body = toBody(content);
    Bytes bytes = startOf(seal != nullptr);
    bytes.reserve(kSealedBytes);
    if (!seal) {
        append(bytes, body.view());
        append(bytes, sha256(bytes).view());
        return bytes;
    }
    append(bytes, seal->salt);
    appendBe64(bytes, seal->operations);
    appendBe64(bytes, seal->memory);
    std::array<std::uint8_t, crypto_aead_xchacha20poly1305_ietf_NPUBBYTES> nonce{};
    random.fill(nonce);
    append(bytes, nonce);
    bytes.resize(kSealedBytes);
    crypto_aead_xchacha20poly1305_ietf_encrypt(bytes.data() + kSealHead, nullptr, body.data(), body.size(),
                                               bytes.data(), kSealHead, nullptr, nonce.data(),
                                               seal->key.data());
    return bytes;
}

}  // namespace landline::app::key_file
