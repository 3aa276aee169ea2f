#include "p2p/session/session_impl.h"

#include "p2p/base/utf8.h"
#include "p2p/session/hello_check.h"
#include "p2p/session/preface_check.h"

#include <algorithm>
#include <cassert>

namespace landline::session {

namespace {

using wire::CloseReason;
using wire::FrameBuffer;
using wire::Preface;

noise::Cipher cipherOf(wire::Suite suite) {
    return suite == wire::Suite::AesGcm ? noise::Cipher::AesGcm : noise::Cipher::ChaChaPoly;
}

}  // namespace

Session::Impl::Impl(Role role, wire::Purpose purpose, wire::Suite suite, const LocalParty& self,
                    ExpectedParty expected, std::optional<wire::TransferId> transfer, Random& random,
                    MonoTime now)
    : m_role(role),
      m_relayListener(role == Role::Responder && purpose == wire::Purpose::Relay),
      m_self(self),
      m_expected(expected),
      m_transfer(transfer),
      m_random(random),
      m_started(now),
      m_in(self.buffers) {
    if (role == Role::Responder) return;
    assert(suite == wire::Suite::ChaChaPoly || purpose == wire::Purpose::Bulk);
    m_preface = {wire::kMajorVersion, purpose, suite};
    m_prologue = toBytes(m_preface.encode());
    append(m_out.tail(), m_prologue);
    startHandshake(noise::Role::Initiator);
    writeHandshake(now);
}

// --- Input ---------------------------------------------------------------------------------------

/// The most that a state may hold unread: one whole item of its kind, or where files come several.
std::size_t Session::Impl::readCap() const {
    if (m_state == State::Open && isBulk()) return limits::kBulkRead;
    return m_state == State::Preface ? Preface::kBytes : FrameBuffer::kHeaderBytes + frameLimit();
}

std::size_t Session::Impl::frameLimit() const {
    return m_state == State::Open ? limits::kNoiseMessage : limits::kHandshakeFrame;
}

void Session::Impl::receive(ByteView bytes, MonoTime now) {
    while (!bytes.empty() && isReading()) {
        const std::span<std::uint8_t> to = room();
        const std::size_t taken = std::min(bytes.size(), to.size());
        std::copy_n(bytes.begin(), taken, to.begin());
        bytes = bytes.subspan(taken);
        received(taken, now);
    }
}

std::span<std::uint8_t> Session::Impl::room() {
    return isReading() ? m_in.room(readCap()) : std::span<std::uint8_t>();
}

void Session::Impl::received(std::size_t bytes, MonoTime now) {
    if (bytes == 0 || !isReading()) return m_in.trim();
    m_lastReceived = now;
    m_pinged.reset();
    m_in.filled(bytes);
    process(now);
}

void Session::Impl::process(MonoTime now) {
    while (isReading()) {
        if (m_state == State::Preface) {
            const auto preface = m_in.nextRaw(Preface::kBytes);
            if (!preface) return;
            handlePreface(*preface, now);
            continue;
        }
        const auto frame = m_in.next(frameLimit());
        if (!frame) return fail(frame.error(), now);
        if (!*frame) return;
        if (m_state == State::Handshake)
            handleHandshake(**frame, now);
        else
            handleTransport(**frame, now);
    }
}

// --- Preface -------------------------------------------------------------------------------------

void Session::Impl::handlePreface(ByteView bytes, MonoTime now) {
    const auto theirs = Preface::parse(bytes);
    if (!theirs) return fail(theirs.error(), now);
    if (m_role == Role::Dialler) return handleAnsweredPreface(*theirs, now);
    m_prologue = toBytes(bytes);
    handleDialledPreface(*theirs, now);
}

void Session::Impl::handleAnsweredPreface(const Preface& theirs, MonoTime now) {
    if (auto refusal = checkAnswer(theirs, m_preface))
        return fail(*std::move(refusal->error), now, refusal->reason);
    m_state = State::Handshake;
}

void Session::Impl::handleDialledPreface(const Preface& theirs, MonoTime now) {
    const bool aes = m_self.hasAes && noise::aesGcmAvailable();
    if (auto refusal = checkDialled(theirs, m_relayListener, aes)) {
        append(m_out.tail(), refusedPreface().encode());
        end({refusal->reason, std::move(refusal->error), false});
        return drain(now);
    }
    m_preface = theirs;
    append(m_out.tail(), m_preface.encode());
    startHandshake(noise::Role::Responder);
    m_state = State::Handshake;
}

// --- Handshake -----------------------------------------------------------------------------------

void Session::Impl::startHandshake(noise::Role role) {
    const identity::NoiseKeyPair& own = m_self.keys->noise;
    m_handshake.emplace(noise::kPatternXX, cipherOf(m_preface.suite), role, m_prologue,
                        noise::KeyPair{own.secret.clone(), own.publicKey}, std::nullopt, m_random);
}

void Session::Impl::writeHandshake(MonoTime now) {
    const auto message = m_handshake->writeMessage({});
    if (!message) return fail(message.error(), now);
    wire::appendFrameHeader(m_out.tail(), message->size());
    append(m_out.tail(), *message);
}

void Session::Impl::handleHandshake(ByteView message, MonoTime now) {
    const auto payload = m_handshake->readMessage(message);
    if (!payload) return fail(payload.error(), now);
    if (!payload->empty())
        return fail({ErrorCode::ProtocolViolation, "The other side sent data before the handshake was over."},
                    now);
    if (!remoteKeyFits())
        return fail({ErrorCode::WrongKey, "Another device answers at this address than the expected one."},
                    now);
    if (m_handshake->isMyTurn()) writeHandshake(now);
    if (isReading() && m_handshake->isFinished()) finishHandshake(now);
}

bool Session::Impl::remoteKeyFits() const {
    const auto& key = m_handshake->remoteStatic();
    return !key || !m_expected.noiseKey || *key == *m_expected.noiseKey;
}

void Session::Impl::finishHandshake(MonoTime now) {
    m_remoteKey = *m_handshake->remoteStatic();
    auto transport = std::move(*m_handshake).intoTransport();
    m_handshake.reset();
    if (!transport) return fail(transport.error(), now);
    m_frames.emplace(*std::move(transport), m_self.rekeyBytes, now);
    m_state = State::Hello;
    if (m_role == Role::Dialler) queue(makeHello(m_self, m_preface.purpose, m_transfer), now);
}

// --- Frames --------------------------------------------------------------------------------------

void Session::Impl::handleTransport(std::span<std::uint8_t> box, MonoTime now) {
    const auto plain = m_frames->open(box);
    if (!plain) return fail(plain.error(), now);
    if (m_state == State::Open && isBulk()) {
        if (const auto chunk = wire::findChunk(*plain)) {
            m_events.push_back(ReceivedChunk{chunk->offset, kept(chunk->data)});
            return;
        }
    }
    auto message = wire::decodeMessage(*plain);
    if (!message) return fail(message.error(), now);
    if (m_state == State::Hello)
        handleFirst(*std::move(message), now);
    else
        handleOpen(*std::move(message), now);
}

/// A part that is shared keeps the whole buffer: small ones are copied.
SharedSlice Session::Impl::kept(ByteView part) {
    return part.size() < limits::kLeastShared ? SharedSlice::of(toBytes(part)) : m_in.share(part);
}

void Session::Impl::handleFirst(wire::Message message, MonoTime now) {
    if (auto* hello = std::get_if<wire::Hello>(&message)) return handleHello(std::move(*hello), now);
    if (const auto* close = std::get_if<wire::Close>(&message)) return handlePeerClose(*close);
    fail({ErrorCode::ProtocolViolation, "The other side did not say who it is first."}, now);
}

void Session::Impl::handleHello(wire::Hello hello, MonoTime now) {
    auto checked = checkHello(std::move(hello), {m_self, m_expected, m_remoteKey, m_preface.purpose, m_role});
    if (auto* refusal = std::get_if<Refusal>(&checked)) {
        sayAndClose(refusal->reason, refusal->error ? refusal->error->text : std::string(), now);
        return end({refusal->reason, std::move(refusal->error), false});
    }
    if (m_role == Role::Responder) queue(makeHello(m_self, m_preface.purpose, std::nullopt), now);
    if (!isReading()) return;
    m_state = State::Open;
    m_authenticated = true;
    m_opened = now;
    m_events.push_back(Opened{std::get<RemoteParty>(std::move(checked))});
}

/// What the owner never sees, and so can neither slow down nor count. On others than a relay's sessions newer versions may
/// send much that is not known here.
bool Session::Impl::isOwn(const wire::Message& message) const {
    if (std::holds_alternative<wire::UnknownFrame>(message)) return m_preface.purpose == wire::Purpose::Relay;
    return std::holds_alternative<wire::Ping>(message) || std::holds_alternative<wire::Pong>(message) ||
           std::holds_alternative<wire::Rekey>(message);
}

bool Session::Impl::isOneTooMany(MonoTime now) {
    if (now - m_ownSince >= limits::kKeepalive) {
        m_ownSince = now;
        m_ownFrames = 0;
    }
    return ++m_ownFrames > limits::kOwnFrames;
}

void Session::Impl::handleOpen(wire::Message message, MonoTime now) {
    if (isOwn(message) && isOneTooMany(now))
        return fail({ErrorCode::ProtocolViolation, "The other side sent far more signs of life than there is reason for."}, now);
    if (const auto* ping = std::get_if<wire::Ping>(&message)) {
        // Over the limit the frames that wait answer for it: pings must not grow the buffer of one who does
        // not read.
        if (canSend()) queue(wire::Pong{ping->token}, now);
    } else if (std::holds_alternative<wire::Rekey>(message)) {
        m_frames->rekeyReceiving();
    } else if (const auto* close = std::get_if<wire::Close>(&message)) {
        handlePeerClose(*close);
    } else if (std::holds_alternative<wire::Hello>(message)) {
        fail({ErrorCode::ProtocolViolation, "The other side said twice who it is."}, now);
    } else if (!std::holds_alternative<wire::Pong>(message) &&
               !std::holds_alternative<wire::UnknownFrame>(message)) {
        const bool isForRelay = std::holds_alternative<wire::relay::Frame>(message);
        if (isForRelay != (m_preface.purpose == wire::Purpose::Relay))
            return fail({ErrorCode::ProtocolViolation,
                         "The other side sent what this kind of connection is not for."},
                        now);
        m_events.push_back(Received{std::move(message)});
    }
}

void Session::Impl::handlePeerClose(const wire::Close& close) {
    // Anybody may say that it has met a clone; only who has proven this very key in the handshake is one.
    const bool isProven = close.reason != CloseReason::Clone || m_remoteKey == m_self.keys->noise.publicKey;
    const CloseReason reason = isProven ? close.reason : CloseReason::Unknown;
    end({reason, closeError(reason, close.text, true), true});
    shut();
}

// --- Output --------------------------------------------------------------------------------------

void Session::Impl::send(const wire::Message& message, MonoTime now) {
    assert(m_state == State::Open || !isReading());
    if (m_state == State::Open) queue(message, now);
}

void Session::Impl::sendChunk(std::uint64_t offset, SharedSlice data, MonoTime now) {
    assert(m_state == State::Open || !isReading());
    if (m_state != State::Open) return;
    auto done = m_frames->rekeyIfDue(m_out.tail(), now);
    if (done) done = m_frames->sealChunk(m_out, offset, std::move(data));
    if (!done) fail(done.error(), now, CloseReason::Unknown);  // no fault of the other side's
}

void Session::Impl::queue(const wire::Message& message, MonoTime now) {
    auto done = m_frames->rekeyIfDue(m_out.tail(), now);
    if (done) done = m_frames->seal(m_out.tail(), message);
    if (!done) fail(done.error(), now, CloseReason::Unknown);  // no fault of the other side's
}

void Session::Impl::consumeOutgoing(std::size_t bytes) {
    m_out.consume(bytes);
    if (m_state == State::Closing && m_out.size() == 0) shut();
}

std::optional<Event> Session::Impl::nextEvent() {
    if (m_events.empty()) return std::nullopt;
    std::optional<Event> event(std::move(m_events.front()));
    m_events.popFront();
    return event;
}

// --- Time ----------------------------------------------------------------------------------------

MonoTime Session::Impl::keepaliveDue() const {
    return m_pinged ? *m_pinged + limits::kKeepaliveAnswer : m_lastReceived + limits::kKeepalive;
}

std::optional<MonoTime> Session::Impl::nextTimeout() const {
    switch (m_state) {
        case State::Preface:
        case State::Handshake:
        case State::Hello:
            return m_started + limits::kHandshakeTimeout;
        case State::Open:
            return std::min({keepaliveDue(), m_frames->rekeyDue(), m_opened + limits::kSessionLifetime});
        case State::Closing:
            return m_drainUntil;
        case State::Closed:
            break;
    }
    return std::nullopt;
}

void Session::Impl::advance(MonoTime now) {
    const auto due = nextTimeout();
    if (!due || now < *due) return;
    if (m_state == State::Open) return advanceOpen(now);
    if (m_state != State::Closing)
        end({CloseReason::Unknown,
             Error{ErrorCode::Timeout, "The other side did not finish the handshake in time."}, false});
    shut();
}

void Session::Impl::advanceOpen(MonoTime now) {
    if (now >= m_opened + limits::kSessionLifetime) return close(CloseReason::Renew, {}, now);
    if (m_pinged && now >= keepaliveDue()) {
        end({CloseReason::Unknown, Error{ErrorCode::Timeout, "The other side does not answer any more."},
             false});
        return shut();
    }
    if (const auto rekeyed = m_frames->rekeyIfDue(m_out.tail(), now); !rekeyed)
        return fail(rekeyed.error(), now);
    if (m_pinged || now < keepaliveDue()) return;
    queue(wire::Ping{m_random.next64()}, now);
    m_pinged = now;
}

// --- End -----------------------------------------------------------------------------------------

void Session::Impl::close(CloseReason reason, std::string text, MonoTime now) {
    if (!isReading()) return;
    sayAndClose(reason, text, now);
    end({reason, closeError(reason, text, false), false});
}

void Session::Impl::transportClosed(const std::string& why) {
    if (isReading()) {
        const char* what =
            m_state == State::Open ? "The connection was lost" : "The connection broke before it was secured";
        end({CloseReason::Unknown,
             Error{ErrorCode::Closed, why.empty() ? std::string(what) + "." : what + (": " + why)}, false});
    }
    shut();
}

void Session::Impl::fail(Error error, MonoTime now, CloseReason reason) {
    if (!isReading()) return;
    sayAndClose(reason, error.text, now);
    end({reason, std::move(error), false});
}

/// A Close goes out where there are keys for it; before that the connection just ends.
void Session::Impl::sayAndClose(CloseReason reason, const std::string& text, MonoTime now) {
    const std::string said(utf8Prefix(text, limits::kCloseTextBytes));
    if (!m_frames || !m_frames->seal(m_out.tail(), wire::Close{reason, said})) return shut();
    drain(now);
}

void Session::Impl::drain(MonoTime now) {
    m_state = State::Closing;
    m_drainUntil = now + limits::kDrain;
}

void Session::Impl::end(Ended ended) {
    m_events.push_back(std::move(ended));
}

void Session::Impl::shut() {
    m_state = State::Closed;
    m_handshake.reset();
    m_frames.reset();
    m_out.clear();
}

// --- The class in the header ---------------------------------------------------------------------

Session::Session(Role role, wire::Purpose purpose, wire::Suite suite, const LocalParty& self,
                 ExpectedParty expected, std::optional<wire::TransferId> transfer, Random& random,
                 MonoTime now)
    : m(std::make_unique<Impl>(role, purpose, suite, self, expected, transfer, random, now)) {}
Session::~Session() = default;

void Session::receive(ByteView bytes, MonoTime now) {
    m->receive(bytes, now);
}
std::span<std::uint8_t> Session::room() {
    return m->room();
}
void Session::received(std::size_t bytes, MonoTime now) {
    m->received(bytes, now);
}
void Session::advance(MonoTime now) {
    m->advance(now);
}
std::optional<MonoTime> Session::nextTimeout() const {
    return m->nextTimeout();
}
void Session::send(const wire::Message& message, MonoTime now) {
    m->send(message, now);
}
void Session::sendChunk(std::uint64_t offset, SharedSlice data, MonoTime now) {
    m->sendChunk(offset, std::move(data), now);
}
bool Session::canSend() const {
    return m->canSend();
}
void Session::close(CloseReason reason, std::string text, MonoTime now) {
    m->close(reason, std::move(text), now);
}
void Session::transportClosed(const std::string& why) {
    m->transportClosed(why);
}
ByteView Session::outgoing() const {
    return m->outgoing();
}
std::size_t Session::outgoingBytes() const {
    return m->outgoingBytes();
}
std::size_t Session::outgoingParts(std::span<ByteView> parts) const {
    return m->outgoingParts(parts);
}
void Session::consumeOutgoing(std::size_t bytes) {
    m->consumeOutgoing(bytes);
}
std::optional<Event> Session::nextEvent() {
    return m->nextEvent();
}
bool Session::isOpen() const {
    return m->isOpen();
}
bool Session::isFinished() const {
    return m->isFinished();
}
bool Session::isAuthenticated() const {
    return m->isAuthenticated();
}
wire::Purpose Session::purpose() const {
    return m->purpose();
}

}  // namespace landline::session
