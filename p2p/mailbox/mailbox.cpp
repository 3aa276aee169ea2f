#include "p2p/mailbox/mailbox.h"

#include "p2p/base/backoff.h"
#include "p2p/mailbox/box_reader.h"
#include "p2p/mailbox/deposit_book.h"
#include "p2p/mailbox/wish.h"

#include <algorithm>
#include <cassert>
#include <deque>
#include <map>

namespace landline::mailbox {

using namespace wire::relay;
namespace {

/// Requests of the owner's that may wait; the rest of limits::kRelayRequestsWaiting is for wishes and acknowledgements.
constexpr std::size_t kAsked = limits::kRelayRequestsWaiting / 2;

constexpr const char* kNonsense = "The relay answered with something else than it was asked for.";

}  // namespace

class Mailbox::Impl {
public:
    explicit Impl(Random& random) : m_random(random) {}

    void connected(Now now);
    void disconnected(Now now);
    void receive(const Frame& frame, Now now);
    [[nodiscard]] std::optional<Frame> nextMessage(Now now);
    void advance(Now now);
    [[nodiscard]] std::optional<MonoTime> nextTimeout(Now now) const;
    void setTokens(std::vector<Token> tokens) {
        assert(tokens.size() <= limits::kTokensPerDevice);
        m_tokens = std::move(tokens);
        compareTokens();
    }
    void setPrekey(const PrekeyId& id, Bytes prekey, RelayEpoch confirmedIn) {
        m_prekeyId = id;
        m_prekey = std::move(prekey);
        m_prekeyConfirmedIn = confirmedIn;
        comparePrekey();
    }
    void watch(std::vector<Addressee> devices) {
        assert(devices.size() <= limits::kPresenceWatches);
        m_watched = std::move(devices);
        m_wishWatch.isWanted = isOpen();
    }
    [[nodiscard]] std::uint64_t ask(Message message);
    void deposit(DepositCounter counter, Deposit deposit);
    [[nodiscard]] bool isOpen() const { return m_state == State::Open; }
    [[nodiscard]] Drained drained() const { return {m_welcome.epoch, m_messages.freed(), m_heads.freed()}; }
    [[nodiscard]] BoxReader& at(Box box) { return box == Box::Messages ? m_messages : m_heads; }

    enum class State { Away, Dialling, Greeting, Open, Leaving, ShutOut, Useless };
    enum class Kind { Hello, Prekey, Tokens, Watch, PullMessages, PullHeads, AckMessages, AckHeads, Asked };
    struct Waiting {
        Kind kind;
        MonoTime since;
        PrekeyId prekey{};
        Hash128 tokens{};
    };

    // What the class does through its own functions.
    State m_state = State::Away;
    MonoTime m_dialAt{};
    Hello m_hello;
    Welcome m_welcome;
    DepositBook m_deposits;
    std::deque<Event> m_events;

private:
    [[nodiscard]] Frame request(Kind kind, Message message, Now now);
    [[nodiscard]] std::optional<Frame> nextWish(Now now);
    [[nodiscard]] std::optional<Frame> nextOfBox(BoxReader& box, Kind pull, Kind acknowledge, Now now);

    void handle(const Welcome& welcome, const Waiting& waiting, Now now);
    void handle(const Refused& refused, std::uint64_t number, const Waiting& waiting, Now now);
    void handlePulled(const Pulled& pulled, std::uint64_t number, Waiting& waiting, Now now);
    void handleDeposited(DepositCounter counter, const Deposited& deposited, Now now);
    void handleGoingAway(const GoingAway& away, Now now);
    void handleAnswer(const Frame& frame, const Waiting& waiting);
    void handleUnasked(const Frame& frame, Now now);
    void refuseHello(const Refusal& refusal, Now now);
    void handlePublished(const PrekeyPublished& published, const PrekeyId& id);
    void comparePrekey();
    void compareTokens();
    void tell(std::vector<DepositChanged> changes);
    void giveUp(std::string why);
    [[nodiscard]] std::optional<MonoTime> answerDue() const;
    [[nodiscard]] Wish* wishOf(Kind kind);

    Random& m_random;
    Backoff m_backoff;
    MonoTime m_goodFrom = MonoTime::max();  ///< not at once: the relay may let in and hang up, again and again
    bool m_mustStayAway = false;  ///< the relay said until when

    // The session.
    std::map<std::uint64_t, Waiting> m_waiting;
    std::deque<Frame> m_asked;  ///< by the owner, not sent yet
    std::uint64_t m_lastRequest = 0;
    MonoTime m_lastDeposited{};  ///< the last answer to a deposit
    MonoTime m_leavingSince{};
    MonoTime m_depositsFrom{};  ///< the relay asked to wait till then

    // Boxes and wishes.
    BoxReader m_messages{Box::Messages};
    BoxReader m_heads{Box::Heads};
    PrekeyId m_prekeyId;
    Bytes m_prekey;
    RelayEpoch m_prekeyConfirmedIn = 0;
    std::vector<Token> m_tokens;
    Hash128 m_tokensThere;
    std::vector<Addressee> m_watched;
    Wish m_wishPrekey;
    Wish m_wishTokens;
    Wish m_wishWatch;
    friend class Mailbox;
};

// --- The link ----------------------------------------------------------------------------------------------------

void Mailbox::Impl::connected(Now now) {
    m_state = State::Greeting;
    m_lastDeposited = now.mono;
}

void Mailbox::Impl::disconnected(Now now) {
    const State before = std::exchange(m_state, State::Away);
    if (now.mono >= std::exchange(m_goodFrom, MonoTime::max())) m_backoff.reset();
    for (const auto& [number, waiting] : m_waiting)
        if (waiting.kind == Kind::Asked) m_events.emplace_back(Answer{number, Refused{}});
    for (const Frame& asked : m_asked) m_events.emplace_back(Answer{asked.request, Refused{}});
    m_waiting.clear();
    m_asked.clear();
    m_deposits.unsendAll();
    if (before == State::ShutOut) m_state = State::ShutOut;
    const MonoTime next = now.mono + m_backoff.next(m_random);
    // Not sooner for what the relay says.
    m_dialAt = m_mustStayAway ? std::max(m_dialAt, next) : next;
    if (before == State::Open)
        m_dialAt +=
            Duration(m_random.below(static_cast<std::uint64_t>(bounded(m_welcome.spread).count()) + 1));
}

void Mailbox::Impl::giveUp(std::string why) {
    m_state = State::Useless;
    m_events.emplace_back(Disconnect{std::move(why)});
}

// --- Out ---------------------------------------------------------------------------------------------------------

Frame Mailbox::Impl::request(Kind kind, Message message, Now now) {
    m_waiting.emplace(++m_lastRequest, Waiting{kind, now.mono});
    return {m_lastRequest, std::move(message)};
}

std::optional<Frame> Mailbox::Impl::nextMessage(Now now) {
    if (m_state == State::Greeting && m_waiting.empty()) return request(Kind::Hello, m_hello, now);
    if (!isOpen()) return std::nullopt;
    if (m_welcome.hasAccount) {
        if (auto wish = nextWish(now)) return wish;
        if (auto next = nextOfBox(m_messages, Kind::PullMessages, Kind::AckMessages, now)) return next;
        if (auto next = nextOfBox(m_heads, Kind::PullHeads, Kind::AckHeads, now)) return next;
    }
    if (m_wishWatch.isDue(now.mono)) {
        m_wishWatch.isWanted = false;
        return request(Kind::Watch, Watch{m_watched}, now);
    }
    if (!m_asked.empty()) {
        Frame asked = std::move(m_asked.front());
        m_asked.pop_front();
        m_waiting.emplace(asked.request, Waiting{Kind::Asked, now.mono});
        return asked;
    }
    if (now.mono < m_depositsFrom) return std::nullopt;
    return m_deposits.sendNext(now.mono);
}

std::optional<Frame> Mailbox::Impl::nextWish(Now now) {
    if (m_wishPrekey.isDue(now.mono)) {
        m_wishPrekey.isWanted = false;
        Frame frame = request(Kind::Prekey, PublishPrekey{m_prekey}, now);
        m_waiting.at(frame.request).prekey = m_prekeyId;
        return frame;
    }
    if (m_wishTokens.isDue(now.mono)) {
        m_wishTokens.isWanted = false;
        Frame frame = request(Kind::Tokens, SetTokens{m_tokens}, now);
        m_waiting.at(frame.request).tokens = tokensDigest(m_tokens);
        return frame;
    }
    return std::nullopt;
}

std::optional<Frame> Mailbox::Impl::nextOfBox(BoxReader& box, Kind pull, Kind acknowledge, Now now) {
    if (const auto next = box.nextAcknowledge()) return request(acknowledge, *next, now);
    if (const auto next = box.nextPull()) return request(pull, *next, now);
    return std::nullopt;
}

// --- In ----------------------------------------------------------------------------------------------------------

void Mailbox::Impl::receive(const Frame& frame, Now now) {
    if (m_state != State::Greeting && m_state != State::Open && m_state != State::Leaving) return;
    if (isRequest(frame.message)) return giveUp("The relay sent what only devices send.");
    if (const auto* deposited = std::get_if<Deposited>(&frame.message))
        return handleDeposited(frame.request, *deposited, now);
    const auto found = m_waiting.find(frame.request);
    if (found == m_waiting.end()) return handleUnasked(frame, now);
    if (const auto* pulled = std::get_if<Pulled>(&frame.message))
        return handlePulled(*pulled, frame.request, found->second, now);
    const Waiting waiting = m_waiting.extract(found).mapped();
    if (const auto* refused = std::get_if<Refused>(&frame.message))
        return handle(*refused, frame.request, waiting, now);
    if (const auto* welcome = std::get_if<Welcome>(&frame.message)) return handle(*welcome, waiting, now);
    handleAnswer(frame, waiting);
}

void Mailbox::Impl::handleUnasked(const Frame& frame, Now now) {
    if (const auto* hint = std::get_if<Hint>(&frame.message)) return at(hint->box).hint(hint->highest);
    if (const auto* presence = std::get_if<Presence>(&frame.message))
        return m_events.emplace_back(PresenceTold{presence->devices}), void();
    if (const auto* away = std::get_if<GoingAway>(&frame.message)) handleGoingAway(*away, now);
    // Anything else is of a newer version, or answers what was given up.
}

void Mailbox::Impl::handle(const Welcome& welcome, const Waiting& waiting, Now now) {
    if (waiting.kind != Kind::Hello || m_state != State::Greeting) return giveUp(kNonsense);
    m_state = State::Open;
    m_welcome = welcome;
    m_goodFrom = now.mono + Backoff::kGood;
    m_welcome.life = std::min(welcome.life, limits::kRelayLifeMost);
    m_depositsFrom = now.mono;
    m_hello.invite.reset();
    m_messages.enter(welcome.epoch, welcome.freed, welcome.highest);
    m_heads.enter(welcome.epoch, 0, welcome.highestHeads);
    m_tokensThere = welcome.tokens;
    comparePrekey();
    m_wishWatch.isWanted = !m_watched.empty();
    m_events.emplace_back(Entered{m_welcome});
    compareTokens();
    tell(m_deposits.enterEpoch(welcome.epoch));
}

void Mailbox::Impl::comparePrekey() {
    m_wishPrekey.isWanted = isOpen() && !m_prekey.empty() &&
                            (m_welcome.prekey != m_prekeyId || m_prekeyConfirmedIn != m_welcome.epoch);
}

void Mailbox::Impl::compareTokens() {
    const Hash128 wanted = tokensDigest(m_tokens);
    m_wishTokens.isWanted = isOpen() && wanted != m_tokensThere;
    // What is under way may put others in their place.
    const bool isSettling = std::any_of(m_waiting.begin(), m_waiting.end(),
                                        [](const auto& one) { return one.second.kind == Kind::Tokens; });
    if (isOpen() && m_welcome.hasAccount && !m_wishTokens.isWanted && !isSettling)
        m_events.emplace_back(TokensConfirmed{wanted});
}

void Mailbox::Impl::handleAnswer(const Frame& frame, const Waiting& waiting) {
    const Message& message = frame.message;
    if (waiting.kind == Kind::Asked) return m_events.emplace_back(Answer{frame.request, message}), void();
    if (const auto* published = std::get_if<PrekeyPublished>(&message);
        published && waiting.kind == Kind::Prekey)
        return handlePublished(*published, waiting.prekey);
    if (const auto* presence = std::get_if<Presence>(&message); presence && waiting.kind == Kind::Watch)
        return m_events.emplace_back(PresenceTold{presence->devices}), void();
    if (std::holds_alternative<Done>(message) && waiting.kind == Kind::Tokens) {
        m_tokensThere = waiting.tokens;
        return compareTokens();
    }
    const bool isOfMessages = waiting.kind == Kind::AckMessages;
    if (std::holds_alternative<Acknowledged>(message) && (isOfMessages || waiting.kind == Kind::AckHeads)) {
        (isOfMessages ? m_messages : m_heads).acknowledged();
        return m_events.emplace_back(drained()), void();
    }
    giveUp(kNonsense);
}

void Mailbox::Impl::handlePublished(const PrekeyPublished& published, const PrekeyId& id) {
    m_welcome.prekey = id;
    if (id == m_prekeyId) m_prekeyConfirmedIn = m_welcome.epoch;
    m_events.emplace_back(
        PrekeyConfirmed{id, m_welcome.epoch, published.highest, published.highestHeads, m_welcome.life});
}

void Mailbox::Impl::handlePulled(const Pulled& pulled, std::uint64_t number, Waiting& waiting, Now now) {
    if (waiting.kind != Kind::PullMessages && waiting.kind != Kind::PullHeads) return giveUp(kNonsense);
    auto arrived = at(waiting.kind == Kind::PullMessages ? Box::Messages : Box::Heads).pulled(pulled);
    if (!arrived) return giveUp(arrived.error().text);
    waiting.since = now.mono;
    if (*arrived) m_events.emplace_back(**std::move(arrived));
    if (pulled.last) m_waiting.erase(number);
}

void Mailbox::Impl::handleDeposited(DepositCounter counter, const Deposited& deposited, Now now) {
    auto outcome = m_deposits.answered(counter, deposited, m_welcome.life, now.wall);
    if (outcome.isBroken) return giveUp("The relay answered a deposit for recipients that it did not have.");
    if (outcome.changed || outcome.refusal) m_lastDeposited = now.mono;
    if (outcome.changed) m_events.emplace_back(*std::move(outcome.changed));
    if (!outcome.refusal) return;
    m_depositsFrom = now.mono + bounded(std::max(outcome.refusal->retryAfter, kLeastRetry));
    // To go at the relay's pace is no trouble.
    if (outcome.refusal->reason != Reason::TooFast) m_events.emplace_back(Trouble{*outcome.refusal});
}

void Mailbox::Impl::handleGoingAway(const GoingAway& away, Now now) {
    if (m_state != State::Leaving) m_leavingSince = now.mono;
    m_state = State::Leaving;
    m_dialAt = now.mono + bounded(away.comeBackAfter);
    m_mustStayAway = true;
}

Wish* Mailbox::Impl::wishOf(Kind kind) {
    if (kind == Kind::Prekey) return &m_wishPrekey;
    if (kind == Kind::Tokens) return &m_wishTokens;
    return kind == Kind::Watch ? &m_wishWatch : nullptr;
}

void Mailbox::Impl::handle(const Refused& refused, std::uint64_t number, const Waiting& waiting, Now now) {
    const Refusal& refusal = refused.refusal;
    if (waiting.kind == Kind::Hello) return refuseHello(refusal, now);
    if (waiting.kind == Kind::Asked) return m_events.emplace_back(Answer{number, refused}), void();
    if (Wish* const wish = wishOf(waiting.kind)) {
        wish->refused(refusal, now.mono);
        return m_events.emplace_back(Trouble{refusal}), void();
    }
    // Pulls and acknowledgements are refused for passing reasons, or by a defect; a new session sorts out either.
    giveUp(sentenceOf(refusal.reason));
}

void Mailbox::Impl::refuseHello(const Refusal& refusal, Now now) {
    if (needsAPerson(refusal.reason)) {
        m_state = State::ShutOut;
        return m_events.emplace_back(ShutOut{refusal}), void();
    }
    m_dialAt = now.mono + bounded(refusal.retryAfter);
    m_mustStayAway = true;
    giveUp(sentenceOf(refusal.reason));
}

void Mailbox::Impl::tell(std::vector<DepositChanged> changes) {
    for (DepositChanged& change : changes) m_events.emplace_back(std::move(change));
}

// --- Time --------------------------------------------------------------------------------------------------------

/// When an answer has been missing for too long, whatever else the relay says; nothing if it owes none. Answers to deposits
/// come one after the other, and a pull has several: there each is counted from the one before.
std::optional<MonoTime> Mailbox::Impl::answerDue() const {
    if (m_state != State::Greeting && m_state != State::Open && m_state != State::Leaving)
        return std::nullopt;
    std::optional<MonoTime> oldest = m_deposits.oldestSent();
    if (oldest) oldest = std::max(*oldest, m_lastDeposited);
    for (const auto& [number, waiting] : m_waiting)
        if (!oldest || waiting.since < *oldest) oldest = waiting.since;
    // Whoever leaves owes us the end of the session.
    if (!oldest && m_state == State::Leaving) oldest = m_leavingSince;
    return oldest ? std::optional(*oldest + limits::kRelayAnswer) : std::nullopt;
}

void Mailbox::Impl::advance(Now now) {
    tell(m_deposits.expire(now.wall));
    if (const auto due = answerDue(); due && now.mono >= *due) giveUp("The relay does not answer any more.");
}

std::optional<MonoTime> Mailbox::Impl::nextTimeout(Now now) const {
    std::optional<MonoTime> next = answerDue();
    const auto also = [&next](MonoTime time) { next = next ? std::min(*next, time) : time; };
    if (isOpen())
        for (const Wish* wish : {&m_wishPrekey, &m_wishTokens, &m_wishWatch})
            if (wish->isWanted && wish->notBefore > now.mono) also(wish->notBefore);
    if (isOpen() && m_depositsFrom > now.mono) also(m_depositsFrom);
    if (const auto expiry = m_deposits.nextExpiry())
        also(now.mono + std::clamp<Duration>(*expiry - now.wall, Duration(0), std::chrono::hours(24)));
    return next;
}

// --- Wishes and requests -----------------------------------------------------------------------------------------

void Mailbox::Impl::deposit(DepositCounter counter, Deposit deposit) {
    // The relay may have come back in another epoch while the owner wrote it down.
    const bool isLate = isOpen() && deposit.epoch != m_welcome.epoch;
    m_deposits.add(counter, std::move(deposit));
    if (isLate) tell(m_deposits.enterEpoch(m_welcome.epoch));
}

std::uint64_t Mailbox::Impl::ask(Message message) {
    assert(isRequest(message));
    const auto asked = static_cast<std::size_t>(std::count_if(
        m_waiting.begin(), m_waiting.end(), [](const auto& one) { return one.second.kind == Kind::Asked; }));
    if (!isOpen() || m_asked.size() + asked >= kAsked) return 0;
    m_asked.push_back({++m_lastRequest, std::move(message)});
    return m_lastRequest;
}

// --- The class in the header -------------------------------------------------------------------------------------

Mailbox::Mailbox(Random& random) : m(std::make_unique<Impl>(random)) {}
Mailbox::~Mailbox() = default;

void Mailbox::restore(Box box, Position position) {
    m->at(box).restore(position);
}
void Mailbox::restore(DepositCounter counter, Deposit deposit) {
    m->m_deposits.add(counter, std::move(deposit));
}
void Mailbox::restore(HeldDeposit held) {
    m->m_deposits.restore(std::move(held));
}

std::optional<MonoTime> Mailbox::dialAt() const {
    if (m->m_state != Impl::State::Away) return std::nullopt;
    return m->m_dialAt;
}
void Mailbox::hope(Now now) {
    if (m->m_state == Impl::State::Away && !m->m_mustStayAway) m->m_dialAt = std::min(m->m_dialAt, now.mono);
}
void Mailbox::dialled() {
    m->m_state = Impl::State::Dialling;
    m->m_mustStayAway = false;
}
void Mailbox::connected(Now now) {
    m->connected(now);
}
void Mailbox::disconnected(Now now) {
    m->disconnected(now);
}
void Mailbox::receive(const Frame& frame, Now now) {
    m->receive(frame, now);
}
std::optional<Frame> Mailbox::nextMessage(Now now) {
    return m->nextMessage(now);
}
void Mailbox::advance(Now now) {
    m->advance(now);
}
std::optional<MonoTime> Mailbox::nextTimeout(Now now) const {
    return m->nextTimeout(now);
}

std::optional<Event> Mailbox::nextEvent() {
    if (m->m_events.empty()) return std::nullopt;
    std::optional<Event> event(std::move(m->m_events.front()));
    m->m_events.pop_front();
    return event;
}

bool Mailbox::isOpen() const {
    return m->isOpen();
}
const Welcome& Mailbox::welcome() const {
    return m->m_welcome;
}
std::optional<Drained> Mailbox::drained() const {
    return m->isOpen() ? std::optional(m->drained()) : std::nullopt;
}

void Mailbox::setHello(const Hello& hello, Now now) {
    m->m_hello = hello;
    if (m->m_state != Impl::State::ShutOut) return;
    m->m_state = Impl::State::Away;
    m->m_dialAt = now.mono;
}
void Mailbox::setPrekey(const PrekeyId& id, Bytes prekey, RelayEpoch confirmedIn) {
    m->setPrekey(id, std::move(prekey), confirmedIn);
}
void Mailbox::setTokens(std::vector<Token> tokens) {
    m->setTokens(std::move(tokens));
}
void Mailbox::watch(std::vector<Addressee> devices) {
    m->watch(std::move(devices));
}

std::uint64_t Mailbox::ask(Message message) {
    return m->ask(std::move(message));
}
void Mailbox::deposit(DepositCounter counter, Deposit deposit) {
    m->deposit(counter, std::move(deposit));
}
void Mailbox::settle(DepositCounter counter, const DeviceId& device) {
    m->m_deposits.settle(counter, device);
}
void Mailbox::committed(Box box, Position position) {
    BoxReader& reader = m->at(box);
    const MailboxNumber before = reader.freed();
    reader.committed(position);
    // What had expired needs no acknowledgement.
    if (reader.freed() != before) m->m_events.emplace_back(m->drained());
}

}  // namespace landline::mailbox
