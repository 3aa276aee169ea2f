// `landline-relay serve`
#include "p2p/net/signal_watch.h"
#include "relay/admin/metrics_server.h"
#include "relay/commands.h"
#include "relay/control_socket.h"
#include "relay/relay_metrics.h"
#include "relay/relay_server.h"
#include "relay/service_manager.h"

#include <QCoreApplication>

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

void reload(const Invocation& invocation, RelayServer& server, RelayConfig& running) {
    const auto read = readSettings(invocation);
    if (!read) return log(read.error().text + " The relay goes on with those it has.");
    for (const std::string& name : needRestart(running, read->config))
        log("\"" + name + "\" takes effect with the next start.");
    running = read->config;
    server.reload(running);
    log("The settings were read again.");
}

void addInvite(RelayServer& server, const AddInvite& invite, const ControlSocket::Done& done) {
    server.ask(invite, [done](const StoreAnswer& answer) {
        if (const auto* const refusal = std::get_if<StoreRefusal>(&answer)) return done(refusal->text);
        const auto* const change = std::get_if<ChangeAnswer>(&answer);
        done(change && !change->refused ? std::nullopt : std::optional<std::string>("The relay did not take this invite."));
    });
}

std::unique_ptr<MetricsServer> makeMetrics(RelayServer& server) {
    MetricsServer::Sources sources;
    sources.metrics = [&server] { return metricsOf(server.figures(), server.storeFigures()); };
    sources.trouble = [&server] {
        return server.isStopping() ? std::optional<std::string>("The relay ends.") : std::nullopt;
    };
    return std::make_unique<MetricsServer>(std::move(sources));
}

Expected<void> serveMetrics(MetricsServer& metrics, const HostPort& at) {
    if (at.port == 0) return {};
    const QHostAddress address(at.host == "localhost" ? QStringLiteral("127.0.0.1") : QString::fromStdString(at.host));
    if (auto listening = metrics.listen(address, at.port); !listening) return Unexpected(listening.error());
    return {};
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
    ControlSocket control(
        [&server](const AddInvite& invite, const ControlSocket::Done& done) { addInvite(server, invite, done); }, nullptr);
    if (auto listening = control.listen(running.folder); !listening) log(listening.error().text);

    const auto metrics = makeMetrics(server);
    if (auto served = serveMetrics(*metrics, running.metrics); !served) return fail(served.error());

    net::SignalWatch signalWatch(nullptr, net::SignalWatch::Hangup::Reloads);
    QObject::connect(&signalWatch, &net::SignalWatch::reloadWanted, &server, [&] {
        tellServiceManager("RELOADING=1");
        reload(invocation, server, running);
        tellServiceManager("READY=1");
    });
    QObject::connect(&signalWatch, &net::SignalWatch::interrupted, &server, [&] {
        tellServiceManager("STOPPING=1");
        server.stop();
    });
    QObject::connect(&server, &RelayServer::stopped, qApp, [] { QCoreApplication::exit(0); }, Qt::QueuedConnection);
    log("The relay serves on port " + std::to_string(server.port()) + ".");
    tellServiceManager("READY=1");
    return QCoreApplication::exec();
}

}  // namespace landline::relay
