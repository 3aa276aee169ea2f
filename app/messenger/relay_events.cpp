#include "app/messenger/relay_accounts.h"
#include "app/messenger/relay_link_state.h"
#include "app/storage/deposit_table.h"
#include "app/storage/relay_table.h"
#include "p2p/base/limits.h"

#include <QCoreApplication>

#include <algorithm>

// What relays tell, and what is kept up there: prekeys, watches, visits to those of contacts.
namespace landline::app {

namespace {

/// The first rest of a grant by which a relay does not let this device in; the token may be on its way there.
constexpr Duration kRefusedFirst = limits::kDepositRetryFirst;
/// Between looks whether a visit has come to its end, while others wait for its place.
constexpr std::chrono::seconds kGuestLook{5};
/// A relay that says each time that it has a prekey nobody knows does not have one made each time.
constexpr std::chrono::hours kRenewedOnce{1};

QString sentence(const char* text) {
    return QCoreApplication::translate("landline::app::Messenger", text);
}

QString textOf(wire::relay::Reason reason) {
    return QString::fromStdString(wire::relay::sentenceOf(reason));
}

}  // namespace

void RelayAccounts::change(Link& link, const std::function<void(RelayView&)>& edit) {
    const RelayView before = link.view;
    edit(link.view);
    if (link.view != before && !link.isLeaving) m_outcome.changed(RelayView(link.view));
}

void RelayAccounts::told(const RelayKey& relay, const mailbox::Event& event) {
    Link* const link = linkOf(relay);
    if (!link) return;
    if (const auto* in = std::get_if<mailbox::Entered>(&event)) return entered(relay, *link, in->welcome);
    if (const auto* out = std::get_if<mailbox::ShutOut>(&event))
        return shutOut(relay, *link, out->refusal.reason);
    if (const auto* presence = std::get_if<mailbox::PresenceTold>(&event))
        return presenceTold(*link, *presence);
    if (const auto* refused = std::get_if<mailbox::Trouble>(&event))
        return trouble(*link, refused->refusal.reason);
    if (const auto* changed = std::get_if<mailbox::DepositChanged>(&event))
        return depositChanged(*link, *changed);
    if (!link->prekeys) return;
    const WallTime wall = m_clock.wall();
    if (const auto* stored = std::get_if<mailbox::PrekeyConfirmed>(&event)) {
        if (link->prekeys->confirmed(*stored, wall)) (void)commit(relay);
    } else if (const auto* tokens = std::get_if<mailbox::TokensConfirmed>(&event)) {
        tokensConfirmed(relay, *link, tokens->tokens);
    } else if (const auto* freed = std::get_if<mailbox::Drained>(&event)) {
        drained(relay, *link, *freed);
    }
}

void RelayAccounts::entered(const RelayKey& relay, Link& link, const wire::relay::Welcome& welcome) {
    if (link.isLeaving && !enteredLeaving(relay, link, welcome)) return;
    if (!link.isGuest && !link.isLeaving && !enteredOwn(relay, link, welcome)) return;
    link.session = Open{link.number, welcome.epoch, welcome.life, link.isGuest, welcome.hasDirectory};
    link.watched.clear();
    link.enteredAt = now();
    arrangeSoon();
    m_outcome.opened(relay);
}

bool RelayAccounts::enteredOwn(const RelayKey& relay, Link& link, const wire::relay::Welcome& welcome) {
    m_context.db->relays().setEntered(relay);
    m_context.db->relays().setBack(relay, welcome);
    const bool isNew = renewIfForeign(relay, link, welcome) ||
                       link.prekeys->rotate(m_context.identity->keys, m_context.random, m_clock.wall());
    if (!commit(relay)) return false;
    if (isNew) publish(link);
    change(link, [&welcome](RelayView& view) {
        // Connected once it has the tokens: from then on others can be told of it.
        view.state = RelayState::Connecting;
        view.text.clear();
        view.code = ErrorCode::Closed;
        view.reason.reset();
        view.again = 0;
        view.used = welcome.used;
        view.quota = welcome.quota;
        view.life = welcome.life.count();
        view.hasDirectory = welcome.hasDirectory;
    });
    // From now on it can be told to others.
    tellGrants();
    return true;
}

/// What others have sealed to it since is lost: they must not go on.
bool RelayAccounts::renewIfForeign(const RelayKey& relay, Link& link, const wire::relay::Welcome& welcome) {
    if (!link.prekeys->isForeign(welcome.prekey)) return false;
    const auto last = m_renewed.find(relay);
    if (last != m_renewed.end() && now() - last->second < kRenewedOnce) return false;
    m_renewed[relay] = now();
    link.prekeys->renew(m_context.identity->keys, m_context.random, m_clock.wall());
    return true;
}

void RelayAccounts::tokensConfirmed(const RelayKey& relay, Link& link, const Hash128& tokens) {
    // Of an earlier list; that of now follows.
    if (tokens != wire::relay::tokensDigest(link.tokens)) return;
    if (link.isLeaving) return comeAgainToLeave(relay, link);
    const bool areNew = m_grants.confirmed(relay, link.tokens);
    if (areNew && !commit(relay)) return;
    change(link, [](RelayView& view) {
        view.state = RelayState::Connected;
        view.text.clear();
        view.code = ErrorCode::Closed;
        view.reason.reset();
    });
    // The link that is to be listed names a token that the relay has.
    keepListing(relay, link);
    if (!areNew) return;
    tellGrants();
    m_outcome.given();
}

// Leaving -------------------------------------------------------------------------------------------------------------

bool RelayAccounts::enteredLeaving(const RelayKey& relay, Link& link, const wire::relay::Welcome& welcome) {
    m_context.db->relays().setBack(relay, welcome);
    if (!commit(relay)) return false;
    link.isShut = welcome.tokens.isZero();
    link.messages = welcome.highest;
    link.heads = welcome.highestHeads;
    link.view.hasDirectory = welcome.hasDirectory;
    return true;
}

/// No token is good any more. What came until then has numbers that the next welcome tells.
void RelayAccounts::comeAgainToLeave(const RelayKey& relay, const Link& link) {
    if (link.isShut) return;
    // It may say so each time, and have tokens again each time.
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(m_leaving[relay].next(m_context.random));
    QTimer::singleShot(wait, &m_tickTimer, [this, relay, number = link.number] {
        const Link* const known = linkOf(relay);
        if (!known || known->number != number || !m_context.db) return;
        if (const auto record = m_context.db->relays().find(relay)) begin(*record);
    });
}

void RelayAccounts::drained(const RelayKey& relay, Link& link, const mailbox::Drained& told) {
    if (link.isShut && told.messages >= link.messages && told.heads >= link.heads) return forget(relay);
    if (link.prekeys->drained(told, m_clock.wall())) (void)commit(relay);
}

void RelayAccounts::forgetWhatIsOver() {
    const WallTime wall = m_clock.wall();
    for (const RelayRecord& record : m_context.db->relays().leaving())
        if (wall - *record.leavingSince >= limits::kRelayLeavingMost) forget(record.url.key);
}

// What is kept up there -----------------------------------------------------------------------------------------------

void RelayAccounts::publish(const Link& link) {
    if (const auto prekey = link.prekeys->newest())
        m_context.node.post([number = link.number, prekey = *prekey](net::Node& node) {
            node.setRelayPrekey(number, prekey);
        });
}

void RelayAccounts::shutOut(const RelayKey& relay, Link& link, wire::relay::Reason reason) {
    // A guest's visit ends with the word that follows.
    link.isShutOut = true;
    if (link.isGuest) return;
    if (link.isLeaving) return forget(relay);
    m_context.db->relays().setShutOut(relay, reason);
    if (!commit(relay)) return;
    // Whoever has something to leave there may do so as a guest.
    end(relay);
    if (const auto record = m_context.db->relays().find(relay)) m_outcome.changed(viewNow(*record));
    tellGrants();
}

void RelayAccounts::trouble(Link& link, wire::relay::Reason reason) {
    if (link.isGuest) return;
    change(link, [reason](RelayView& view) {
        view.state = RelayState::Connected;
        view.text = textOf(reason);
        view.code = wire::relay::isPassing(reason) ? ErrorCode::Unreachable : ErrorCode::NotPermitted;
        view.reason = reason;
    });
}

/// What it refuses in passing it does not refuse any more where it answers a deposit.
void RelayAccounts::depositChanged(Link& link, const mailbox::DepositChanged& changed) {
    if (!mailbox::isAnswer(changed) || link.view.state != RelayState::Connected) return;
    if (!link.view.reason || !wire::relay::isPassing(*link.view.reason)) return;
    change(link, [](RelayView& view) {
        view.text.clear();
        view.code = ErrorCode::Closed;
        view.reason.reset();
    });
}

void RelayAccounts::down(const RelayKey& relay, const net::RelayDown& down) {
    Link* const link = linkOf(relay);
    if (!link) return;
    if (link->isGuest) return guestDown(relay, *link, down);
    const qint64 again = down.again ? toUnixMillis(m_clock.wall()) + down.again->count() : 0;
    const bool isWrongKey = down.error.code == ErrorCode::WrongKey;
    change(*link, [&](RelayView& view) {
        view.again = again;
        // What wrongKey has said tells more.
        if (isWrongKey && view.state == RelayState::WrongKey) return;
        view.state = RelayState::Waiting;
        view.text = QString::fromStdString(down.error.text);
        view.code = down.error.code;
        view.reason.reset();
    });
    endSession(relay, *link);
}

void RelayAccounts::guestDown(const RelayKey& relay, Link& link, const net::RelayDown& down) {
    // The word of whoever answers in the relay's place does not count.
    const bool isSomebodyElse = down.error.code == ErrorCode::WrongKey;
    const Duration asked =
        isSomebodyElse ? Duration(0) : Duration(down.again.value_or(std::chrono::milliseconds(0)));
    if (isSomebodyElse || link.isShutOut) restGrant(relay, link, isSomebodyElse);
    restGuest(relay, link, asked, true);
    // Those who still need it want it again.
    end(relay);
    arrangeSoon();
}

MonoTime RelayAccounts::Rest::triedFrom(const DeviceGrant& grant) const {
    const auto found = std::find_if(refused.begin(), refused.end(),
                                    [&grant](const Refused& one) { return one.grant == grant; });
    return found == refused.end() ? MonoTime{} : found->until;
}

/// As soon as one of these may be tried.
MonoTime RelayAccounts::visitedFrom(const RelayKey& relay, const std::vector<DeviceGrant>& grants) const {
    const auto found = m_rests.find(relay);
    if (found == m_rests.end()) return {};
    MonoTime first = MonoTime::max();
    for (const DeviceGrant& grant : grants) first = std::min(first, found->second.triedFrom(grant));
    return std::max(first, found->second.until);
}

void RelayAccounts::restGrant(const RelayKey& relay, const Link& link, bool isSomebodyElse) {
    std::vector<Refused>& refused = m_rests[relay].refused;
    auto found = std::find_if(refused.begin(), refused.end(),
                              [&link](const Refused& one) { return one.grant == link.grant; });
    if (found == refused.end()) found = refused.insert(found, {*link.grant, kRefusedFirst / 2, {}});
    found->wait = isSomebodyElse ? limits::kComeBackMost
                                 : std::min<Duration>(found->wait * 2, limits::kDepositRetryMost);
    found->until = now() + found->wait;
}

void RelayAccounts::restGuest(const RelayKey& relay, const Link& link, Duration least, bool mayHaveBeenGood) {
    Rest& rest = m_rests[relay];
    if (!link.session)
        // Another contact may name a better address, or a token that is still good.
        ++rest.next;
    else if (mayHaveBeenGood && now() - link.enteredAt >= Backoff::kGood)
        rest.backoff.reset();
    rest.until = now() + std::max(rest.backoff.next(m_context.random), least);
}

void RelayAccounts::wrongKey(const RelayKey& relay, const QString& at) {
    Link* const link = linkOf(relay);
    if (!link || link->isGuest || link->isLeaving) return;
    const bool isNews = link->view.state != RelayState::WrongKey;
    change(*link, [&at](RelayView& view) {
        view.state = RelayState::WrongKey;
        view.code = ErrorCode::WrongKey;
        view.reason.reset();
        view.text = sentence(QT_TRANSLATE_NOOP("landline::app::Messenger",
                                               "At %1, where the relay %2 should be, another key answers. "
                                               "Either the relay was set up anew, or "
                                               "somebody stands in its place. It was told nothing. Ask the "
                                               "relay's operator; if the relay "
                                               "has a new key, remove it here and add it by its new URL."))
                        .arg(at, view.address);
    });
    if (isNews) m_outcome.failed({ErrorCode::WrongKey, link->view.text.toStdString()});
}

// Presence ------------------------------------------------------------------------------------------------------------

void RelayAccounts::presenceTold(Link& link, const mailbox::PresenceTold& told) {
    for (const auto& [device, isOnline] : told.devices) {
        if (link.watched.count(device) == 0) continue;
        const bool before = isOnlineAtRelay(device);
        link.online[device] = isOnline;
        if (isOnlineAtRelay(device) != before) m_outcome.presence(device, isOnline);
    }
}

bool RelayAccounts::isOnlineAt(const RelayKey& relay, const DeviceId& device) const {
    const auto link = m_links.find(relay);
    if (link == m_links.end()) return false;
    const auto found = link->second->online.find(device);
    return found != link->second->online.end() && found->second;
}

bool RelayAccounts::isOnlineAtRelay(const DeviceId& device) const {
    return std::any_of(m_links.begin(), m_links.end(), [&device](const auto& one) {
        const auto found = one.second->online.find(device);
        return found != one.second->online.end() && found->second;
    });
}

void RelayAccounts::arrangeWatch(Link& link, const std::vector<DeviceGrant>& grants) {
    std::vector<wire::relay::Addressee> wanted;
    std::set<DeviceId> devices;
    for (const DeviceGrant& grant : grants) {
        if (m_contacts.isHere(grant.device) || wanted.size() == limits::kPresenceWatches) continue;
        if (devices.insert(grant.device).second) wanted.push_back({grant.device, grant.grant.token});
    }
    if (devices == link.watched) return;
    link.watched = devices;
    std::vector<DeviceId> gone;
    for (const auto& [device, isOnline] : link.online)
        if (devices.count(device) == 0) gone.push_back(device);
    for (const DeviceId& device : gone) {
        link.online.erase(device);
        m_outcome.presence(device, isOnlineAtRelay(device));
    }
    m_context.node.post([number = link.number, wanted = std::move(wanted)](net::Node& node) {
        node.watchAtRelay(number, wanted);
    });
}

// What is kept up -----------------------------------------------------------------------------------------------------

void RelayAccounts::arrange() {
    if (!m_context.db || !m_context.node.isAttached()) return;
    renewPrekeys();
    forgetWhatIsOver();
    const auto grants = m_grants.ofContacts();
    endIdleGuests(grants);
    arrangeGuests(grants);
    for (const auto& [relay, link] : m_links) {
        if (!link->session) continue;
        keepListing(relay, *link);
        const auto here = grants.find(relay);
        arrangeWatch(*link, here == grants.end() ? std::vector<DeviceGrant>{} : here->second);
    }
}

/// Whoever talks and does not answer has no place that others could have.
bool RelayAccounts::owesTooLong(const RelayKey& relay, Link& link) {
    const auto oldest = link.session ? m_context.db->deposits().oldestUnanswered(relay) : std::nullopt;
    if (std::exchange(link.owed, oldest) != oldest) link.owedSince = now();
    return oldest && now() - link.owedSince >= limits::kRelaySilence;
}

/// The oldest first.
std::vector<RelayKey> RelayAccounts::wishes() const {
    std::vector<RelayKey> result;
    for (const auto& [relay, wish] : m_wanted) result.push_back(relay);
    std::sort(result.begin(), result.end(),
              [this](const RelayKey& a, const RelayKey& b) { return m_wanted.at(a) < m_wanted.at(b); });
    return result;
}

void RelayAccounts::endIdleGuests(const std::map<RelayKey, std::vector<DeviceGrant>>& grants) {
    std::vector<RelayKey> idle;
    for (const auto& [relay, link] : m_links) {
        if (!link->isGuest) continue;
        const bool isSilent = owesTooLong(relay, *link);
        if (isSilent) restGuest(relay, *link, Duration(0), false);
        const bool isNeeded = !isSilent && (link->neededUntil > now() || link->owed);
        if (!isNeeded || grants.count(relay) == 0) idle.push_back(relay);
    }
    for (const RelayKey& relay : idle) end(relay);
}

void RelayAccounts::arrangeGuests(const std::map<RelayKey, std::vector<DeviceGrant>>& grants) {
    std::erase_if(m_rests, [&grants](const auto& rest) { return grants.count(rest.first) == 0; });
    std::size_t count = 0;
    MonoTime firstIdle = MonoTime::max();
    for (const auto& [relay, link] : m_links) {
        if (!link->isGuest) continue;
        ++count;
        firstIdle = std::min(firstIdle, link->neededUntil);
    }
    MonoTime next = MonoTime::max();
    for (const RelayKey& relay : wishes()) {
        const auto named = grants.find(relay);
        const MonoTime from = named == grants.end() ? MonoTime{} : visitedFrom(relay, named->second);
        if (linkOf(relay) || named == grants.end() || isRevokedAt(relay)) {
            m_wanted.erase(relay);
        } else if (from > now()) {
            next = std::min(next, from);
        } else if (count >= limits::kGuestRelays) {
            // At the earliest; one that has deposits without an answer stays.
            next = std::min(next, std::max(firstIdle, now() + kGuestLook));
        } else {
            ++count;
            m_wanted.erase(relay);
            beginGuest(relay, named->second);
        }
    }
    if (next != MonoTime::max() && !m_arrangeTimer.isActive())
        m_arrangeTimer.start(std::chrono::ceil<std::chrono::milliseconds>(next - now()));
}

/// Guests are shut out there, too.
bool RelayAccounts::isRevokedAt(const RelayKey& relay) {
    const auto record = m_context.db->relays().find(relay);
    return record && record->standing == RelayStanding::ShutOut && record->reason == wire::relay::Reason::Revoked;
}

void RelayAccounts::renewPrekeys() {
    const WallTime wall = m_clock.wall();
    std::vector<RelayKey> own;
    for (const auto& [relay, link] : m_links)
        if (link->session && link->prekeys && !link->isLeaving) own.push_back(relay);
    for (const RelayKey& relay : own) {
        Link* const link = linkOf(relay);
        const bool isNew = link->prekeys->rotate(m_context.identity->keys, m_context.random, wall);
        const bool isErased = link->prekeys->erase(wall);
        if (!isNew && !isErased) continue;
        if (commit(relay) && isNew) publish(*link);
    }
}

}  // namespace landline::app
