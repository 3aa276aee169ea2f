// `landline-relay serve`
#include "p2p/base/limits.h"
#include "p2p/net/signal_watch.h"
#include "relay/commands.h"
#include "relay/operator_service.h"
#include "relay/service_manager.h"

#include <QCoreApplication>
#include <QTimer>

#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <iostream>

namespace landline::relay {

namespace {

/// Descriptors beside those of connections.
constexpr std::uint64_t kOtherDescriptors = 100;
/// Of so many sessions one is for a device that is not let in yet, however few the descriptors are.
constexpr std::uint64_t kStrangersLeft = 128;

void log(const std::string& line) {
    std::cerr << line << std::endl;
}

/// Descriptors that no session has.
std::uint64_t besideSessions(const RelayConfig& config) {
    return config.unauthenticated * config.listen.size() + kOtherDescriptors;
}

std::uint64_t descriptorsFor(const RelayConfig& config) {
    // Beside the clients are a quarter as many that are not let in yet, and those whose last words are on their way.
    const std::uint64_t leaving = std::min<std::uint64_t>(config.clients, 2 * limits::kRelayHandshakes);
    return config.clients + config.clients / 4 + leaving + besideSessions(config);
}

/// A connection needs a descriptor: as many as the settings ask for, or as the system gives. Then there are fewer strangers, and,
/// where that is not enough, fewer clients: whom there is no place for is told so, but without a descriptor it would wait.
RelayConfig raiseDescriptors(RelayConfig config) {
    const std::uint64_t wanted = descriptorsFor(config);
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return config;
    rlimit raised = limit;
    raised.rlim_cur = std::min<rlim_t>(wanted, limit.rlim_max);
    const rlim_t given = ::setrlimit(RLIMIT_NOFILE, &raised) == 0 ? raised.rlim_cur : limit.rlim_cur;
    if (given >= wanted) return config;
    config.sessions = std::max<std::uint64_t>(given - std::min<std::uint64_t>(given, besideSessions(config)), 2);
    const std::uint64_t most = config.sessions - 1 - config.sessions / kStrangersLeft;
    config.clients = static_cast<std::uint32_t>(std::min<std::uint64_t>(config.clients, std::max<std::uint64_t>(most, 1)));
    log("The system gives this program " + std::to_string(given) + " file descriptors, and all that the settings allow needs " +
        std::to_string(wanted) + ". It takes " + std::to_string(config.clients) +
        " clients, and fewer beside them that are not let in yet. For more, raise the limit (LimitNOFILE=" + std::to_string(wanted) +
        " for the service, \"ulimit -n\" elsewhere) and start it again.");
    return config;
}

std::int64_t micros(MonoTime time) {
    return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
}

/// Tells the service manager twice in each of its periods that the loop runs. Null where it does not want that.
std::unique_ptr<QTimer> feedWatchdog() {
    const auto period = watchdogPeriod();
    if (!period) return nullptr;
    auto timer = std::make_unique<QTimer>();
    QObject::connect(timer.get(), &QTimer::timeout, timer.get(), [] { tellServiceManager("WATCHDOG=1"); });
    timer->start(std::chrono::duration_cast<std::chrono::milliseconds>(*period / 2));
    return timer;
}

/// `started`: the settings of the start, of which those that need one are still in effect.
void reload(const Invocation& invocation, RelayServer& server, const RelayConfig& started) {
    auto read = readSettings(invocation);
    if (!read) return log(read.error().text + " The relay goes on with those it has.");
    for (const std::string& name : needRestart(started, read->config))
        log("\"" + name + "\" takes effect with the next start.");
    read->config.listen = started.listen;  // which need descriptors
    server.reload(raiseDescriptors(std::move(read->config)));
    log("The settings were read again.");
}

}  // namespace

int runServe(const Invocation& invocation) {
    const auto settings = readSettings(invocation);
    if (!settings) return fail(settings.error());
    const RelayConfig& config = settings->config;
    Invocation again = invocation;  // whatever files there are by then
    again.config = settings->file;
    auto keys = readRelayKeys(keyFileIn(*settings));
    if (!keys) return fail(keys.error());
    const auto folder = StoreFolder::acquire(config.folder);
    if (!folder) return fail(folder.error());
    // The log may be a pipe whose reader ends before the relay does.
    std::signal(SIGPIPE, SIG_IGN);
    SystemRandom random;
    const SystemClock clock;
    RelayServer server(raiseDescriptors(config), *std::move(keys), clock, random, log);
    if (auto started = server.start(**folder); !started) return fail(started.error());
    OperatorService service(server, clock, random);
    ControlSocket control(
        [&service](const control::Question& question, ControlSocket::Answer answer) { service.handle(question, std::move(answer)); },
        nullptr);
    if (auto listening = control.listen(config.folder); !listening) log(listening.error().text);
    if (auto served = service.serveFigures(config.metrics); !served) return fail(served.error());

    net::SignalWatch signalWatch(nullptr, net::SignalWatch::Hangup::Reloads);
    QObject::connect(&signalWatch, &net::SignalWatch::reloadWanted, &server, [&] {
        tellServiceManager("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(micros(clock.mono())));
        reload(again, server, config);
        tellServiceManager("READY=1");
    });
    QObject::connect(&signalWatch, &net::SignalWatch::interrupted, &server, [&] {
        tellServiceManager("STOPPING=1");
        server.stop();
    });
    QObject::connect(&server, &RelayServer::stopped, qApp, [] { QCoreApplication::exit(0); }, Qt::QueuedConnection);
    QObject::connect(&server, &RelayServer::failed, qApp, [] { QCoreApplication::exit(1); }, Qt::QueuedConnection);
    const auto watchdog = feedWatchdog();
    log("The relay serves on port " + std::to_string(server.port()) + ".");
    tellServiceManager("READY=1");
    return QCoreApplication::exec();
}

}  // namespace landline::relay
