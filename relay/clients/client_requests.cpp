// What a client asks beside deposits and pulls, and what the store answers.
#include "p2p/base/limits.h"
#include "p2p/envelope/prekey.h"
#include "p2p/identity/contact_link.h"
#include "relay/clients/client.h"

#include <algorithm>

namespace landline::relay {

namespace {

namespace wr = wire::relay;

/// A signature is to be checked.
constexpr double kCostOfProof = 8;

double costOf(std::size_t addressees) {
    return 1 + static_cast<double>(addressees) / 8;
}

bool isOwnPrekey(ByteView bytes, const DeviceId& device) {
    const auto prekey = envelope::Prekey::parse(bytes);
    return prekey && prekey->device() == device;
}

bool isOwnLink(const std::string& text, const Party& who) {
    if (text.empty()) return true;
    const auto link = identity::parseContactLink(text);
    return link && link->certificate.device() == who.device && link->certificate.person() == who.person;
}

}  // namespace

/// One function for each message that a client may send once it is in.
struct Client::Requests {
    Client& client;
    const std::uint64_t request;
    const MonoTime now;

    void operator()(wr::Deposit& m) const { client.deposit(request, std::move(m), now); }
    void operator()(wr::Pull& m) const {
        if (isAllowed(1)) client.beginPull(request, m);
    }
    void operator()(wr::Acknowledge& m) const {
        if (isAllowed(1)) client.begin(request, AckRequest{client.m_who.device, m});
    }
    void operator()(wr::PublishPrekey& m) const {
        if (!isAllowed(kCostOfProof)) return;
        if (!isOwnPrekey(m.prekey, client.m_who.device)) return client.refuse(request, Reason::Invalid);
        client.begin(request, PublishPrekey{client.m_who.device, std::move(m.prekey)});
    }
    void operator()(wr::FetchPrekeys& m) const {
        if (isAllowed(costOf(m.of.size()), true)) client.begin(request, FetchPrekeys{client.m_who, std::move(m.of)});
    }
    void operator()(wr::SetTokens& m) const {
        // Each may be a new one, whose number is not used again.
        if (!isAllowed(1 + static_cast<double>(m.tokens.size()))) return;
        client.begin(request, SetTokens{client.m_who.device, std::move(m.tokens)});
    }
    void operator()(wr::Watch& m) const {
        if (isAllowed(costOf(m.devices.size()), true))
            client.begin(request, CheckTokens{client.m_who, std::move(m.devices)});
    }
    void operator()(wr::List& m) const {
        if (!isAllowed(kCostOfProof) || !hasDirectory()) return;
        if (!isOwnLink(m.link, client.m_who)) return client.refuse(request, Reason::Invalid);
        client.begin(request, ListLink{client.m_who.device, std::move(m.link)});
    }
    void operator()(wr::Browse& m) const {
        if (isAllowed(2) && hasDirectory()) client.begin(request, BrowseLinks{m.after});
    }
    void operator()(wr::Unknown&) const {
        // Of a newer version. Without a number nobody waits for an answer.
        wr::Refusal refusal;
        if (!client.maySpend(1, refusal, now)) return;
        if (request != 0) client.refuse(request, Reason::Unsupported);
    }
    void operator()(wr::Hello&) const { client.violation("A relay's client says only once who it is."); }
    void operator()(wr::Welcome&) const { isOurs(); }
    void operator()(wr::Refused&) const { isOurs(); }
    void operator()(wr::GoingAway&) const { isOurs(); }
    void operator()(wr::Done&) const { isOurs(); }
    void operator()(wr::Deposited&) const { isOurs(); }
    void operator()(wr::Hint&) const { isOurs(); }
    void operator()(wr::Pulled&) const { isOurs(); }
    void operator()(wr::Acknowledged&) const { isOurs(); }
    void operator()(wr::PrekeyPublished&) const { isOurs(); }
    void operator()(wr::Prekeys&) const { isOurs(); }
    void operator()(wr::Presence&) const { isOurs(); }
    void operator()(wr::Listed&) const { isOurs(); }

    void isOurs() const { client.violation("This message is a relay's to send."); }
    [[nodiscard]] bool hasDirectory() const {
        if (!client.m_world.rules.hasDirectory) client.refuse(request, Reason::Unsupported);
        return client.m_world.rules.hasDirectory;
    }
    /// Else it was refused.
    [[nodiscard]] bool isAllowed(double cost, bool byGuests = false) const {
        wr::Refusal refusal;
        if (client.m_state == State::Leaving)
            refusal = {Reason::Busy, wr::sentenceOf(Reason::Busy), std::chrono::seconds(1)};
        else if (client.maySpend(cost, refusal, now) && client.isGuest() && !byGuests)
            refusal = {Reason::NoAccount, wr::sentenceOf(Reason::NoAccount), {}};
        if (refusal.reason == Reason::Unknown) return true;
        client.send(request, wr::Refused{std::move(refusal)});
        return false;
    }
};

void Client::receive(wr::Frame frame, MonoTime now) {
    if (isClosed()) return;
    ++m_world.figures.requests;
    if (m_state == State::Opened) return hello(frame, now);
    if (m_state == State::Asking) return violation("Before it is welcome a relay's client sends nothing more.");
    if (wr::isRequest(frame.message) && frame.request == 0) return violation("A request came without a number.");
    std::visit(Requests{*this, frame.request, now}, frame.message);
}

bool Client::begin(std::uint64_t request, StoreRequest asked) {
    if (m_requests.size() >= limits::kRelayRequestsWaiting) {
        refuse(request, Reason::TooMany);
        return false;
    }
    m_requests.push_back({m_nextTicket, request});
    ask(m_nextTicket++, std::move(asked));
    return true;
}

void Client::ask(std::uint32_t ticket, StoreRequest request) {
    m_world.out.emplace_back(AskStore{{m_id << 32 | ticket, std::move(request)}});
}

void Client::answerRequest(std::uint32_t ticket, StoreAnswer answer) {
    const auto* const refusal = std::get_if<StoreRefusal>(&answer);
    for (const Box box : {Box::Messages, Box::Heads}) {
        Pull& state = pull(box);
        if (!state.isActive || !state.isAsked || state.ticket != ticket) continue;
        if (auto* const pieces = std::get_if<PullAnswer>(&answer)) return pulled(box, std::move(*pieces));
        state.isAsked = false;
        if (refusal) send(state.request, wr::Refused{refusalOf(*refusal)});
        return endPull(box, state.told);
    }
    const auto found = std::find_if(m_requests.begin(), m_requests.end(),
                                    [ticket](const Waiting& one) { return one.ticket == ticket; });
    if (found != m_requests.end()) {
        const Waiting request = std::move(*found);
        m_requests.erase(found);
        return tell(request, std::move(answer));
    }
    if (auto* const deposit = std::get_if<DepositAnswer>(&answer)) return deposited(std::move(deposit->told), ticket);
    if (refusal) deposited({{}, {}, refusalOf(*refusal)}, ticket);
}

void Client::tell(const Waiting& request, StoreAnswer answer) {
    const std::uint64_t number = request.request;
    if (const auto* const refusal = std::get_if<StoreRefusal>(&answer))
        return send(number, wr::Refused{refusalOf(*refusal)});
    if (const auto* const ack = std::get_if<AckAnswer>(&answer)) {
        if (ack->refused) return refuse(number, *ack->refused);
        return send(number, wr::Acknowledged{ack->used});
    }
    if (const auto* const published = std::get_if<PublishAnswer>(&answer)) {
        if (published->refused) return refuse(number, *published->refused);
        return send(number, published->told);
    }
    if (auto* const prekeys = std::get_if<PrekeysAnswer>(&answer)) return send(number, std::move(prekeys->told));
    if (auto* const browse = std::get_if<BrowseAnswer>(&answer)) return send(number, std::move(browse->told));
    if (const auto* const checked = std::get_if<CheckAnswer>(&answer)) {
        auto presence = m_world.presence.watch(m_id, isGuest(), checked->of, checked->good);
        if (!presence) return refuse(number, Reason::Busy, std::chrono::seconds(10));
        m_presence.clear();
        return send(number, *std::move(presence));
    }
    const auto* const change = std::get_if<ChangeAnswer>(&answer);
    if (!change) return;
    if (change->refused) return refuse(number, *change->refused);
    send(number, wr::Done{});
}

}  // namespace landline::relay
