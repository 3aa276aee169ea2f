#include "tests/sim/mixed_world.h"

#include "tests/sim/message_sim.h"

#include <algorithm>
#include <numeric>

namespace landline::sim {

using namespace std::chrono_literals;

namespace {

constexpr SimTime kDay = std::chrono::hours(24);
/// Within which everything arrives once nothing goes wrong any more. What a stranger was refused for is left again when its time
/// at the relay is over.
constexpr SimTime kArrival = 3 * kDay;
constexpr SimTime kArrivalOfStrangers = 16 * kDay;
/// Ten times what a seed comes to.
constexpr std::uint64_t kMostDeposits = 30'000;
/// Within which a device has committed what came to it.
constexpr SimTime kSlowestDisk = 1min;

SimTime part(SimContext& context, SimTime of) {
    return context.delay(static_cast<std::uint64_t>(of.count()));
}

}  // namespace

// The world --------------------------------------------------------------------------------------------------------

MixedWorld::MixedWorld(std::uint64_t seed, std::ostream* trace) : MessageWorld(seed, trace) {
    if (m_context.chance(60)) m_ending = Ending::Relays;
    for (const auto& link : m_links) link->setCut(true);
    makeRelays();
    makeMailboxes();
    for (const auto& node : m_nodes)
        for (std::size_t person = 0; person < m_persons; ++person)
            if (node->store().standing(m_keys.person(person)) != timeline::Standing::Accepted)
                m_hasStrangers = true;
}

void MixedWorld::makeRelays() {
    const std::uint64_t count = 1 + m_random.below(3);
    for (std::size_t i = 0; i < count; ++i) {
        relay::StoreRules rules;
        if (m_context.chance(25)) {
            rules.quota.bytes = 20'000;
            rules.quota.senderBytes = 10'000;
        }
        m_relays.push_back(std::make_unique<SimRelay>(m_context, i, rules));
        m_relays.back()->setHostile(m_context.chance(25));
    }
}

void MixedWorld::makeMailboxes() {
    const bool hasRealSeals = m_context.chance(10);
    const bool givesOthers = m_context.chance(20);
    std::vector<std::unique_ptr<SimMail>> mails;
    for (const auto& node : m_nodes) {
        SimMail::Options options{
            {static_cast<std::size_t>(m_random.below(m_relays.size()))}, hasRealSeals, givesOthers};
        if (m_context.chance(40))
            for (std::size_t relay = 0; relay < m_relays.size(); ++relay)
                if (relay != options.homes[0]) options.homes.push_back(relay);
        mails.push_back(std::make_unique<SimMail>(m_context, *node, m_relays, options));
    }
    // Contact links. Where two devices never meet, everybody has everybody's.
    for (std::size_t i = 0; i < m_nodes.size(); ++i) {
        MailData data = mails[i]->durable();
        for (std::size_t other = 0; other < m_nodes.size(); ++other) {
            if (other == i || (m_ending == Ending::Sessions && m_context.chance(30))) continue;
            m_nodes[i]->store().putCertificate(m_nodes[other]->certificate());
            data.grants[m_nodes[other]->device()] = mails[other]->grants();
        }
        (void)m_nodes[i]->store().commit();
        mails[i]->put(std::move(data));
    }
    for (std::size_t i = 0; i < m_nodes.size(); ++i) m_nodes[i]->attach(std::move(mails[i]));
}

// What goes wrong --------------------------------------------------------------------------------------------------

SimTime MixedWorld::pause() {
    const std::uint64_t kind = m_random.below(100);
    if (kind < 62) return part(m_context, 3s);
    if (kind < 92) return part(m_context, 4h);
    return part(m_context, 6 * kDay);
}

void MixedWorld::mishap() {
    SimNode& node = *oneOf(m_nodes);
    const std::uint64_t kind = m_random.below(100);
    if (kind < 42) {
        for (std::uint64_t count = 1 + m_random.below(3); count > 0 && node.isRunning(); --count) write(node);
    } else if (kind < 48) {
        if (node.isRunning()) node.markRead(conversationOf(node));
    } else if (kind < 68) {
        mishapOfLink(node);
    } else if (kind < 85) {
        mishapOfDevice(node);
    } else {
        mishapOfRelay(*oneOf(m_relays));
    }
}

void MixedWorld::mishapOfLink(SimNode& node) {
    const std::uint64_t kind = m_random.below(20);
    if (kind < 11) return oneOf(m_relays)->breakLine(*node.mail());
    if (kind < 18) return meet();
    carry(node);
}

void MixedWorld::mishapOfDevice(SimNode& node) {
    static constexpr std::chrono::milliseconds kErrors[] = {0ms, 3s, 4min, -7min, 11min, -1h, 48h};
    const std::uint64_t kind = m_random.below(100);
    if (kind < 55) return goAway(node);
    if (kind < 70) return node.store().failCommits(1);
    if (kind < 78) return node.setClockError(kErrors[m_random.below(std::size(kErrors))]);
    if (kind < 86) return acceptSomebody(node);
    if (kind < 94) return backUp(node);
    // Relays alone do not tell a device that it runs from an old copy, nor bring back what only others hold.
    if (m_ending == Ending::Sessions) restore(m_context.chance(60));
}

/// Crashes, and comes back after a minute, or after longer than anything is kept.
void MixedWorld::goAway(SimNode& node) {
    if (!node.isRunning()) return;
    node.crash();
    const std::uint64_t kind = m_random.below(100);
    const SimTime away = kind < 65 ? part(m_context, 1min) : part(m_context, kind < 90 ? kDay : 20 * kDay);
    m_scheduler.after(away, [&node] { node.restart(); });
}

/// Two devices are on one network for a while.
void MixedWorld::meet() {
    if (m_links.empty()) return;
    SimLink* const link = oneOf(m_links).get();
    link->setCut(false);
    link->connect();
    m_scheduler.after(part(m_context, m_context.chance(60) ? SimTime(10s) : SimTime(6h)), [this, link] {
        if (!m_isCalm) link->setCut(true);
    });
}

void MixedWorld::mishapOfRelay(SimRelay& relay) {
    const std::uint64_t kind = m_random.below(100);
    if (kind < 30) return relay.crash(m_context.chance(25) ? part(m_context, kDay) : part(m_context, 1min));
    if (kind < 40) return relay.goAway();
    if (kind < 60) return relay.backUp();
    if (kind < 72) return relay.restore();
    if (kind < 85) return relay.failCommits(1 + static_cast<int>(m_random.below(3)));
    if (kind < 88) return relay.damage();
    relay.setFull(true);
    m_scheduler.after(part(m_context, 4h), [&relay] { relay.setFull(false); });
}

// The end ----------------------------------------------------------------------------------------------------------

void MixedWorld::calmRelays() {
    for (const auto& relay : m_relays) relay->calmDown();
    for (const auto& node : m_nodes) {
        node->setClockError(0ms);
        for (std::size_t person = 0; person < m_persons; ++person) node->accept(m_keys.person(person));
    }
    for (const auto& link : m_links) link->setCut(m_ending == Ending::Relays);
    if (m_ending == Ending::Sessions) connectAll();
}

bool MixedWorld::hasArrivedAt(SimNode& node, SimNode& author) {
    for (const ConversationId& id : node.sharedWith(author)) {
        std::map<DeviceId, wire::AuthorHead> marks;
        for (const wire::AuthorHead& mark : author.store().peerHeads(id, node.device()))
            marks[mark.author] = mark;
        const auto people = author.store().personOf();
        for (const timeline::TimelineHead& head : author.store().heads(id)) {
            const auto there = node.store().head(id, head.author);
            if (head.end || (there && there->end)) continue;
            if ((there ? there->number : 0) != head.number) return false;
            if (head.author == node.device() || people.at(head.author) != author.person()) continue;
            if (marks[head.author].number != head.number) return false;
        }
    }
    return true;
}

bool MixedWorld::hasArrived() {
    for (const auto& a : m_nodes)
        for (const auto& b : m_nodes)
            if (a != b && !hasArrivedAt(*a, *b)) return false;
    return true;
}

/// By the minute: what goes round in milliseconds would never come to the end.
void MixedWorld::run(SimTime length) {
    const SimTime end = m_scheduler.now() + length;
    while (m_scheduler.now() < end && m_faults.empty()) {
        m_scheduler.runUntil(std::min(end, m_scheduler.now() + SimTime(1min)));
        if (deposits() >= kMostDeposits) m_context.fault("something is left again and again, without a pause");
    }
}

void MixedWorld::letArrive() {
    const SimTime end = m_scheduler.now() + (m_hasStrangers ? kArrivalOfStrangers : kArrival);
    while (m_scheduler.now() < end && !hasArrived() && m_faults.empty()) run(1h);
    run(3h);  // the read marks
    // What is left anew when its time is over may be on its way to a disk just now.
    const auto isWriting = [](const auto& node) { return node->store().hasUncommitted(); };
    const SimTime latest = m_scheduler.now() + kSlowestDisk;
    while (m_scheduler.now() < latest && std::any_of(m_nodes.begin(), m_nodes.end(), isWriting))
        m_scheduler.runUntil(m_scheduler.now() + SimTime(10ms));
    m_context.note("everything has arrived");
}

std::uint64_t MixedWorld::deposits() const {
    std::uint64_t count = 0;
    for (const auto& relay : m_relays) count += relay->deposits();
    return count;
}

/// What is left to be done is done within the life of a deposit; then there is silence.
void MixedWorld::checkSilence() {
    run(20 * kDay);
    const std::uint64_t before = deposits();
    run(kDay);
    const std::size_t used = std::accumulate(m_usedDevices.begin(), m_usedDevices.end(), std::size_t{0});
    if (deposits() != before && used == m_nodes.size()) m_context.fault("something is left again and again");
}

void MixedWorld::checkMail() {
    std::set<DeviceId> alive;
    for (const auto& node : m_nodes) alive.insert(node->device());
    for (const auto& node : m_nodes) {
        if (const std::string open = node->mail()->openDeposit(alive); !open.empty())
            m_context.fault("a deposit of " + node->name() + " never ends: " + open);
        for (std::size_t relay = 0; relay < m_relays.size(); ++relay) {
            if (m_relays[relay]->waiting(node->device()) != 0)
                m_context.fault("a mailbox of " + node->name() + " is not drained");
            if (node->mail()->prekeys(relay) > 6) m_context.fault("prekeys of " + node->name() + " pile up");
        }
    }
}

std::vector<std::string> MixedWorld::play() {
    for (std::uint64_t left = 30 + m_random.below(90); left > 0 && m_faults.empty(); --left) {
        m_scheduler.runUntil(m_scheduler.now() + pause());
        mishap();
    }
    m_isCalm = true;
    calmDown();
    calmRelays();
    Survivors survivors;
    survivors.note(m_nodes, m_ledger);
    letArrive();
    survivors.note(m_nodes, m_ledger);  // forks of which the relays had one side
    checkAtRest(m_context, m_nodes, m_links, survivors, m_ending);
    if (!m_faults.empty()) return std::move(m_faults);
    checkSilence();
    checkMail();
    m_context.note(std::to_string(m_context.heldReports) + " held, " + std::to_string(m_context.requeued) +
                   " requeued, " + std::to_string(deposits()) + " deposits");
    return std::move(m_faults);
}

std::vector<std::string> playMixed(std::uint64_t seed, std::ostream* trace) {
    MixedWorld world(seed, trace);
    return world.play();
}

}  // namespace landline::sim
