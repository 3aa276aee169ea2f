#pragma once

#include "relay/store/mailbox_types.h"
#include "p2p/base/expected.h"

#include <QObject>

#include <functional>

class QLocalServer;
class QLocalSocket;

namespace landline::relay {

/// The socket `relay.sock` in a relay's folder, of mode 0600, by which its own program asks the one that serves. A line of
/// text each way:
///
///     invite HASH USES EXPIRES [CLASS]     hash in hexadecimal, expiry in unix milliseconds
///     ok | failed SENTENCE
///
/// The invite itself never goes over it. Lives on the server's thread.
class ControlSocket final : public QObject {
    Q_OBJECT

public:
    using Done = std::function<void(const std::optional<std::string>& failure)>;
    using Invite = std::function<void(const AddInvite&, Done)>;

    ControlSocket(Invite invite, QObject* parent);
    /// Whoever calls has the folder's lock, so that a socket that lies there is of one that died.
    [[nodiscard]] Expected<void> listen(const std::string& folder);

private:
    void onConnection();
    void onReadable(QLocalSocket* socket);
    void onLine(QLocalSocket* socket, const std::string& line);

    Invite m_invite;
    QLocalServer* m_server;
};

/// Asks the relay that serves on `folder`. Blocks. Fails with Unreachable, Timeout, or what it is told.
[[nodiscard]] Expected<void> askForInvite(const std::string& folder, const AddInvite& invite);

}  // namespace landline::relay
