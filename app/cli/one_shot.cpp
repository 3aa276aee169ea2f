#include "app/cli/one_shot.h"

#include "app/cli/passphrase.h"
#include "app/control/commands.h"
#include "app/control/control_client.h"
#include "app/messenger/runtime.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QFile>
#include <QThread>

namespace landline::app::cli {

using namespace Qt::Literals::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr double kSendTimeout = 10;
constexpr double kFileTimeout = 60;
/// How long `peers` listens when it has to start a node of its own.
constexpr double kPeersSettle = 2;
/// How long `relay list` then gives the relays.
constexpr double kRelaysSettle = 5;
/// A node that just started holds the profile before it takes commands.
constexpr std::chrono::milliseconds kHandOverPatience = 3s;
constexpr std::chrono::milliseconds kBetweenTries = 100ms;
constexpr std::chrono::milliseconds kConnectPatience = 2s;

/// The program itself as a caller.
class SelfCaller final : public control::Caller {
public:
    SelfCaller(Printer& printer, QString name) : m_printer(printer), m_name(std::move(name)) {}
    void write(const QJsonObject& line) override {
        if (const std::optional<int> code = m_printer.answer(m_name, line)) QCoreApplication::exit(*code);
    }

private:
    Printer& m_printer;
    QString m_name;
};

bool isOneOf(const QString& name, std::initializer_list<QLatin1String> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// Fills in what the command line leaves to defaults, and reads a text from standard input for "-".
Expected<QJsonObject> completed(QJsonObject command, const QString& name) {
    if (!command.contains("timeout"_L1)) {
        if (isOneOf(name, {"send"_L1, "reply"_L1, "contact-add"_L1, "relay-add"_L1}))
            command[u"timeout"_s] = kSendTimeout;
        if (isOneOf(name, {"send-file"_L1, "accept"_L1, "resume"_L1})) command[u"timeout"_s] = kFileTimeout;
    }
    if (name == "backup"_L1) {
        const Expected<QString> passphrase =
            passphraseFromFile(command.take("passphrase_file"_L1).toString());
        if (!passphrase) return Unexpected(passphrase.error());
        command[u"passphrase"_s] = *passphrase;
    }
    if (isOneOf(name, {"send"_L1, "reply"_L1, "edit"_L1}) && command.value("text"_L1) == "-"_L1) {
        QFile input;
        if (!input.open(stdin, QIODevice::ReadOnly)) {
            return Unexpected(ErrorCode::Disk, "Standard input could not be read.");
        }
        QString text = QString::fromUtf8(input.readAll());
        if (text.endsWith(u'\n')) text.chop(1);
        command[u"text"_s] = text;
    }
    return command;
}

int handOver(control::ControlClient& client, const QJsonObject& command, const QString& name,
             Printer& printer) {
    QObject::connect(&client, &control::ControlClient::line, &printer,
                     [&printer, name](const QJsonObject& line) {
                         if (const std::optional<int> code = printer.answer(name, line))
                             QCoreApplication::exit(*code);
                     });
    QObject::connect(&client, &control::ControlClient::lost, &printer, [&printer] {
        printer.error(
            QCoreApplication::translate("cli", "The running node ended before it answered. Try again."));
        QCoreApplication::exit(1);
    });
    client.send(command);
    return QCoreApplication::exec();
}

int runHere(Runtime& runtime, const CommandSpec& spec, QJsonObject command, Printer& printer) {
    if (!runtime.notice().isEmpty()) printer.error(runtime.notice());
    QObject::connect(runtime.port().messenger(), &Messenger::problem, &printer,
                     [&printer](const QString& code, const QString& text) {
                         if (code == "damaged"_L1) printer.error(text);
                     });
    if (spec.needs == Needs::Network) runtime.startNetwork();
    if (spec.name == "peers"_L1 && !command.contains("wait"_L1)) {
        command[u"wait"_s] = kPeersSettle;
        command[u"settle"_s] = true;
    }
    if (spec.name == "relay-list"_L1) command[u"wait"_s] = kRelaysSettle;
    control::Dispatcher dispatcher(runtime.port(), runtime.folder());
    SelfCaller caller(printer, QString(spec.name));
    dispatcher.handle(command, &caller);
    return QCoreApplication::exec();
}

}  // namespace

int runOneShot(const Invocation& invocation, const QString& profile, Printer& printer) {
    const CommandSpec& spec = *invocation.spec;
    const Expected<QJsonObject> command = completed(invocation.command, QString(spec.name));
    if (!command) {
        printer.error(QString::fromStdString(command.error().text));
        return static_cast<int>(control::exitCodeOf(command.error().code));
    }
    QElapsedTimer waiting;
    waiting.start();
    for (;;) {
        control::ControlClient client;
        if (client.connectTo(profile, kConnectPatience)) {
            return handOver(client, *command, QString(spec.name), printer);
        }
        RuntimeOptions options;
        options.profile = profile;
        options.passphrase = passphraseFromEnvironment();
        Expected<std::unique_ptr<Runtime>> runtime = Runtime::open(options);
        if (runtime) return runHere(**runtime, spec, *command, printer);
        if (runtime.error().code != ErrorCode::Locked || waiting.elapsed() >= kHandOverPatience.count()) {
            printer.error(QString::fromStdString(runtime.error().text));
            return 1;
        }
        QThread::msleep(static_cast<unsigned long>(kBetweenTries.count()));
    }
}

}  // namespace landline::app::cli
