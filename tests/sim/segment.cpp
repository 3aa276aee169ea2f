#include "tests/sim/segment.h"

#include "p2p/discovery/discovery.h"
#include "tests/support/seeded_random.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <queue>
#include <vector>

namespace landline::sim {

namespace {

using namespace std::chrono_literals;
using discovery::Discovery;
using discovery::Endpoint;

constexpr MonoTime kStart{1h};
constexpr Duration kDelay = 200us;
constexpr Duration kPerBeacon = 100us;
constexpr int kSocketHolds = 256;
constexpr std::size_t kHeaders = 28 + 14;
constexpr Duration kWatch = 5s;
constexpr Duration kStep = 50ms;
constexpr std::size_t kEverybody = ~std::size_t{0};

class Segment {
public:
    explicit Segment(const SegmentConfig& config) : m_random(config.seed), m_loss(config.lossPercent) {}

    void addPeer() {
        const std::size_t number = m_peers.size();
        auto peer = std::make_unique<Peer>(identity::SigningKey::generate(m_random));
        discovery::Config config;
        config.key = &peer->key;
        config.person = m_random.make<PersonId>();
        config.name = "Somebody with a name, " + std::to_string(number);
        config.name.resize(limits::kNameBytes, '.');  // the largest beacons there are
        config.port = 4000;
        config.instance = number + 1;
        config.firstCounter = 1'700'000'000'000;
        config.verify = [this](const discovery::UncheckedBeacon& beacon) { return verifyOnce(beacon); };
        peer->discovery = std::make_unique<Discovery>(std::move(config), m_random);
        m_peers.push_back(std::move(peer));
    }
    void start(std::size_t peer) {
        m_peers[peer]->discovery->start(m_now);
        drain(peer);
    }
    void runUntil(MonoTime end) {
        while (!m_events.empty() && m_events.top().at <= end) {
            const Event event = m_events.top();
            m_events.pop();
            m_now = event.at;
            if (event.datagram) {
                deliver(event);
            } else if (m_peers[event.peer]->wakes == event.at) {
                m_peers[event.peer]->wakes = kNever;
                m_peers[event.peer]->discovery->advance(m_now);
                drain(event.peer);
            }
        }
        m_now = end;
    }

    [[nodiscard]] MonoTime now() const { return m_now; }
    [[nodiscard]] double bytes() const { return static_cast<double>(m_bytes); }
    [[nodiscard]] std::uint64_t overrun() const { return m_overrun; }
    [[nodiscard]] const discovery::Roster& rosterOf(std::size_t peer) const {
        return m_peers[peer]->discovery->roster();
    }
    /// Share of the ordered pairs among the first `peers` of which one sees the other.
    [[nodiscard]] double shareSeen(std::size_t peers) const {
        std::size_t seen = 0;
        for (std::size_t i = 0; i < peers; ++i) seen += rosterOf(i).present();
        return static_cast<double>(seen) / static_cast<double>(peers * (peers - 1));
    }
    [[nodiscard]] double shareThatSees(std::size_t peer) const {
        const DeviceId device = DeviceId::from(m_peers[peer]->key.publicKey().view()).value();
        std::size_t seeing = 0;
        for (std::size_t i = 0; i < m_peers.size(); ++i) {
            const auto* entry = rosterOf(i).find(device);
            seeing += entry != nullptr && entry->present ? 1 : 0;
        }
        return static_cast<double>(seeing) / static_cast<double>(m_peers.size() - 1);
    }

private:
    static constexpr MonoTime kNever = MonoTime::max();

    struct Peer {
        explicit Peer(identity::SigningKey signingKey) : key(std::move(signingKey)) {}
        identity::SigningKey key;
        std::unique_ptr<Discovery> discovery;
        MonoTime wakes = kNever;
        MonoTime busyUntil{};
    };
    struct Event {
        MonoTime at;
        std::uint64_t order = 0;  ///< keeps events of one moment in the order in which they were made
        std::size_t peer = 0;     ///< who wakes or sent
        std::size_t to = kEverybody;
        std::shared_ptr<const Bytes> datagram;
        friend bool operator>(const Event& a, const Event& b) {
            return std::pair(a.at, a.order) > std::pair(b.at, b.order);
        }
    };

    /// Sends what the peer wants to send and sets its alarm.
    void drain(std::size_t number) {
        Peer& peer = *m_peers[number];
        while (peer.discovery->nextEvent()) {
        }
        while (const auto send = peer.discovery->nextSend()) {
            auto datagram = std::make_shared<const Bytes>(peer.discovery->makeBeacon(send->type));
            m_bytes += datagram->size() + kHeaders;
            const std::size_t to = send->to ? send->to->port : kEverybody;
            m_events.push({m_now + kDelay, ++m_order, number, to, std::move(datagram)});
        }
        const MonoTime next = peer.discovery->nextTimeout().value_or(kNever);
        if (next == peer.wakes || next == kNever) return;
        peer.wakes = next;
        m_events.push({next, ++m_order, number, kEverybody, nullptr});
    }
    void deliver(const Event& event) {
        m_verified.reset();
        if (event.to != kEverybody) return deliverTo(event.to, event);
        for (std::size_t to = 0; to < m_peers.size(); ++to)
            if (to != event.peer) deliverTo(to, event);
    }
    void deliverTo(std::size_t number, const Event& event) {
        if (m_loss > 0 && m_random.below(100) < m_loss) return;
        Peer& peer = *m_peers[number];
        if (peer.busyUntil - m_now > kPerBeacon * kSocketHolds) {
            ++m_overrun;
            return;
        }
        peer.busyUntil = std::max(peer.busyUntil, m_now) + kPerBeacon;
        // A peer's number is also its UDP port, by which answers find it.
        const Endpoint source{
            discovery::Address::fromIpv4(0x0A000001 + static_cast<std::uint32_t>(event.peer)),
            static_cast<std::uint16_t>(event.peer)};
        peer.discovery->receive(*event.datagram, source, true, m_now);
        drain(number);
    }
    /// The same datagram has the same signature for all: the first to ask pays for the check.
    bool verifyOnce(const discovery::UncheckedBeacon& beacon) {
        if (!m_verified) m_verified = beacon.verify();
        return *m_verified;
    }

    test::SeededRandom m_random;
    unsigned m_loss;
    std::vector<std::unique_ptr<Peer>> m_peers;
    std::priority_queue<Event, std::vector<Event>, std::greater<>> m_events;
    std::uint64_t m_order = 0;
    MonoTime m_now = kStart;
    std::uint64_t m_bytes = 0;
    std::uint64_t m_overrun = 0;
    std::optional<bool> m_verified;
};

double secondsSince(MonoTime begin, MonoTime now) {
    return std::chrono::duration<double>(now - begin).count();
}

/// Watches for 5 s; returns when `share` first reached 95 %, or -1.
template <class Share>
double watchFor95(Segment& segment, const Share& share) {
    const MonoTime begin = segment.now();
    double reached = -1;
    while (segment.now() < begin + kWatch) {
        segment.runUntil(segment.now() + kStep);
        if (reached < 0 && share() >= 0.95) reached = secondsSince(begin, segment.now());
    }
    return reached;
}

void startTogether(Segment& segment, std::size_t peers, SegmentFigures& figures) {
    for (std::size_t i = 0; i < peers; ++i) segment.addPeer();
    for (std::size_t i = 0; i < peers; ++i) segment.start(i);
    figures.startSecondsTo95 = watchFor95(segment, [&] { return segment.shareSeen(peers); });
    figures.startSeen = segment.shareSeen(peers);
    figures.startBytes = segment.bytes();
}

void watchSteady(Segment& segment, unsigned seconds, SegmentFigures& figures) {
    segment.runUntil(segment.now() + kWatch);
    const double before = segment.bytes();
    for (unsigned i = 0; i < seconds; ++i) {
        const double atBegin = segment.bytes();
        segment.runUntil(segment.now() + 1s);
        figures.steadyWorstSecond = std::max(figures.steadyWorstSecond, segment.bytes() - atBegin);
    }
    figures.steadyBytesPerSecond = (segment.bytes() - before) / std::max(1U, seconds);
}

void addNewcomer(Segment& segment, std::size_t peers, SegmentFigures& figures) {
    const double before = segment.bytes();
    segment.addPeer();
    segment.start(peers);
    const auto share = [&] {
        return static_cast<double>(segment.rosterOf(peers).present()) / static_cast<double>(peers);
    };
    figures.newcomerSecondsTo95 = watchFor95(segment, share);
    figures.newcomerSees = share();
    figures.newcomerIsSeen = segment.shareThatSees(peers);
    figures.newcomerBytes = segment.bytes() - before;
}

}  // namespace

SegmentFigures runSegment(const SegmentConfig& config) {
    initCrypto();
    SegmentFigures figures;
    Segment segment(config);
    startTogether(segment, config.peers, figures);
    watchSteady(segment, config.steadySeconds, figures);
    addNewcomer(segment, config.peers, figures);
    figures.overrun = segment.overrun();
    return figures;
}

std::string describe(const SegmentFigures& figures) {
    char text[600];
    std::snprintf(
        text, sizeof(text),
        "all at once: %.1f %% of pairs after 5 s, 95 %% after %.2f s, %.2f MB in 5 s\n"
        "steady: %.1f KB/s, %.1f KB in the busiest second\n"
        "one more: sees %.1f %% and is seen by %.1f %% after 5 s, 95 %% after %.2f s, %.2f MB in 5 s\n"
        "lost at full sockets: %llu datagrams\n",
        100 * figures.startSeen, figures.startSecondsTo95, figures.startBytes / 1e6,
        figures.steadyBytesPerSecond / 1e3, figures.steadyWorstSecond / 1e3, 100 * figures.newcomerSees,
        100 * figures.newcomerIsSeen, figures.newcomerSecondsTo95, figures.newcomerBytes / 1e6,
        static_cast<unsigned long long>(figures.overrun));
    return text;
}

}  // namespace landline::sim
