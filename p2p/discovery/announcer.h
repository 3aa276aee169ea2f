#pragma once

#include "p2p/base/clock.h"
#include "p2p/base/random.h"
#include "p2p/discovery/beacon.h"
#include "p2p/discovery/endpoint.h"

#include <deque>
#include <optional>
#include <vector>

namespace landline::discovery {

/// What to send: to everybody on every interface, or to one endpoint only.
struct Send {
    BeaconType type = BeaconType::Announce;
    std::optional<Endpoint> to;

    friend bool operator==(const Send&, const Send&) = default;
};

/// When a device speaks, so that a newcomer finds everybody at once and the traffic of a thousand devices stays flat.
/// No socket, no clock: events and the time go in, `nextSend` gives what is to be sent. N is the number of devices
/// present in the roster.
///
///     Silent ──start──► Greeting ──hellos sent──► Steady ──goodbye──► Silent
///                           ▲                        │
///                           └──── network changed ───┘
///
/// Silent: nothing is sent (not started, invisible or gone).
///
/// Greeting: hellos by broadcast, the first after up to 150 ms, the others 250 ms, 750 ms and 1.5 s after it, each
/// moved by up to a tenth. Where more than 64 devices are present the run ends after the third. Runs begin at least 2 s
/// apart; a network change meanwhile postpones the next.
///
/// Steady: an announcement each period, moved by ± 25 %, counted from the last broadcast of any type. The period is
/// max(20 s, N/25 s), at most 120 s, and each beacon states it. Whoever finds an alarm 10 s overdue was stopped or
/// asleep, has missed what others said, and greets again.
///
/// Answers, in Greeting and Steady: a hello opens a window that ends after a random part of W = 2 ms × (N + 1), at
/// least 50 ms, at most 2 s; hellos that arrive meanwhile join it. At its end one newcomer is answered by unicast to
/// the source of its hello, several by one broadcast; while Greeting, these wait for the next hello instead. Any
/// broadcast that happens meanwhile counts as the answer to all who are owed one. Against loss an answer is repeated:
/// while N is at most 64 three times, after 200, 300 and 500 ms, else twice, after 800 and 1200 ms (± 10 %). Two
/// broadcast answers are at least W apart. A newcomer with whom a session opens is owed nothing more. Beyond limits::kOwedAnswers newcomers the broadcast covers the rest too.
/// Who is answered (on-link, once per instance in 30 s) is for the owner to decide.
class Announcer {
public:
    explicit Announcer(Random& random) : m_random(random) {}

    /// Begins to speak with a run of hellos. Nothing new if it speaks already: see networkChanged.
    void start(MonoTime now);
    /// Another address, or a resume from sleep: hellos again. Nothing while silent.
    void networkChanged(MonoTime now);
    /// What beacons say has changed (a name): the next announcement comes now. Nobody needs to answer it.
    void announceSoon(MonoTime now);
    /// Says goodbye and is silent from then on.
    void stop();
    [[nodiscard]] bool isSilent() const { return m_state == State::Silent; }

    /// A newcomer is to be answered at the endpoint its hello came from.
    void owe(const DeviceId& device, const Endpoint& newcomer, std::size_t present, MonoTime now);
    /// The newcomer has found us: no more answers to it.
    void settle(const DeviceId& device);
    void advance(std::size_t present, MonoTime now);
    [[nodiscard]] std::optional<MonoTime> nextTimeout() const;
    [[nodiscard]] std::optional<Send> nextSend();

    /// What beacons state as their period.
    [[nodiscard]] static std::chrono::seconds period(std::size_t present);

private:
    enum class State { Silent, Greeting, Steady };
    struct Owed {
        DeviceId device;
        Endpoint to;
        int sent = 0;
    };

    void greet(MonoTime at);
    void sendHello(std::size_t present, MonoTime now);
    void answer(std::size_t present, MonoTime now);
    void broadcast(BeaconType type, std::size_t present, MonoTime now);
    /// One more answer has gone to everybody owed; decides when and to whom the next goes.
    void noteAnswered(std::size_t present, MonoTime now);
    [[nodiscard]] Duration randomUpTo(Duration most);
    [[nodiscard]] Duration jittered(Duration nominal, int percent);

    Random& m_random;
    State m_state = State::Silent;
    int m_hellosSent = 0;
    MonoTime m_runStarted{};
    MonoTime m_nextHello{};
    MonoTime m_nextAnnounce{};
    std::vector<Owed> m_owed;
    MonoTime m_answerDue{};
    MonoTime m_noAnswerBroadcastBefore{};
    std::deque<Send> m_sends;
};

}  // namespace landline::discovery
