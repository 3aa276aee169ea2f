#include "app/messenger/relay_outbox.h"

#include "app/storage/deposit_table.h"
#include "app/storage/prekey_table.h"
#include "app/storage/relay_table.h"
#include "p2p/base/hash.h"

#include <algorithm>

namespace landline::app {

using wire::relay::Box;
using namespace std::chrono_literals;

namespace {

/// What of a device's gaps is looked at for one envelope.
constexpr std::size_t kRanges = 16;
/// A disk that takes nothing is tried again after this time.
constexpr std::chrono::seconds kAfterFailure{5};
/// As which device, at which relays, contacts were told that this one can be reached.
constexpr QLatin1String kRelaysTold("relays_told");

std::chrono::milliseconds ceilMillis(Duration time) {
    return std::chrono::ceil<std::chrono::milliseconds>(std::clamp<Duration>(time, 0s, 24h));
}

}  // namespace

RelayOutbox::RelayOutbox(Context& context, const Contacts& contacts, RelayAccounts& accounts, Outcome outcome,
                         Timing timing)
    : m_context(context),
      m_contacts(contacts),
      m_accounts(accounts),
      m_outcome(std::move(outcome)),
      m_timing(timing),
      m_silence(timing.silence),
      m_routes(context, accounts, m_silence),
      m_envelopes(context, accounts) {
    for (QTimer* const timer : {&m_passTimer, &m_headsTimer, &m_wakeTimer}) timer->setSingleShot(true);
    QObject::connect(&m_passTimer, &QTimer::timeout, &m_passTimer, [this] { pass(); });
    QObject::connect(&m_headsTimer, &QTimer::timeout, &m_headsTimer, [this] { passSoon(); });
    QObject::connect(&m_wakeTimer, &QTimer::timeout, &m_wakeTimer, [this] { passSoon(); });
}

// Reasons to look ----------------------------------------------------------------------------------------------------------

void RelayOutbox::passSoon() {
    if (!m_passTimer.isActive()) m_passTimer.start(0ms);
}

void RelayOutbox::look(const DeviceId& device) {
    m_due.insert(device);
    passSoon();
}

void RelayOutbox::lookAt(const PersonId& person) {
    if (const auto record = m_context.db->person(person))
        for (const DeviceRecord& device : record->devices) look(device.id);
}

void RelayOutbox::lookAt(const ConversationId& conversation) {
    for (const PersonId& member : m_context.db->members(conversation)) lookAt(member);
}

void RelayOutbox::lookAtAll() {
    for (const PersonRecord& person : m_context.db->people())
        if (person.self || person.standing == timeline::Standing::Accepted)
            for (const DeviceRecord& device : person.devices) look(device.id);
    for (const RelayKey& relay : m_context.db->deposits().relays()) noteOwed(relay, false);
}

void RelayOutbox::hope(const DeviceId& device) {
    m_routes.hope(device);
    look(device);
}

void RelayOutbox::came(const DeviceId& device) {
    if (m_routes.came(device)) look(device);
}

void RelayOutbox::headsOwed() {
    m_areHeadsOwed = true;
    if (!m_headsTimer.isActive()) passSoon();
}

void RelayOutbox::oweHeads(const ConversationId& conversation) {
    for (const PersonId& member : m_context.db->members(conversation)) {
        const auto record = m_context.db->person(member);
        if (!record) continue;
        for (const DeviceRecord& device : record->devices)
            if (mayLeave(device.id) && m_routes.any(device.id)) m_context.db->relayHeads().owe(device.id);
    }
}

std::vector<SettledDeposit> RelayOutbox::giveUp(const DeviceId& device, HeldWatch& watch) {
    for (const DepositCounter counter : m_context.db->deposits().heldFor(device)) watch.add(counter);
    m_envelopes.forgetIntroduction(device);
    // It may be what they were sealed to that it has not.
    m_context.db->prekeys().forget(device);
    return m_context.db->deposits().giveUp(device);
}

std::vector<SettledDeposit> RelayOutbox::leaveOthers(const DeviceId& device, HeldWatch& watch) {
    for (const DepositCounter counter : m_context.db->deposits().heldFor(device)) watch.add(counter);
    auto settled = m_context.db->deposits().leaveBut(device, m_routes.keysOf(device));
    if (!settled.empty()) m_envelopes.forgetIntroduction(device);
    return settled;
}

void RelayOutbox::ended(const std::vector<SettledDeposit>& deposits) {
    for (const SettledDeposit& one : deposits) {
        look(one.device);
        const auto open = m_accounts.open(one.relay);
        if (!open) continue;
        m_context.node.post([number = open->number, one](net::Node& node) {
            node.settleDeposit(number, one.counter, one.device);
        });
    }
}

void RelayOutbox::tell(HeldWatch& watch) const {
    watch.tell(m_outcome.changed, [this](const MessageRecord& message) {
        for (const PersonId& member : m_context.db->members(message.ref.conversation))
            if (member != m_context.selfPerson()) m_outcome.held(message, member);
    });
}

void RelayOutbox::tellOfRelays() {
    Database& db = *m_context.db;
    const DeviceId self = m_context.selfDevice();
    Bytes told = toBytes(self.view());
    for (RelayRecord& relay : db.relays().all()) {
        if (relay.standing != RelayStanding::Entered || !db.relays().hasConfirmedToken(relay.url.key)) continue;
        relay.url.invite.reset();
        // With the address: one that moved is another place to them.
        append(told, landline::viewOf(identity::formatRelayUrl(relay.url) + '\n'));
    }
    const QString digest = QString::fromStdString(toHex(truncated(sha256(told)).view()));
    if (db.setting(kRelaysTold) == digest) return;
    db.setSetting(kRelaysTold, digest);
    db.relayHeads().oweContacts();
    if (const auto done = m_context.commit(); !done) return m_outcome.failed(done.error());
    headsOwed();
}

// What relays tell ---------------------------------------------------------------------------------------------------------

void RelayOutbox::opened(const RelayKey& relay) {
    m_routes.opened(relay);
    m_stalled.erase(relay);
    std::set<DepositCounter>& unanswered = m_unanswered[relay];
    unanswered.clear();
    for (const UnansweredDeposit& one : m_context.db->deposits().unanswered(relay)) {
        unanswered.insert(one.counter);
        if (one.message.box == Box::Heads)
            m_headsUnanswered[one.message.recipients.front().to.device] = one.counter;
    }
    lookAtThoseAt(relay);
    tellOfRelays();
}

void RelayOutbox::closed(const RelayKey& relay) {
    m_routes.closed(relay);
    if (!m_context.db) return;
    m_stalled.erase(relay);
    // Until it is sent again, what has no answer is in the way of another deposit of the same.
    if (m_context.db->deposits().oldestUnanswered(relay)) m_accounts.want(relay);
    lookAtThoseAt(relay);
}

void RelayOutbox::lookAtThoseAt(const RelayKey& relay) {
    for (const DeviceGrant& one : m_context.db->prekeys().allGrants())
        if (one.grant.relay.key == relay) look(one.device);
    lookAt(m_context.selfPerson());
}

void RelayOutbox::changed(const RelayKey& relay, const mailbox::DepositChanged& changed) {
    m_changes.emplace_back(relay, changed);
    passSoon();
}

void RelayOutbox::answered(const RelayKey& relay, const mailbox::Answer& answer) {
    m_answers.emplace_back(relay, answer);
    passSoon();
}

void RelayOutbox::forgetAll() {
    for (QTimer* const timer : {&m_passTimer, &m_headsTimer, &m_wakeTimer}) timer->stop();
    m_routes.forgetAll();
    m_due.clear();
    m_changes.clear();
    m_answers.clear();
    m_unanswered.clear();
    m_stalled.clear();
    m_headsUnanswered.clear();
    m_silence.forgetAll();
    m_areHeadsOwed = false;
}

// A pass -------------------------------------------------------------------------------------------------------------------

void RelayOutbox::pass() {
    if (!m_context.db || !m_context.node.isAttached()) return;
    const MonoTime now = m_accounts.now();
    for (const DeviceId& device : m_routes.rested(m_lookedAt, now)) m_due.insert(device);
    m_lookedAt = now;
    leaveSilentRelays();
    Pass pass(m_context);
    takeChanges(pass);
    takeAnswers();
    expire(pass);
    depositEntries(pass);
    depositHeads(pass);
    depositEvidence(pass);
    if (const auto committed = m_context.commit(); !committed) return undone(pass, committed.error());
    done(pass);
}

// What relays told ---------------------------------------------------------------------------------------------------------

void RelayOutbox::takeChanges(Pass& pass) {
    pass.changes = std::exchange(m_changes, {});
    for (const auto& [relay, changed] : pass.changes) takeChange(pass, relay, changed);
}

/// What may be lost already is not believed to be held.
void RelayOutbox::takeDoubts(Pass& pass, const RelayKey& relay, mailbox::DepositChanged& changed) {
    std::erase_if(changed.held, [&](const DeviceId& device) {
        if (!m_context.db->deposits().isDoubted(changed.counter, device)) return false;
        changed.failed.push_back({device, std::nullopt});
        pass.settled.push_back({relay, changed.counter, device});
        return true;
    });
}

void RelayOutbox::takeChange(Pass& pass, const RelayKey& relay, mailbox::DepositChanged changed) {
    DepositTable& deposits = m_context.db->deposits();
    if (mailbox::isAnswer(changed)) pass.answered.insert(relay);
    takeDoubts(pass, relay, changed);
    const auto record = deposits.find(changed.counter);
    pass.watch.add(changed.counter);
    std::map<DeviceId, std::optional<RelayToken>> tokens;
    for (const auto& failed : changed.failed)
        if (failed.reason == wire::relay::Reason::NoMailbox)
            tokens[failed.device] = deposits.tokenIn(changed.counter, failed.device);
    const auto settled = deposits.change(relay, changed);
    pass.settled.insert(pass.settled.end(), settled.begin(), settled.end());
    if (!record || record->relay != relay) return;
    for (const DeviceId& device : changed.held) {
        if (m_routes.held(device, relay)) m_due.insert(device);
        m_envelopes.introduced(device, changed.counter);
    }
    for (const auto& failed : changed.failed) {
        if (record->expires && !failed.reason)
            m_routes.ranOut(failed.device, relay, changed.counter);
        else
            m_routes.failed(failed.device, relay, changed.counter, failed.reason, tokens[failed.device]);
        if (!failed.reason || failed.reason == wire::relay::Reason::OtherEpoch)
            m_envelopes.forgetIntroduction(failed.device);
        pass.hasOwed = pass.hasOwed || record->box == Box::Heads;
        m_due.insert(failed.device);
    }
    m_envelopes.over(changed.counter);
}

void RelayOutbox::takeAnswers() {
    for (const auto& [relay, answer] : std::exchange(m_answers, {}))
        for (const DeviceId& device : m_routes.answered(relay, answer)) m_due.insert(device);
}

/// A mailbox tells of its own; this is for relays that are not in use.
void RelayOutbox::expire(Pass& pass) {
    DepositTable& deposits = m_context.db->deposits();
    const WallTime now = m_context.clock.wall();
    const auto next = deposits.nextExpiry();
    if (!next || *next > now) return;
    for (const DepositCounter counter : deposits.expired(now)) pass.watch.add(counter);
    for (const SettledDeposit& one : deposits.expire(now)) {
        m_envelopes.forgetIntroduction(one.device);
        m_routes.ranOut(one.device, one.relay, one.counter);
        pass.settled.push_back(one);
        m_due.insert(one.device);
    }
}

// Depositing ---------------------------------------------------------------------------------------------------------------

/// Accepted people's and one's own devices in use, where there is no session that brings it.
bool RelayOutbox::mayLeave(const DeviceId& device) {
    if (device == m_context.selfDevice() || m_contacts.isHere(device)) return false;
    const auto person = m_context.personOf(device);
    return person && isRecent(device, *person) &&
           (*person == m_context.selfPerson() ||
            m_context.db->standing(*person) == timeline::Standing::Accepted);
}

/// A relay has mailboxes for so many devices of a person only; each costs a seal of every text, and names relays to visit.
bool RelayOutbox::isRecent(const DeviceId& device, const PersonId& person) {
    if (m_context.deviceCountOf(person) <= limits::kDevicesPerAccount) return true;
    const auto record = m_context.db->person(person);
    if (!record) return false;
    // Statements are counted by the clock; of those that are equal the one met last comes first.
    std::vector<std::pair<std::uint64_t, DeviceId>> seen;
    for (const DeviceRecord& one : record->devices)
        if (one.id != m_context.selfDevice())
            seen.emplace_back(std::max(static_cast<std::uint64_t>(one.lastSeen),
                                       m_context.db->relayHeads().lastStatement(one.id)),
                              one.id);
    std::reverse(seen.begin(), seen.end());
    std::stable_sort(seen.begin(), seen.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    const auto end = seen.begin() + static_cast<std::ptrdiff_t>(std::min(seen.size(), limits::kDevicesPerAccount));
    return std::any_of(seen.begin(), end, [&device](const auto& one) { return one.second == device; });
}

std::optional<RelayRoutes::Route> RelayOutbox::routeTo(const Pass& pass, const DeviceId& device) {
    auto route = m_routes.find(device);
    if (!route) return std::nullopt;
    const auto made = pass.madeAt.find(route->relay);
    const auto sent = m_unanswered.find(route->relay);
    const std::size_t unanswered = (made == pass.madeAt.end() ? 0 : made->second) +
                                   (sent == m_unanswered.end() ? 0 : sent->second.size());
    if (unanswered < limits::kDepositsUnanswered) return route;
    m_stalled[route->relay].insert(device);
    return std::nullopt;
}

/// As much as one commit takes, with all that the persons' other devices need: they may share it.
RelayOutbox::Groups RelayOutbox::plan(const Pass& pass, std::set<DeviceId>& due) {
    Groups groups;
    std::set<PersonId> persons;
    for (auto next = due.begin(); next != due.end();) {
        const DeviceId device = *next;
        const auto person = m_context.personOf(device);
        if (pass.made.size() + groups.size() >= limits::kDepositsPerCommit && person && persons.count(*person) == 0) {
            ++next;
            continue;
        }
        std::vector<EntryRange> ranges;
        if (mayLeave(device))
            ranges = m_context.db->deposits().undelivered(device, m_context.clock.wall(), kRanges,
                                                          m_context.selfDevice());
        auto route = ranges.empty() ? std::nullopt : routeTo(pass, device);
        if (!route) {
            next = due.erase(next);
            continue;
        }
        const Group group{route->relay, *person, std::move(ranges)};
        persons.insert(*person);
        std::vector<RelayEnvelopes::Reader>& readers = groups[group];
        if (readers.size() < limits::kRecipientsPerDeposit) readers.push_back({device, *std::move(route)});
        ++next;
    }
    return groups;
}

void RelayOutbox::depositEntries(Pass& pass) {
    std::set<DeviceId> due = std::exchange(m_due, {});
    pass.looked = due;
    while (!due.empty() && pass.made.size() < limits::kDepositsPerCommit) {
        for (const auto& [group, readers] : plan(pass, due)) {
            if (pass.made.size() == limits::kDepositsPerCommit) break;
            const auto& [relay, person, ranges] = group;
            auto made = m_envelopes.entries(person, readers, ranges);
            if (made) {
                ++pass.madeAt[relay];
                pass.made.push_back(*std::move(made));
            } else {
                for (const auto& reader : readers) due.erase(reader.device);
            }
        }
    }
    m_due.merge(due);
}

/// For all to whom they are owed if there are new reasons, otherwise for those that are looked at.
void RelayOutbox::depositHeads(Pass& pass) {
    if (m_headsTimer.isActive()) {
        m_areHeadsOwed = m_areHeadsOwed || !pass.looked.empty();
        return;
    }
    const bool all = std::exchange(m_areHeadsOwed, false);
    if (!all && pass.looked.empty()) return;
    const std::vector<OwedHeads> everybody = m_context.db->relayHeads().owed();
    // Also where nobody can be reached, so that not each new reason has all of them looked at.
    if (all && !everybody.empty()) m_headsTimer.start(ceilMillis(m_timing.headsJoined));
    for (const OwedHeads& owed : everybody) {
        if (!all && pass.looked.count(owed.device) == 0) continue;
        if (pass.made.size() >= limits::kDepositsPerCommit) {
            m_areHeadsOwed = true;
            return passSoon();
        }
        if (!mayLeave(owed.device) || m_headsUnanswered.count(owed.device) != 0) continue;
        auto route = routeTo(pass, owed.device);
        if (!route) continue;
        const RelayKey relay = route->relay;
        auto made = m_envelopes.heads(*m_context.personOf(owed.device), {owed.device, *std::move(route)});
        if (!made) continue;
        m_context.db->relayHeads().paid(owed);
        m_headsTimer.start(ceilMillis(m_timing.headsJoined));
        ++pass.madeAt[relay];
        pass.made.push_back(*std::move(made));
    }
}

void RelayOutbox::depositEvidence(Pass& pass) {
    RelayHeadsTable& table = m_context.db->relayHeads();
    for (const OwedEvidence& owed : table.owedEvidence()) {
        if (pass.made.size() >= limits::kDepositsPerCommit) return passSoon();
        auto route = mayLeave(owed.device) ? routeTo(pass, owed.device) : std::nullopt;
        if (!route) continue;
        const RelayKey relay = route->relay;
        auto made =
            m_envelopes.evidence(*m_context.personOf(owed.device), {owed.device, *std::move(route)}, owed);
        table.evidencePaid(owed, made ? made->counter : 0, m_context.clock.wall());
        if (!made) continue;
        ++pass.madeAt[relay];
        pass.made.push_back(*std::move(made));
    }
}

// After it -----------------------------------------------------------------------------------------------------------------

void RelayOutbox::undone(const Pass& pass, const Error& error) {
    for (const auto& [relay, changed] : pass.changes) {
        m_unanswered.erase(relay);
        m_accounts.setUpAnew(relay);
    }
    if (!pass.changes.empty()) m_headsUnanswered.clear();
    m_due.insert(pass.looked.begin(), pass.looked.end());
    m_areHeadsOwed = true;
    m_wakeTimer.start(kAfterFailure);
    m_outcome.failed(error);
}

void RelayOutbox::done(Pass& pass) {
    for (const auto& [relay, changed] : pass.changes) {
        const auto sent = m_unanswered.find(relay);
        if (sent != m_unanswered.end()) sent->second.erase(changed.counter);
        // More may have come to be owed since.
        if (std::erase_if(m_headsUnanswered, [counter = changed.counter](const auto& one) {
                return one.second == counter;
            }) != 0)
            headsOwed();
    }
    for (const Made& made : pass.made) {
        m_envelopes.sent(made);
        m_unanswered[made.relay].insert(made.counter);
        if (made.message.box == Box::Heads)
            m_headsUnanswered[made.message.recipients.front().to.device] = made.counter;
        m_context.node.post(
            [made](net::Node& node) { node.depositAtRelay(made.number, made.counter, made.message); });
    }
    std::set<RelayKey> concerned;
    for (const auto& [relay, changed] : pass.changes) concerned.insert(relay);
    for (const auto& [relay, count] : pass.madeAt) concerned.insert(relay);
    for (const RelayKey& relay : concerned) noteOwed(relay, pass.answered.count(relay) != 0);
    wakeStalled();
    ended(pass.settled);
    tell(pass.watch);
    if (pass.hasOwed) headsOwed();
    m_routes.ask();
    rearm();
}

/// As many as there is room for: each may fill a place.
void RelayOutbox::wakeStalled() {
    for (auto& [relay, devices] : m_stalled) {
        const auto sent = m_unanswered.find(relay);
        std::size_t taken = sent == m_unanswered.end() ? 0 : sent->second.size();
        for (; taken < limits::kDepositsUnanswered && !devices.empty(); ++taken)
            look(devices.extract(devices.begin()).value());
    }
    std::erase_if(m_stalled, [](const auto& one) { return one.second.empty(); });
}

void RelayOutbox::rearm() {
    if (!m_due.empty()) passSoon();
    std::optional<Duration> wait;
    const MonoTime now = m_accounts.now();
    // Also what came to be due while this pass went on: only the next one looks at it.
    if (const auto next = m_routes.nextTry(m_lookedAt)) wait = *next - now;
    if (const auto expiry = m_context.db->deposits().nextExpiry()) {
        const Duration left = *expiry - m_context.clock.wall();
        wait = wait ? std::min(*wait, left) : left;
    }
    if (const auto due = m_silence.nextDue()) wait = wait ? std::min(*wait, *due - now) : *due - now;
    if (wait)
        m_wakeTimer.start(ceilMillis(*wait));
    else
        m_wakeTimer.stop();
}

}  // namespace landline::app
