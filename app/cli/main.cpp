#include "app/cli/invocation.h"
#include "app/cli/one_shot.h"
#include "app/cli/passphrase.h"
#include "app/cli/printer.h"
#include "app/cli/run_node.h"
#include "app/control/json_values.h"
#include "app/messenger/runtime.h"
#include "app/storage/backup.h"
#include "app/storage/profile.h"
#include "p2p/base/random.h"
#include "p2p/identity/safety_number.h"

#include <QCoreApplication>
#include <QFileInfo>

#include <cstdio>

namespace landline::app::cli {

using namespace Qt::Literals::StringLiterals;

namespace {

int leaveWith(const Error& error, Printer& printer) {
    printer.error(QString::fromStdString(error.text));
    return error.code == ErrorCode::InvalidArgument ? 2 : 1;
}

int initProfile(const QJsonObject& command, const QString& profile, Printer& printer) {
    const QString name = command.value("name"_L1).toString();
    if (name.isEmpty()) {
        return leaveWith({ErrorCode::InvalidArgument, "Which name? Usage: landline-cli init --name NAME"},
                      printer);
    }
    if (Profile::exists(profile)) {
        // Not a matter of usage: the same call was right the first time.
        return leaveWith({ErrorCode::Disk, "There is a profile in " + profile.toStdString() +
                                            " already. Choose another folder with --profile."},
                      printer);
    }
    const Expected<std::unique_ptr<Profile>> made = Profile::create(profile, name);
    if (!made) return leaveWith(made.error(), printer);
    const PersonId person = (*made)->person();
    printer.result(u"init"_s,
                   {{u"device"_s, control::hexOf((*made)->identity()->certificate.device().view())},
                    {u"person"_s, control::hexOf(person.view())},
                    {u"name"_s, (*made)->name()},
                    {u"fingerprint"_s, QString::fromStdString(identity::fingerprint(person.view()))},
                    {u"profile"_s, profile}});
    return 0;
}

int restoreProfile(const QJsonObject& command, const QString& profile, Printer& printer) {
    const Expected<QString> passphrase = passphraseFromFile(command.value("passphrase_file"_L1).toString());
    if (!passphrase) return leaveWith(passphrase.error(), printer);
    const Expected<void> restored =
        backup::restore(command.value("file"_L1).toString(), profile, *passphrase);
    if (!restored) {
        printer.error(QString::fromStdString(restored.error().text));
        return 1;
    }
    // Opened at once, so that it becomes a device of its own before anything else can use the old one's key.
    RuntimeOptions options;
    options.profile = profile;
    options.passphrase = passphraseFromEnvironment();
    const Expected<std::unique_ptr<Runtime>> runtime = Runtime::open(options);
    if (!runtime) return leaveWith(runtime.error(), printer);
    if (!(*runtime)->notice().isEmpty()) printer.error((*runtime)->notice());
    QObject context;
    (*runtime)->port().call(
        &context, [](Messenger& messenger) { return control::selfJson(messenger.self()); },
        [&printer](const QJsonObject& self) {
            printer.result(u"restore"_s, self);
            QCoreApplication::quit();
        });
    return QCoreApplication::exec();
}

int runInvocation(const Invocation& invocation, Printer& printer) {
    const QString profile = invocation.profile.isEmpty() ? Profile::defaultFolder()
                                                         : QFileInfo(invocation.profile).absoluteFilePath();
    const QLatin1String name = invocation.spec->name;
    if (name == "init"_L1) return initProfile(invocation.command, profile, printer);
    if (name == "restore"_L1) return restoreProfile(invocation.command, profile, printer);
    if (!Profile::exists(profile)) {
        return leaveWith({ErrorCode::NotFound, "There is no profile in " + profile.toStdString() +
                                                " yet. Make one: landline-cli init --name NAME"},
                      printer);
    }
    if (name == "passphrase"_L1) return changePassphrase(invocation.command, profile, printer);
    if (name == "run"_L1) return runNode(invocation.command, profile, printer);
    return runOneShot(invocation, profile, printer);
}

int runProgram(const QStringList& arguments) {
    const Expected<Invocation> invocation = parseInvocation(arguments);
    if (!invocation) {
        Printer printer(false);
        return leaveWith(invocation.error(), printer);
    }
    if (invocation->help) {
        const QString help = invocation->spec ? helpText(*invocation->spec) : helpText();
        std::fputs(help.toUtf8().constData(), stdout);
        return 0;
    }
    if (invocation->version) {
        std::puts("landline-cli " LANDLINE_VERSION);
        return 0;
    }
    Printer printer(invocation->json);
    return runInvocation(*invocation, printer);
}

}  // namespace

}  // namespace landline::app::cli

int main(int argc, char** argv) {
    QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("landline"));
    QCoreApplication::setApplicationVersion(QStringLiteral(LANDLINE_VERSION));
    landline::initCrypto();
    return landline::app::cli::runProgram(QCoreApplication::arguments().mid(1));
}
