#include "tests/bench/load/hostile.h"

#include "p2p/base/limits.h"

namespace landline::load {

namespace wr = wire::relay;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kGarbage = 20'000;
/// More than a client may leave unanswered.
constexpr std::size_t kTooMany = 2000;
constexpr std::size_t kFilled = 100;
constexpr std::size_t kPatient = 32;
constexpr std::size_t kAsked = 50;
/// Longer than a relay waits for somebody who does not read.
constexpr Duration kDeaf = 40s;

Duration pauseOf(Trick trick) {
    return trick == Trick::Flood ? Duration(1ms) : Duration(200ms);
}

}  // namespace

void Attacker::start() {
    ++dials;
    dial(m_world.target, m_source);
}

void Attacker::connected() {
    m_waiting = 0;
    m_raw.clear();
    m_session.reset();
    if (m_trick == Trick::Silent) return;
    if (m_trick == Trick::Garbage) {
        m_raw.resize(kGarbage);
        m_world.random.fill(m_raw);
        return;
    }
    m_session = std::make_unique<session::Session>(
        session::Role::Dialler, wire::Purpose::Relay, wire::Suite::ChaChaPoly, m_device.party,
        session::ExpectedParty{std::nullopt, m_world.key}, std::nullopt, m_world.random, m_loop.now());
}

void Attacker::sent(std::size_t bytes) {
    if (m_session) return m_session->consumeOutgoing(bytes);
    m_raw.erase(m_raw.begin(), m_raw.begin() + static_cast<std::ptrdiff_t>(bytes));
}

void Attacker::lost() {
    m_session.reset();
    setReading(true);
    m_loop.after(pauseOf(m_trick), [this] {
        if (isIdle()) start();
    });
}

void Attacker::received(ByteView bytes) {
    if (!m_session || m_trick == Trick::HalfHandshake) return;
    m_session->receive(bytes, m_loop.now());
    while (auto event = m_session->nextEvent()) {
        if (std::holds_alternative<session::Opened>(*event)) send(m_request++, hello());
        auto* const message = std::get_if<session::Received>(&*event);
        auto* const frame = message ? std::get_if<wr::Frame>(&message->message) : nullptr;
        if (frame) take(frame->message);
    }
    if (!m_session->isFinished() && m_trick != Trick::Flood) return;
    if (!m_session->isFinished() && !m_session->isOpen()) return;
    flush();
    hangUp();
    lost();
}

wr::Hello Attacker::hello() const {
    wr::Hello hello;
    if (m_trick >= Trick::Member) hello.invite = m_world.invite;
    if (m_trick == Trick::BadInvite) hello.invite = m_world.random.make<RelayInvite>();
    if (m_trick == Trick::BadPass)
        hello.pass = wr::Addressee{m_victim.keys.id(), m_world.random.make<RelayToken>()};
    return hello;
}

void Attacker::take(const wr::Message& message) {
    ++answers;
    if (const auto* const welcome = std::get_if<wr::Welcome>(&message)) {
        m_epoch = welcome->epoch;
        send(m_request++, wr::PublishPrekey{m_device.prekey.encoded()});
    } else if (std::holds_alternative<wr::PrekeyPublished>(message)) {
        play();
    } else if (m_waiting > 0 && --m_waiting == 0) {
        play();
    }
}

void Attacker::play() {
    switch (m_trick) {
        case Trick::WrongToken:
            for (std::size_t i = 0; i < kPatient; ++i)
                deposit({m_victim.keys.id(), m_world.random.make<RelayToken>()}, m_victim.prekey.id(), 400);
            return;
        case Trick::NoSuchDevice:
            for (std::size_t i = 0; i < kPatient; ++i)
                deposit({m_world.random.make<DeviceId>(), m_world.random.make<RelayToken>()}, {}, 400);
            return;
        case Trick::TooLarge:
            return deposit({m_victim.keys.id(), m_victim.token}, m_victim.prekey.id(),
                           limits::kEnvelopeBody + 500);
        case Trick::TooMany:
            for (std::size_t i = 0; i < kTooMany; ++i)
                deposit({m_victim.keys.id(), m_world.random.make<RelayToken>()}, m_victim.prekey.id(), 400);
            return;
        case Trick::Twice:
            return send(m_request++, hello());
        case Trick::Future:
            return acknowledgeTheFuture();
        case Trick::Deaf:
            return fillAndAsk();
        case Trick::Silent:
        case Trick::Garbage:
        case Trick::HalfHandshake:
        case Trick::Flood:
        case Trick::Stranger:
        case Trick::BadInvite:
        case Trick::BadPass:
        case Trick::Count:
            return;
    }
}

void Attacker::send(std::uint64_t request, wr::Message message) {
    ++m_waiting;
    m_session->send(wr::Frame{request, std::move(message)}, m_loop.now());
}

void Attacker::deposit(const wr::Addressee& to, const PrekeyId& prekey, std::size_t bytes) {
    wr::Deposit content{m_epoch, wr::Box::Messages, {}, Bytes(bytes)};
    content.recipients.push_back({to, prekey, Bytes(limits::kSeal)});
    send(++m_device.counter, std::move(content));
}

void Attacker::acknowledgeTheFuture() {
    send(m_request++, wr::Acknowledge{m_epoch, wr::Box::Messages, MailboxNumber(1) << 40});
    send(m_request++, wr::Acknowledge{m_epoch + 1, wr::Box::Messages, 1});
    send(m_request++, wr::Acknowledge{m_epoch, wr::Box::Heads, MailboxNumber(1) << 40});
}

/// Its own devices need no token.
void Attacker::fillAndAsk() {
    for (std::size_t i = 0; i < kFilled; ++i) deposit({m_device.keys.id(), {}}, m_device.prekey.id(), 30'000);
    setReading(false);
    askAgain(kAsked);
    m_loop.after(kDeaf, [this] {
        if (!isUp()) return;
        hangUp();
        lost();
    });
}

/// One answer alone would find room with the system.
void Attacker::askAgain(std::size_t times) {
    if (times == 0 || !m_session || !m_session->isOpen()) return;
    send(m_request++, wr::Pull{wr::Box::Messages, 1, limits::kPullBytes});
    flush();
    m_loop.after(100ms, [this, times] { askAgain(times - 1); });
}

}  // namespace landline::load
