#pragma once

#include "app/control/arguments.h"
#include "app/control/caller.h"
#include "app/control/exit_code.h"
#include "app/messenger/messenger_port.h"
#include "p2p/base/limits.h"

#include <QElapsedTimer>
#include <QJsonObject>
#include <QObject>
#include <QPointer>

#include <utility>

class QThreadPool;

namespace landline::app::control {

class DeliveryWatch;

/// What commands share: where they run and what they may know of the node. Outlives them.
struct TaskContext {
    MessengerPort port;
    QString folder;         ///< of the profile
    QElapsedTimer started;  ///< since the dispatcher was made
    quint16 discoveryPort = limits::kDiscoveryPort;
    QThreadPool* pool = nullptr;  ///< for long work without the messenger
    DeliveryWatch* deliveries = nullptr;
    QObject* anchor = nullptr;  ///< the dispatcher: receives what comes from the messenger's thread
};

/// One command under way, a child of its caller. Gives results and events, at last one answer with `code`,
/// and goes.
///
///     {"event":"result","tag":…,fields}  any number, for commands that list
///     {"event":"done","tag":…,"code":0,fields}  or
///     {"event":"done","tag":…,"code":4,"error":"…","error_code":"not-found"}
class Task : public QObject {
    Q_OBJECT

public:
    Task(TaskContext& context, const QJsonObject& command, Caller* caller);
    ~Task() override;

    virtual void start() = 0;

protected:
    void result(QJsonObject fields);
    void event(QLatin1String name, QJsonObject fields);
    /// Ends the command; further calls do nothing.
    void finish(QJsonObject fields = {}, ExitCode code = ExitCode::Done);
    void fail(const Error& error, QJsonObject fields = {});
    void fail(ErrorCode code, const QString& text, QJsonObject fields = {});

    /// `work(Messenger&)` on the messenger's thread, then `done(result)` here unless the command has ended.
    template <class Work, class Done>
    void ask(Work work, Done done) {
        m_context.port.call(m_context.anchor, std::move(work),
                            [task = QPointer<Task>(this), done = std::move(done)](auto answer) mutable {
                                if (task && !task->m_finished) done(std::move(answer));
                            });
    }

    [[nodiscard]] const Arguments& arguments() const { return m_arguments; }
    [[nodiscard]] TaskContext& context() const { return m_context; }
    [[nodiscard]] Caller* caller() const { return m_caller; }

private:
    TaskContext& m_context;
    Arguments m_arguments;
    QJsonValue m_tag;
    Caller* m_caller;
    bool m_finished = false;
};

}  // namespace landline::app::control
