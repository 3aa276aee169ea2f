#pragma once

#include "p2p/base/ids.h"
#include "p2p/noise/cipher_state.h"

#include <string_view>
#include <utility>

namespace landline::noise {

/// HKDF with two outputs by HMAC-SHA256 (Noise specification, section 4.3).
struct HkdfPair {
    SymmetricKey first;
    SymmetricKey second;
};
[[nodiscard]] HkdfPair hkdf(const SymmetricKey& chainingKey, ByteView material);

/// The chaining key and the running hash of a handshake, and the cipher that they key (section 5.2).
class SymmetricState {
public:
    /// InitializeSymmetric. The names of our protocols are at most 32 bytes long or hashed.
    SymmetricState(std::string_view protocolName, Cipher cipher);

    void mixKey(ByteView material);
    void mixHash(ByteView data);
    /// Appends what becomes of `plaintext` to `out`: with a key ciphertext and tag, else the plaintext
    /// itself.
    [[nodiscard]] Expected<void> encryptAndHash(ByteView plaintext, Bytes& out);
    [[nodiscard]] Expected<Bytes> decryptAndHash(ByteView ciphertext);

    /// What a key costs a field: the tag, once there is a key.
    [[nodiscard]] std::size_t overhead() const { return m_cipher.hasKey() ? Aead::kTagBytes : 0; }
    [[nodiscard]] const Hash256& handshakeHash() const { return m_hash; }
    /// The cipher of initiator to responder, and the other way's.
    [[nodiscard]] std::pair<CipherState, CipherState> split() const;

private:
    CipherState m_cipher;
    SymmetricKey m_chainingKey;
    Hash256 m_hash;
};

}  // namespace landline::noise
