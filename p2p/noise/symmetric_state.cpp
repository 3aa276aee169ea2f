#include "p2p/noise/symmetric_state.h"

#include "p2p/base/hash.h"

#include <sodium.h>

namespace landline::noise {

namespace {

SymmetricKey hmac(const SymmetricKey& key, std::initializer_list<ByteView> parts) {
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, key.data(), key.size());
    for (const ByteView part : parts) crypto_auth_hmacsha256_update(&state, part.data(), part.size());
    SymmetricKey result;
    crypto_auth_hmacsha256_final(&state, result.data());
    sodium_memzero(&state, sizeof state);
    return result;
}

Hash256 paddedOrHashed(std::string_view name) {
    if (name.size() > Hash256::kSize) return sha256(viewOf(name));
    Hash256 padded;
    std::memcpy(padded.data(), name.data(), name.size());
    return padded;
}

}  // namespace

HkdfPair hkdf(const SymmetricKey& chainingKey, ByteView material) {
    constexpr std::array<std::uint8_t, 1> kOne{1};
    constexpr std::array<std::uint8_t, 1> kTwo{2};
    const SymmetricKey temporary = hmac(chainingKey, {material});
    SymmetricKey first = hmac(temporary, {kOne});
    SymmetricKey second = hmac(temporary, {first.view(), kTwo});
    return {std::move(first), std::move(second)};
}

SymmetricState::SymmetricState(std::string_view protocolName, Cipher cipher)
    : m_cipher(cipher), m_hash(paddedOrHashed(protocolName)) {
    std::memcpy(m_chainingKey.data(), m_hash.data(), m_hash.size());
}

void SymmetricState::mixKey(ByteView material) {
    HkdfPair keys = hkdf(m_chainingKey, material);
    m_chainingKey = std::move(keys.first);
    m_cipher.initializeKey(keys.second);
}

void SymmetricState::mixHash(ByteView data) {
    m_hash = sha256({m_hash.view(), data});
}

Expected<void> SymmetricState::encryptAndHash(ByteView plaintext, Bytes& out) {
    const std::size_t start = out.size();
    append(out, plaintext);
    if (m_cipher.hasKey()) {
        out.resize(out.size() + Aead::kTagBytes);
        const auto sealed = m_cipher.encrypt(m_hash.view(), std::span(out).subspan(start));
        if (!sealed) return sealed;
    }
    mixHash(ByteView(out).subspan(start));
    return {};
}

Expected<Bytes> SymmetricState::decryptAndHash(ByteView ciphertext) {
    Bytes text = toBytes(ciphertext);
    if (m_cipher.hasKey()) {
        const auto plain = m_cipher.decrypt(m_hash.view(), text);
        if (!plain) return Unexpected(plain.error());
        text.resize(plain->size());
    }
    mixHash(ciphertext);
    return text;
}

std::pair<CipherState, CipherState> SymmetricState::split() const {
    const HkdfPair keys = hkdf(m_chainingKey, {});
    return {CipherState(m_cipher.cipher(), keys.first), CipherState(m_cipher.cipher(), keys.second)};
}

}  // namespace landline::noise
