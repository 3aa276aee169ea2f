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

constexpr std::array<std::string_view, static_cast<std::size_t>(Trick::Count)> kNames{
    "silent",         "garbage",     "half-handshake", "flood",       "stranger",      "bad-invite",
    "expired-invite", "used-invite", "bad-pass",       "wrong-token", "revoked-token", "no-such-device",
    "too-large",      "too-many",    "twice",          "future",      "other-epoch",   "deaf"};

/// The reason for which the relay has to refuse this one; of the others there is none.
wr::Reason reasonFor(Trick trick) {
    switch (trick) {
        case Trick::Stranger:
        case Trick::BadPass:
            return wr::Reason::NoAccount;
        case Trick::BadInvite:
            return wr::Reason::BadInvite;
        case Trick::ExpiredInvite:
            return wr::Reason::InviteExpired;
        case Trick::UsedInvite:
            return wr::Reason::InviteUsed;
        case Trick::WrongToken:
        case Trick::RevokedToken:
        case Trick::NoSuchDevice:
            return wr::Reason::NoMailbox;
        case Trick::TooMany:
            return wr::Reason::TooMany;
        case Trick::Future:
            return wr::Reason::Future;
        case Trick::OtherEpoch:
            return wr::Reason::OtherEpoch;
        case Trick::Silent:
        case Trick::Garbage:
        case Trick::HalfHandshake:
        case Trick::Flood:
        case Trick::TooLarge:
        case Trick::Twice:
        case Trick::Deaf:
        case Trick::Count:
            break;
    }
    return wr::Reason::Unknown;
}

}  // namespace

std::string_view nameOf(Trick trick) {
    return kNames.at(static_cast<std::size_t>(trick));
}

void Attacker::start() {
    ++dials;
    dial(m_world.target, m_source);
}

void Attacker::connected() {
    m_waiting = 0;
    m_wasUp = true;
    m_wasOpen = false;
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
    const bool wasRefused = std::exchange(m_wasUp, false) && !m_wasOpen;
    // A flood is met by not shaking hands with it any more.
    if (wasRefused && m_trick <= Trick::Flood) ++met;
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
        if (std::holds_alternative<session::Opened>(*event)) {
            m_wasOpen = true;
            send(m_request++, hello());
        }
        if (const auto* const ended = std::get_if<session::Ended>(&*event)) note(*ended);
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
    if (m_trick == Trick::ExpiredInvite) hello.invite = m_attack.expired;
    if (m_trick == Trick::UsedInvite) hello.invite = m_attack.used;
    if (m_trick == Trick::BadPass)
        hello.pass = wr::Addressee{m_victim.keys.id(), m_world.random.make<RelayToken>()};
    return hello;
}

void Attacker::note(const session::Ended& ended) {
    const bool isBreach = m_trick == Trick::TooLarge || m_trick == Trick::Twice || m_trick == Trick::TooMany;
    if (isBreach && ended.byPeer && ended.reason == wire::CloseReason::Violation) ++met;
}

bool Attacker::isWhatItCallsFor(const wr::Message& message) const {
    const wr::Reason reason = reasonFor(m_trick);
    if (reason == wr::Reason::Unknown) return false;
    if (const auto* const no = std::get_if<wr::Refused>(&message)) return no->refusal.reason == reason;
    const auto* const told = std::get_if<wr::Deposited>(&message);
    if (!told) return false;
    if (told->refusal) return told->refusal->reason == reason;
    return !told->failures.empty() && told->failures.front().reason == reason;
}

void Attacker::take(const wr::Message& message) {
    ++answers;
    if (isWhatItCallsFor(message)) ++met;
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
            return depositMany(kPatient, std::nullopt, m_victim.keys.id());
        case Trick::RevokedToken:
            return depositMany(kPatient, m_attack.revoked, m_victim.keys.id());
        case Trick::NoSuchDevice:
            return depositMany(kPatient, std::nullopt, std::nullopt);
        case Trick::TooLarge:
            return deposit({m_victim.keys.id(), m_victim.token}, m_victim.prekey.id(),
                           limits::kEnvelopeBody + 500);
        case Trick::TooMany:
            return depositMany(kTooMany, std::nullopt, m_victim.keys.id());
        case Trick::Twice:
            return send(m_request++, hello());
        case Trick::Future:
            send(m_request++, wr::Acknowledge{m_epoch, wr::Box::Messages, MailboxNumber(1) << 40});
            return send(m_request++, wr::Acknowledge{m_epoch, wr::Box::Heads, MailboxNumber(1) << 40});
        case Trick::OtherEpoch:
            return send(m_request++, wr::Acknowledge{m_epoch + 1, wr::Box::Messages, 1});
        case Trick::Deaf:
            return fillAndAsk();
        case Trick::Silent:
        case Trick::Garbage:
        case Trick::HalfHandshake:
        case Trick::Flood:
        case Trick::Stranger:
        case Trick::BadInvite:
        case Trick::ExpiredInvite:
        case Trick::UsedInvite:
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

/// Where none is given: random ones.
void Attacker::depositMany(std::size_t count, std::optional<RelayToken> token,
                           std::optional<DeviceId> device) {
    for (; count > 0; --count) {
        const wr::Addressee to{device.value_or(m_world.random.make<DeviceId>()),
                               token.value_or(m_world.random.make<RelayToken>())};
        deposit(to, device ? m_victim.prekey.id() : PrekeyId{}, 400);
    }
}

/// Its own devices need no token.
void Attacker::fillAndAsk() {
    for (std::size_t i = 0; i < kFilled; ++i) deposit({m_device.keys.id(), {}}, m_device.prekey.id(), 30'000);
    setReading(false);
    askAgain(kAsked);
    later(kDeaf, [this] {
        hangUp();
        lost();
    });
}

/// One answer alone would find room with the system.
void Attacker::askAgain(std::size_t times) {
    if (times == 0) return;
    send(m_request++, wr::Pull{wr::Box::Messages, 1, limits::kPullBytes});
    flush();
    later(100ms, [this, times] { askAgain(times - 1); });
}

void Attacker::later(Duration time, std::function<void()> what) {
    m_loop.after(time, [this, which = dials, what = std::move(what)] {
        if (which == dials && isUp()) what();
    });
}

}  // namespace landline::load
