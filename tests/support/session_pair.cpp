#include "tests/support/session_pair.h"

#include <stdexcept>

namespace landline::test {

using session::Role;

TestParty::TestParty(std::uint64_t seed, std::string name)
    : random(seed),
      person(identity::SigningKey::generate(random)),
      keys(identity::DeviceKeys::generate(random)),
      certificate(identity::Certificate::issue(person, keys, fromUnixMillis(1'700'000'000'000))) {
    local.keys = &keys;
    local.certificate = &certificate;
    local.name = std::move(name);
    local.instance = seed;
    local.listenPort = 4000;
    local.buffers = &buffers;
}

SessionPair::SessionPair(TestParty& dialler, TestParty& responder, PairOptions options)
    : m_random(options.seed), m_longestFragment(options.longestFragment) {
    end(Role::Dialler).session =
        std::make_unique<session::Session>(Role::Dialler, options.purpose, options.suite, dialler.local,
                                           options.expected, options.transfer, dialler.random, m_now);
    end(Role::Responder).session = std::make_unique<session::Session>(
        Role::Responder, options.listener, wire::Suite::ChaChaPoly, responder.local, session::ExpectedParty{},
        std::nullopt, responder.random, m_now);
}

void SessionPair::exchange() {
    bool moved = true;
    while (moved) {
        moved = carry(Role::Dialler);
        moved = carry(Role::Responder) || moved;
    }
    for (const Role role : {Role::Dialler, Role::Responder}) {
        takeEvents(end(role));
        if (!end(role).session->isFinished() || end(role).stalled) continue;
        end(other(role)).session->transportClosed("the other side closed it");
        takeEvents(end(other(role)));
    }
}

bool SessionPair::carry(Role from) {
    const std::size_t waiting = at(from).outgoing().size();
    if (m_longestFragment == 0) return carry(from, waiting);
    return carry(from, 1 + m_random.below(m_longestFragment));
}

bool SessionPair::carry(Role from, std::size_t count) {
    End& sender = end(from);
    count = std::min(count, sender.session->outgoing().size());
    if (sender.stalled || count == 0) return false;
    Bytes bytes = toBytes(sender.session->outgoing().first(count));
    sender.session->consumeOutgoing(count);
    if (wire) wire(from, bytes);
    End& receiver = end(other(from));
    receiver.session->receive(bytes, m_now);
    takeEvents(sender);
    takeEvents(receiver);
    return true;
}

void SessionPair::elapse(Duration time) {
    const MonoTime until = m_now + time;
    exchange();
    for (;;) {
        MonoTime next = until;
        for (const End& one : m_ends) {
            if (const auto due = one.session->nextTimeout()) next = std::min(next, *due);
        }
        m_now = std::max(m_now, next);
        const bool last = m_now >= until;
        for (End& one : m_ends) {
            const auto due = one.session->nextTimeout();
            if (!due || *due > m_now) continue;
            one.session->advance(m_now);
            const auto after = one.session->nextTimeout();
            if (after && *after <= m_now) throw std::logic_error("advance left a timeout that is due");
        }
        for (End& one : m_ends) takeEvents(one);
        exchange();
        if (last) return;
    }
}

void SessionPair::takeChunk(End& one, session::ReceivedChunk chunk) {
    constexpr std::size_t kKept = 3;
    one.received.push_back(wire::FileChunk{chunk.offset, toBytes(chunk.data.view())});
    one.kept.emplace_back(std::move(chunk.data), one.received.size() - 1);
    if (one.kept.size() <= kKept) return;
    const auto& [data, which] = one.kept.front();
    if (toBytes(data.view()) != std::get<wire::FileChunk>(one.received[which]).data)
        throw std::logic_error("a chunk that was handed out has changed");
    one.kept.pop_front();
}

void SessionPair::takeEvents(End& one) {
    while (auto event = one.session->nextEvent()) {
        if (one.ended) throw std::logic_error("an event came after the last one");
        if (auto* opened = std::get_if<session::Opened>(&*event)) one.opened = std::move(opened->remote);
        if (auto* received = std::get_if<session::Received>(&*event))
            one.received.push_back(std::move(received->message));
        if (auto* chunk = std::get_if<session::ReceivedChunk>(&*event)) takeChunk(one, std::move(*chunk));
        if (auto* ended = std::get_if<session::Ended>(&*event)) one.ended = std::move(*ended);
    }
}

}  // namespace landline::test
