// What a client leaves for others, and how it gets what was left for it.
#include "p2p/base/limits.h"
#include "relay/clients/client.h"

#include <algorithm>

namespace landline::relay {

using std::chrono::milliseconds;
using wire::relay::Deposited;
using wire::relay::Item;
using wire::relay::Pulled;
using wire::relay::Refusal;

namespace {

/// What the encoding of an item adds to seal and body, at most; and a frame's room for them.
constexpr std::size_t kItemRest = 40;
constexpr std::size_t kFrameItems = limits::kFramePlaintext - 64;

/// As few frames as they fit into.
std::vector<Pulled> framesOf(std::vector<Item> items) {
    std::vector<Pulled> frames;
    std::size_t bytes = 0;
    for (Item& item : items) {
        bytes += item.bytes() + kItemRest;
        if (frames.empty() || bytes > kFrameItems || frames.back().items.size() >= limits::kItemsPerPulled) {
            frames.emplace_back();
            bytes = item.bytes() + kItemRest;
        }
        frames.back().items.push_back(std::move(item));
    }
    return frames;
}

}  // namespace

// Deposits -----------------------------------------------------------------------------------------------------------

void Client::deposit(DepositCounter counter, wire::relay::Deposit content, MonoTime now) {
    if (m_deposits.size() >= limits::kRelayDepositsMost)
        return violation("This device sends more deposits than it may without an answer.");
    const std::uint32_t ticket = m_nextTicket++;
    m_deposits.push_back({ticket, counter, std::nullopt});
    const auto refuseIt = [&](const Refusal& refusal) { deposited({{}, {}, refusal}, ticket); };
    if (m_state == State::Leaving)
        return refuseIt({Reason::Busy, wire::relay::sentenceOf(Reason::Busy), milliseconds(1'000)});
    if (m_deposits.size() > limits::kDepositsUnanswered) {
        updateReading();
        return refuseIt({Reason::TooMany, wire::relay::sentenceOf(Reason::TooMany), {}});
    }
    Refusal refusal;
    if (!maySpend(1 + static_cast<double>(content.recipients.size() - 1) / 4, refusal, now)) return refuseIt(refusal);
    ask(ticket, Deposit{m_who, counter, std::move(content)});
}

void Client::deposited(Deposited answer, std::uint32_t ticket) {
    const auto found = std::find_if(m_deposits.begin(), m_deposits.end(),
                                    [ticket](const WaitingDeposit& one) { return one.ticket == ticket; });
    if (found == m_deposits.end()) return;
    if (answer.refusal && answer.refusal->text.empty())
        answer.refusal->text = wire::relay::sentenceOf(answer.refusal->reason);
    found->answer = std::move(answer);
    tellDeposits();
}

/// In the order of the deposits, though some were refused before those ahead of them were stored.
void Client::tellDeposits() {
    while (!m_deposits.empty() && m_deposits.front().answer) {
        send(m_deposits.front().counter, *std::move(m_deposits.front().answer));
        m_deposits.popFront();
    }
    updateReading();
}

// Pulls and hints ----------------------------------------------------------------------------------------------------

void Client::beginPull(std::uint64_t request, const wire::relay::Pull& content) {
    Pull& state = pull(content.box);
    if (state.isActive) return refuse(request, Reason::TooMany);
    state.isActive = true;
    state.isFirst = true;
    state.mayHint = false;
    state.request = request;
    state.next = std::max<MailNumber>(content.from, 1);
    state.left = static_cast<std::size_t>(std::min<std::uint64_t>(content.bytes, limits::kPullBytes));
    askPiece(content.box);
}

void Client::askPiece(Box box) {
    Pull& state = pull(box);
    // Who does not read what it pulled gets no more: setWaiting goes on.
    if (m_waiting >= limits::kRelayClientWaiting) return;
    state.isAsked = true;
    state.ticket = m_nextTicket++;
    ask(state.ticket, PullRequest{m_who.device, box, state.next, std::min(state.left, limits::kRelayPullPiece)});
}

void Client::pulled(Box box, PullAnswer answer) {
    Pull& state = pull(box);
    state.isAsked = false;
    if (answer.refused) {
        refuse(state.request, *answer.refused);
        return endPull(box, state.told);
    }
    std::size_t bytes = 0;
    for (const Item& item : answer.items) bytes += item.bytes();
    // The store gives one whatever it weighs, so that the first is told.
    const bool isTooMuch = !state.isFirst && bytes > state.left;
    if (isTooMuch) answer.items.clear();
    state.isFirst = state.isFirst && answer.items.empty();
    state.left -= std::min(bytes, state.left);
    const MailNumber next = answer.items.empty() ? answer.next : answer.items.back().number + 1;
    const bool isLast = isTooMuch || !answer.more || next <= state.next || state.left == 0 || m_state == State::Leaving;
    state.next = std::max(state.next, next);
    std::vector<Pulled> frames = framesOf(std::move(answer.items));
    if (isLast) {
        if (frames.empty()) frames.emplace_back();
        frames.back().last = true;
        frames.back().highest = answer.highest;
    }
    for (Pulled& frame : frames) send(state.request, std::move(frame));
    state.known = std::max(state.known, answer.highest);
    if (!isLast) return askPiece(box);
    endPull(box, answer.highest);
}

void Client::endPull(Box box, MailNumber highest) {
    Pull& state = pull(box);
    state.isActive = false;
    state.told = highest;
    state.mayHint = true;
    offerHint(box);
}

void Client::placed(Box box, MailNumber number) {
    if (m_state != State::Account) return;
    pull(box).known = std::max(pull(box).known, number);
    offerHint(box);
}

/// One after the welcome and one after each pull, as soon as there is more than was told.
void Client::offerHint(Box box) {
    Pull& state = pull(box);
    if (m_state != State::Account || !state.mayHint || state.known <= state.told) return;
    state.mayHint = false;
    state.told = state.known;
    ++m_world.figures.hints;
    send(0, wire::relay::Hint{box, state.known});
}

}  // namespace landline::relay
