#pragma once

#include "app/control/caller.h"
#include "app/control/task.h"
#include "app/messenger/messenger_port.h"

#include <QJsonObject>
#include <QObject>
#include <QThreadPool>

#include <functional>

namespace landline::app::control {

/// Runs commands given as objects, {"do":"send","to":…,"text":…,"tag":…}, and answers to their callers (see
/// Task). One serves standard input, the local socket and one-shot commands alike. Lives on the main thread;
/// destroyed before the runtime.
class Dispatcher final : public QObject {
    Q_OBJECT

public:
    /// `folder` is the profile's.
    Dispatcher(MessengerPort port, const QString& folder, QObject* parent = nullptr);
    /// Where the node listens for beacons, if not at the usual port.
    void setDiscoveryPort(quint16 port) { m_context.discoveryPort = port; }
    /// Who shows a person what a `landline:` link is about and asks (the desktop). Without, there is no command `open`.
    void setOpener(std::function<void(const QString&)> opener) { m_opener = std::move(opener); }
    ~Dispatcher() override;

    void handle(const QJsonObject& command, Caller* caller);
    /// A line of JSON; anything else gets an `error` event. False if it was no command object.
    bool handleLine(const QByteArray& line, Caller* caller);

private:
    Task* makeTask(const QString& name, const QJsonObject& command, Caller* caller);

    void open(const QJsonObject& command, Caller* caller);

    std::function<void(const QString&)> m_opener;
    QThreadPool m_pool;  ///< its end waits for the work
    TaskContext m_context;
};

/// {"event":"error","code":…,"text":…}
[[nodiscard]] QJsonObject errorEvent(ErrorCode code, const QString& text);

}  // namespace landline::app::control
