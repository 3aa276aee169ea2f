#include "tests/bench/load/relay_client.h"

#include "p2p/base/limits.h"

namespace landline::load {

namespace wr = wire::relay;

Device::Device(Random& random)
    : person(identity::SigningKey::generate(random)),
      keys(identity::DeviceKeys::generate(random)),
      certificate(identity::Certificate::issue(person, keys, SystemClock().wall())),
      prekey(envelope::Prekey::issue(keys, random.make<NoiseKey>(), SystemClock().wall())),
      token(random.make<RelayToken>()) {
    party.keys = &keys;
    party.certificate = &certificate;
    party.name = "Load";
    party.instance = random.next64();
}

RelayWorld::RelayWorld(Target at, const NoiseKey& relayKey, std::size_t count) : target(at), key(relayKey) {
    for (std::size_t i = 0; i < count; ++i) devices.push_back(std::make_unique<Device>(random));
}

RelayClient::RelayClient(Loop& loop, Task& task, std::size_t number, RelayWorld& world)
    : Depositor(loop, task, number), m_world(world), m_device(*world.devices.at(number)) {}

RelayClient::~RelayClient() {
    hangUp();
}

void RelayClient::start() {
    // As many as the limit of one address allows at once after a silence.
    dial(m_world.target, m_world.firstSource + static_cast<std::uint32_t>(m_number / 64));
}

void RelayClient::connected() {
    m_session = std::make_unique<session::Session>(
        session::Role::Dialler, wire::Purpose::Relay, wire::Suite::ChaChaPoly, m_device.party,
        session::ExpectedParty{std::nullopt, m_world.key}, std::nullopt, m_world.random, m_loop.now());
}

ByteView RelayClient::outgoing() const {
    return m_session ? m_session->outgoing() : ByteView();
}

void RelayClient::received(ByteView bytes) {
    m_session->receive(bytes, m_loop.now());
    takeEvents();
    hangUpIfFinished();
}

void RelayClient::hangUpIfFinished() {
    if (!m_session || !m_session->isFinished()) return;
    hangUp();
    lost();
}

void RelayClient::tick() {
    if (!m_session || !isUp()) return;
    const auto due = m_session->nextTimeout();
    if (!due || *due > m_loop.now()) return;
    m_session->advance(m_loop.now());
    takeEvents();
    flush();
    hangUpIfFinished();
}

void RelayClient::lost() {
    ++losses;
    forget();
    if (!comesBack) fail("the relay closed a connection");
    comeBack();
}

void RelayClient::comeBack() {
    const auto spread = static_cast<std::uint64_t>(m_spread.count());
    const Duration wait = m_comeBackAfter.value_or(Duration(m_world.random.below(spread)));
    // The next time, if this one is in vain.
    m_comeBackAfter.reset();
    m_loop.after(wait, [this] {
        if (isIdle()) start();
    });
}

void RelayClient::leave() {
    if (m_session && isUp()) {
        m_session->close(wire::CloseReason::Goodbye, {}, m_loop.now());
        flush();
    }
    hangUp();
    forget();
}

/// All that belonged to the connection.
void RelayClient::forget() {
    m_isIn = m_isPulling = false;
    m_taken = 0;
    m_exchangedAt.clear();
    m_freeing.clear();
    forgetAsked();
    m_session.reset();
}

void RelayClient::takeEvents() {
    while (auto event = m_session ? m_session->nextEvent() : std::nullopt) {
        if (std::holds_alternative<session::Opened>(*event)) {
            send(m_nextRequest++, wr::Hello{m_world.invite, {}, false});
        } else if (auto* const ended = std::get_if<session::Ended>(&*event)) {
            if (!comesBack)
                fail("a session ended: " + (ended->error ? ended->error->text : std::string("goodbye")));
        } else if (auto* const message = std::get_if<session::Received>(&*event)) {
            if (auto* const frame = std::get_if<wr::Frame>(&message->message))
                take(frame->request, frame->message);
        }
    }
}

void RelayClient::take(std::uint64_t request, const wr::Message& message) {
    if (const auto* const told = std::get_if<wr::Deposited>(&message)) return deposited(*told);
    if (const auto* const items = std::get_if<wr::Pulled>(&message)) return pulled(*items);
    if (std::holds_alternative<wr::Acknowledged>(message)) return freed();
    if (std::holds_alternative<wr::Hint>(message)) {
        m_hasMore = true;
        if (takes) pull();
    }
    if (const auto* const welcome = std::get_if<wr::Welcome>(&message)) return welcomed(*welcome);
    if (const auto* const no = std::get_if<wr::Refused>(&message)) return refused(request, no->refusal);
    if (const auto* const leaving = std::get_if<wr::GoingAway>(&message))
        m_comeBackAfter = leaving->comeBackAfter;
    if (std::holds_alternative<wr::Done>(message) || std::holds_alternative<wr::PrekeyPublished>(message))
        prepared();
}

void RelayClient::send(std::uint64_t request, wr::Message message) {
    m_session->send(wr::Frame{request, std::move(message)}, m_loop.now());
}

void RelayClient::welcomed(const wr::Welcome& welcome) {
    m_epoch = welcome.epoch;
    m_spread = welcome.spread;
    m_next = welcome.freed + 1;
    m_preparing = 0;
    const std::vector<wr::Token> tokens{{m_device.token, 0}};
    if (welcome.tokens != wr::tokensDigest(tokens)) {
        send(m_nextRequest++, wr::SetTokens{tokens});
        ++m_preparing;
    }
    if (welcome.prekey != m_device.prekey.id()) {
        send(m_nextRequest++, wr::PublishPrekey{m_device.prekey.encoded()});
        ++m_preparing;
    }
    ++m_preparing;
    prepared();
}

void RelayClient::prepared() {
    if (--m_preparing > 0) return;
    m_isIn = true;
    becomeReady();
    if (onReady) onReady();
}

void RelayClient::refused(std::uint64_t request, const wr::Refusal& refusal) {
    ++refusals;
    if (!comesBack) fail("the relay refused: " + refusal.text);
    if (!m_isIn) m_comeBackAfter = refusal.retryAfter;
    if (m_isPulling && request == m_pullRequest) m_isPulling = false;
}

void RelayClient::deposited(const wr::Deposited& told) {
    if (told.refusal || !told.failures.empty()) {
        ++refusals;
        if (!comesBack) fail("a deposit was refused");
    }
    if (m_exchangedAt.empty()) return answered(1);
    m_task.meter.answered(m_loop.now() - m_exchangedAt.front());
    m_exchangedAt.pop_front();
    ++stored;
    idleIfDone();
}

// Deposits -----------------------------------------------------------------------------------------------------------

void RelayClient::deposit(std::size_t box) {
    sendDeposit(box, m_task.bytes);
}

void RelayClient::sendDeposit(std::size_t box, std::size_t bytes) {
    const Device& to = *m_world.devices[box];
    wr::Deposit content{
        m_epoch, wr::Box::Messages, {}, Bytes(bytes, static_cast<std::uint8_t>(m_device.counter))};
    content.recipients.push_back({{to.keys.id(), to.token}, to.prekey.id(), Bytes(limits::kSeal)});
    send(++m_device.counter, std::move(content));
}

void RelayClient::exchange(std::size_t count, std::size_t box) {
    if (!m_isIn) return;
    for (; count > 0; --count) {
        sendDeposit(box, m_task.bytes);
        m_exchangedAt.push_back(m_loop.now());
    }
    flush();
}

// The own mailbox ----------------------------------------------------------------------------------------------------

void RelayClient::drain() {
    pull();
    flush();
}

/// The next piece is asked for before the last one is known to be freed, so that neither side waits for the other.
void RelayClient::pull() {
    if (std::exchange(m_isPulling, true)) return;
    m_hasMore = false;
    m_pullRequest = m_nextRequest++;
    send(m_pullRequest, wr::Pull{wr::Box::Messages, m_next, limits::kPullBytes});
}

void RelayClient::pulled(const wr::Pulled& pulled) {
    if (!pulled.items.empty()) m_next = pulled.items.back().number + 1;
    m_taken += pulled.items.size();
    if (!pulled.last) return;
    m_isPulling = false;
    if (m_taken > 0) {
        m_freeing.push_back(std::exchange(m_taken, 0));
        send(m_nextRequest++, wr::Acknowledge{m_epoch, wr::Box::Messages, m_next - 1});
    }
    if (m_next <= pulled.highest || m_hasMore) return pull();
    idleIfDone();
}

void RelayClient::freed() {
    acknowledged += m_freeing.front();
    m_freeing.pop_front();
    idleIfDone();
}

void RelayClient::idleIfDone() {
    if (m_exchangedAt.empty() && !m_isPulling && m_freeing.empty() && onIdle) onIdle();
}

}  // namespace landline::load
