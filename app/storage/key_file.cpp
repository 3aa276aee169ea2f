#include "app/storage/key_file.h"

#include "p2p/base/hash.h"
#include "p2p/base/limits.h"

#include <sodium.h>

#include <QCoreApplication>

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

Unexpected damaged(const char* what) {
    const QString text = QCoreApplication::translate(
        "Storage",
        "The profile's key file landline.keys is damaged (%1). Nothing was changed. Put a "
        "backup of it in its place, or begin a new profile in another folder.");
    return Unexpected(ErrorCode::Malformed, text.arg(QString::fromLatin1(what)).toStdString());
}

Expected<KeyFileContent> fromBody(Body& body) {
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
    if (length > limits::kNameBytes) return damaged("its name is too long");
    content.name.assign(reinterpret_cast<const char*>(in.at()), length);
    return content;
}

Unexpected passphraseError(const char* text) {
    return Unexpected(ErrorCode::Locked, QCoreApplication::translate("Storage", text).toStdString());
}

Expected<void> derive(SealKey& seal, const std::string& passphrase) {
    if (crypto_pwhash(seal.key.data(), seal.key.size(), passphrase.data(), passphrase.size(),
                      seal.salt.data(), seal.operations, static_cast<std::size_t>(seal.memory),
                      crypto_pwhash_ALG_ARGON2ID13) == 0)
        return {};
    return Unexpected(ErrorCode::Full, QCoreApplication::translate(
                                           "Storage",
                                           "There is not enough memory to check the passphrase (%1 MiB are "
                                           "needed). Close other programs and try again.")
                                           .arg(seal.memory >> 20)
                                           .toStdString());
}

Bytes startOf(bool sealed) {
    Bytes bytes = toBytes(viewOf(kMagic));
    bytes.push_back(kVersion);
    bytes.push_back(sealed ? 1 : 0);
    return bytes;
}

Expected<Opened> decodeOpen(ByteView bytes) {
    if (bytes.size() != kOpenBytes) return damaged("it has been cut short or has grown");
    const ByteView signedPart = bytes.first(kStart + kBody);
    if (sha256(signedPart) != Hash256::from(bytes.subspan(kStart + kBody)))
        return damaged("its checksum is wrong");
    Body body;
    std::memcpy(body.data(), bytes.data() + kStart, kBody);
    auto content = fromBody(body);
    if (!content) return Unexpected(content.error());
    return Opened{std::move(*content), {}};
}

Expected<Opened> decodeSealed(ByteView bytes, const std::string& passphrase) {
    if (bytes.size() != kSealedBytes) return damaged("it has been cut short or has grown");
    SealKey seal;
    std::memcpy(seal.salt.data(), bytes.data() + kStart, seal.salt.size());
    seal.operations = loadBe64(bytes.data() + kStart + 16);
    seal.memory = loadBe64(bytes.data() + kStart + 24);
    if (seal.memory > kMostMemory || seal.operations > kMostOperations)
        return damaged("its seal asks too much");
    if (passphrase.empty())
        return passphraseError(QT_TRANSLATE_NOOP("Storage", "This profile is sealed: give its passphrase."));
    if (auto derived = derive(seal, passphrase); !derived) return Unexpected(derived.error());
    Body body;
    const std::uint8_t* const nonce = bytes.data() + kStart + 32;
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(body.data(), nullptr, nullptr, bytes.data() + kSealHead,
                                                   bytes.size() - kSealHead, bytes.data(), kSealHead, nonce,
                                                   seal.key.data()) != 0)
        return passphraseError(QT_TRANSLATE_NOOP(
            "Storage", "The passphrase is wrong, or the profile's key file landline.keys is damaged."));
    auto content = fromBody(body);
    if (!content) return Unexpected(content.error());
    return Opened{std::move(*content), std::move(seal)};
}

}  // namespace

Expected<SealKey> makeSeal(const std::string& passphrase, Random& random) {
    SealKey seal;
    random.fill(seal.salt);
    seal.operations = crypto_pwhash_OPSLIMIT_MODERATE;
    seal.memory = crypto_pwhash_MEMLIMIT_MODERATE;
    if (auto derived = derive(seal, passphrase); !derived) return Unexpected(derived.error());
    return seal;
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

Expected<Opened> decode(ByteView bytes, const std::string& passphrase) {
    if (bytes.size() < kStart || !std::equal(kMagic.begin(), kMagic.end(), bytes.begin()))
        return damaged("it does not begin as a key file does");
    if (bytes[8] != kVersion)
        return Unexpected(
            ErrorCode::VersionMismatch,
            QCoreApplication::translate("Storage",
                                        "The profile's key file landline.keys was written by a newer "
                                        "version of Landline. Install the newer version.")
                .toStdString());
    if (bytes[9] > 1) return damaged("it does not say whether it is sealed");
    return bytes[9] == 0 ? decodeOpen(bytes) : decodeSealed(bytes, passphrase);
}

}  // namespace landline::app::key_file
