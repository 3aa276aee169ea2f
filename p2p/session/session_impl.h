#pragma once

#include "p2p/base/sliding_vector.h"
#include "p2p/noise/handshake_state.h"
#include "p2p/session/outgoing_buffer.h"
#include "p2p/session/secure_frames.h"
#include "p2p/session/session.h"
#include "p2p/wire/frame_buffer.h"

namespace landline::session {

class Session::Impl {
public:
    Impl(Role role, wire::Purpose purpose, wire::Suite suite, const LocalParty& self, ExpectedParty expected,
         std::optional<wire::TransferId> transfer, Random& random, MonoTime now);

    void receive(ByteView bytes, MonoTime now);
    [[nodiscard]] std::span<std::uint8_t> room();
    void received(std::size_t bytes, MonoTime now);
    void advance(MonoTime now);
    [[nodiscard]] std::optional<MonoTime> nextTimeout() const;
    void send(const wire::Message& message, MonoTime now);
    void sendChunk(std::uint64_t offset, SharedSlice data, MonoTime now);
    void close(wire::CloseReason reason, std::string text, MonoTime now);
    void transportClosed(const std::string& why);
    void consumeOutgoing(std::size_t bytes);
    [[nodiscard]] std::optional<Event> nextEvent();

    [[nodiscard]] ByteView outgoing() const { return m_out.view(); }
    [[nodiscard]] std::size_t outgoingBytes() const { return m_out.size(); }
    [[nodiscard]] std::size_t outgoingParts(std::span<ByteView> parts) const { return m_out.parts(parts); }
    [[nodiscard]] bool canSend() const { return isOpen() && m_out.size() < outgoingLimit(); }
    [[nodiscard]] bool isOpen() const { return m_state == State::Open; }
    [[nodiscard]] bool isFinished() const { return m_state == State::Closed; }
    [[nodiscard]] bool isAuthenticated() const { return m_authenticated; }
    [[nodiscard]] wire::Purpose purpose() const { return m_preface.purpose; }

private:
    enum class State { Preface, Handshake, Hello, Open, Closing, Closed };

    [[nodiscard]] bool isReading() const { return m_state != State::Closing && m_state != State::Closed; }
    [[nodiscard]] bool isBulk() const { return m_preface.purpose == wire::Purpose::Bulk; }
    [[nodiscard]] std::size_t outgoingLimit() const {
        return isBulk() ? limits::kBulkOutgoing : limits::kSessionOutgoing;
    }
    [[nodiscard]] std::size_t readCap() const;
    [[nodiscard]] std::size_t frameLimit() const;

    void process(MonoTime now);
    void handlePreface(ByteView bytes, MonoTime now);
    void handleDialledPreface(const wire::Preface& theirs, MonoTime now);
    void handleAnsweredPreface(const wire::Preface& theirs, MonoTime now);

    void startHandshake(noise::Role role);
    void writeHandshake(MonoTime now);
    void handleHandshake(ByteView message, MonoTime now);
    [[nodiscard]] bool remoteKeyFits() const;
    void finishHandshake(MonoTime now);

    void handleTransport(std::span<std::uint8_t> box, MonoTime now);
    [[nodiscard]] SharedSlice kept(ByteView part);
    void handleFirst(wire::Message message, MonoTime now);
    void handleHello(wire::Hello hello, MonoTime now);
    void handleOpen(wire::Message message, MonoTime now);
    [[nodiscard]] bool isOwn(const wire::Message& message) const;
    [[nodiscard]] bool isOneTooMany(MonoTime now);
    void handlePeerClose(const wire::Close& close);

    void queue(const wire::Message& message, MonoTime now);

    void advanceOpen(MonoTime now);
    [[nodiscard]] MonoTime keepaliveDue() const;

    void fail(Error error, MonoTime now, wire::CloseReason reason = wire::CloseReason::Violation);
    void sayAndClose(wire::CloseReason reason, const std::string& text, MonoTime now);
    void drain(MonoTime now);
    void end(Ended ended);
    void shut();

    // Given.
    const Role m_role;
    const bool m_relayListener;
    const LocalParty& m_self;
    const ExpectedParty m_expected;
    const std::optional<wire::TransferId> m_transfer;
    Random& m_random;

    // The connection.
    State m_state = State::Preface;
    wire::Preface m_preface;  ///< the dialler's
    Bytes m_prologue;         ///< its exact bytes
    std::optional<noise::HandshakeState> m_handshake;
    std::optional<SecureFrames> m_frames;
    NoiseKey m_remoteKey;
    bool m_authenticated = false;

    // Times.
    MonoTime m_started;
    MonoTime m_opened;
    MonoTime m_lastReceived;
    std::optional<MonoTime> m_pinged;
    MonoTime m_ownSince;           ///< frames of the session's own are counted
    std::size_t m_ownFrames = 0;
    MonoTime m_drainUntil;

    // In and out.
    wire::FrameBuffer m_in;
    OutgoingBuffer m_out;
    SlidingVector<Event> m_events;
};

}  // namespace landline::session
