#include "app/control/task.h"

namespace landline::app::control {

using namespace Qt::Literals::StringLiterals;

Task::Task(TaskContext& context, const QJsonObject& command, Caller* caller)
    : QObject(caller),
      m_context(context),
      m_arguments(command),
      m_tag(command.value("tag"_L1)),
      m_caller(caller) {
    m_caller->commandBegun();
}

Task::~Task() = default;

void Task::event(QLatin1String name, QJsonObject fields) {
    if (m_finished) return;
    fields["event"_L1] = name;
    if (!m_tag.isUndefined()) fields["tag"_L1] = m_tag;
    m_caller->write(fields);
}

void Task::result(QJsonObject fields) {
    event("result"_L1, std::move(fields));
}

void Task::finish(QJsonObject fields, ExitCode code) {
    if (m_finished) return;
    fields["code"_L1] = static_cast<int>(code);
    event("done"_L1, std::move(fields));
    m_finished = true;
    m_caller->commandEnded();
    deleteLater();
}

void Task::fail(const Error& error, QJsonObject fields) {
    const std::string_view name = errorName(error.code);
    fields["error"_L1] = QString::fromStdString(error.text);
    fields["error_code"_L1] = QLatin1String(name.data(), static_cast<qsizetype>(name.size()));
    finish(std::move(fields), exitCodeOf(error.code));
}

void Task::fail(ErrorCode code, const QString& text, QJsonObject fields) {
    fail(Error{code, text.toStdString()}, std::move(fields));
}

}  // namespace landline::app::control
