#include "p2p/base/limits.h"
#include "p2p/envelope/packing.h"
#include "tests/sim/sim_mail.h"
#include "tests/sim/sim_relay.h"

#include <algorithm>

namespace landline::sim {

using namespace wire::relay;
using namespace std::chrono_literals;

namespace {

/// Few, so that what is missing takes several deposits.
constexpr std::size_t kMostEntries = 7;
constexpr std::size_t kMostUnanswered = 32;
/// What was not taken, is tried again after so long.
constexpr Duration kLater = 1h;

/// How far numbers run ahead of the clock one by one, in milliseconds, and by how much at most beyond.
constexpr std::uint64_t kAhead = 10'000;
constexpr std::uint64_t kStep = 1 << 20;

/// Higher than all before and than the clock, so that not even an old copy repeats one: as RelayHeadsTable counts, further by
/// chance where the clock was ahead before.
std::uint64_t nextNumber(std::uint64_t& last, WallTime now, Random& random) {
    const auto clock = static_cast<std::uint64_t>(toUnixMillis(now));
    const std::uint64_t step = last < clock + kAhead ? 1 : 1 + random.below(kStep);
    last = std::max(last + step, clock);
    return last;
}

}  // namespace

// What became of deposits --------------------------------------------------------------------------------------------

void SimMail::handle(std::size_t relay, const mailbox::DepositChanged& event) {
    const auto found = m_data.records.find(event.counter);
    if (found == m_data.records.end()) {
        for (const DeviceId& device : event.held) m_links[relay].mailbox->settle(event.counter, device);
        return;
    }
    MailData::Record& record = found->second;
    const bool isHeads = record.isHeads();
    record.deposit.reset();
    record.expires = event.expires;
    for (const DeviceId& device : event.held) {
        const std::string why =
            m_relays[relay]->whyNotHeld(record.epoch, m_node.device(), event.counter, device);
        if (!why.empty()) m_context.fault(m_node.name() + " takes for held what is not: " + why);
        ++m_context.heldReports;
        record.recipients[device].isHeld = true;
    }
    for (const auto& failed : event.failed) {
        m_context.note(m_node.name() + " failed deposit, reason " +
                       (failed.reason ? std::to_string(int(*failed.reason)) : "time"));
        ++m_context.requeued;
        record.recipients.erase(failed.device);
        if (isHeads) ++m_data.owed[failed.device];
        m_links[relay].prekeys.erase(failed.device);
        const bool isAtOnce = failed.reason == Reason::OldPrekey || failed.reason == Reason::OtherEpoch ||
                              failed.reason == Reason::OldCounter;
        if (isAtOnce) continue;
        m_links[relay].notBefore[failed.device] = now().mono + kLater;
        planAt(kLater);
    }
    // What was left before the device told of a loss may be what it lost.
    std::vector<DeviceId> over;
    for (const DeviceId& device : event.held)
        if (record.recipients[device].lostBefore < m_data.seenLost[device]) over.push_back(device);
    if (record.recipients.empty()) m_data.records.erase(found);
    for (const DeviceId& device : over) {
        end(event.counter, device);
        if (isHeads) ++m_data.owed[device];
    }
    for (const DeviceId& device : event.held)
        if (isHeads)
            endOlderHeads(event.counter, device);
        else
            for (const ConversationId& id : m_node.store().conversations()) settle(device, id);
    change();
}

/// The heads that a relay held for the device before these took their place.
void SimMail::endOlderHeads(DepositCounter counter, const DeviceId& device) {
    std::vector<DepositCounter> over;
    for (const auto& [older, record] : m_data.records)
        if (older < counter && record.isHeads() && record.recipients.count(device) != 0)
            over.push_back(older);
    for (const DepositCounter older : over) end(older, device);
}

// What is to be deposited --------------------------------------------------------------------------------------------

void SimMail::planSoon() {
    m_context.scheduler.after(SimTime(1000), [this, life = m_life] {
        if (life == m_life) plan();
    });
}

void SimMail::planAt(Duration after) {
    const MonoTime at = now().mono + after;
    if (m_planned && *m_planned <= at && *m_planned > now().mono) return;
    m_planned = at;
    m_context.scheduler.after(std::chrono::ceil<SimTime>(after), [this, life = m_life] {
        if (life == m_life) plan();
    });
}

/// Only what is on the disk is left for others: while a transaction is open it waits for its end.
void SimMail::plan() {
    if (!m_isUp || m_node.store().hasUncommitted()) return;
    for (int round = 0; round < 8; ++round)
        if (!planOnce()) return;
}

bool SimMail::planOnce() {
    std::map<std::pair<std::size_t, std::vector<SimRange>>, std::vector<DeviceId>> groups;
    bool didSomething = false;
    const auto people = m_node.store().personOf();
    for (const auto& [device, grants] : m_data.grants) {
        const auto person = people.find(device);
        if (person == people.end() || m_node.hasSession(device)) continue;
        const bool hasHeads = owesHeads(device);
        auto ranges = undelivered(device, person->second);
        if (ranges.empty() && !hasHeads) continue;
        const auto relay = relayFor(device);
        if (!relay) continue;
        if (hasHeads) depositHeads(*relay, device, person->second);
        if (!ranges.empty()) groups[{*relay, std::move(ranges)}].push_back(device);
        didSomething = true;
    }
    for (const auto& [key, devices] : groups)
        if (mayDeposit(key.first)) depositEntries(key.first, key.second, devices);
    return didSomething && !groups.empty();
}

bool SimMail::mayDeposit(std::size_t relay) const {
    if (!m_links[relay].mailbox->isOpen()) return false;
    return static_cast<std::size_t>(
               std::count_if(m_data.records.begin(), m_data.records.end(), [relay](const auto& one) {
                   return one.second.relay == relay && one.second.deposit != nullptr;
               })) < kMostUnanswered;
}

bool SimMail::owesHeads(const DeviceId& device) const {
    const auto owed = m_data.owed.find(device);
    if (owed == m_data.owed.end() || owed->second == 0) return false;
    return std::none_of(m_data.records.begin(), m_data.records.end(), [&](const auto& one) {
        return one.second.isHeads() && one.second.deposit && one.second.recipients.count(device) != 0;
    });
}

/// The first entries that the device lacks and no deposit covers: of this person's devices, and of others where what the
/// device stated asks for them.
std::vector<SimRange> SimMail::undelivered(const DeviceId& device, const PersonId& person) {
    std::vector<const MailData::Record*> onTheWay;
    for (const auto& [counter, record] : m_data.records)
        if (!record.isHeads() && record.recipients.count(device) != 0) onTheWay.push_back(&record);
    const auto isCovered = [&](const ConversationId& id, const DeviceId& author, EntryNumber number) {
        for (const MailData::Record* record : onTheWay)
            for (const SimRange& range : record->ranges)
                if (range.conversation == id && range.author == author && range.first <= number &&
                    number <= range.last)
                    return true;
        return false;
    };
    std::vector<SimRange> ranges;
    std::size_t entries = 0;
    for (const ConversationId& id : m_node.store().conversations()) {
        const auto members = m_node.store().members(id);
        if (std::find(members.begin(), members.end(), person) == members.end()) continue;
        const bool asks = m_options.givesOthers && m_data.stated.count({device, id}) != 0;
        for (const timeline::TimelineHead& head : m_node.store().heads(id)) {
            const bool isOwn = m_node.store().certificate(head.author)->person() == m_node.person();
            if (head.author == device || (!isOwn && !asks)) continue;
            const EntryNumber known = claimOf(device, id, head.author);
            for (EntryNumber number = known + 1; number <= head.number && entries < kMostEntries; ++number) {
                if (isCovered(id, head.author, number)) continue;
                ++entries;
                if (!ranges.empty() && ranges.back().conversation == id &&
                    ranges.back().author == head.author && ranges.back().last + 1 == number)
                    ranges.back().last = number;
                else
                    ranges.push_back({id, head.author, number, number});
            }
        }
    }
    return ranges;
}

/// The first relay of the device's that takes something now.
std::optional<std::size_t> SimMail::relayFor(const DeviceId& device) {
    for (const SimGrant& grant : m_data.grants.at(device)) {
        Link& link = m_links[grant.relay];
        if (!mayDeposit(grant.relay) || link.notBefore[device] > now().mono) continue;
        const Known& known = link.prekeys[device];
        if (known.prekey && known.prekey->expires() > now().wall) return grant.relay;
        if (known.askAgain <= now().mono) fetchPrekeys(grant.relay);
    }
    return std::nullopt;
}

// Deposits -----------------------------------------------------------------------------------------------------------

wire::EnvelopeContent SimMail::beginContent() const {
    wire::EnvelopeContent content;
    content.certificate = m_node.certificate().encoded();
    for (const SimGrant& grant : grants())
        content.told.relays.push_back({m_relays[grant.relay]->url(), grant.token});
    return content;
}

void SimMail::depositEntries(std::size_t relay, const std::vector<SimRange>& ranges,
                             const std::vector<DeviceId>& devices) {
    envelope::Packing packing(beginContent());
    MailData::Record record;
    for (const SimRange& range : ranges) {
        EntryNumber number = range.first;
        for (const wire::SignedEntry& entry :
             m_node.store().read(range.conversation, range.author, range.first,
                                 static_cast<std::size_t>(range.last - range.first + 1), 1 << 20))
            if (packing.add(range.conversation, range.author, number, entry)) ++number;
        if (number == range.first) continue;
        record.ranges.push_back({range.conversation, range.author, range.first, number - 1});
    }
    if (record.ranges.empty()) return m_context.fault(m_node.name() + " cannot read what it holds");
    deposit(relay, Box::Messages, std::move(record), packing.take(), devices);
}

void SimMail::depositHeads(std::size_t relay, const DeviceId& device, const PersonId& person) {
    wire::HeadsStatement statement{
        m_node.device(), nextNumber(m_data.statement, now().wall, m_context.random), {}, m_data.lost};
    for (const ConversationId& id : m_node.store().conversations()) {
        const auto members = m_node.store().members(id);
        if (std::find(members.begin(), members.end(), person) == members.end()) continue;
        wire::Heads heads;
        heads.conversation = id;
        heads.complete = true;
        for (const timeline::TimelineHead& head : m_node.store().heads(id))
            heads.authors.push_back(timeline::wireHead(head));
        statement.heads.push_back(std::move(heads));
    }
    wire::EnvelopeContent content = beginContent();
    content.heads.push_back(envelope::signHeads(statement, m_node.identity().keys.signing));
    m_data.owed.erase(device);
    deposit(relay, Box::Heads, {}, std::move(content), {device});
}

void SimMail::deposit(std::size_t relay, Box box, MailData::Record record, wire::EnvelopeContent content,
                      const std::vector<DeviceId>& devices) {
    Link& link = m_links[relay];
    std::vector<NoiseKey> keys;
    for (const DeviceId& device : devices) keys.push_back(link.prekeys.at(device).prekey->key());
    envelope::Sealed sealed = m_seals.seal(content, keys, m_node.identity().keys.noise, m_context.random);
    Deposit message{link.mailbox->welcome().epoch, box, {}, std::move(sealed.body)};
    for (std::size_t i = 0; i < devices.size(); ++i) {
        const auto& grants = m_data.grants.at(devices[i]);
        const auto grant = std::find_if(grants.begin(), grants.end(),
                                        [relay](const SimGrant& one) { return one.relay == relay; });
        message.recipients.push_back({{devices[i], grant->token},
                                      link.prekeys.at(devices[i]).prekey->id(),
                                      std::move(sealed.seals[i])});
        record.recipients[devices[i]] = {false, m_data.seenLost[devices[i]]};
    }
    record.relay = relay;
    record.epoch = message.epoch;
    record.deposit = std::make_shared<const Deposit>(std::move(message));
    const DepositCounter counter = nextNumber(m_data.counter, now().wall, m_context.random);
    m_context.note(m_node.name() + " leaves " + (record.isHeads() ? "heads" : "entries") + " at " +
                   std::to_string(relay));
    change([this, relay, counter, deposit = record.deposit] {
        m_links[relay].mailbox->deposit(counter, *deposit);
    });
    m_data.records.emplace(counter, std::move(record));
}

// Prekeys of others --------------------------------------------------------------------------------------------------

void SimMail::fetchPrekeys(std::size_t relay) {
    Link& link = m_links[relay];
    if (link.asked != 0) return;
    FetchPrekeys fetch;
    link.askedFor.clear();
    for (const auto& [device, grants] : m_data.grants)
        for (const SimGrant& grant : grants) {
            if (grant.relay != relay || fetch.of.size() == limits::kPrekeysPerFetch) continue;
            fetch.of.push_back({device, grant.token});
            link.askedFor.push_back(device);
        }
    link.asked = link.mailbox->ask(std::move(fetch));
    if (link.asked == 0) return;
    m_context.scheduler.after(SimTime(1), [this, relay, life = m_life] {
        if (life == m_life) pump(relay);
    });
}

void SimMail::handle(std::size_t relay, const mailbox::Answer& event) {
    Link& link = m_links[relay];
    if (event.request != link.asked) return;
    link.asked = 0;
    const auto* const prekeys = std::get_if<Prekeys>(&event.message);
    for (std::size_t i = 0; i < link.askedFor.size(); ++i) {
        Known& known = link.prekeys[link.askedFor[i]];
        known = {std::nullopt, now().mono + kLater};
        if (prekeys == nullptr || prekeys->prekeys.at(i).prekey.empty()) continue;
        auto prekey = envelope::Prekey::parse(prekeys->prekeys[i].prekey);
        if (!prekey || prekey->device() != link.askedFor[i])
            return m_context.fault("a relay gave a prekey that is none");
        known.prekey = *std::move(prekey);
    }
    planAt(kLater);
    planSoon();
}

}  // namespace landline::sim
