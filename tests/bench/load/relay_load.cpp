/// Clients of a relay, and of programs that it is measured beside: many in one process, on a loop of their own. Prints one
/// JSON object for each figure or event.
///
///     relay_load relay URL deposits [OPTION…]        200 clients leave messages for each other
///     relay_load redis|mqtt|xmpp PORT deposits [OPTION…]
///     relay_load relay URL drain --items N           a mailbox is filled and emptied
///     relay_load relay URL idle --clients N          each comes, exchanges ten messages, stays and comes back; until
///                                                    standard input ends
///     relay_load relay URL steady --rate N           all leave and fetch messages, and some come and go
///     relay_load relay URL hostile --expired URL --used URL
///                                                    so many play each trick of hostile.h, with these invites as well
///
/// Options: --clients N --depth N (or --rate N: deposits a second of all) --bytes N --seconds N --source N (of the first
/// address) --name NAME (of the figures)
#include "p2p/identity/relay_url.h"
#include "tests/bench/load/hostile.h"
#include "tests/bench/load/reference_clients.h"
#include "tests/bench/load/relay_client.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>

namespace landline::load {
namespace {

using namespace std::chrono_literals;

/// Handshakes under way at the same time, fewer than a relay keeps.
constexpr std::size_t kAtOnce = 100;
constexpr Duration kWarmUp = 1s;
constexpr Duration kTick = 500ms;
/// How long what is on its way may take to come.
constexpr Duration kPatience = 20s;
/// What each idle client leaves for another one.
constexpr std::size_t kExchanged = 10;

struct Options {
    std::string service;
    std::string where;
    std::string mode;
    std::map<std::string, std::string> named;

    [[nodiscard]] std::size_t number(const std::string& name, std::size_t standard) const {
        const auto found = named.find(name);
        return found == named.end() ? standard : std::strtoull(found->second.c_str(), nullptr, 10);
    }
    [[nodiscard]] std::string text(const std::string& name, const std::string& standard) const {
        const auto found = named.find(name);
        return found == named.end() ? standard : found->second;
    }
};

Options parse(int argc, char** argv) {
    if (argc < 4 || argc % 2 != 0)
        fail("usage: relay_load relay|redis|mqtt|xmpp WHERE MODE [--OPTION VALUE]…");
    Options options{argv[1], argv[2], argv[3], {}};
    for (int i = 4; i + 1 < argc; i += 2) options.named[argv[i]] = argv[i + 1];
    return options;
}

void figure(const std::string& name, double value) {
    std::printf("{\"name\":\"%s\",\"value\":%.10g}\n", name.c_str(), value);
    std::fflush(stdout);
}

double secondsOf(Duration time) {
    return std::chrono::duration<double>(time).count();
}

/// Runs the loop until `done`, looked at after each `every`.
void runUntil(Loop& loop, Duration every, std::function<bool()> done) {
    std::function<void()> look = [&] {
        if (done()) return loop.stop();
        loop.after(every, look);
    };
    loop.after(Duration::zero(), look);
    loop.run();
}

/// Starts clients, a few at a time, until all are ready.
template <class Client>
void startAll(Loop& loop, std::vector<std::unique_ptr<Client>>& clients) {
    std::size_t started = 0;
    runUntil(loop, 5ms, [&] {
        const auto ready = static_cast<std::size_t>(
            std::count_if(clients.begin(), clients.begin() + static_cast<std::ptrdiff_t>(started),
                          [](const auto& one) { return one->isReady(); }));
        for (; started < clients.size() && started < ready + kAtOnce; ++started) clients[started]->start();
        return ready == clients.size();
    });
}

/// Deposits at the task's rate, of one client after the other, as long as it is open.
template <class Client>
class Pace {
public:
    Pace(Loop& loop, std::vector<std::unique_ptr<Client>>& clients, const Task& task)
        : m_loop(loop), m_clients(clients), m_task(task), m_began(loop.now()) {}

    void turn() {
        if (!m_task.isOpen) return;
        const auto due = static_cast<std::uint64_t>(secondsOf(m_loop.now() - m_began) * static_cast<double>(m_task.rate));
        for (; m_made < due; ++m_made) m_clients[m_made % m_clients.size()]->add();
        for (const auto& one : m_clients) one->flush();
        m_loop.after(5ms, [this] { turn(); });
    }

private:
    Loop& m_loop;
    std::vector<std::unique_ptr<Client>>& m_clients;
    const Task& m_task;
    const MonoTime m_began;
    std::uint64_t m_made = 0;
};

/// The task's deposits by all of them, for some seconds, and the figures.
template <class Client>
void measure(Loop& loop, std::vector<std::unique_ptr<Client>>& clients, Task& task, const Options& options) {
    const Duration time = std::chrono::seconds(options.number("--seconds", 10));
    task.isOpen = true;
    for (const auto& one : clients) {
        one->fill();
        one->flush();
    }
    Pace<Client> pace(loop, clients, task);
    if (task.rate > 0) pace.turn();
    loop.after(kWarmUp, [&] { task.meter.begin(loop.now()); });
    loop.after(kWarmUp + time, [&] {
        task.meter.end(loop.now());
        task.isOpen = false;
    });
    runUntil(loop, 10ms, [&] {
        return task.meter.count() > 0 && !task.isOpen &&
               std::all_of(clients.begin(), clients.end(),
                           [](const auto& one) { return one->unanswered() == 0; });
    });
    const std::string name = options.text("--name", "deposits");
    figure(name, task.meter.perSecond());
    figure(name + ".p50", task.meter.quantile(0.5));
    figure(name + ".p99", task.meter.quantile(0.99));
    figure(name + ".count", static_cast<double>(task.answered));
}

template <class Client>
void measureReference(const Options& options, Task& task) {
    const Target target{static_cast<std::uint16_t>(std::strtoul(options.where.c_str(), nullptr, 10))};
    Loop loop;
    const auto make = [&](std::size_t number) {
        return std::make_unique<Client>(loop, task, number, target);
    };
    if constexpr (std::is_same_v<Client, MqttClient>) {
        std::vector<std::unique_ptr<Client>> subscribers;
        for (std::size_t i = 0; i < task.boxes; ++i) subscribers.push_back(make(i));
        for (const auto& one : subscribers) one->subscribes = true;
        startAll(loop, subscribers);
    }
    std::vector<std::unique_ptr<Client>> clients;
    for (std::size_t i = 0; i < options.number("--clients", 200); ++i) clients.push_back(make(i));
    startAll(loop, clients);
    measure(loop, clients, task, options);
}

// Relay --------------------------------------------------------------------------------------------------------------

using Clients = std::vector<std::unique_ptr<RelayClient>>;

std::unique_ptr<RelayWorld> worldOf(const Options& options, std::size_t count) {
    const auto url = identity::parseRelayUrl(options.where);
    if (!url) fail(url.error().text);
    auto world = std::make_unique<RelayWorld>(Target{url->port}, url->key, count);
    world->invite = url->invite;
    world->firstSource = static_cast<std::uint32_t>(options.number("--source", 0));
    return world;
}

Clients clientsOf(Loop& loop, Task& task, RelayWorld& world) {
    Clients clients;
    for (std::size_t i = 0; i < world.devices.size(); ++i)
        clients.push_back(std::make_unique<RelayClient>(loop, task, i, world));
    return clients;
}

/// Keepalives and other timeouts of all.
void tickAll(Loop& loop, Clients& clients) {
    for (const auto& one : clients) one->tick();
    loop.after(kTick, [&] { tickAll(loop, clients); });
}

void deposits(const Options& options, Task& task) {
    const auto world = worldOf(options, options.number("--clients", 200));
    task.boxes = world->devices.size();
    Loop loop;
    Clients clients = clientsOf(loop, task, *world);
    startAll(loop, clients);
    tickAll(loop, clients);
    measure(loop, clients, task, options);
    for (const auto& one : clients) one->leave();
}

void drain(const Options& options, Task& task) {
    const auto world = worldOf(options, options.number("--clients", 200));
    const std::size_t items = options.number("--items", 100'000);
    Loop loop;
    Clients clients = clientsOf(loop, task, *world);
    startAll(loop, clients);
    std::size_t left = items;
    const auto leave = [&](RelayClient& one) {
        const std::size_t count = std::min<std::size_t>(left, 32);
        left -= count;
        one.exchange(count, 0);
    };
    for (const auto& one : clients) {
        one->onIdle = [&, client = one.get()] { leave(*client); };
        if (one != clients.front()) leave(*one);
    }
    runUntil(loop, 10ms, [&] {
        std::size_t stored = 0;
        for (const auto& one : clients) stored += one->stored;
        return stored == items;
    });
    RelayClient& owner = *clients.front();
    owner.onIdle = [&] { loop.stop(); };
    loop.look();
    const MonoTime began = loop.now();
    owner.drain();
    loop.run();
    if (owner.acknowledged != items || !world->post.isSound()) fail("other than what was left was drained");
    figure(options.text("--name", "drain"), static_cast<double>(items) / secondsOf(loop.now() - began));
    for (const auto& one : clients) one->leave();
}

/// Tells when all are in, again after each time that some were not.
void watchPresence(Loop& loop, Clients& clients, bool wereIn) {
    const auto in = static_cast<std::size_t>(
        std::count_if(clients.begin(), clients.end(), [](const auto& one) { return one->isIn(); }));
    const bool areIn = in == clients.size();
    if (areIn && !wereIn) {
        std::size_t refusals = 0;
        for (const auto& one : clients) refusals += std::exchange(one->refusals, 0);
        std::printf("{\"event\":\"in\",\"at\":%.3f,\"clients\":%zu,\"refusals\":%zu}\n",
                    secondsOf(std::chrono::duration_cast<Duration>(
                        std::chrono::steady_clock::now().time_since_epoch())),
                    in, refusals);
        std::fflush(stdout);
    }
    loop.after(20ms, [&loop, &clients, areIn] { watchPresence(loop, clients, areIn); });
}

/// Each leaves messages for the next one, and all take theirs.
void exchangeAll(Loop& loop, Clients& clients) {
    std::size_t begun = 0;
    runUntil(loop, 5ms, [&] {
        std::size_t stored = 0;
        std::size_t taken = 0;
        for (const auto& one : clients) stored += one->stored, taken += one->acknowledged;
        for (; begun < clients.size() && begun * kExchanged < stored + 2000; ++begun)
            clients[begun]->exchange(kExchanged, (begun + 1) % clients.size());
        return taken == clients.size() * kExchanged;
    });
}

void idle(const Options& options, Task& task) {
    const auto world = worldOf(options, options.number("--clients", 1000));
    Loop loop;
    Clients clients = clientsOf(loop, task, *world);
    // On a fast machine they are more in a second than the relay shakes hands with.
    for (const auto& one : clients) one->takes = one->comesBack = true;
    startAll(loop, clients);
    tickAll(loop, clients);
    exchangeAll(loop, clients);
    loop.onLine([&](const std::optional<std::string>& line) {
        if (!line) loop.stop();
    });
    watchPresence(loop, clients, false);
    loop.run();
}

/// Messages at a bound rate between all, which take them at once; and each tenth of a second one goes and comes back.
class Steady {
public:
    Steady(Loop& loop, Clients& clients, std::size_t rate)
        : m_loop(loop), m_clients(clients), m_perTurn(std::max<std::size_t>(rate / 100, 1)) {}

    void stop() { m_isOver = true; }
    void turn() {
        if (m_isOver) return;
        for (std::size_t i = 0; i < m_perTurn; ++i) {
            RelayClient& from = *m_clients[m_at++ % m_clients.size()];
            from.exchange(1, m_random.below(m_clients.size()));
        }
        if (++m_turns % 10 == 0) {
            RelayClient& one = *m_clients[m_random.below(m_clients.size())];
            one.leave();
            m_loop.after(500ms, [&one] {
                if (one.isIdle()) one.start();
            });
        }
        m_loop.after(10ms, [this] { turn(); });
    }

private:
    Loop& m_loop;
    Clients& m_clients;
    const std::size_t m_perTurn;
    SystemRandom m_random;
    std::size_t m_at = 0;
    std::size_t m_turns = 0;
    bool m_isOver = false;
};

/// Until all that was stored has come, or patience ends.
void settle(Loop& loop, const Clients& clients, const Post& post) {
    loop.look();
    const MonoTime end = loop.now() + kPatience;
    runUntil(loop, 10ms, [&] {
        const bool areAtRest = std::all_of(clients.begin(), clients.end(), [](const auto& one) { return one->isAtRest(); });
        return loop.now() > end || (areAtRest && post.lost() + post.strange() == 0);
    });
}

void steady(const Options& options, Task& task) {
    const auto world = worldOf(options, options.number("--clients", 200));
    Loop loop;
    Clients clients = clientsOf(loop, task, *world);
    for (const auto& one : clients) one->takes = true;
    startAll(loop, clients);
    for (const auto& one : clients) one->comesBack = true;
    tickAll(loop, clients);
    task.meter.begin(loop.now());
    Steady traffic(loop, clients, options.number("--rate", 1000));
    traffic.turn();
    loop.after(std::chrono::seconds(options.number("--seconds", 10)), [&] { loop.stop(); });
    loop.run();
    traffic.stop();
    settle(loop, clients, world->post);
    std::size_t stored = 0;
    std::size_t taken = 0;
    std::size_t refusals = 0;
    for (const auto& one : clients) stored += one->stored, taken += one->taken, refusals += one->refusals;
    figure("p50", task.meter.quantile(0.5));
    figure("p99", task.meter.quantile(0.99));
    figure("stored", static_cast<double>(stored));
    figure("taken", static_cast<double>(taken));
    figure("refusals", static_cast<double>(refusals));
    figure("lost", static_cast<double>(world->post.lost()));
    figure("strange", static_cast<double>(world->post.strange()));
    figure("spoiled", static_cast<double>(world->post.spoiled()));
    figure("disorder", static_cast<double>(world->post.disorder()));
}

std::optional<RelayInvite> inviteIn(const Options& options, const std::string& name) {
    const auto url = identity::parseRelayUrl(options.text(name, {}));
    if (!url || !url->invite) fail(name + " needs the URL of an invite");
    return url->invite;
}

/// The victim has a mailbox, and takes a token back that was good: somebody has left something with it.
void takeTokenBack(Loop& loop, Task& task, RelayWorld& world, std::size_t victim, std::size_t witness) {
    Clients clients;
    for (const std::size_t number : {victim, witness})
        clients.push_back(std::make_unique<RelayClient>(loop, task, number, world));
    startAll(loop, clients);
    clients[1]->exchange(1, victim);
    runUntil(loop, 5ms, [&] { return clients[1]->stored == 1; });
    if (clients[1]->refusals > 0) fail("a token that is good was refused");
    clients[0]->leave();
    world.devices[victim]->token = world.random.make<RelayToken>();
    clients[0]->start();
    runUntil(loop, 5ms, [&] { return clients[0]->isReady(); });
    for (const auto& one : clients) one->leave();
}

void hostile(const Options& options, Task& task) {
    const std::size_t each = options.number("--clients", 8);
    constexpr auto kTricks = static_cast<std::size_t>(Trick::Count);
    const std::size_t count = each * kTricks;
    const auto world = worldOf(options, count + 2);
    Loop loop;
    const RelayToken revoked = world->devices[count]->token;
    takeTokenBack(loop, task, *world, count, count + 1);
    const Attack attack{*world, *world->devices[count], revoked, inviteIn(options, "--expired"),
                        inviteIn(options, "--used")};
    std::vector<std::unique_ptr<Attacker>> attackers;
    for (std::size_t i = 0; i < count; ++i) {
        const auto source = world->firstSource + static_cast<std::uint32_t>(i);
        attackers.push_back(std::make_unique<Attacker>(loop, static_cast<Trick>(i % kTricks), source, attack,
                                                       *world->devices[i]));
        attackers.back()->start();
    }
    loop.after(std::chrono::seconds(options.number("--seconds", 10)), [&] { loop.stop(); });
    loop.run();
    std::size_t dials = 0;
    std::size_t answers = 0;
    std::array<std::size_t, kTricks> met{};
    for (const auto& one : attackers) {
        dials += one->dials, answers += one->answers;
        met.at(static_cast<std::size_t>(one->trick())) += one->met;
    }
    figure("dials", static_cast<double>(dials));
    figure("answers", static_cast<double>(answers));
    for (std::size_t i = 0; i < kTricks; ++i)
        figure(std::string("met.").append(nameOf(static_cast<Trick>(i))), static_cast<double>(met.at(i)));
}

void run(const Options& options) {
    Task task;
    task.depth = options.number("--depth", 1);
    task.rate = options.number("--rate", 0);
    task.bytes = std::max(options.number("--bytes", 400), kLeastBody);
    if (options.service == "redis") return measureReference<RedisClient>(options, task);
    if (options.service == "mqtt") return measureReference<MqttClient>(options, task);
    if (options.service == "xmpp") return measureReference<XmppClient>(options, task);
    if (options.mode == "deposits") return deposits(options, task);
    if (options.mode == "drain") return drain(options, task);
    if (options.mode == "idle") return idle(options, task);
    if (options.mode == "steady") return steady(options, task);
    if (options.mode == "hostile") return hostile(options, task);
    fail("there is no such mode: " + options.mode);
}

}  // namespace
}  // namespace landline::load

int main(int argc, char** argv) {
    landline::initCrypto();
    landline::load::run(landline::load::parse(argc, argv));
    return 0;
}
