#pragma once

#include "p2p/noise/dh.h"
#include "p2p/noise/pattern.h"
#include "p2p/noise/symmetric_state.h"
#include "p2p/noise/transport_state.h"

#include <optional>
#include <string>

namespace landline::noise {

enum class Role { Initiator, Responder };

/// "Noise_XX_25519_ChaChaPoly_SHA256" and the like (section 8).
[[nodiscard]] std::string protocolName(const Pattern& pattern, Cipher cipher);

/// One run of a handshake (Noise specification, section 5.3): messages are written and read in the pattern's
/// turn, then the whole becomes a TransportState. An error is final: every later call fails too. Suites:
/// 25519, SHA256 and either Cipher.
class HandshakeState {
public:
    /// `remoteStatic` is for the initiator of a pattern in which the responder's key is known before.
    /// `random` is drawn from when the ephemeral key is made and must live until then.
    HandshakeState(const Pattern& pattern, Cipher cipher, Role role, ByteView prologue, KeyPair localStatic,
                   std::optional<NoiseKey> remoteStatic, Random& random);

    [[nodiscard]] bool isMyTurn() const;
    [[nodiscard]] bool isFinished() const { return m_next == m_pattern->messages.size(); }
    /// The next message, with `payload`.
    [[nodiscard]] Expected<Bytes> writeMessage(ByteView payload);
    /// Gives the payload of the other side's next message.
    [[nodiscard]] Expected<Bytes> readMessage(ByteView message);
    /// The other side's static key once it was read, or as it was known before.
    [[nodiscard]] const std::optional<NoiseKey>& remoteStatic() const { return m_remoteStatic; }

    /// Ends the handshake. Fails if messages are still missing.
    [[nodiscard]] Expected<TransportState> intoTransport() &&;

private:
    [[nodiscard]] Expected<void> mayAct(bool writing) const;
    [[nodiscard]] std::size_t overheadOf(std::span<const Token> tokens) const;
    [[nodiscard]] Expected<void> writeTokens(std::span<const Token> tokens, Bytes& out);
    [[nodiscard]] Expected<void> readTokens(std::span<const Token> tokens, ByteView& rest);
    void writeEphemeral(Bytes& out);
    [[nodiscard]] Expected<void> readEphemeral(ByteView& rest);
    [[nodiscard]] Expected<void> readStatic(ByteView& rest);
    [[nodiscard]] Expected<void> mixDh(Token token);

    const Pattern* m_pattern;
    Role m_role;
    SymmetricState m_symmetric;
    KeyPair m_static;
    std::optional<KeyPair> m_ephemeral;
    std::optional<NoiseKey> m_remoteStatic;
    std::optional<NoiseKey> m_remoteEphemeral;
    Random* m_random;
    std::size_t m_next = 0;  ///< index of the next message of the pattern
    bool m_failed = false;
};

}  // namespace landline::noise
