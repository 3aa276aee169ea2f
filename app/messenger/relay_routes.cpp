#include "app/messenger/relay_routes.h"

#include "app/storage/deposit_table.h"
#include "app/storage/prekey_table.h"
#include "app/storage/relay_table.h"
#include "p2p/base/limits.h"

#include <algorithm>

namespace landline::app {

using wire::relay::Reason;

namespace {

/// What was held for so long may be left again at once.
constexpr std::chrono::hours kLongHeld{1};
/// However often a relay says that a device comes and goes.
constexpr std::chrono::minutes kCameOnce{1};

/// What may go at once with another prekey, epoch or counter, if it is not always so.
bool mayGoAtOnce(std::optional<Reason> reason) {
    return !reason || reason == Reason::OldPrekey || reason == Reason::OtherEpoch ||
           reason == Reason::OldCounter;
}

PostState stateOf(std::optional<Reason> reason) {
    if (reason == Reason::Full) return PostState::Full;
    if (reason == Reason::NoMailbox) return PostState::NoMailbox;
    if (reason == Reason::NoPrekey || reason == Reason::OldPrekey) return PostState::NoPrekey;
    return PostState::Refused;
}

}  // namespace

// Relays and prekeys -------------------------------------------------------------------------------------------------------

std::vector<RelayRoutes::At> RelayRoutes::relaysOf(const DeviceId& device) {
    const bool isOwn = m_context.personOf(device) == m_context.selfPerson();
    std::vector<At> result;
    const auto add = [&result](const identity::RelayUrl& url, const std::optional<RelayToken>& token) {
        const bool isThere =
            std::any_of(result.begin(), result.end(), [&](const At& at) { return at.relay == url.key; });
        if (!isThere) result.push_back({url.key, url.address(), token});
    };
    const std::vector<identity::RelayGrant> grants = m_context.db->prekeys().grants(device);
    std::vector<identity::RelayUrl> own;
    if (isOwn)
        for (const RelayRecord& relay : m_context.db->relays().all())
            if (relay.standing == RelayStanding::Entered) own.push_back(relay.url);
    for (const identity::RelayGrant& grant : grants) {
        // Among devices of one person none is needed where both have an account.
        const bool needsToken = std::none_of(
            own.begin(), own.end(), [&grant](const auto& one) { return one.key == grant.relay.key; });
        add(grant.relay, needsToken ? std::optional(grant.token) : std::nullopt);
    }
    // Once it has said where it is, it may have left the others.
    if (grants.empty())
        for (const identity::RelayUrl& relay : own) add(relay, std::nullopt);
    return result;
}

std::vector<RelayRoutes::At> RelayRoutes::takingFor(const DeviceId& device) {
    std::vector<At> result = relaysOf(device);
    std::erase_if(result, [&](const At& at) { return isResting(device, at.relay); });
    const auto silent = std::stable_partition(result.begin(), result.end(),
                                              [this](const At& at) { return !isSilent(at.relay); });
    if (silent != result.begin()) result.erase(silent, result.end());
    return result;
}

bool RelayRoutes::isSilent(const RelayKey& relay) const {
    return m_silence.isSilent(relay, m_accounts.now());
}

std::vector<RelayKey> RelayRoutes::keysOf(const DeviceId& device) {
    std::vector<RelayKey> keys;
    for (const At& at : relaysOf(device)) keys.push_back(at.relay);
    return keys;
}

std::optional<RelayRoutes::Route> RelayRoutes::find(const DeviceId& device) {
    const std::vector<At> relays = takingFor(device);
    for (const At& at : relays) {
        const auto open = m_accounts.open(at.relay);
        if (!open) continue;
        if (open->isGuest) m_accounts.want(at.relay);
        if (auto prekey = m_context.db->prekeys().find(device, at.relay, m_context.clock.wall()))
            return Route{at.relay, *open, at.token, *std::move(prekey)};
        m_questions[at.relay].missing.emplace(device, at.token);
        return std::nullopt;
    }
    for (const At& at : relays) m_accounts.want(at.relay);
    return std::nullopt;
}

bool RelayRoutes::hasOther(const DeviceId& device, const RelayKey& relay) {
    bool isThere = false;
    for (const At& at : relaysOf(device)) {
        if (at.relay == relay || isResting(device, at.relay) || isSilent(at.relay)) continue;
        if (m_accounts.open(at.relay))
            isThere = true;
        else
            m_accounts.want(at.relay);
    }
    return isThere;
}

void RelayRoutes::opened(const RelayKey& relay) {
    m_open.insert(relay);
    m_away.erase(relay);
}

void RelayRoutes::closed(const RelayKey& relay) {
    m_questions.erase(relay);
    if (m_open.erase(relay) == 0) m_away.insert(relay);
}

PostView RelayRoutes::view(const DeviceId& device) {
    PostView best;
    for (const At& at : relaysOf(device))
        if (const PostState state = stateAt(device, at.relay); state > best.state)
            best = {state, QString::fromStdString(at.address)};
    return best;
}

PostState RelayRoutes::stateAt(const DeviceId& device, const RelayKey& relay) {
    // Once the rest is over it is tried again, and what was answered last holds until that is answered.
    const auto rest = m_rests.find({device, relay});
    if (rest != m_rests.end() && rest->second.until != MonoTime{} &&
        rest->second.until + limits::kDepositRetryFirst > m_accounts.now())
        return stateOf(rest->second.reason);
    if (isSilent(relay)) return PostState::Unreachable;
    if (m_accounts.open(relay)) {
        const bool hasPrekey =
            m_context.db->prekeys().find(device, relay, m_context.clock.wall()).has_value();
        return hasPrekey ? PostState::Ready : PostState::Unknown;
    }
    for (const RelayView& own : m_accounts.views()) {
        if (own.key != relay) continue;
        if (own.state == RelayState::ShutOut) return PostState::ShutOut;
        if (own.state == RelayState::Waiting || own.state == RelayState::WrongKey)
            return PostState::Unreachable;
    }
    return m_away.count(relay) != 0 ? PostState::Unreachable : PostState::Unknown;
}

void RelayRoutes::ask() {
    for (auto& [relay, question] : m_questions) {
        const auto open = m_accounts.open(relay);
        if (!open || question.missing.empty()) continue;
        if (question.asked != 0 && question.number == open->number) continue;
        wire::relay::FetchPrekeys fetch;
        while (!question.missing.empty() && fetch.of.size() < limits::kPrekeysPerFetch) {
            const auto one = question.missing.extract(question.missing.begin());
            fetch.of.push_back({one.key(), one.mapped()});
        }
        question.of = fetch.of;
        question.number = open->number;
        question.asked = ++m_lastQuestion;
        m_context.node.post([number = open->number, asked = question.asked, fetch](net::Node& node) {
            node.askRelay(number, asked, fetch);
        });
    }
}

std::vector<DeviceId> RelayRoutes::answered(const RelayKey& relay, const mailbox::Answer& answer) {
    const auto found = m_questions.find(relay);
    if (found == m_questions.end() || answer.request != found->second.asked) return {};
    Question& question = found->second;
    question.asked = 0;
    std::vector<DeviceId> devices;
    const auto asked = std::exchange(question.of, {});
    const auto* const prekeys = std::get_if<wire::relay::Prekeys>(&answer.message);
    const bool isAnswered = prekeys && prekeys->prekeys.size() == asked.size();
    for (std::size_t i = 0; i < asked.size(); ++i) {
        const auto& [device, token] = asked[i];
        devices.push_back(device);
        if (isAnswered && takePrekey(relay, device, prekeys->prekeys[i].prekey)) continue;
        // One that is too old is as good as none.
        const bool hasOld = isAnswered && !prekeys->prekeys[i].prekey.empty();
        const auto reason = hasOld       ? std::optional(Reason::OldPrekey)
                            : isAnswered ? std::optional(prekeys->prekeys[i].reason)
                                         : std::nullopt;
        rest(device, relay, reason, hasOtherToken(device, relay, reason, token));
    }
    return devices;
}

/// A contact link may have told of another, which is tried then.
bool RelayRoutes::hasOtherToken(const DeviceId& device, const RelayKey& relay, std::optional<Reason> reason,
                                const std::optional<RelayToken>& token) {
    return reason == Reason::NoMailbox && token && m_context.db->prekeys().refused(device, relay, *token);
}

bool RelayRoutes::takePrekey(const RelayKey& relay, const DeviceId& device, const Bytes& bytes) {
    if (bytes.empty()) return false;
    const auto prekey = envelope::Prekey::parse(bytes);
    if (!prekey || prekey->device() != device || prekey->expires() <= m_context.clock.wall()) return false;
    return m_context.db->prekeys().put(relay, *prekey, m_context.clock.wall());
}

// What does not go ---------------------------------------------------------------------------------------------------------

void RelayRoutes::failed(const DeviceId& device, const RelayKey& relay, DepositCounter counter, std::optional<Reason> reason,
                         const std::optional<RelayToken>& token) {
    if (reason == Reason::OldPrekey) m_context.db->prekeys().forget(device, relay);
    if (isNews(m_rests[{device, relay}], counter))
        rest(device, relay, reason, mayGoAtOnce(reason) || hasOtherToken(device, relay, reason, token));
}

/// What was under way or held together fails together, for one reason, and as many times as it was deposits.
bool RelayRoutes::isNews(Rest& rest, DepositCounter counter) {
    if (counter <= rest.last) return false;
    rest.last = std::max(counter, m_context.db->deposits().newest());
    return true;
}

void RelayRoutes::rest(const DeviceId& device, const RelayKey& relay, std::optional<Reason> reason,
                       bool mayTryAtOnce) {
    Rest& rest = m_rests[{device, relay}];
    rest.reason = reason;
    const int steps = mayTryAtOnce ? rest.failures - 1 : rest.failures;
    ++rest.failures;
    this->rest(rest, steps);
}

void RelayRoutes::rest(Rest& rest, int steps) {
    Duration wait{0};
    if (steps >= 0) wait = limits::kDepositRetryFirst * (1 << std::min(steps, 16));
    rest.until = m_accounts.now() + std::min<Duration>(wait, limits::kDepositRetryMost);
}

void RelayRoutes::ranOut(const DeviceId& device, const RelayKey& relay, DepositCounter counter) {
    // Counters are the time when they were given out, or later.
    const auto made = fromUnixMillis(static_cast<std::int64_t>(counter));
    const auto age = m_context.clock.wall() - made;
    // Of those that are far ahead of the clock nobody knows; a mailbox believes no deposit to be held for minutes only.
    if (age >= kLongHeld || age <= -kLongHeld) {
        m_rests.erase({device, relay});
        return;
    }
    Rest& one = m_rests[{device, relay}];
    one.reason.reset();
    if (isNews(one, counter)) rest(one, one.ranOut++);
}

bool RelayRoutes::held(const DeviceId& device, const RelayKey& relay) {
    const auto found = m_rests.find({device, relay});
    if (found == m_rests.end()) return false;
    const bool wasResting = found->second.until > m_accounts.now();
    found->second.failures = 0;
    found->second.until = {};
    if (found->second.ranOut == 0) m_rests.erase(found);
    return wasResting;
}

bool RelayRoutes::isResting(const DeviceId& device, const RelayKey& relay) const {
    const auto found = m_rests.find({device, relay});
    return found != m_rests.end() && found->second.until > m_accounts.now();
}

void RelayRoutes::hope(const DeviceId& device) {
    std::erase_if(m_rests,
                  [&](const auto& one) { return one.first.first == device && one.second.ranOut == 0; });
}

bool RelayRoutes::came(const DeviceId& device) {
    const MonoTime now = m_accounts.now();
    bool mayGo = false;
    for (auto& [at, rest] : m_rests) {
        if (at.first != device || rest.ranOut != 0 || rest.until <= now) continue;
        const bool isTooOften = rest.cameAt != MonoTime{} && now - rest.cameAt < kCameOnce;
        if (isTooOften || !m_accounts.isOnlineAt(at.second, device)) continue;
        rest.cameAt = now;
        rest.failures = 0;
        rest.until = {};
        mayGo = true;
    }
    return mayGo;
}

std::optional<MonoTime> RelayRoutes::nextTry(MonoTime now) const {
    std::optional<MonoTime> next;
    for (const auto& [at, rest] : m_rests)
        if (rest.until > now) next = next ? std::min(*next, rest.until) : rest.until;
    return next;
}

std::vector<DeviceId> RelayRoutes::rested(MonoTime since, MonoTime now) const {
    std::vector<DeviceId> devices;
    for (const auto& [at, rest] : m_rests)
        if (rest.until > since && rest.until <= now) devices.push_back(at.first);
    return devices;
}

void RelayRoutes::forgetAll() {
    m_rests.clear();
    m_questions.clear();
    m_open.clear();
    m_away.clear();
}

}  // namespace landline::app
