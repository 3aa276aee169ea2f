#include "p2p/discovery/roster.h"

#include <algorithm>

namespace landline::discovery {

namespace {

using namespace std::chrono_literals;

constexpr int kPeriodsOfSilence = 3;
/// Hellos are sent in runs, against loss; within this time they belong to one run.
constexpr Duration kHelloRun = 5s;
/// What comes again within this time comes only against loss.
constexpr Duration kRepetition = 2s;

}  // namespace

void Roster::setKnown(const DeviceId& device, bool known) {
    if (!known) {
        m_known.erase(device);
    } else if (m_known.size() < limits::kRoster) {
        m_known.try_emplace(device);
    }
    const auto at = m_entries.find(device);
    const bool isKnown = m_known.contains(device);
    if (at == m_entries.end() || at->second.known == isKnown) return;
    Entry& entry = at->second;
    countStranger(entry, false);
    auto& from = entry.known ? m_acquainted : m_strangers;
    auto& to = isKnown ? m_acquainted : m_strangers;
    entry.known = isKnown;
    to.splice(to.end(), from, entry.place);
    countStranger(entry, true);
}

TokenBucket* Roster::knownBucket(const DeviceId& device) {
    const auto at = m_known.find(device);
    return at == m_known.end() ? nullptr : &at->second;
}

bool Roster::hasRoomFor(const DeviceId& device, const Address& source) const {
    if (m_known.contains(device)) return true;
    const auto at = m_strangersAt.find(source);
    if (at != m_strangersAt.end() && at->second >= limits::kStrangersPerAddress) return false;
    return m_entries.size() < limits::kRoster || !m_strangers.empty();
}

bool Roster::isWorthVerifying(const Beacon& beacon, const Address& source) const {
    const Entry* entry = find(beacon.device);
    if (entry == nullptr) return beacon.type != BeaconType::Goodbye && hasRoomFor(beacon.device, source);
    if (beacon.instance == entry->instance) return beacon.counter > entry->counter;
    if (beacon.instance == entry->otherInstance) return beacon.counter > entry->otherCounter;
    return true;
}

bool Roster::isRepetition(const Beacon& beacon, const Address& source, MonoTime now) const {
    const Entry* entry = find(beacon.device);
    if (entry == nullptr || !entry->present || beacon.type == BeaconType::Goodbye) return false;
    if (beacon.instance != entry->instance || beacon.name != entry->name || beacon.person != entry->person)
        return false;
    const bool answered = entry->answeredAt != MonoTime{} && entry->answeredInstance == entry->instance &&
                          now - entry->answeredAt < limits::kBeaconAnswerOnce;
    if (beacon.type == BeaconType::Hello && !answered) return false;
    const Endpoint from{source, beacon.port};
    return std::any_of(entry->candidates.begin(), entry->candidates.end(), [&](const Candidate& candidate) {
        return candidate.endpoint == from && now - candidate.heard < kRepetition;
    });
}

Roster::Applied Roster::apply(const Beacon& beacon, const Address& source, MonoTime now) {
    Applied applied;
    if (!isWorthVerifying(beacon, source)) return applied;
    const auto at = m_entries.find(beacon.device);
    Entry* entry = at == m_entries.end() ? insert(beacon, source, applied) : &at->second;
    if (!takeCounter(*entry, beacon, applied)) return applied;

    auto& order = entry->known ? m_acquainted : m_strangers;
    order.splice(order.end(), order, entry->place);
    entry->expires = now + kPeriodsOfSilence * std::chrono::duration_cast<Duration>(beacon.period);
    noteExpiry(*entry);
    applied.entry = entry;
    if (beacon.type == BeaconType::Goodbye) {
        applied.left = entry->present;
        setPresent(*entry, false);
        entry->candidates.clear();
        return applied;
    }
    applied.appeared = !entry->present;
    setPresent(*entry, true);
    if (beacon.type == BeaconType::Hello) {
        applied.newHello = applied.appeared || applied.changed || now - entry->helloAt > kHelloRun;
        entry->helloAt = now;
    }
    applied.changed |= entry->name != beacon.name || entry->person != beacon.person;
    entry->name = beacon.name;
    entry->person = beacon.person;
    applied.changed |= noteCandidate(*entry, {source, beacon.port}, now);
    return applied;
}

bool Roster::takeCounter(Entry& entry, const Beacon& beacon, Applied& applied) {
    if (beacon.instance == entry.instance) {
        entry.counter = beacon.counter;
        return true;
    }
    if (beacon.instance == entry.otherInstance) {
        entry.otherCounter = beacon.counter;
        const bool live = entry.present && beacon.type != BeaconType::Goodbye;
        applied.clone = live && entry.cloneReported != beacon.instance;
        if (!applied.clone) return false;
        entry.cloneReported = beacon.instance;
        applied.entry = &entry;
        return false;
    }
    if (beacon.counter <=
        entry.counter) {  // older than what we follow: a replay, or a copy that started earlier
        entry.otherInstance = beacon.instance;
        entry.otherCounter = beacon.counter;
        return false;
    }
    entry.otherInstance = entry.instance;
    entry.otherCounter = entry.counter;
    entry.instance = beacon.instance;
    entry.counter = beacon.counter;
    entry.candidates.clear();
    applied.changed = true;
    return true;
}

void Roster::confirmInstance(const DeviceId& device, std::uint64_t instance) {
    const auto at = m_entries.find(device);
    if (at == m_entries.end() || at->second.instance == instance) return;
    Entry& entry = at->second;
    const bool heard = entry.otherInstance == instance;
    const std::uint64_t counter = heard ? entry.otherCounter : 0;
    entry.otherInstance = entry.instance;
    entry.otherCounter = entry.counter;
    entry.instance = instance;
    entry.counter = counter;
}

bool Roster::takeAnswer(const DeviceId& device, MonoTime now) {
    const auto at = m_entries.find(device);
    if (at == m_entries.end()) return false;
    Entry& entry = at->second;
    const bool given = entry.answeredAt != MonoTime{} && entry.answeredInstance == entry.instance &&
                       now - entry.answeredAt < limits::kBeaconAnswerOnce;
    if (given) return false;
    entry.answeredAt = now;
    entry.answeredInstance = entry.instance;
    return true;
}

std::vector<DeviceId> Roster::expire(MonoTime now) {
    std::vector<DeviceId> gone;
    if (!m_nextExpiry || now < *m_nextExpiry) return gone;
    m_nextExpiry.reset();
    for (auto at = m_entries.begin(); at != m_entries.end();) {
        const auto current = at++;
        if (now < current->second.expires) {
            noteExpiry(current->second);
            continue;
        }
        if (current->second.present) gone.push_back(current->first);
        erase(current);
    }
    return gone;
}

void Roster::noteExpiry(const Entry& entry) {
    if (!m_nextExpiry || entry.expires < *m_nextExpiry) m_nextExpiry = entry.expires;
}

const Roster::Entry* Roster::find(const DeviceId& device) const {
    const auto at = m_entries.find(device);
    return at == m_entries.end() ? nullptr : &at->second;
}

std::vector<const Roster::Entry*> Roster::entries() const {
    std::vector<const Entry*> all;
    all.reserve(m_entries.size());
    for (const auto& [device, entry] : m_entries) all.push_back(&entry);
    return all;
}

Roster::Entry* Roster::insert(const Beacon& beacon, const Address& source, Applied& applied) {
    if (m_entries.size() >= limits::kRoster && !m_strangers.empty()) {
        const auto oldest = m_entries.find(m_strangers.front());
        if (oldest->second.present) applied.putOut.push_back(oldest->first);
        erase(oldest);
    }
    Entry& entry = m_entries[beacon.device];
    entry.device = beacon.device;
    entry.instance = beacon.instance;
    entry.counter = beacon.counter;
    entry.known = m_known.contains(beacon.device);
    entry.home = source;
    auto& order = entry.known ? m_acquainted : m_strangers;
    entry.place = order.insert(order.end(), beacon.device);
    countStranger(entry, true);
    return &entry;
}

void Roster::erase(Entries::iterator at) {
    Entry& entry = at->second;
    setPresent(entry, false);
    countStranger(entry, false);
    (entry.known ? m_acquainted : m_strangers).erase(entry.place);
    m_entries.erase(at);
}

void Roster::countStranger(const Entry& entry, bool in) {
    if (entry.known) return;
    std::size_t& count = m_strangersAt[entry.home];
    count = in ? count + 1 : count - 1;
    if (count == 0) m_strangersAt.erase(entry.home);
}

bool Roster::noteCandidate(Entry& entry, const Endpoint& endpoint, MonoTime now) {
    auto& all = entry.candidates;
    const auto silent = [now, &endpoint](const Candidate& candidate) {
        return candidate.endpoint.address == endpoint.address ||
               now - candidate.heard > kPeriodsOfSilence * limits::kBeaconPeriodMost;
    };
    const auto same = std::find_if(all.begin(), all.end(), [&endpoint](const Candidate& candidate) {
        return candidate.endpoint == endpoint;
    });
    const bool isNew = same == all.end();
    all.erase(std::remove_if(all.begin(), all.end(), silent), all.end());
    all.insert(all.begin(), Candidate{endpoint, now});
    if (all.size() > limits::kCandidatesPerPeer) all.pop_back();
    return isNew;
}

void Roster::setPresent(Entry& entry, bool present) {
    if (entry.present == present) return;
    entry.present = present;
    m_present = present ? m_present + 1 : m_present - 1;
}

}  // namespace landline::discovery
