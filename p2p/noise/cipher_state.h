#pragma once

#include "p2p/base/expected.h"
#include "p2p/noise/aead.h"

namespace landline::noise {

/// A key and its nonce counter (Noise specification, section 5.1). Without a key nothing is encrypted, which
/// the specification allows at a handshake's start only; SymmetricState sees to it.
class CipherState {
public:
    explicit CipherState(Cipher cipher) : m_cipher(cipher) {}
    CipherState(Cipher cipher, const SymmetricKey& key) : m_cipher(cipher) { initializeKey(key); }

    void initializeKey(const SymmetricKey& key);
    [[nodiscard]] bool hasKey() const { return m_aead != nullptr; }
    [[nodiscard]] Cipher cipher() const { return m_cipher; }
    [[nodiscard]] std::uint64_t nonce() const { return m_nonce; }
    void setNonce(std::uint64_t nonce) { m_nonce = nonce; }

    /// EncryptWithAd in place: `box` is the plaintext with Aead::kTagBytes of room behind it. Fails once the
    /// nonces are used up: 2^64-1 is reserved. Needs a key.
    [[nodiscard]] Expected<void> encrypt(ByteView associated, std::span<std::uint8_t> box);
    /// The same of a text in parts.
    [[nodiscard]] Expected<void> encrypt(ByteView associated, const OpenBox& box);
    /// DecryptWithAd in place; gives the plaintext's part of `box`. A failure leaves the nonce as it was.
    [[nodiscard]] Expected<std::span<std::uint8_t>> decrypt(ByteView associated, std::span<std::uint8_t> box);
    /// Section 4.2, REKEY(k). The nonce goes on. Needs a key.
    void rekey();

private:
    Cipher m_cipher;
    std::unique_ptr<Aead> m_aead;
    std::uint64_t m_nonce = 0;
};

}  // namespace landline::noise
