#include "tests/p2p/mailbox/sim_device.h"

#include "p2p/base/limits.h"

#include <algorithm>

namespace landline::test {

using namespace wire::relay;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kMostRun = 7;
constexpr std::uint8_t kEntriesKind = 1;
constexpr std::uint8_t kHeadsKind = 2;
constexpr std::pair<std::uint64_t, std::uint64_t> kUntold{~0ULL, ~0ULL};

/// A body of this world: its kind, who made it, and three numbers.
Bytes bodyOf(std::uint8_t kind, std::size_t device, std::uint64_t a, std::uint64_t b, std::uint64_t c) {
    Bytes body{kind, static_cast<std::uint8_t>(device)};
    for (const std::uint64_t number : {a, b, c}) appendBe64(body, number);
    body.resize(200);
    return body;
}
std::uint64_t numberIn(const Bytes& body, std::size_t index) {
    return loadBe64(body.data() + 2 + 8 * index);
}

}  // namespace

SimDevice::SimDevice(SimWorld& world, std::size_t index, const std::vector<Identity>& everybody,
                     std::size_t relays)
    : m_world(world), m_self(index), m_everybody(everybody), m_links(relays) {
    const std::size_t count = everybody.size();
    m_store.covered.resize(count);
    m_store.applied.resize(count);
    m_store.seenStatement.resize(count);
    m_store.seenLost.resize(count);
    m_store.beyond.resize(count);
    m_store.told.resize(count);
    m_store.atRelay.resize(relays);
    m_disk = m_store;
}

bool SimDevice::hasAccount(std::size_t relay) const {
    const auto& at = m_everybody[m_self].at;
    return std::find(at.begin(), at.end(), relay) != at.end();
}

// --- Life --------------------------------------------------------------------------------------------------------

void SimDevice::start() {
    if (m_isUp) return;
    m_isUp = true;
    ++m_life;
    for (std::size_t relay = 0; relay < m_links.size(); ++relay) {
        Link& link = m_links[relay];
        link = {};
        link.mailbox = std::make_unique<mailbox::Mailbox>(m_world.random);
        link.mailbox->setHello(m_world.invitation(m_self, relay), m_world.now());
        const AtRelay& at = m_store.atRelay[relay];
        for (const Box box : {Box::Messages, Box::Heads})
            link.mailbox->restore(box, at.positions[std::size_t(box)]);
        link.ring = std::make_unique<envelope::PrekeyRing>(m_everybody[m_self].keys.id());
        for (const KeptPrekey& kept : at.prekeys)
            link.ring->restore({kept.prekey, Secret<32>(kept.secret), kept.isConfirmed, kept.superseded});
        if (hasAccount(relay)) {
            publish(relay);
            link.mailbox->setTokens({{m_everybody[m_self].token, 0}});
        }
    }
    for (const auto& [counter, record] : m_store.records) {
        std::vector<DeviceId> held;
        for (const auto& [reader, isHeld] : record.recipients)
            if (isHeld) held.push_back(m_everybody[reader].keys.id());
        if (held.empty())
            m_links[record.relay].mailbox->restore(counter, record.deposit);
        else
            m_links[record.relay].mailbox->restore({counter, record.deposit.epoch, held, record.expires});
    }
    for (std::size_t relay = 0; relay < m_links.size(); ++relay) pump(relay);
    tick();
}

void SimDevice::crash() {
    if (!m_isUp) return;
    m_isUp = false;
    ++m_life;
    m_store = m_disk;
    m_then.clear();
    m_isCommitPlanned = m_isDepositPlanned = false;
    for (std::size_t relay = 0; relay < m_links.size(); ++relay) {
        m_world.hangUp(m_self, relay);
        m_links[relay] = {};
    }
}

void SimDevice::change(std::function<void()> then) {
    if (then) m_then.push_back(std::move(then));
    if (std::exchange(m_isCommitPlanned, true)) return;
    const auto delay = m_world.isDeviceCommitSlow ? 30s : 20ms;
    m_world.scheduler.after(sim::SimTime(m_world.random.below(std::uint64_t(sim::SimTime(delay).count()))),
                            [this, life = m_life] {
                                if (life == m_life) commit();
                            });
}

void SimDevice::commit() {
    m_isCommitPlanned = false;
    m_disk = m_store;
    for (const auto& then : std::exchange(m_then, {})) then();
    depositAll();
    for (std::size_t relay = 0; relay < m_links.size(); ++relay) pump(relay);
}

/// What an hour brings: prekeys grow old, and what waited for a better time is tried.
void SimDevice::tick() {
    for (std::size_t relay = 0; relay < m_links.size(); ++relay) {
        const auto drained = m_links[relay].mailbox->drained();
        if (!drained || !hasAccount(relay)) continue;
        rotate(relay);
        handle(relay, *drained);
    }
    depositAll();
    m_world.scheduler.after(1h, [this, life = m_life] {
        if (life == m_life) tick();
    });
}

void SimDevice::write(std::uint64_t entries) {
    if (!m_isUp) return;
    m_store.written += entries;
    change();
}

void SimDevice::meet(SimDevice& a, SimDevice& b) {
    if (!a.m_isUp || !b.m_isUp) return;
    for (const auto& [from, to] : {std::pair(&a, &b), std::pair(&b, &a)}) {
        const std::uint64_t number = from->m_disk.written;
        to->apply(from->m_self, 1, number);
        to->change([from = from, to = to, life = from->m_life] {
            // Heads over the session, if it is still there.
            if (life != from->m_life) return;
            from->cover(to->m_self, to->m_disk.applied[from->m_self]);
            from->change();
        });
    }
}

// --- Links -------------------------------------------------------------------------------------------------------

void SimDevice::connected(std::size_t relay) {
    m_links[relay].mailbox->connected(m_world.now());
    pump(relay);
}
void SimDevice::disconnected(std::size_t relay) {
    m_links[relay].mailbox->disconnected(m_world.now());
    m_links[relay].asked = 0;
    pump(relay);
}
void SimDevice::receive(std::size_t relay, const Frame& frame) {
    m_links[relay].mailbox->receive(frame, m_world.now());
    pump(relay);
}

void SimDevice::pump(std::size_t relay) {
    mailbox::Mailbox& box = *m_links[relay].mailbox;
    const std::uint64_t life = m_life;
    while (const auto event = box.nextEvent()) {
        std::visit([&](const auto& one) { handle(relay, one); }, *event);
        if (life != m_life) return;
    }
    while (const auto frame = box.nextMessage(m_world.now())) m_world.send(m_self, relay, *frame);
    planWake(relay);
}

void SimDevice::planWake(std::size_t relay) {
    Link& link = m_links[relay];
    const auto dialAt = link.mailbox->dialAt();
    auto next = link.mailbox->nextTimeout(m_world.now());
    if (dialAt && (!next || *dialAt < *next)) next = dialAt;
    if (!next) return;
    const auto delay = std::max(*next - m_world.now().mono, Duration(0));
    m_world.scheduler.after(delay, [this, relay, life = m_life, wake = ++link.wake] {
        if (life != m_life || wake != m_links[relay].wake) return;
        mailbox::Mailbox& box = *m_links[relay].mailbox;
        if (const auto at = box.dialAt(); at && *at <= m_world.now().mono) {
            box.dialled();
            m_world.dial(m_self, relay);
        }
        box.advance(m_world.now());
        pump(relay);
    });
}

void SimDevice::handle(std::size_t relay, const mailbox::Disconnect&) {
    m_world.hangUp(m_self, relay);
    m_links[relay].mailbox->disconnected(m_world.now());
    m_links[relay].asked = 0;
}

void SimDevice::handle(std::size_t relay, const mailbox::ShutOut&) {
    m_world.hangUp(m_self, relay);
    m_links[relay].mailbox->disconnected(m_world.now());
    m_world.scheduler.after(1h, [this, relay, life = m_life] {
        if (life != m_life) return;
        m_links[relay].mailbox->setHello(m_world.invitation(m_self, relay), m_world.now());
        pump(relay);
    });
}

void SimDevice::handle(std::size_t relay, const mailbox::Entered& event) {
    if (event.welcome.hasAccount != hasAccount(relay))
        m_world.fault("a device came in as something else than it is");
    m_links[relay].prekeys.clear();
    rotate(relay);
    change();
}

// --- Prekeys -----------------------------------------------------------------------------------------------------

void SimDevice::rotate(std::size_t relay) {
    if (!hasAccount(relay) ||
        !m_links[relay].ring->rotate(m_everybody[m_self].keys, m_world.random, m_world.now().wall))
        return;
    m_store.atRelay[relay].confirmedIn = 0;
    keepPrekeys(relay);
    change([this, relay] { publish(relay); });
}

void SimDevice::keepPrekeys(std::size_t relay) {
    auto& kept = m_store.atRelay[relay].prekeys;
    kept.clear();
    for (const envelope::HeldPrekey& held : m_links[relay].ring->all()) {
        std::array<std::uint8_t, 32> secret{};
        std::copy_n(held.secret.data(), secret.size(), secret.begin());
        kept.push_back({held.prekey, secret, held.isConfirmed, held.superseded});
    }
}

void SimDevice::publish(std::size_t relay) {
    const envelope::HeldPrekey* const newest = m_links[relay].ring->newest();
    if (newest == nullptr) return;
    m_links[relay].mailbox->setPrekey(newest->prekey.id(), newest->prekey.encoded(),
                                      m_store.atRelay[relay].confirmedIn);
}

void SimDevice::handle(std::size_t relay, const mailbox::PrekeyConfirmed& event) {
    envelope::PrekeyRing& ring = *m_links[relay].ring;
    ring.confirmed(event.id, event.epoch, event.messages, event.heads, event.life, m_world.now().wall);
    if (ring.newest()->prekey.id() == event.id) m_store.atRelay[relay].confirmedIn = event.epoch;
    keepPrekeys(relay);
    change();
}

void SimDevice::handle(std::size_t relay, const mailbox::Drained& event) {
    envelope::PrekeyRing& ring = *m_links[relay].ring;
    if (ring.takeDue(event.epoch, event.messages, event.heads, m_world.now().wall).empty()) return;
    keepPrekeys(relay);
    change();
}

// --- What arrives ------------------------------------------------------------------------------------------------

void SimDevice::handle(std::size_t relay, const mailbox::Arrived& event) {
    mailbox::Position& position = m_store.atRelay[relay].positions[std::size_t(event.box)];
    const bool isSameEpoch = position.epoch == event.epoch;
    for (const Item& item : event.items)
        if (!isSameEpoch || item.number > position.through) open(relay, item);
    if (!isSameEpoch || event.through > position.through) {
        if (event.missed != 0) noteLost(event.missed);
        m_store.missed += event.missed;
        position = {event.epoch, event.through};
    }
    change([this, relay, box = event.box, position = position] {
        m_links[relay].mailbox->committed(box, position);
    });
}

void SimDevice::open(std::size_t relay, const Item& item) {
    if (!m_links[relay].ring->find(item.prekey)) {
        ++m_world.unopened;
        return noteLost(1);
    }
    if (item.body[0] == kHeadsKind) return openHeads(item);
    if (item.body[0] != kEntriesKind) return noteLost(1);  // altered on its way
    apply(item.body[1], numberIn(item.body, 0), numberIn(item.body, 1));
}

void SimDevice::openHeads(const Item& item) {
    const std::size_t reader = item.body[1];
    if (numberIn(item.body, 0) <= m_store.seenStatement[reader]) return;
    m_store.seenStatement[reader] = numberIn(item.body, 0);
    cover(reader, numberIn(item.body, 1));
    if (numberIn(item.body, 2) <= m_store.seenLost[reader]) return;
    m_store.seenLost[reader] = numberIn(item.body, 2);
    dropRecords(reader, true);
}

void SimDevice::apply(std::size_t author, std::uint64_t first, std::uint64_t last) {
    std::uint64_t& applied = m_store.applied[author];
    std::set<std::uint64_t>& beyond = m_store.beyond[author];
    for (std::uint64_t number = std::max(first, applied + 1); number <= last; ++number) beyond.insert(number);
    while (!beyond.empty() && *beyond.begin() <= applied + 1) {
        applied = std::max(applied, *beyond.begin());
        beyond.erase(beyond.begin());
    }
}

void SimDevice::cover(std::size_t reader, std::uint64_t number) {
    if (number > m_store.written) m_world.fault("somebody holds an entry that its author lost");
    m_store.covered[reader] = std::max(m_store.covered[reader], number);
    dropRecords(reader, false);
}

/// Ends the records for `reader` that heads cover, or all that are held.
void SimDevice::dropRecords(std::size_t reader, bool all) {
    for (auto one = m_store.records.begin(); one != m_store.records.end();) {
        const auto record = one++;
        const auto entry = record->second.recipients.find(reader);
        if (entry == record->second.recipients.end() || !entry->second) continue;
        const bool isHeads = record->second.last == 0;
        if (!all && (isHeads || record->second.last > m_store.covered[reader])) continue;
        if (isHeads) m_store.told[reader] = kUntold;
        record->second.recipients.erase(entry);
        m_links[record->second.relay].mailbox->settle(record->first, m_everybody[reader].keys.id());
        if (record->second.recipients.empty()) m_store.records.erase(record);
    }
}

// --- Deposits ----------------------------------------------------------------------------------------------------

void SimDevice::handle(std::size_t relay, const mailbox::DepositChanged& event) {
    const auto found = m_store.records.find(event.counter);
    if (found == m_store.records.end()) {
        for (const DeviceId& device : event.held) m_links[relay].mailbox->settle(event.counter, device);
        return;
    }
    Record& record = found->second;
    for (const DeviceId& device : event.held) {
        const std::size_t reader = m_world.deviceOf(device);
        ++m_world.heldReports;
        const auto why = m_world.whyNotHeld(relay, record.deposit.epoch, m_self, event.counter, device);
        if (!why.empty()) m_world.fault("a deposit is said to be held, but " + why);
        record.expires = event.expires;
        const bool isHeads = record.last == 0;
        if (isHeads) replaceHeads(reader, event.counter);
        const bool isLost = record.lostBefore[reader] < m_store.seenLost[reader];
        record.recipients[reader] = true;
        if (isHeads && !isLost) m_store.told[reader] = {record.applied, record.lost};
        if (!isLost && (isHeads || record.last > m_store.covered[reader])) continue;
        record.recipients.erase(reader);
        m_links[relay].mailbox->settle(event.counter, device);
    }
    for (const auto& failed : event.failed) {
        const std::size_t reader = m_world.deviceOf(failed.device);
        ++m_world.requeued;
        record.recipients.erase(reader);
        if (record.last == 0) m_store.told[reader] = kUntold;
        m_links[relay].prekeys.erase(reader);
        if (failed.reason == Reason::Full) m_links[relay].notBefore[reader] = m_world.now().mono + 1h;
    }
    if (record.recipients.empty()) m_store.records.erase(found);
    change();
}

/// The heads that a relay held for `reader` before these took their place.
void SimDevice::replaceHeads(std::size_t reader, DepositCounter by) {
    for (auto one = m_store.records.begin(); one != m_store.records.end();) {
        const auto record = one++;
        if (record->first >= by || record->second.last != 0 || record->second.recipients.count(reader) == 0)
            continue;
        m_links[record->second.relay].mailbox->settle(record->first, m_everybody[reader].keys.id());
        m_store.records.erase(record);
    }
}

/// The first relay of the reader's that takes something now.
std::optional<std::size_t> SimDevice::relayFor(std::size_t reader) {
    for (const std::size_t relay : m_everybody[reader].at) {
        Link& link = m_links[relay];
        if (!link.mailbox->mayDeposit() || link.notBefore[reader] > m_world.now().mono) continue;
        const Known& known = link.prekeys[reader];
        if (known.prekey && known.expires > m_world.now().wall) return relay;
        if (known.askAgain <= m_world.now().mono) fetchPrekeys(relay);
    }
    return std::nullopt;
}

/// The lowest entries that the reader lacks and that no deposit has on its way; (1, 0) if there are none.
std::pair<std::uint64_t, std::uint64_t> SimDevice::nextRun(std::size_t reader) const {
    std::set<std::uint64_t> onTheWay;
    for (const auto& [counter, record] : m_store.records)
        if (record.recipients.count(reader) != 0)
            for (std::uint64_t number = record.first; number != 0 && number <= record.last; ++number)
                onTheWay.insert(number);
    std::uint64_t first = m_store.covered[reader] + 1;
    while (onTheWay.count(first) != 0) ++first;
    std::uint64_t last = first;
    while (last < m_disk.written && last - first + 1 < kMostRun && onTheWay.count(last + 1) == 0) ++last;
    return first <= m_disk.written ? std::pair(first, last) : std::pair<std::uint64_t, std::uint64_t>(1, 0);
}

void SimDevice::depositAll() {
    std::map<std::tuple<std::size_t, std::uint64_t, std::uint64_t>, std::vector<std::size_t>> groups;
    for (std::size_t reader = 0; reader < m_everybody.size(); ++reader) {
        if (reader == m_self) continue;
        const auto [first, last] = nextRun(reader);
        const bool hasHeads =
            m_store.told[reader] != std::pair(m_disk.applied[reader], m_disk.lost) &&
            std::none_of(m_store.records.begin(), m_store.records.end(), [&](const auto& one) {
                const auto entry = one.second.recipients.find(reader);
                return one.second.last == 0 && entry != one.second.recipients.end() && !entry->second;
            });
        if (first > last && !hasHeads) continue;
        const auto relay = relayFor(reader);
        if (!relay) continue;
        if (hasHeads) depositHeads(*relay, reader);
        if (first <= last) groups[{*relay, first, last}].push_back(reader);
    }
    for (const auto& [key, readers] : groups) {
        const std::size_t relay = std::get<0>(key);
        if (m_links[relay].mailbox->mayDeposit()) depositRuns(relay, readers);
    }
}

void SimDevice::depositRuns(std::size_t relay, const std::vector<std::size_t>& readers) {
    Record record;
    std::tie(record.first, record.last) = nextRun(readers.front());
    for (const std::size_t reader : readers) record.recipients[reader] = false;
    const Bytes body = bodyOf(kEntriesKind, m_self, record.first, record.last, 0);
    deposit(relay, std::move(record), body);
}

void SimDevice::depositHeads(std::size_t relay, std::size_t reader) {
    Record record;
    record.deposit.box = Box::Heads;
    record.recipients[reader] = false;
    record.applied = m_disk.applied[reader];
    record.lost = m_disk.lost;
    const Bytes body = bodyOf(kHeadsKind, m_self, ++m_store.statement, record.applied, record.lost);
    deposit(relay, std::move(record), body);
}

void SimDevice::deposit(std::size_t relay, Record record, Bytes body) {
    Link& link = m_links[relay];
    record.relay = relay;
    record.deposit.epoch = link.mailbox->welcome().epoch;
    record.deposit.body = std::move(body);
    for (const auto& [reader, isHeld] : record.recipients) {
        record.lostBefore[reader] = m_store.seenLost[reader];
        record.deposit.recipients.push_back({{m_everybody[reader].keys.id(), m_everybody[reader].token},
                                             *link.prekeys.at(reader).prekey,
                                             Bytes(limits::kSeal, 7)});
    }
    const DepositCounter counter = ++m_store.counter;
    const Deposit written = record.deposit;
    m_store.records.emplace(counter, std::move(record));
    change([this, relay, counter, written] { m_links[relay].mailbox->deposit(counter, written); });
}

void SimDevice::fetchPrekeys(std::size_t relay) {
    Link& link = m_links[relay];
    if (link.asked != 0) return;
    FetchPrekeys fetch;
    link.askedFor.clear();
    for (std::size_t other = 0; other < m_everybody.size(); ++other) {
        const auto& at = m_everybody[other].at;
        if (other == m_self || std::find(at.begin(), at.end(), relay) == at.end()) continue;
        fetch.of.push_back({m_everybody[other].keys.id(), m_everybody[other].token});
        link.askedFor.push_back(other);
    }
    link.asked = link.mailbox->ask(std::move(fetch));
    if (link.asked != 0)
        m_world.scheduler.after(1us, [this, relay, life = m_life] {
            if (life == m_life) pump(relay);
        });
}

void SimDevice::handle(std::size_t relay, const mailbox::Answer& event) {
    Link& link = m_links[relay];
    if (event.request != link.asked) return;
    link.asked = 0;
    const auto* const prekeys = std::get_if<Prekeys>(&event.message);
    for (std::size_t i = 0; i < link.askedFor.size(); ++i) {
        Known& known = link.prekeys[link.askedFor[i]];
        known = {std::nullopt, {}, m_world.now().mono + 30min};
        if (prekeys == nullptr || prekeys->prekeys.at(i).prekey.empty()) continue;
        const auto prekey = envelope::Prekey::parse(prekeys->prekeys[i].prekey);
        if (!prekey || prekey->device() != m_everybody[link.askedFor[i]].keys.id())
            return m_world.fault("a relay gave a prekey that is none");
        known.prekey = prekey->id();
        known.expires = prekey->expires();
    }
    change();
}

}  // namespace landline::test
