#include "p2p/net/link_driver.h"

#include "p2p/base/limits.h"
#include "p2p/net/thread_check.h"
#include "p2p/net/times.h"

#include <algorithm>

namespace landline::net {

namespace {

using session::Ended;

// So much is read in one turn of the event loop that others get theirs. Files come in large frames, each of which costs little.
constexpr std::size_t kTurn = 64 * 1024;
constexpr std::size_t kBulkTurn = 1024 * 1024;
// Of what nobody wants any more.
constexpr std::size_t kUnwanted = 16 * 1024;
// What is given to the link with one call.
constexpr std::size_t kParts = 32;

}  // namespace

LinkDriver::LinkDriver(std::unique_ptr<Link> link, const Clock& clock, QObject* parent)
    : QObject(parent), m_link(std::move(link)), m_clock(clock), m_timer(this), m_madeAt(clock.mono()) {
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, &LinkDriver::onTimeout);
    connect(m_link.get(), &Link::connected, this, [this] {
        if (m_user) m_user->linkConnected(*this);
    });
    connect(m_link.get(), &Link::readable, this, &LinkDriver::onReadable);
    connect(m_link.get(), &Link::writable, this, &LinkDriver::pump);
    connect(m_link.get(), &Link::ended, this, &LinkDriver::onLinkEnded);
    // A link without a session must not stay silent for ever either.
    m_timerAt = clock.mono() + limits::kHandshakeTimeout;
    m_timer.start(ceilMillis(limits::kHandshakeTimeout));
}

LinkDriver::~LinkDriver() {
    m_link->disconnect(this);
}

void LinkDriver::begin(std::unique_ptr<session::Session> session) {
    assertThread(*this);
    m_session = std::move(session);
    pump();
}

void LinkDriver::send(const wire::Message& message) {
    assertThread(*this);
    if (!m_session || m_told) return;
    m_session->send(message, m_clock.mono());
    pump();
}

void LinkDriver::queue(const wire::Message& message) {
    if (m_session && !m_told) m_session->send(message, m_clock.mono());
}

void LinkDriver::queueChunk(std::uint64_t offset, SharedSlice data) {
    assertThread(*this);
    if (m_session && !m_told) m_session->sendChunk(offset, std::move(data), m_clock.mono());
}

bool LinkDriver::canSend() const {
    return m_session && !m_told && m_session->canSend();
}

std::size_t LinkDriver::bytesWaiting() const {
    return m_session && !m_linkGone ? m_session->outgoingBytes() : 0;
}

void LinkDriver::close(wire::CloseReason reason, const QString& text) {
    assertThread(*this);
    if (!m_session) return fail(text);
    m_session->close(reason, text.toStdString(), m_clock.mono());
    m_lastWords = !m_linkGone;
    pump();
}

void LinkDriver::fail(const QString& why) {
    assertThread(*this);
    m_link->abort();
    onLinkEnded(why);
}

void LinkDriver::setReading(bool on) {
    assertThread(*this);
    if (m_reading == on) return;
    m_reading = on;
    m_link->setReading(!m_held && (on || m_retired));
    if (on) QMetaObject::invokeMethod(this, &LinkDriver::onReadable, Qt::QueuedConnection);
}

void LinkDriver::hold() {
    assertThread(*this);
    m_held = true;
    m_link->setReading(false);
}

void LinkDriver::resume() {
    assertThread(*this);
    m_held = false;
    m_link->setReading(m_reading || m_retired);
    QMetaObject::invokeMethod(this, &LinkDriver::pump, Qt::QueuedConnection);
    QMetaObject::invokeMethod(this, &LinkDriver::onReadable, Qt::QueuedConnection);
}

void LinkDriver::moveTo(QThread* thread) {
    assertThread(*this);
    // A child, so that both go in one step: in between, one of them could be called on either thread.
    m_link->setParent(this);
    moveToThread(thread);
}

void LinkDriver::onReadable() {
    assertThread(*this);
    // What is left brings us back here at the next turn.
    const bool isBulk = m_session && m_session->purpose() == wire::Purpose::Bulk;
    for (std::size_t taken = 0; taken < (isBulk ? kBulkTurn : kTurn);) {
        if (m_held || (!m_reading && !m_retired)) return;
        const Taken some = readSome();
        if (some.wasAll) return;
        taken += some.bytes;
    }
}

/// The session's, or nobody's.
LinkDriver::Taken LinkDriver::readSome() {
    const bool isWanted = m_session && !m_told && !m_retired;
    const std::span<std::uint8_t> room = isWanted ? m_session->room() : std::span<std::uint8_t>();
    if (room.empty()) {
        std::array<std::uint8_t, kUnwanted> unwanted;
        const std::size_t count = m_link->read(unwanted);
        return {count, count < unwanted.size()};
    }
    const std::size_t wanted = room.size();
    const std::size_t count = m_link->read(room);
    m_session->received(count, m_clock.mono());
    if (count != 0) pump();
    return {count, count < wanted};
}

void LinkDriver::onLinkEnded(const QString& why) {
    if (std::exchange(m_linkGone, true)) return;
    // What arrived before the end counts: the other side's reason may be among it.
    while (readSome().bytes != 0) {
    }
    if (m_retired) return destroy();
    if (!m_session)
        return tellEnded(
            {wire::CloseReason::Unknown, Error{ErrorCode::Unreachable, why.toStdString()}, true});
    m_session->transportClosed(why.toStdString());
    pump();
}

void LinkDriver::onTimeout() {
    if (m_retired) return destroy();
    if (!m_session) return fail(tr("%1 did not answer in time.").arg(describe(peer())));
    // While nothing is read the other side's signs of life are not seen: it is not silent, it is being slowed down.
    if (m_reading) m_session->advance(m_clock.mono());
    pump();
}

void LinkDriver::pump() {
    assertThread(*this);
    if (!m_session) return;
    m_again = true;
    if (m_pumping) return;
    m_pumping = true;
    while (std::exchange(m_again, false)) {
        dispatchEvents();
        writeOutgoing();
        offerRoom();
    }
    m_pumping = false;
    if (m_user && !m_told) m_user->linkProgressed(*this);
    rearm();
}

void LinkDriver::dispatchEvents() {
    while (!m_held) {
        auto event = m_session->nextEvent();
        if (!event) return;
        dispatch(std::move(*event));
    }
}

void LinkDriver::dispatch(session::Event event) {
    if (m_told) return;
    if (auto* opened = std::get_if<session::Opened>(&event)) {
        if (m_user) m_user->sessionOpened(*this, std::move(opened->remote));
    } else if (auto* received = std::get_if<session::Received>(&event)) {
        if (m_user) m_user->sessionReceived(*this, std::move(received->message));
    } else if (auto* chunk = std::get_if<session::ReceivedChunk>(&event)) {
        if (m_user) m_user->chunkReceived(*this, std::move(*chunk));
    } else {
        tellEnded(std::get<Ended>(event));
    }
}

void LinkDriver::writeOutgoing() {
    if (m_linkGone) return;
    // Before anything is taken out: whoever met a full buffer waits for word of room.
    if (!m_session->canSend()) m_blocked = true;
    std::array<ByteView, kParts> parts;
    while (const std::size_t count = m_session->outgoingParts(parts)) {
        const std::size_t taken = m_link->write(std::span(parts).first(count));
        if (taken == 0) break;
        m_session->consumeOutgoing(taken);
    }
    if (!m_session->canSend()) m_blocked = true;
}

void LinkDriver::offerRoom() {
    if (!m_blocked || m_told || !m_session->canSend()) return;
    m_blocked = false;
    if (m_user) m_user->sessionWritable(*this);
}

void LinkDriver::rearm() {
    if (m_retired) return;
    const auto next = m_session->nextTimeout();
    if (!next) return m_timer.stop();
    const MonoTime now = m_clock.mono();
    // Timeouts rest while reading does; once a second is often enough to look again.
    const MonoTime due =
        m_reading ? std::max(*next, now) : std::max<MonoTime>(*next, now + std::chrono::seconds(1));
    // One that comes early looks again, which costs less than to set it at each frame. After a sleep, which the timer does
    // not count and the clock does, it may be late.
    if (m_timer.isActive() && now < m_timerAt && m_timerAt <= due) return;
    m_timerAt = due;
    m_timer.start(ceilMillis(due - now));
}

void LinkDriver::tellEnded(const Ended& ended) {
    if (std::exchange(m_told, true)) return;
    m_lastWords = !ended.byPeer && !m_linkGone;
    if (m_user) m_user->linkEnded(*this, ended);
}

void LinkDriver::retire() {
    assertThread(*this);
    if (std::exchange(m_retired, true)) return;
    m_user = nullptr;
    if (!m_lastWords) return destroy();
    pump();
    m_link->setReading(true);
    QMetaObject::invokeMethod(this, &LinkDriver::onReadable, Qt::QueuedConnection);
    m_timer.start(ceilMillis(limits::kLinger));
    Q_EMIT lingers();
}

void LinkDriver::destroy() {
    assertThread(*this);
    m_user = nullptr;
    m_retired = true;
    m_told = true;
    m_timer.stop();
    m_linkGone = true;
    m_link->abort();
    deleteLater();
}

}  // namespace landline::net
