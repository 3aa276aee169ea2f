#include "p2p/noise/cipher_state.h"

#include <limits>

namespace landline::noise {

namespace {

constexpr std::uint64_t kReservedNonce = std::numeric_limits<std::uint64_t>::max();

Unexpected exhausted() {
    return Unexpected(ErrorCode::ProtocolViolation,
                      "The connection has used up its encryption nonces and must be made anew.");
}

}  // namespace

void CipherState::initializeKey(const SymmetricKey& key) {
    m_aead = makeAead(m_cipher);
    m_aead->setKey(key);
    m_nonce = 0;
}

Expected<void> CipherState::encrypt(ByteView associated, std::span<std::uint8_t> box) {
    assert(box.size() >= Aead::kTagBytes);
    return encrypt(associated, {box.first(box.size() - Aead::kTagBytes), {}, box.last(Aead::kTagBytes)});
}

Expected<void> CipherState::encrypt(ByteView associated, const OpenBox& box) {
    assert(hasKey());
    if (m_nonce == kReservedNonce) return exhausted();
    m_aead->seal(m_nonce++, associated, box);
    return {};
}

Expected<std::span<std::uint8_t>> CipherState::decrypt(ByteView associated, std::span<std::uint8_t> box) {
    assert(hasKey());
    if (m_nonce == kReservedNonce) return exhausted();
    if (box.size() < Aead::kTagBytes)
        return Unexpected(ErrorCode::Malformed, "An encrypted message is too short to hold its tag.");
    if (!m_aead->open(m_nonce, associated, box))
        return Unexpected(ErrorCode::BadSignature,
                          "An encrypted message was changed on its way or made with another key.");
    ++m_nonce;
    return box.first(box.size() - Aead::kTagBytes);
}

void CipherState::rekey() {
    assert(hasKey());
    std::array<std::uint8_t, SymmetricKey::kSize + Aead::kTagBytes> box{};
    m_aead->seal(kReservedNonce, {}, box);
    const SymmetricKey next(
        std::span<const std::uint8_t, SymmetricKey::kSize>(box.data(), SymmetricKey::kSize));
    m_aead->setKey(next);
    sodium_memzero(box.data(), box.size());
}

}  // namespace landline::noise
