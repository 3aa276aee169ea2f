#pragma once

#include "p2p/base/ids.h"
#include "p2p/noise/cipher_state.h"

namespace landline::noise {

/// The two ciphers that a finished handshake leaves (Noise specification, section 5.3, Split), seen from one
/// side. A message is at most limits::kNoiseMessage bytes with its tag. Messages of one direction must arrive
/// whole and in order.
class TransportState {
public:
    TransportState(CipherState sending, CipherState receiving, bool maySend, bool mayReceive,
                   const Hash256& handshakeHash);

    /// Encrypts in place: `box` is the plaintext with Aead::kTagBytes of room behind it.
    [[nodiscard]] Expected<void> seal(std::span<std::uint8_t> box);
    /// The same of a message in parts.
    [[nodiscard]] Expected<void> seal(const OpenBox& box);
    /// Decrypts in place; gives the plaintext's part of `box`.
    [[nodiscard]] Expected<std::span<std::uint8_t>> open(std::span<std::uint8_t> box);

    /// Each direction changes its key by itself, at a point in its stream that both sides know
    /// (section 11.3).
    void rekeySending() { m_sending.rekey(); }
    void rekeyReceiving() { m_receiving.rekey(); }

    /// The same on both sides and in no other session: for channel binding (section 11.2).
    [[nodiscard]] const Hash256& handshakeHash() const { return m_handshakeHash; }

private:
    CipherState m_sending;
    CipherState m_receiving;
    bool m_maySend;
    bool m_mayReceive;
    Hash256 m_handshakeHash;
};

}  // namespace landline::noise
