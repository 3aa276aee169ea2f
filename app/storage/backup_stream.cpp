#include "app/storage/backup_stream.h"

#include "app/storage/backup.h"
#include "p2p/base/ids.h"
#include "p2p/base/random.h"

#include <algorithm>
#include <array>

namespace landline::app::backup {

namespace {

constexpr std::array<std::uint8_t, 16> kMagic{'l', 'a', 'n', 'd', 'l', 'i', 'n', 'e',
                                              ' ', 'b', 'a', 'c', 'k', 'u', 'p', 1};
constexpr std::size_t kSalt = crypto_pwhash_SALTBYTES;
constexpr std::size_t kHeader = crypto_secretstream_xchacha20poly1305_HEADERBYTES;
constexpr std::size_t kOverhead = crypto_secretstream_xchacha20poly1305_ABYTES;
constexpr std::size_t kLength = 4;

Unexpected malformed() {
    return Unexpected(ErrorCode::Malformed, "The backup is damaged or cut off: it cannot be restored.");
}

Expected<void> deriveKey(Secret<32>& key, const QString& passphrase, ByteView salt) {
    const QByteArray text = passphrase.toUtf8();
    const int made = crypto_pwhash(
        key.data(), key.size(), text.constData(), static_cast<unsigned long long>(text.size()), salt.data(),
        crypto_pwhash_OPSLIMIT_MODERATE, crypto_pwhash_MEMLIMIT_MODERATE, crypto_pwhash_ALG_ARGON2ID13);
    if (made == 0) return {};
    return Unexpected(ErrorCode::Full, "There is too little memory to make a key of the passphrase.");
}

}  // namespace

Expected<void> ChunkWriter::raw(ByteView bytes) {
    const auto size = static_cast<qint64>(bytes.size());
    if (m_out.write(reinterpret_cast<const char*>(bytes.data()), size) == size) return {};
    return Unexpected(ErrorCode::Disk,
                      "The backup could not be written: " + m_out.errorString().toStdString() + ".");
}

Expected<void> ChunkWriter::begin(const QString& passphrase) {
    crypto_hash_sha256_init(&m_hash);
    m_sealed = !passphrase.isEmpty();
    Bytes head(kMagic.begin(), kMagic.end());
    head.push_back(m_sealed ? 1 : 0);
    if (m_sealed) {
        std::array<std::uint8_t, kSalt> salt{};
        SystemRandom().fill(salt);
        Secret<32> key;
        if (Expected<void> derived = deriveKey(key, passphrase, salt); !derived) return derived;
        std::array<std::uint8_t, kHeader> header{};
        crypto_secretstream_xchacha20poly1305_init_push(&m_seal, header.data(), key.data());
        append(head, salt);
        append(head, header);
    }
    return raw(head);
}

Expected<void> ChunkWriter::write(ByteView bytes) {
    crypto_hash_sha256_update(&m_hash, bytes.data(), bytes.size());
    while (!bytes.empty()) {
        const std::size_t part = std::min(bytes.size(), kChunk - m_waiting.size());
        append(m_waiting, bytes.first(part));
        bytes = bytes.subspan(part);
        if (m_waiting.size() < kChunk) continue;
        if (Expected<void> flushed = flush(false); !flushed) return flushed;
    }
    return {};
}

Expected<void> ChunkWriter::end() {
    Hash256 digest;
    crypto_hash_sha256_final(&m_hash, digest.data());
    if (m_waiting.size() + digest.size() > kChunk) {
        if (Expected<void> flushed = flush(false); !flushed) return flushed;
    }
    append(m_waiting, digest.view());
    return flush(true);
}

Expected<void> ChunkWriter::flush(bool last) {
    Bytes chunk = std::exchange(m_waiting, {});
    if (m_sealed) {
        Bytes sealed(chunk.size() + kOverhead);
        const std::uint8_t tag = last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : std::uint8_t{0};
        crypto_secretstream_xchacha20poly1305_push(&m_seal, sealed.data(), nullptr, chunk.data(),
                                                   chunk.size(), nullptr, 0, tag);
        chunk = std::move(sealed);
    }
    Bytes framed;
    framed.reserve(kLength + chunk.size());
    appendBe32(framed, static_cast<std::uint32_t>(chunk.size()));
    append(framed, chunk);
    return raw(framed);
}

Expected<Bytes> ChunkReader::raw(std::size_t count) {
    Bytes bytes(count);
    const auto size = static_cast<qint64>(count);
    if (m_in.read(reinterpret_cast<char*>(bytes.data()), size) != size) return malformed();
    return bytes;
}

Expected<void> ChunkReader::begin(const QString& passphrase) {
    crypto_hash_sha256_init(&m_hash);
    const Expected<Bytes> head = raw(kMagic.size() + 1);
    if (!head || !std::equal(kMagic.begin(), kMagic.end() - 1, head->begin())) {
        return Unexpected(ErrorCode::Malformed, "This file is no backup of Landline.");
    }
    if ((*head)[kMagic.size() - 1] != kMagic.back()) {
        return Unexpected(ErrorCode::VersionMismatch,
                          "The backup was made by another version of Landline. Update first.");
    }
    m_sealed = head->back() != 0;
    if (!m_sealed) return {};
    if (passphrase.isEmpty()) {
        return Unexpected(ErrorCode::Locked,
                          "The backup is sealed: give its passphrase with --passphrase-file.");
    }
    const Expected<Bytes> salt = raw(kSalt);
    if (!salt) return Unexpected(salt.error());
    const Expected<Bytes> header = raw(kHeader);
    if (!header) return Unexpected(header.error());
    Secret<32> key;
    if (Expected<void> derived = deriveKey(key, passphrase, *salt); !derived) return derived;
    crypto_secretstream_xchacha20poly1305_init_pull(&m_seal, header->data(), key.data());
    // The first chunk shows whether the passphrase is right.
    if (fill()) return {};
    return Unexpected(ErrorCode::Locked, "The passphrase is wrong, or the backup is damaged.");
}

Expected<void> ChunkReader::fill() {
    const Expected<Bytes> length = raw(kLength);
    if (!length) return Unexpected(length.error());
    const std::size_t size = loadBe32(length->data());
    const std::size_t overhead = m_sealed ? kOverhead : 0;
    if (size <= overhead || size > kChunk + overhead) return malformed();
    Expected<Bytes> chunk = raw(size);
    if (!chunk) return Unexpected(chunk.error());
    m_taken = 0;
    if (!m_sealed) {
        m_body = std::move(*chunk);
        return {};
    }
    m_body.assign(size - overhead, 0);
    std::uint8_t tag = 0;
    if (crypto_secretstream_xchacha20poly1305_pull(&m_seal, m_body.data(), nullptr, &tag, chunk->data(),
                                                   chunk->size(), nullptr, 0) != 0) {
        return malformed();
    }
    return {};
}

Expected<Bytes> ChunkReader::read(std::size_t count) {
    Bytes bytes;
    while (bytes.size() < count) {
        if (m_taken == m_body.size()) {
            if (const Expected<void> filled = fill(); !filled) return Unexpected(filled.error());
        }
        const std::size_t part = std::min(count - bytes.size(), m_body.size() - m_taken);
        append(bytes, ByteView(m_body).subspan(m_taken, part));
        m_taken += part;
    }
    crypto_hash_sha256_update(&m_hash, bytes.data(), bytes.size());
    return bytes;
}

Expected<void> ChunkReader::end() {
    Hash256 digest;
    crypto_hash_sha256_final(&m_hash, digest.data());
    const Expected<Bytes> stored = read(digest.size());
    if (!stored) return Unexpected(stored.error());
    if (!std::equal(stored->begin(), stored->end(), digest.data())) return malformed();
    return {};
}

}  // namespace landline::app::backup
