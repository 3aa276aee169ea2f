#include "app/control/control_client.h"
#include "app/storage/profile.h"
#include "app/views/desktop.h"
#include "app/views/fonts.h"
#include "app/views/language.h"
#include "p2p/net/signal_watch.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QEventLoop>
#include <QTimer>

#include <chrono>

namespace {

using landline::app::Desktop;
using landline::app::DesktopOptions;

constexpr std::chrono::milliseconds kHandOverPatience{3000};

struct Arguments {
    DesktopOptions desktop;
    QString language;
};

Arguments parse(const QCoreApplication& application) {
    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral("A messenger for people on one network."));
    parser.addHelpOption();
    parser.addVersionOption();
    const QCommandLineOption profile(QStringLiteral("profile"), QStringLiteral("Folder of the profile."),
                                     QStringLiteral("DIR"));
    const QCommandLineOption lang(QStringLiteral("lang"), QStringLiteral("Language: en or zh_CN."),
                                  QStringLiteral("NAME"));
    const QCommandLineOption scheme(QStringLiteral("color-scheme"), QStringLiteral("light, dark or system."),
                                    QStringLiteral("NAME"));
    const QCommandLineOption port(QStringLiteral("port"), QStringLiteral("TCP port to listen on."),
                                  QStringLiteral("N"));
    const QCommandLineOption quiet(QStringLiteral("no-discovery"),
                                   QStringLiteral("Neither send nor hear beacons."));
    const QCommandLineOption host(QStringLiteral("connect"),
                                  QStringLiteral("Address to try; may be repeated."),
                                  QStringLiteral("HOST:PORT"));
    parser.addOptions({profile, lang, scheme, port, quiet, host});
    parser.addPositionalArgument(QStringLiteral("LINK"),
                                 QStringLiteral("A contact link or a relay's address to open."),
                                 QStringLiteral("[LINK]"));
    parser.process(application);

    Arguments arguments;
    auto& runtime = arguments.desktop.runtime;
    runtime.profile = parser.isSet(profile) ? parser.value(profile) : landline::app::Profile::defaultFolder();
    runtime.node.listenPort = parser.value(port).toUShort();
    runtime.node.discovery = !parser.isSet(quiet);
    runtime.node.hosts = parser.values(host);
    arguments.desktop.link = parser.positionalArguments().value(0);
    arguments.desktop.colorScheme = parser.value(scheme);
    arguments.language = parser.isSet(lang) ? parser.value(lang) : qEnvironmentVariable("LANDLINE_LANG");
    return arguments;
}

/// True if the program that runs on the profile has taken the link.
bool handedOver(const DesktopOptions& options) {
    if (options.link.isEmpty()) return false;
    landline::app::control::ControlClient client;
    if (!client.connectTo(options.runtime.profile, kHandOverPatience)) return false;
    int code = -1;
    QEventLoop waiting;
    QTimer::singleShot(kHandOverPatience, &waiting, &QEventLoop::quit);
    QObject::connect(&client, &landline::app::control::ControlClient::lost, &waiting, &QEventLoop::quit);
    QObject::connect(&client, &landline::app::control::ControlClient::line, &waiting,
                     [&](const QJsonObject& line) {
                         code = line.value(QStringLiteral("code")).toInt(-1);
                         waiting.quit();
                     });
    client.send({{QStringLiteral("do"), QStringLiteral("open")}, {QStringLiteral("link"), options.link}});
    waiting.exec();
    return code == 0;
}

}  // namespace

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("landline"));
    QCoreApplication::setApplicationVersion(QStringLiteral(LANDLINE_VERSION));
    QGuiApplication::setApplicationDisplayName(QStringLiteral("Landline"));
    QGuiApplication::setDesktopFileName(QStringLiteral("landline"));
    QApplication::setQuitOnLastWindowClosed(false);
    auto arguments = parse(application);
    if (arguments.language.isEmpty())
        arguments.language = landline::app::Preferences(arguments.desktop.runtime.profile).language();
    landline::app::installLanguage(application, arguments.language);
    landline::app::chooseFont(application);
    if (handedOver(arguments.desktop)) return 0;
    landline::net::SignalWatch watch;
    QObject::connect(&watch, &landline::net::SignalWatch::interrupted, &application, &QCoreApplication::quit);
    Desktop desktop(arguments.desktop);
    desktop.start();
    return QApplication::exec();
}
