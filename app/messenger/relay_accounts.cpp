#include "app/messenger/relay_accounts.h"

#include "app/messenger/relay_link_state.h"
#include "app/storage/deposit_table.h"
#include "app/storage/relay_table.h"
#include "p2p/base/limits.h"

#include <QCoreApplication>

#include <algorithm>
#include <utility>

// Setting relays up and taking them down, and what is asked of them; relay_events.cpp has what they tell.
namespace landline::app {

namespace {

constexpr std::chrono::seconds kBrokenRest{5};  ///< before the store is tried again
constexpr std::chrono::minutes kTick{1};        ///< between looks at what is due by the clock

}  // namespace

RelayAccounts::RelayAccounts(Context& context, const Contacts& contacts, const Clock& clock, Outcome outcome)
    : m_context(context),
      m_contacts(contacts),
      m_clock(clock),
      m_outcome(std::move(outcome)),
      m_grants(context) {
    m_arrangeTimer.setSingleShot(true);
    m_brokenTimer.setSingleShot(true);
    m_tickTimer.setInterval(kTick);
    QObject::connect(&m_arrangeTimer, &QTimer::timeout, &m_arrangeTimer, [this] { arrange(); });
    QObject::connect(&m_tickTimer, &QTimer::timeout, &m_tickTimer, [this] { arrange(); });
    QObject::connect(&m_brokenTimer, &QTimer::timeout, &m_brokenTimer, [this] {
        for (const RelayKey& relay : std::exchange(m_broken, {})) {
            if (const auto record = m_context.db->relays().find(relay)) begin(*record);
            want(relay);
        }
    });
}

RelayAccounts::~RelayAccounts() = default;

// For what is left and fetched at relays ------------------------------------------------------------------------------

RelayAccounts::Link* RelayAccounts::linkOf(const RelayKey& relay) {
    const auto found = m_links.find(relay);
    return found == m_links.end() ? nullptr : found->second.get();
}

std::optional<RelayAccounts::Open> RelayAccounts::open(const RelayKey& relay) const {
    const auto found = m_links.find(relay);
    return found == m_links.end() ? std::nullopt : found->second->session;
}

std::optional<RelayKey> RelayAccounts::keyOf(net::RelayNumber number) const {
    const auto found = m_keys.find(number);
    return found == m_keys.end() ? std::nullopt : std::optional(found->second);
}

void RelayAccounts::want(const RelayKey& relay) {
    if (!m_context.node.isAttached()) return;
    if (Link* const link = linkOf(relay)) {
        link->neededUntil = now() + limits::kGuestIdle;
        return;
    }
    // One that is to be set up again from the store is wanted then.
    if (m_broken.count(relay) != 0) return;
    if (m_wanted.emplace(relay, m_lastWish + 1).second) {
        ++m_lastWish;
        arrangeSoon();
    }
}

bool RelayAccounts::isUsed(const RelayKey& relay) {
    return m_context.db->relays().find(relay) || m_grants.ofContacts().count(relay) != 0;
}

envelope::PrekeyRing* RelayAccounts::ring(const RelayKey& relay) {
    Link* const link = linkOf(relay);
    return link && link->prekeys ? &link->prekeys->ring() : nullptr;
}

// Setting up and taking down ------------------------------------------------------------------------------------------

void RelayAccounts::attach(bool isVisible) {
    detach();
    m_isVisible = isVisible;
    RelayTable& table = m_context.db->relays();
    const std::vector<RelayRecord> records = table.all();
    for (const RelayRecord& record : records) m_grants.makeTokens(record.url.key);
    if (const auto done = m_context.commit(); !done) m_outcome.failed(done.error());
    for (const RelayRecord& record : records) begin(record);
    for (const RelayRecord& record : table.leaving()) begin(record);
    tellGrants();
    // What was sent there and not answered is sent again.
    for (const RelayKey& relay : m_context.db->deposits().relays())
        if (m_context.db->deposits().oldestUnanswered(relay)) want(relay);
    arrangeSoon();
    m_tickTimer.start();
}

void RelayAccounts::detach() {
    m_links.clear();
    m_keys.clear();
    m_wanted.clear();
    m_rests.clear();
    m_broken.clear();
    m_leaving.clear();
    m_renewed.clear();
    m_grants.forgetTold();
    m_arrangeTimer.stop();
    m_brokenTimer.stop();
    m_tickTimer.stop();
}

void RelayAccounts::begin(const RelayRecord& record) {
    const RelayKey& key = record.url.key;
    end(key);
    // What is to be left for others there is left as a guest.
    if (record.standing == RelayStanding::ShutOut) return;
    auto& link = m_links[key] = std::make_unique<Link>();
    link->view = viewOf(record);
    link->isLeaving = record.leavingSince.has_value();
    if (!m_context.node.isAttached()) return;
    Database& db = *m_context.db;
    link->prekeys = std::make_unique<RelayPrekeys>(db, key, m_context.selfDevice());
    // Of one that is left all are to go, nobody is to seal to a new prekey, or to see this device there.
    if (!link->isLeaving) link->tokens = db.relays().tokens(key);
    net::RelaySetup setup;
    setup.url = record.url;
    setup.hello = {record.url.invite, {}, !m_isVisible || link->isLeaving};
    setup.messages = db.relays().position(key, wire::relay::Box::Messages);
    setup.heads = db.relays().position(key, wire::relay::Box::Heads);
    if (!link->isLeaving) setup.prekey = link->prekeys->newest();
    setup.tokens = link->tokens;
    give(*link, std::move(setup));
}

void RelayAccounts::beginGuest(const RelayKey& relay, const std::vector<DeviceGrant>& grants) {
    Rest& rest = m_rests[relay];
    std::erase_if(rest.refused, [&grants](const Refused& one) {
        return std::find(grants.begin(), grants.end(), one.grant) == grants.end();
    });
    for (std::size_t i = 0; i < grants.size() && rest.triedFrom(grants[rest.next % grants.size()]) > now(); ++i)
        ++rest.next;
    const DeviceGrant& grant = grants[rest.next % grants.size()];
    auto& link = m_links[relay] = std::make_unique<Link>();
    link->isGuest = true;
    link->grant = grant;
    link->neededUntil = now() + limits::kGuestIdle;
    net::RelaySetup setup;
    setup.url = grant.grant.relay;
    setup.hello = {{}, wire::relay::Addressee{grant.device, grant.grant.token}, !m_isVisible};
    give(*link, std::move(setup));
}

void RelayAccounts::give(Link& link, net::RelaySetup setup) {
    const RelayKey key = setup.url.key;
    link.number = setup.number = ++m_lastNumber;
    m_keys[link.number] = key;
    DepositTable& deposits = m_context.db->deposits();
    for (UnansweredDeposit& one : deposits.unanswered(key))
        setup.pending.push_back({one.counter, std::move(one.message)});
    setup.held = deposits.held(key);
    m_context.node.post([setup = std::move(setup)](net::Node& node) { node.addRelay(setup); });
}

void RelayAccounts::end(const RelayKey& relay) {
    const auto found = m_links.extract(relay);
    if (!found) return;
    Link& link = *found.mapped();
    if (link.number != 0) {
        m_keys.erase(link.number);
        m_context.node.post([number = link.number](net::Node& node) { node.removeRelay(number); });
    }
    endSession(relay, link);
}

void RelayAccounts::endSession(const RelayKey& relay, Link& link) {
    const bool wasOpen = std::exchange(link.session, std::nullopt).has_value();
    link.watched.clear();
    link.listedAs.reset();
    link.listQuestion = 0;
    link.listedAgain = {};
    if (link.prekeys) link.prekeys->closed();
    for (const auto& [device, isOnline] : std::exchange(link.online, {}))
        if (isOnline) m_outcome.presence(device, isOnlineAtRelay(device));
    if (wasOpen || link.isGuest || link.isShutOut) m_outcome.closed(relay);
}

void RelayAccounts::setUpAnew(const RelayKey& relay) {
    const Link* const link = linkOf(relay);
    if (!link) return;
    const RelayView view = link->view;
    const bool isGuest = link->isGuest;
    const bool isLeaving = link->isLeaving;
    m_broken.insert(relay);
    if (!m_brokenTimer.isActive()) m_brokenTimer.start(kBrokenRest);
    end(relay);
    if (isGuest) return;
    auto& rest = m_links[relay] = std::make_unique<Link>();
    rest->view = view;
    rest->isLeaving = isLeaving;
    change(*rest, [](RelayView& v) {
        v.state = RelayState::Waiting;
        v.code = ErrorCode::Disk;
        v.text = QCoreApplication::translate(
            "landline::app::Messenger",
            "The disk of this device takes nothing at the moment. The relay is tried again by itself.");
        v.again = 0;
    });
}

/// Nothing more is to be had of it, or can be.
void RelayAccounts::forget(const RelayKey& relay) {
    m_context.db->relays().remove(relay);
    if (!commit(relay)) return;
    m_broken.erase(relay);
    m_leaving.erase(relay);
    m_renewed.erase(relay);
    end(relay);
    if (m_context.db->deposits().oldestUnanswered(relay)) want(relay);
}

bool RelayAccounts::commit(const RelayKey& relay) {
    const auto done = m_context.commit();
    if (done) return true;
    m_outcome.failed(done.error());
    setUpAnew(relay);
    return false;
}

void RelayAccounts::setVisible(bool isVisible) {
    if (std::exchange(m_isVisible, isVisible) == isVisible || !m_context.node.isAttached()) return;
    // A hello is said once in a session: only another session makes it true.
    for (const RelayRecord& record : m_context.db->relays().all())
        if (const Link* const link = linkOf(record.url.key); link && !link->isGuest && link->number != 0)
            begin(record);
    std::vector<RelayKey> guests;
    for (const auto& [relay, link] : m_links)
        if (link->isGuest) guests.push_back(relay);
    for (const RelayKey& relay : guests) {
        end(relay);
        want(relay);
    }
}

void RelayAccounts::contactsChanged() {
    if (!m_context.node.isAttached()) return;
    tellTokens();
    tellGrants();
    arrangeSoon();
}

void RelayAccounts::tellTokens() {
    for (const auto& [relay, link] : m_links) {
        if (link->isGuest || link->isLeaving || link->number == 0) continue;
        auto tokens = m_context.db->relays().tokens(relay);
        if (tokens == link->tokens) continue;
        link->tokens = tokens;
        m_context.node.post([number = link->number, tokens = std::move(tokens)](net::Node& node) {
            node.setRelayTokens(number, tokens);
        });
    }
}

void RelayAccounts::tellGrants() {
    if (const auto done = m_grants.tell(); !done) m_outcome.failed(done.error());
}

// The profile's relays, for the person --------------------------------------------------------------------------------

Expected<RelayView> RelayAccounts::add(const QString& text) {
    const auto url = identity::parseRelayUrl(text.toStdString());
    if (!url) return Unexpected(url.error());
    RelayTable& table = m_context.db->relays();
    const auto known = table.find(url->key);
    if ((!known || known->leavingSince) && table.all().size() >= limits::kRelaysPerContact)
        return Unexpected(ErrorCode::Full,
                          "You use " + std::to_string(limits::kRelaysPerContact) +
                              " relays already, and contacts are told no more. Remove one first.");
    table.put(*url, m_clock.wall());
    m_grants.makeTokens(url->key);
    if (auto done = m_context.commit(); !done) return Unexpected(done.error());
    m_wanted.erase(url->key);
    m_broken.erase(url->key);
    m_leaving.erase(url->key);
    const auto record = table.find(url->key);
    if (!record) return Unexpected(ErrorCode::Disk, "The relay cannot be read back from the disk.");
    begin(*record);
    const RelayView view = viewNow(*record);
    m_outcome.changed(view);
    tellGrants();
    return view;
}

std::vector<RelayView> RelayAccounts::views() {
    std::vector<RelayView> result;
    for (const RelayRecord& record : m_context.db->relays().all()) result.push_back(viewNow(record));
    return result;
}

RelayView RelayAccounts::viewNow(const RelayRecord& record) {
    const Link* const link = linkOf(record.url.key);
    return link && !link->isGuest ? link->view : viewOf(record);
}

Expected<RelayView> RelayAccounts::find(const QString& which) {
    std::vector<RelayView> matches = views();
    std::erase_if(matches, [&which](const RelayView& view) { return !isCalled(view, which); });
    if (matches.size() == 1) return matches.front();
    if (matches.empty())
        return Unexpected(ErrorCode::NotFound, "None of your relays is called “" + which.toStdString() +
                                                   "”. “relay list” shows them.");
    return Unexpected(ErrorCode::Ambiguous, "Several of your relays are called “" + which.toStdString() +
                                                "”. Use the beginning of a key from “relay list” instead.");
}

Expected<void> RelayAccounts::remove(const RelayKey& relay) {
    RelayTable& table = m_context.db->relays();
    const auto known = table.find(relay);
    if (!known || known->leavingSince)
        return Unexpected(ErrorCode::NotFound, "This relay is not in use here.");
    // Where it never let this device in, or does not any more, there is no mailbox to empty.
    if (known->standing == RelayStanding::Entered)
        table.leave(relay, m_clock.wall());
    else
        table.remove(relay);
    if (auto done = m_context.commit(); !done) return done;
    m_broken.erase(relay);
    end(relay);
    if (const auto left = table.find(relay)) begin(*left);
    m_outcome.removed(relay);
    tellGrants();
    if (m_context.db->deposits().oldestUnanswered(relay)) want(relay);
    arrangeSoon();
    return {};
}

}  // namespace landline::app
