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
    m_isIn = m_isPulling = m_hasMore = false;
    m_taken = 0;
    for (const Exchanged& one : m_exchanged) m_world.post.leftInDoubt(one.letter);
    m_exchanged.clear();
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
    // What was taken may come again; nothing else is freed.
    if (welcome.freed >= m_next) m_world.post.skipped();
    m_next = welcome.freed + 1;
    m_hasMore = welcome.highest > welcome.freed;
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
    if (takes && m_hasMore) pull();
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
    const bool isRefused = told.refusal || !told.failures.empty();
    if (isRefused) {
        ++refusals;
        if (!comesBack) fail("a deposit was refused");
    }
    if (m_exchanged.empty()) return answered(1);
    m_task.meter.answered(m_loop.now() - m_exchanged.front().at);
    if (!isRefused) m_world.post.stored(m_exchanged.front().letter);
    m_exchanged.pop_front();
    ++stored;
    idleIfDone();
}

// Deposits -----------------------------------------------------------------------------------------------------------

void RelayClient::deposit(std::size_t box) {
    sendDeposit(box, m_task.bytes);
}

Letter RelayClient::sendDeposit(std::size_t box, std::size_t bytes) {
    const Device& to = *m_world.devices[box];
    const Letter letter{static_cast<std::uint32_t>(m_number), static_cast<std::uint32_t>(box), ++m_device.counter};
    wr::Deposit content{m_epoch, wr::Box::Messages, {}, bodyOf(letter, bytes)};
    content.recipients.push_back({{to.keys.id(), to.token}, to.prekey.id(), Bytes(limits::kSeal)});
    send(letter.counter, std::move(content));
    return letter;
}

void RelayClient::exchange(std::size_t count, std::size_t box) {
    if (!m_isIn) return;
    for (; count > 0; --count) {
        const Letter letter = sendDeposit(box, m_task.bytes);
        m_exchanged.push_back({m_loop.now(), letter});
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
    for (const wr::Item& item : pulled.items) look(item);
    m_taken += pulled.items.size();
    if (!pulled.last) return;
    m_isPulling = false;
    if (m_taken == 0 && m_next <= pulled.highest) {
        // There is something, and it is not given.
        m_world.post.skipped();
        m_next = pulled.highest + 1;
    }
    if (m_taken > 0) {
        m_freeing.push_back(std::exchange(m_taken, 0));
        send(m_nextRequest++, wr::Acknowledge{m_epoch, wr::Box::Messages, m_next - 1});
    }
    if (m_next <= pulled.highest || m_hasMore) return pull();
    idleIfDone();
}

/// Whether it is what was left, and the next.
void RelayClient::look(const wr::Item& item) {
    if (item.number != m_next) m_world.post.skipped();
    m_next = item.number + 1;
    const auto letter = letterIn(item.body);
    const bool isSound = letter && letter->to == m_number && letter->from < m_world.devices.size() &&
                         item.body.size() == m_task.bytes && item.prekey == m_device.prekey.id();
    if (!isSound) return m_world.post.cameSpoiled();
    if (item.number <= m_seen) return;
    m_seen = item.number;
    ++taken;
    m_world.post.came(*letter);
}

void RelayClient::freed() {
    acknowledged += m_freeing.front();
    m_freeing.pop_front();
    idleIfDone();
}

void RelayClient::idleIfDone() {
    if (!isBusy() && onIdle) onIdle();
}

}  // namespace landline::load
