#pragma once

#include "app/control/commands.h"
#include "app/messenger/messenger_port.h"
#include "p2p/base/expected.h"

#include <QObject>
#include <QString>

class QLocalServer;
class QLocalSocket;

namespace landline::app::control {

/// Takes commands for a running node over a local socket that only this user may open (mode 0600). Lines of
/// JSON both ways, as Dispatcher has them. Served by the desktop and by `run`, which hold the profile's lock:
/// so a socket that lies there already is a dead one's and is removed. On the main thread; destroyed before
/// the runtime.
///
/// Bounds: kMostClients clients, limits::kControlLine a line, kOutput bytes unread by a client before it is
/// dropped, and kSilence without a command under way.
class ControlServer final : public QObject {
    Q_OBJECT

public:
    static constexpr int kMostClients = 32;
    static constexpr qint64 kOutput = 64 * 1024 * 1024;
    static constexpr qint64 kCongestion = 1024 * 1024;
    static constexpr std::chrono::seconds kSilence{60};

    /// `folder` is the profile's.
    ControlServer(MessengerPort port, const QString& folder, QObject* parent = nullptr);
    ~ControlServer() override;

    /// Begins to listen. Fails with NotPermitted or Disk; the node is of use without, but says so.
    Expected<void> listen();
    void setOpener(std::function<void(const QString&)> opener) { m_dispatcher.setOpener(std::move(opener)); }
    void setDiscoveryPort(quint16 port) { m_dispatcher.setDiscoveryPort(port); }

private:
    void onConnection();

    Dispatcher m_dispatcher;
    QString m_folder;
    QString m_path;
    QLocalServer* m_server;
    int m_clients = 0;
};

}  // namespace landline::app::control
