#pragma once

#include "p2p/noise/handshake_state.h"
#include "p2p/session/session.h"
#include "p2p/wire/frame_buffer.h"
#include "tests/support/session_pair.h"

#include <stdexcept>

namespace landline::test {

/// The other end of a session, played by hand: it keeps to the protocol only as far as the test wants.
/// Failures of its own throw.
class RawPeer {
public:
    /// `role` is this side's. The key of `who` is used, whatever the hello then says.
    RawPeer(session::Role role, TestParty& who, wire::Preface preface = {})
        : m_role(role),
          m_who(who),
          m_preface(preface),
          m_handshake(noise::kPatternXX, noise::Cipher::ChaChaPoly,
                      role == session::Role::Dialler ? noise::Role::Initiator : noise::Role::Responder,
                      preface.encode(), {who.keys.noise.secret.clone(), who.noiseKey()}, std::nullopt,
                      who.random) {}

    /// Preface and, as the dialler, the first message.
    void open(session::Session& session, MonoTime now, ByteView payload = {}) {
        session.receive(m_preface.encode(), now);
        if (m_role == session::Role::Dialler) writeHandshake(session, now, payload);
    }
    /// Everything up to the transport; the hellos are left to the test.
    void shake(session::Session& session, MonoTime now) {
        open(session, now);
        takePreface(session);
        while (!m_handshake.isFinished()) {
            if (m_handshake.isMyTurn())
                writeHandshake(session, now, {});
            else
                readHandshake(session);
        }
        auto transport = std::move(m_handshake).intoTransport();
        if (!transport) throw std::runtime_error(transport.error().text);
        m_transport.emplace(*std::move(transport));
    }
    void writeHandshake(session::Session& session, MonoTime now, ByteView payload) {
        const auto message = m_handshake.writeMessage(payload);
        if (!message) throw std::runtime_error(message.error().text);
        sendFrame(session, *message, now);
    }
    void takePreface(session::Session& session) {
        if (session.outgoing().size() < wire::Preface::kBytes) throw std::runtime_error("no preface");
        session.consumeOutgoing(wire::Preface::kBytes);
    }

    static void sendFrame(session::Session& session, ByteView body, MonoTime now) {
        Bytes frame;
        wire::appendFrameHeader(frame, body.size());
        append(frame, body);
        session.receive(frame, now);
    }
    void send(session::Session& session, const wire::Message& message, MonoTime now) {
        sendPlain(session, wire::encodeMessage(message), now);
    }
    void sendPlain(session::Session& session, Bytes plain, MonoTime now) {
        sendFrame(session, sealed(plain), now);
    }
    /// The body of the next frame.
    Bytes sealed(Bytes plain) {
        plain.resize(plain.size() + noise::Aead::kTagBytes);
        if (!m_transport->seal(plain)) throw std::runtime_error("cannot seal");
        return plain;
    }
    /// What the session has to say, decrypted. Rekey markers are obeyed unless told otherwise.
    std::vector<wire::Message> read(session::Session& session, bool obeyRekey = true) {
        m_in.feed(session.outgoing());
        session.consumeOutgoing(session.outgoing().size());
        std::vector<wire::Message> messages;
        for (;;) {
            const auto frame = m_in.next(limits::kNoiseMessage);
            if (!frame) throw std::runtime_error(frame.error().text);
            if (!*frame) return messages;
            const auto plain = m_transport->open(**frame);
            if (!plain) throw std::runtime_error(plain.error().text);
            messages.push_back(wire::decodeMessage(*plain).value());
            if (obeyRekey && std::holds_alternative<wire::Rekey>(messages.back()))
                m_transport->rekeyReceiving();
        }
    }
    void rekeySending() { m_transport->rekeySending(); }
    [[nodiscard]] wire::Hello hello() const {
        return {m_who.certificate.encoded(),
                1,
                0,
                m_who.local.instance,
                0,
                false,
                m_who.local.name,
                std::nullopt};
    }

private:
    void readHandshake(session::Session& session) {
        m_in.feed(session.outgoing());
        session.consumeOutgoing(session.outgoing().size());
        const auto frame = m_in.next(limits::kNoiseMessage);
        if (!frame || !*frame || !m_handshake.readMessage(**frame))
            throw std::runtime_error("no handshake message");
    }

    session::Role m_role;
    TestParty& m_who;
    wire::Preface m_preface;
    noise::HandshakeState m_handshake;
    std::optional<noise::TransportState> m_transport;
    wire::FrameBuffer m_in;
};

}  // namespace landline::test
