#pragma once

#include "p2p/base/expected.h"
#include "relay/control_lines.h"

#include <QObject>

#include <functional>

class QLocalServer;
class QLocalSocket;

namespace landline::relay {

/// The socket `relay.sock` in a relay's folder, of mode 0600, by which its own program asks the one that serves. One question
/// for each connection (control_lines.h); the answer is
///
///     + LINE            any number of them
///     ok | failed SENTENCE
///
/// Secrets of invites never go over it. Lives on the server's thread.
class ControlSocket final : public QObject {
    Q_OBJECT

public:
    using Lines = std::vector<std::string>;
    /// May be called later, once; nobody may listen any more.
    using Answer = std::function<void(const Expected<Lines>& answer)>;
    using Handler = std::function<void(const control::Question&, Answer)>;

    ControlSocket(Handler handler, QObject* parent);
    /// Whoever calls has the folder's lock, so that a socket that lies there is of one that died.
    [[nodiscard]] Expected<void> listen(const std::string& folder);

private:
    void onConnection();
    void onReadable(QLocalSocket* socket);
    void onLine(QLocalSocket* socket, std::string_view line);

    Handler m_handler;
    QLocalServer* m_server;
};

/// Somebody listens there.
[[nodiscard]] bool isAsked(const std::string& folder);
/// Asks the relay that serves on `folder`. Blocks. Fails with Unreachable where none can be asked, with Timeout, or with what
/// it is told.
[[nodiscard]] Expected<ControlSocket::Lines> askRelay(const std::string& folder, const control::Question& question);

}  // namespace landline::relay
