#include "app/control/commands.h"

#include "app/control/backup_task.h"
#include "app/control/contact_add_task.h"
#include "app/control/delivery_watch.h"
#include "app/control/doctor_task.h"
#include "app/control/export_task.h"
#include "app/control/history_task.h"
#include "app/control/peers_task.h"
#include "app/control/relay_tasks.h"
#include "app/control/send_task.h"
#include "app/control/simple_commands.h"
#include "app/control/transfer_task.h"

#include <QJsonDocument>

namespace landline::app::control {

using namespace Qt::Literals::StringLiterals;

namespace {

/// A command that is answered by one call to the messenger.
class SimpleTask final : public Task {
public:
    SimpleTask(TaskContext& context, const QJsonObject& command, Caller* caller, SimpleCommand run)
        : Task(context, command, caller), m_run(run) {}

    void start() override {
        ask([run = m_run,
             arguments = arguments()](Messenger& messenger) { return run(messenger, arguments); },
            [this](const Expected<Answer>& answer) {
                if (!answer) return fail(answer.error());
                for (const QJsonObject& line : answer->results) result(line);
                QJsonObject fields = answer->fields;
                if (fields.isEmpty()) fields[u"count"_s] = static_cast<qint64>(answer->results.size());
                finish(fields);
            });
    }

private:
    SimpleCommand m_run;
};

}  // namespace

Dispatcher::Dispatcher(MessengerPort port, const QString& folder, QObject* parent)
    : QObject(parent), m_context{port,    folder,
                                 {},      limits::kDiscoveryPort,
                                 &m_pool, new DeliveryWatch(port.messenger(), this),
                                 this} {
    m_pool.setMaxThreadCount(1);
    m_context.started.start();
}

Dispatcher::~Dispatcher() = default;

Task* Dispatcher::makeTask(const QString& name, const QJsonObject& command, Caller* caller) {
    if (name == "send"_L1 || name == "reply"_L1) return new SendTask(m_context, command, caller);
    if (name == "peers"_L1) return new PeersTask(m_context, command, caller);
    if (name == "doctor"_L1) return new DoctorTask(m_context, command, caller);
    if (name == "export"_L1) return new ExportTask(m_context, command, caller);
    if (name == "backup"_L1) return new BackupTask(m_context, command, caller);
    if (name == "contact-add"_L1) return new ContactAddTask(m_context, command, caller);
    if (name == "relay-add"_L1) return new RelayAddTask(m_context, command, caller);
    if (name == "relay-list"_L1) return new RelayListTask(m_context, command, caller);
    if (name == "relay-listed"_L1) return new RelayListedTask(m_context, command, caller);
    if (name == "relay-people"_L1) return new RelayPeopleTask(m_context, command, caller);
    if (name == "history"_L1) return new HistoryTask(m_context, command, caller);
    if (name == "send-file"_L1 || name == "accept"_L1 || name == "resume"_L1) {
        return new TransferTask(m_context, command, caller);
    }
    if (const SimpleCommand run = simpleCommand(name)) return new SimpleTask(m_context, command, caller, run);
    return nullptr;
}

/// `open`: shows a link to the person. What comes of it is up to them.
void Dispatcher::open(const QJsonObject& command, Caller* caller) {
    m_opener(command.value("link"_L1).toString());
    caller->write({{u"event"_s, u"done"_s},
                   {u"code"_s, static_cast<int>(ExitCode::Done)},
                   {u"tag"_s, command.value("tag"_L1)}});
}

void Dispatcher::handle(const QJsonObject& command, Caller* caller) {
    const QString name = command.value("do"_L1).toString();
    if (name == "open"_L1 && m_opener) return open(command, caller);
    if (Task* const task = makeTask(name, command, caller)) return task->start();
    QJsonObject answer{{u"event"_s, u"done"_s},
                       {u"code"_s, static_cast<int>(ExitCode::Usage)},
                       {u"error"_s, name.isEmpty() ? tr("The command has no \"do\".")
                                                   : tr("There is no command \"%1\".").arg(name)},
                       {u"error_code"_s, u"invalid-argument"_s}};
    if (command.contains("tag"_L1)) answer[u"tag"_s] = command.value("tag"_L1);
    caller->write(answer);
}

bool Dispatcher::handleLine(const QByteArray& line, Caller* caller) {
    QJsonParseError problem{};
    const QJsonDocument document = QJsonDocument::fromJson(line, &problem);
    if (!document.isObject()) {
        const QString why = document.isNull() ? problem.errorString() : tr("not an object");
        caller->write(errorEvent(ErrorCode::Malformed,
                                 tr("A command must be one JSON object on a line: %1.").arg(why)));
        return false;
    }
    handle(document.object(), caller);
    return true;
}

QJsonObject errorEvent(ErrorCode code, const QString& text) {
    const std::string_view name = errorName(code);
    return {{u"event"_s, u"error"_s},
            {u"code"_s, QString::fromLatin1(name.data(), static_cast<qsizetype>(name.size()))},
            {u"text"_s, text}};
}

}  // namespace landline::app::control
