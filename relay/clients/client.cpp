#include "relay/clients/client.h"

#include "p2p/base/limits.h"

#include <algorithm>

namespace landline::relay {

using std::chrono::milliseconds;
using wire::CloseReason;
using wire::relay::Refusal;

namespace {

/// Until when a client that finds the relay full stays away; at random, so that not all come at once.
constexpr milliseconds kFullRetry{10'000};
constexpr milliseconds kBusyRetry{500};

}  // namespace

milliseconds Surroundings::spread() const {
    return milliseconds(1'000 + most * 1'000 / limits::kRelayHandshakes);
}

Client::Client(ClientId id, const Party& who, const discovery::Address& address, Surroundings& world, MonoTime now)
    : m_id(id), m_who(who), m_address(address), m_world(world), m_openedAt(now), m_since(now) {
    m_world.strangers.enter(id, address);
}

Client::~Client() = default;

// What comes in ------------------------------------------------------------------------------------------------------

void Client::hello(const wire::relay::Frame& frame, MonoTime now) {
    const auto* const hello = std::get_if<wire::relay::Hello>(&frame.message);
    if (!hello || frame.request == 0) return violation("A relay's client says first who it is.");
    m_helloRequest = frame.request;
    m_invisible = hello->invisible;
    m_state = State::Asking;
    if (m_world.figures.clients >= m_world.rules.clients) return turnAwayAsFull();
    Refusal refusal;
    if (!maySpend(4, refusal, now)) return turnAway(refusal);
    ask(m_nextTicket++, Admit{m_who, hello->invite, hello->pass, mayBeNewcomer(now)});
}

/// Where everybody gets an account each is one of the address's, which is given back where none was made.
bool Client::mayBeNewcomer(MonoTime now) {
    if (!m_world.rules.isOpen) return false;
    Spending spending = m_world.newcomers.spend(m_address, 1, m_world.rules.accountsPerAddress, Duration::zero(), now);
    if (spending.allowed) {
        spending = m_world.allNewcomers.spend(0, 1, m_world.rules.accounts, Duration::zero(), now);
        if (!spending.allowed) m_world.newcomers.refund(m_address, 1);
    }
    m_hasPaid = spending.allowed;
    if (!m_hasPaid) m_payableIn = std::max<Duration>(spending.wait, kBusyRetry);
    return m_hasPaid;
}

void Client::asked(const StoreAnswer& answer) {
    const auto* const admit = std::get_if<AdmitAnswer>(&answer);
    if (m_hasPaid && !(admit && admit->isNewcomer)) {
        m_world.newcomers.refund(m_address, 1);
        m_world.allNewcomers.refund(0, 1);
    }
    if (!admit || admit->refused != Reason::NoAccount || m_payableIn <= Duration::zero()) return;
    ++m_world.figures.tooFast;
    turnAway({Reason::TooFast, wire::relay::sentenceOf(Reason::TooFast), std::chrono::ceil<milliseconds>(m_payableIn)});
}

void Client::admitted(AdmitAnswer answer) {
    if (answer.refused) return turnAway({*answer.refused, wire::relay::sentenceOf(*answer.refused), {}});
    // Others may have come meanwhile.
    if (m_world.figures.clients >= m_world.rules.clients) return turnAwayAsFull();
    if (!answer.welcome.hasAccount && !countAsGuest()) return turnAwayAsFull();
    m_world.strangers.leave(m_id, m_address);
    m_isCounted = true;
    m_world.most = std::max<std::size_t>(m_world.most, ++m_world.figures.clients);
    answer.welcome.spread = m_world.spread();
    answer.welcome.hasDirectory = answer.welcome.hasAccount && m_world.rules.hasDirectory;
    m_state = answer.welcome.hasAccount ? State::Account : State::Guest;
    pull(Box::Messages).told = pull(Box::Messages).known = answer.welcome.highest;
    pull(Box::Heads).told = pull(Box::Heads).known = answer.welcome.highestHeads;
    // The welcome tells what there is: what comes after it is hinted at without a pull before.
    for (const Box box : {Box::Messages, Box::Heads}) pull(box).mayHint = answer.welcome.hasAccount;
    ++m_world.figures.admitted;
    send(m_helloRequest, std::move(answer.welcome));
    m_world.presence.come(m_id, m_who.device, !m_invisible);
}

/// Whoever has a token has as many devices as it likes: what they take is not taken from those with an account.
bool Client::countAsGuest() {
    if (m_world.guestCount >= std::max<std::size_t>(m_world.rules.clients / 4, 1)) return false;
    std::size_t& here = m_world.guests[m_address];
    if (here >= m_world.rules.guestsPerAddress) return false;
    ++here;
    ++m_world.guestCount;
    m_countsAsGuest = true;
    return true;
}

void Client::uncount() {
    m_world.strangers.leave(m_id, m_address);
    if (std::exchange(m_isCounted, false)) --m_world.figures.clients;
    if (!std::exchange(m_countsAsGuest, false)) return;
    --m_world.guestCount;
    const auto here = m_world.guests.find(m_address);
    if (--here->second == 0) m_world.guests.erase(here);
}

void Client::turnAwayAsFull() {
    const auto later = milliseconds(m_world.random.below(static_cast<std::uint64_t>(kFullRetry.count())));
    turnAway({Reason::Busy, wire::relay::sentenceOf(Reason::Busy), kFullRetry + later});
}

void Client::turnAway(const Refusal& refusal) {
    ++m_world.figures.refused;
    send(m_helloRequest, wire::relay::Refused{refusal});
    close(CloseReason::NotWelcome, refusal.text);
}

void Client::answer(std::uint32_t ticket, StoreAnswer answer, MonoTime) {
    if (isClosed()) return;
    if (m_state == State::Asking) {
        asked(answer);
        if (isClosed()) return;
        if (auto* const admit = std::get_if<AdmitAnswer>(&answer)) return admitted(std::move(*admit));
        const auto* const refusal = std::get_if<StoreRefusal>(&answer);
        return turnAway(refusal ? refusalOf(*refusal) : Refusal{Reason::Busy, {}, kBusyRetry});
    }
    answerRequest(ticket, std::move(answer));
    updateReading();
    endIfDone();
}

// What goes out ------------------------------------------------------------------------------------------------------

void Client::send(std::uint64_t request, wire::relay::Message message) {
    m_world.out.emplace_back(SendFrame{m_id, {request, std::move(message)}});
}

void Client::refuse(std::uint64_t request, Reason reason, milliseconds retryAfter) {
    send(request, wire::relay::Refused{{reason, wire::relay::sentenceOf(reason), retryAfter}});
}

void Client::violation(std::string text) {
    ++m_world.figures.violations;
    close(CloseReason::Violation, std::move(text));
}

void Client::close(CloseReason reason, std::string text) {
    if (isClosed()) return;
    m_state = State::Closed;
    uncount();
    m_world.presence.unwatch(m_id);
    m_world.presence.go(m_id, m_who.device);
    m_world.out.emplace_back(CloseClient{m_id, reason, std::move(text)});
}

Refusal Client::refusalOf(const StoreRefusal& refusal) {
    const bool isBusy =
        refusal.reason == StoreRefusal::Reason::Busy || refusal.reason == StoreRefusal::Reason::Closing;
    const auto after = std::chrono::ceil<milliseconds>(refusal.retryAfter);
    const Reason reason = isBusy ? Reason::Busy : Reason::Storage;
    // What went wrong, and where its files lie, is for the operator alone.
    return {reason, wire::relay::sentenceOf(reason), std::max(after, kBusyRetry)};
}

bool Client::maySpend(double cost, Refusal& refusal, MonoTime now) {
    Surroundings& world = m_world;
    Spending spending = world.devices.spend(m_who.device, cost, world.rules.requestsPerDevice, limits::kRelayDebt, now);
    if (spending.allowed && m_state == State::Guest) {
        // Whoever has no account has as many devices as it likes.
        spending =
            world.addresses.spend(m_address, cost, world.rules.requestsOfGuests, limits::kRelayDebt, now);
    }
    if (spending.wait > Duration::zero()) {
        m_resumesAt = std::max(m_resumesAt.value_or(now), now + std::min<Duration>(spending.wait, limits::kRelayDebt));
        updateReading();
    }
    if (spending.allowed) return true;
    ++world.figures.tooFast;
    refusal = {Reason::TooFast, wire::relay::sentenceOf(Reason::TooFast),
               std::chrono::ceil<milliseconds>(spending.wait) + milliseconds(1)};
    return false;
}

void Client::updateReading() {
    if (isClosed()) return;
    const bool reads =
        m_deposits.size() <= limits::kDepositsUnanswered && m_waiting < limits::kRelayClientWaiting && !m_resumesAt;
    if (std::exchange(m_isReading, reads) != reads) m_world.out.emplace_back(ReadClient{m_id, reads});
}

void Client::setWaiting(std::size_t bytes, MonoTime now) {
    if (isClosed()) return;
    if (m_waiting == 0 || bytes < m_waiting) m_since = now;
    m_waiting = bytes;
    if (m_state != State::Opened && bytes < limits::kRelayClientWaiting) {
        for (const Box box : {Box::Messages, Box::Heads})
            if (pull(box).isActive && !pull(box).isAsked) askPiece(box);
        if (!m_presence.empty()) send(0, wire::relay::Presence{std::exchange(m_presence, {})});
    }
    updateReading();
}

void Client::advance(MonoTime now) {
    if (isClosed()) return;
    if (m_resumesAt && now >= *m_resumesAt) {
        m_resumesAt.reset();
        updateReading();
    }
    if (m_state == State::Opened && now - m_openedAt >= limits::kRelayHello)
        return violation("A relay's client says at once who it is.");
    if (m_waiting == 0 || now - m_since < limits::kRelayStuck) return;
    ++m_world.figures.stuck;
    close(CloseReason::Unknown, "What this device asked for was not taken by it for " +
                                    std::to_string(std::chrono::duration_cast<std::chrono::seconds>(limits::kRelayStuck).count()) + " seconds.");
}

void Client::presenceChanged(const DeviceId& device, bool online) {
    if (m_state != State::Account && m_state != State::Guest) return;
    if (m_waiting < limits::kRelayClientWaiting) return send(0, wire::relay::Presence{{{device, online}}});
    // Of each device only the last change counts, so that these are as many as are watched at most.
    std::erase_if(m_presence, [&](const auto& one) { return one.device == device; });
    m_presence.push_back({device, online});
}

void Client::leave(milliseconds comeBackAfter) {
    if (m_state == State::Account || m_state == State::Guest) {
        m_state = State::Leaving;
        send(0, wire::relay::GoingAway{comeBackAfter, "The relay is being shut down. It is tried again by itself."});
        for (const Box box : {Box::Messages, Box::Heads}) {
            Pull& state = pull(box);
            if (!state.isActive || state.isAsked) continue;
            // An answer that brings nothing at all says that there is nothing.
            if (state.isFirst)
                refuse(state.request, Reason::Busy, comeBackAfter);
            else
                send(state.request, wire::relay::Pulled{{}, true, state.known});
            endPull(box, state.known);
        }
        return endIfDone();
    }
    if (m_state == State::Asking)
        return turnAway({Reason::Busy, "The relay is being shut down. It is tried again by itself.", comeBackAfter});
    close(CloseReason::Goodbye, {});
}

void Client::giveWay() {
    if (m_state == State::Asking) return turnAwayAsFull();
    ++m_world.figures.refused;
    close(CloseReason::Unknown, wire::relay::sentenceOf(Reason::Busy));
}

void Client::endIfDone() {
    if (m_state != State::Leaving || !m_deposits.empty() || !m_requests.empty()) return;
    if (pull(Box::Messages).isActive || pull(Box::Heads).isActive) return;
    close(CloseReason::Goodbye, {});
}

}  // namespace landline::relay
