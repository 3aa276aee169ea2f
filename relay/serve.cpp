// `landline-relay serve`
#include "p2p/net/signal_watch.h"
#include "relay/commands.h"
#include "relay/operator_service.h"
#include "relay/service_manager.h"

#include <QCoreApplication>
#include <QTimer>

#include <sys/resource.h>

#include <iostream>

namespace landline::relay {

namespace {

/// Descriptors beside those of clients and handshakes.
constexpr std::uint64_t kOtherDescriptors = 100;

void log(const std::string& line) {
    std::cerr << line << std::endl;
}

/// A client needs a descriptor: as many as the settings ask for, or as the system gives.
void raiseDescriptors(const RelayConfig& config) {
    const rlim_t wanted = config.clients + config.unauthenticated + kOtherDescriptors;
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return;
    limit.rlim_cur = std::min(wanted, limit.rlim_max);
    if (::setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= wanted) return;
    log("The system gives this program " + std::to_string(limit.rlim_cur) + " descriptors, and " +
        std::to_string(wanted) + " would be needed for as many clients as the settings allow (LimitNOFILE=).");
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

void reload(const Invocation& invocation, RelayServer& server, RelayConfig& running) {
    const auto read = readSettings(invocation);
    if (!read) return log(read.error().text + " The relay goes on with those it has.");
    for (const std::string& name : needRestart(running, read->config))
        log("\"" + name + "\" takes effect with the next start.");
    running = read->config;
    server.reload(running);
    log("The settings were read again.");
}

}  // namespace

int runServe(const Invocation& invocation) {
    const auto settings = readSettings(invocation);
    if (!settings) return fail(settings.error());
    RelayConfig running = settings->config;
    auto keys = readRelayKeys(keyFileIn(*settings));
    if (!keys) return fail(keys.error());
    const auto folder = StoreFolder::acquire(running.folder);
    if (!folder) return fail(folder.error());
    raiseDescriptors(running);
    SystemRandom random;
    const SystemClock clock;
    RelayServer server(running, *std::move(keys), clock, random, log);
    if (auto started = server.start(**folder); !started) return fail(started.error());
    OperatorService service(server, clock, random);
    ControlSocket control(
        [&service](const control::Question& question, ControlSocket::Answer answer) { service.handle(question, std::move(answer)); },
        nullptr);
    if (auto listening = control.listen(running.folder); !listening) log(listening.error().text);
    if (auto served = service.serveFigures(running.metrics); !served) return fail(served.error());

    net::SignalWatch signalWatch(nullptr, net::SignalWatch::Hangup::Reloads);
    QObject::connect(&signalWatch, &net::SignalWatch::reloadWanted, &server, [&] {
        tellServiceManager("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(micros(clock.mono())));
        reload(invocation, server, running);
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
