#include "p2p/net/signal_watch.h"
#include "app/storage/profile.h"
#include "app/views/desktop.h"
#include "app/views/fonts.h"
#include "app/views/language.h"

#include <QApplication>
#include <QCommandLineParser>

namespace {

using landline::app::Desktop;
using landline::app::DesktopOptions;

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
    parser.process(application);

    Arguments arguments;
    auto& runtime = arguments.desktop.runtime;
    runtime.profile = parser.isSet(profile) ? parser.value(profile) : landline::app::Profile::defaultFolder();
    runtime.node.listenPort = parser.value(port).toUShort();
    runtime.node.discovery = !parser.isSet(quiet);
    runtime.node.hosts = parser.values(host);
    arguments.desktop.colorScheme = parser.value(scheme);
    arguments.language = parser.isSet(lang) ? parser.value(lang) : qEnvironmentVariable("LANDLINE_LANG");
    return arguments;
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
    landline::net::SignalWatch watch;
    QObject::connect(&watch, &landline::net::SignalWatch::interrupted, &application,
                     &QCoreApplication::quit);
    Desktop desktop(arguments.desktop);
    desktop.start();
    return QApplication::exec();
}
