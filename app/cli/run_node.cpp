#include "app/cli/run_node.h"

#include "app/cli/passphrase.h"
#include "app/cli/standard_streams.h"
#include "app/control/control_server.h"
#include "app/control/event_stream.h"
#include "app/messenger/runtime.h"
#include "p2p/identity/relay_url.h"
#include "p2p/net/signal_watch.h"

#include <QCoreApplication>
#include <QDir>
#include <QJsonArray>

namespace landline::app::cli {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int kMostPort = 65535;

Expected<std::uint16_t> portOf(const QJsonObject& options, QLatin1String key, std::uint16_t otherwise) {
    const int port = options.value(key).toInt(otherwise);
    if (port < 0 || port > kMostPort) {
        return Unexpected(ErrorCode::InvalidArgument, "A port is a number from 0 to 65535.");
    }
    return static_cast<std::uint16_t>(port);
}

Expected<RuntimeOptions> runtimeOptions(const QJsonObject& options, const QString& profile) {
    RuntimeOptions runtime;
    runtime.profile = profile;
    runtime.passphrase = passphraseFromEnvironment();
    const Expected<std::uint16_t> port = portOf(options, "port"_L1, 0);
    if (!port) return Unexpected(port.error());
    runtime.node.listenPort = *port;
    const Expected<std::uint16_t> discovery = portOf(options, "discovery_port"_L1, limits::kDiscoveryPort);
    if (!discovery) return Unexpected(discovery.error());
    runtime.node.discoveryPort = *discovery;
    runtime.node.discovery = !options.value("no_discovery"_L1).toBool();
    for (const QJsonValue& host : options.value("connect"_L1).toArray())
        runtime.node.hosts.append(host.toString());
    runtime.allowAll = options.value("allow_all"_L1).toBool();
    runtime.acceptFilesInto = options.value("accept_files"_L1).toString();
    if (!runtime.acceptFilesInto.isEmpty() && !QDir().mkpath(runtime.acceptFilesInto)) {
        return Unexpected(ErrorCode::Disk,
                          "The folder " + runtime.acceptFilesInto.toStdString() +
                              " for files cannot be made. Choose another with --accept-files.");
    }
    return runtime;
}

/// The relays to be used, which are what they should be.
Expected<QStringList> relaysOf(const QJsonObject& options) {
    QStringList relays;
    for (const QJsonValue& url : options.value("relay"_L1).toArray()) {
        const auto parsed = identity::parseRelayUrl(url.toString().toStdString());
        if (!parsed) return Unexpected(ErrorCode::InvalidArgument, parsed.error().text);
        relays.append(url.toString());
    }
    return relays;
}

/// Before the network starts, so that events tell how each fares.
void addRelays(const QStringList& relays, MessengerPort port, control::Caller& caller) {
    for (const QString& url : relays) {
        port.call(
            &caller, [url](Messenger& messenger) { return messenger.addRelay(url); },
            [&caller](const Expected<RelayView>& relay) {
                if (relay) return;
                caller.write(
                    control::errorEvent(relay.error().code, QString::fromStdString(relay.error().text)));
            });
    }
}

int notStarted(const Error& error, Printer& printer) {
    printer.error(QString::fromStdString(error.text));
    return error.code == ErrorCode::InvalidArgument ? 2 : 1;
}

}  // namespace

int runNode(const QJsonObject& arguments, const QString& profile, Printer& printer) {
    const Expected<RuntimeOptions> options = runtimeOptions(arguments, profile);
    if (!options) return notStarted(options.error(), printer);
    const Expected<QStringList> relays = relaysOf(arguments);
    if (!relays) return notStarted(relays.error(), printer);
    Expected<std::unique_ptr<Runtime>> opened = Runtime::open(*options);
    if (!opened) return notStarted(opened.error(), printer);
    Runtime& runtime = **opened;

    // In this order, so that they end before what they refer to.
    control::Dispatcher dispatcher(runtime.port(), runtime.folder());
    StandardStreams streams(printer);
    new control::EventStream(runtime.port(), options->allowAll, &streams);
    control::ControlServer server(runtime.port(), runtime.folder());
    dispatcher.setDiscoveryPort(options->node.discoveryPort);
    server.setDiscoveryPort(options->node.discoveryPort);
    if (!runtime.notice().isEmpty()) {
        streams.write({{u"event"_s, u"error"_s}, {u"code"_s, u"notice"_s}, {u"text"_s, runtime.notice()}});
    }
    if (const Expected<void> listening = server.listen(); !listening) {
        streams.write(
            control::errorEvent(listening.error().code, QString::fromStdString(listening.error().text)));
    }
    net::SignalWatch watch;
    QObject::connect(&watch, &net::SignalWatch::interrupted, &streams, [] { QCoreApplication::quit(); });
    QObject::connect(&printer, &Printer::closed, &streams, [] { QCoreApplication::quit(); });
    // Without a port nobody can connect: better to end than to look as if all were well.
    QObject::connect(runtime.port().messenger(), &Messenger::problem, &streams,
                     [&printer](const QString& code, const QString& text) {
                         if (code != "network"_L1) return;
                         printer.error(text);
                         QCoreApplication::exit(1);
                     });
    streams.takeCommands(dispatcher);
    addRelays(*relays, runtime.port(), streams);
    runtime.startNetwork();
    const int code = QCoreApplication::exec();
    printer.flush();
    return code;
}

}  // namespace landline::app::cli
