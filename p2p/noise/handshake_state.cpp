#include "p2p/noise/handshake_state.h"

#include "p2p/base/limits.h"

namespace landline::noise {

namespace {

Unexpected truncated() {
    return Unexpected(ErrorCode::Malformed, "The other side's handshake message is too short.");
}

/// Cuts `count` bytes off the front of `rest`; nothing if there are fewer.
std::optional<ByteView> take(ByteView& rest, std::size_t count) {
    if (rest.size() < count) return std::nullopt;
    const ByteView head = rest.first(count);
    rest = rest.subspan(count);
    return head;
}

}  // namespace

std::string protocolName(const Pattern& pattern, Cipher cipher) {
    return "Noise_" + std::string(pattern.name) + "_25519_" + std::string(nameOf(cipher)) + "_SHA256";
}

HandshakeState::HandshakeState(const Pattern& pattern, Cipher cipher, Role role, ByteView prologue,
                               KeyPair localStatic, std::optional<NoiseKey> remoteStatic, Random& random)
    : m_pattern(&pattern),
      m_role(role),
      m_symmetric(protocolName(pattern, cipher), cipher),
      m_static(std::move(localStatic)),
      m_remoteStatic(remoteStatic),
      m_random(&random) {
    m_symmetric.mixHash(prologue);
    if (!pattern.responderStaticKnown) {
        m_remoteStatic.reset();
        return;
    }
    assert(role == Role::Responder || remoteStatic);
    m_symmetric.mixHash(role == Role::Responder ? m_static.publicKey.view() : m_remoteStatic->view());
}

bool HandshakeState::isMyTurn() const {
    return !isFinished() && (m_next % 2 == 0) == (m_role == Role::Initiator);
}

Expected<void> HandshakeState::mayAct(bool writing) const {
    if (m_failed) return Unexpected(ErrorCode::Closed, "The handshake has failed before.");
    if (isFinished()) return Unexpected(ErrorCode::ProtocolViolation, "The handshake is over.");
    if (isMyTurn() != writing)
        return Unexpected(ErrorCode::ProtocolViolation, "It is the other side's turn in the handshake.");
    return {};
}

std::size_t HandshakeState::overheadOf(std::span<const Token> tokens) const {
    bool keyed = m_symmetric.overhead() != 0;
    std::size_t bytes = 0;
    for (const Token token : tokens) {
        if (token == Token::E)
            bytes += NoiseKey::kSize;
        else if (token == Token::S)
            bytes += NoiseKey::kSize + (keyed ? Aead::kTagBytes : 0);
        else
            keyed = true;
    }
    return bytes + (keyed ? Aead::kTagBytes : 0);
}

Expected<Bytes> HandshakeState::writeMessage(ByteView payload) {
    if (const auto may = mayAct(true); !may) return Unexpected(may.error());
    const std::span<const Token> tokens = m_pattern->messages[m_next];
    if (overheadOf(tokens) + payload.size() > limits::kNoiseMessage)
        return Unexpected(ErrorCode::TooLarge, "The payload does not fit into a handshake message.");
    m_failed = true;  // until everything went well
    Bytes message;
    if (const auto written = writeTokens(tokens, message); !written) return Unexpected(written.error());
    if (const auto sealed = m_symmetric.encryptAndHash(payload, message); !sealed)
        return Unexpected(sealed.error());
    ++m_next;
    m_failed = false;
    return message;
}

Expected<Bytes> HandshakeState::readMessage(ByteView message) {
    if (const auto may = mayAct(false); !may) return Unexpected(may.error());
    m_failed = true;  // until everything went well
    if (message.size() > limits::kNoiseMessage)
        return Unexpected(ErrorCode::TooLarge, "The other side's handshake message is too long.");
    ByteView rest = message;
    if (const auto read = readTokens(m_pattern->messages[m_next], rest); !read)
        return Unexpected(read.error());
    auto payload = m_symmetric.decryptAndHash(rest);
    if (!payload) return payload;
    ++m_next;
    m_failed = false;
    return payload;
}

Expected<void> HandshakeState::writeTokens(std::span<const Token> tokens, Bytes& out) {
    for (const Token token : tokens) {
        Expected<void> done;
        if (token == Token::E)
            writeEphemeral(out);
        else if (token == Token::S)
            done = m_symmetric.encryptAndHash(m_static.publicKey.view(), out);
        else
            done = mixDh(token);
        if (!done) return done;
    }
    return {};
}

Expected<void> HandshakeState::readTokens(std::span<const Token> tokens, ByteView& rest) {
    for (const Token token : tokens) {
        Expected<void> done;
        if (token == Token::E)
            done = readEphemeral(rest);
        else if (token == Token::S)
            done = readStatic(rest);
        else
            done = mixDh(token);
        if (!done) return done;
    }
    return {};
}

void HandshakeState::writeEphemeral(Bytes& out) {
    m_ephemeral = KeyPair::generate(*m_random);
    append(out, m_ephemeral->publicKey.view());
    m_symmetric.mixHash(m_ephemeral->publicKey.view());
}

Expected<void> HandshakeState::readEphemeral(ByteView& rest) {
    const auto bytes = take(rest, NoiseKey::kSize);
    if (!bytes) return truncated();
    m_remoteEphemeral = NoiseKey::from(*bytes);
    m_symmetric.mixHash(*bytes);
    return {};
}

Expected<void> HandshakeState::readStatic(ByteView& rest) {
    const auto bytes = take(rest, NoiseKey::kSize + m_symmetric.overhead());
    if (!bytes) return truncated();
    const auto key = m_symmetric.decryptAndHash(*bytes);
    if (!key) return Unexpected(key.error());
    m_remoteStatic = NoiseKey::from(*key);
    return {};
}

Expected<void> HandshakeState::mixDh(Token token) {
    // The token's first letter is the initiator's key, its second the responder's.
    const bool initiator = m_role == Role::Initiator;
    const bool mineIsStatic = token == Token::Ss || token == (initiator ? Token::Se : Token::Es);
    const bool theirsIsStatic = token == Token::Ss || token == (initiator ? Token::Es : Token::Se);
    const KeyPair& mine = mineIsStatic ? m_static : *m_ephemeral;
    const NoiseKey& theirs = theirsIsStatic ? *m_remoteStatic : *m_remoteEphemeral;
    const auto shared = dh(mine, theirs);
    if (!shared) return Unexpected(shared.error());
    m_symmetric.mixKey(shared->view());
    return {};
}

Expected<TransportState> HandshakeState::intoTransport() && {
    if (m_failed || !isFinished())
        return Unexpected(ErrorCode::ProtocolViolation, "The handshake is not finished.");
    auto [fromInitiator, fromResponder] = m_symmetric.split();
    m_failed = true;
    const bool initiator = m_role == Role::Initiator;
    const bool bothWays = !m_pattern->oneWay;
    return TransportState(std::move(initiator ? fromInitiator : fromResponder),
                          std::move(initiator ? fromResponder : fromInitiator), initiator || bothWays,
                          !initiator || bothWays, m_symmetric.handshakeHash());
}

}  // namespace landline::noise
