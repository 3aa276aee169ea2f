#include "p2p/discovery/announcer.h"

#include "p2p/base/limits.h"

#include <algorithm>
#include <array>

namespace landline::discovery {

namespace {

using namespace std::chrono_literals;

constexpr Duration kFirstHelloWithin = 150ms;
constexpr std::array<Duration, 3> kHelloGaps{250ms, 500ms, 750ms};
constexpr int kHellosInCrowd = 3;
constexpr int kHelloJitterPercent = 10;
constexpr Duration kRunsApart = 2s;

/// An alarm that comes so late means that the program was stopped or the machine asleep.
constexpr Duration kOverslept = 10s;

constexpr std::size_t kCrowd = 64;
constexpr std::array<Duration, 3> kAnswerGaps{200ms, 300ms, 500ms};
constexpr std::array<Duration, 2> kAnswerGapsInCrowd{800ms, 1200ms};
constexpr Duration kWindowPerDevice = 2ms;
constexpr Duration kWindowLeast = 50ms;
constexpr Duration kWindowMost = 2s;

constexpr std::size_t kDevicesPerSecond = 25;
constexpr int kPeriodJitterPercent = 25;

Duration answerWindow(std::size_t present) {
    return std::clamp<Duration>(kWindowPerDevice * static_cast<std::int64_t>(present + 1), kWindowLeast,
                                kWindowMost);
}

/// The pause before the next copy of an answer of which `sent` have gone; nothing after the last.
std::optional<Duration> answerGap(int sent, std::size_t present) {
    const auto at = static_cast<std::size_t>(sent - 1);
    if (present > kCrowd)
        return at < kAnswerGapsInCrowd.size() ? std::optional(kAnswerGapsInCrowd[at]) : std::nullopt;
    return at < kAnswerGaps.size() ? std::optional(kAnswerGaps[at]) : std::nullopt;
}

}  // namespace

std::chrono::seconds Announcer::period(std::size_t present) {
    using std::chrono::duration_cast;
    using std::chrono::seconds;
    return std::clamp(seconds(present / kDevicesPerSecond),
                      duration_cast<seconds>(limits::kBeaconPeriodLeast),
                      duration_cast<seconds>(limits::kBeaconPeriodMost));
}

void Announcer::start(MonoTime now) {
    if (m_state == State::Silent) greet(now + randomUpTo(kFirstHelloWithin));
}

void Announcer::networkChanged(MonoTime now) {
    if (m_state == State::Silent) return;
    const bool firstIsYetToCome = m_state == State::Greeting && m_hellosSent == 0;
    if (firstIsYetToCome) return;
    greet(std::max(now, m_runStarted + kRunsApart) + randomUpTo(kFirstHelloWithin));
}

void Announcer::announceSoon(MonoTime now) {
    if (m_state == State::Steady)
        m_nextAnnounce = std::min(m_nextAnnounce, now + randomUpTo(kFirstHelloWithin));
}

void Announcer::stop() {
    if (m_state == State::Silent) return;
    m_state = State::Silent;
    m_owed.clear();
    m_sends.clear();
    m_sends.push_back({BeaconType::Goodbye, std::nullopt});
}

void Announcer::greet(MonoTime at) {
    m_state = State::Greeting;
    m_hellosSent = 0;
    m_nextHello = at;
}

void Announcer::owe(const DeviceId& device, const Endpoint& newcomer, std::size_t present, MonoTime now) {
    if (m_state == State::Silent) return;
    if (m_owed.empty()) m_answerDue = now + randomUpTo(answerWindow(present));
    if (m_owed.size() < limits::kOwedAnswers) m_owed.push_back({device, newcomer, 0});
}

void Announcer::settle(const DeviceId& device) {
    const auto isIts = [&device](const Owed& owed) { return owed.device == device; };
    m_owed.erase(std::remove_if(m_owed.begin(), m_owed.end(), isIts), m_owed.end());
}

void Announcer::advance(std::size_t present, MonoTime now) {
    if (m_state == State::Silent) return;
    if (m_state == State::Steady && now > m_nextAnnounce + kOverslept) greet(now);
    if (m_state == State::Greeting && now >= m_nextHello) sendHello(present, now);
    if (m_state == State::Steady && now >= m_nextAnnounce) broadcast(BeaconType::Announce, present, now);
    if (!m_owed.empty() && now >= m_answerDue) answer(present, now);
}

void Announcer::sendHello(std::size_t present, MonoTime now) {
    if (m_hellosSent == 0) m_runStarted = now;
    broadcast(BeaconType::Hello, present, now);
    const auto sent = static_cast<std::size_t>(m_hellosSent++);
    const bool enough = sent >= kHelloGaps.size() || (present > kCrowd && m_hellosSent >= kHellosInCrowd);
    if (enough) {
        m_state = State::Steady;
    } else {
        m_nextHello = now + jittered(kHelloGaps[sent], kHelloJitterPercent);
    }
}

void Announcer::answer(std::size_t present, MonoTime now) {
    if (m_owed.size() == 1) {
        m_sends.push_back({BeaconType::Answer, m_owed.front().to});
        noteAnswered(present, now);
    } else if (m_state == State::Greeting) {
        m_answerDue = std::max(m_nextHello, now);  // the next hello answers them all
    } else if (now < m_noAnswerBroadcastBefore) {
        m_answerDue = m_noAnswerBroadcastBefore;
    } else {
        m_noAnswerBroadcastBefore = now + answerWindow(present);
        broadcast(BeaconType::Answer, present, now);
    }
}

void Announcer::broadcast(BeaconType type, std::size_t present, MonoTime now) {
    m_sends.push_back({type, std::nullopt});
    m_nextAnnounce = now + jittered(period(present), kPeriodJitterPercent);
    if (!m_owed.empty()) noteAnswered(present, now);
}

void Announcer::noteAnswered(std::size_t present, MonoTime now) {
    std::optional<Duration> soonest;
    for (Owed& owed : m_owed) {
        const std::optional<Duration> gap = answerGap(++owed.sent, present);
        if (gap && (!soonest || *gap < *soonest)) soonest = gap;
    }
    const auto done = [present](const Owed& owed) { return !answerGap(owed.sent, present); };
    m_owed.erase(std::remove_if(m_owed.begin(), m_owed.end(), done), m_owed.end());
    if (soonest) m_answerDue = now + jittered(*soonest, kHelloJitterPercent);
}

std::optional<MonoTime> Announcer::nextTimeout() const {
    if (m_state == State::Silent) return std::nullopt;
    MonoTime next = m_state == State::Greeting ? m_nextHello : m_nextAnnounce;
    if (!m_owed.empty()) next = std::min(next, m_answerDue);
    return next;
}

std::optional<Send> Announcer::nextSend() {
    if (m_sends.empty()) return std::nullopt;
    const Send send = m_sends.front();
    m_sends.pop_front();
    return send;
}

Duration Announcer::randomUpTo(Duration most) {
    return Duration(static_cast<Duration::rep>(m_random.below(static_cast<std::uint64_t>(most.count()) + 1)));
}

Duration Announcer::jittered(Duration nominal, int percent) {
    const Duration most = nominal * percent / 100;
    return nominal - most + randomUpTo(2 * most);
}

}  // namespace landline::discovery
