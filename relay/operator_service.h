#pragma once

#include "relay/admin/metrics_server.h"
#include "relay/control_socket.h"
#include "relay/relay_server.h"

namespace landline::relay {

/// What a relay that serves does for its operator: the questions of the control socket, figures over HTTP, and the admin page.
/// On the server's thread; all that it is given outlives it.
class OperatorService {
public:
    OperatorService(RelayServer& server, const Clock& clock, Random& random);

    /// Where the settings say so.
    [[nodiscard]] Expected<void> serveFigures(const HostPort& at);
    void handle(const control::Question& question, ControlSocket::Answer answer);

private:
    // One for each kind of question: the compiler finds the one that is missing.
    void answerTo(const AddInvite& invite, ControlSocket::Answer answer);
    void answerTo(const RemoveInvite& invite, ControlSocket::Answer answer);
    void answerTo(const ListInvites& list, ControlSocket::Answer answer);
    void answerTo(const ListAccounts& request, ControlSocket::Answer answer);
    void answerTo(const Revoke& revoke, ControlSocket::Answer answer);
    void answerTo(const AskFigures& figures, ControlSocket::Answer answer);
    void answerTo(const control::TakeRestored& restored, ControlSocket::Answer answer);
    void answerTo(const control::OpenAdmin& admin, ControlSocket::Answer answer);
    /// Renews the view, then calls `done`.
    void lookAtAll(const std::function<void()>& done);
    [[nodiscard]] MetricsServer::Sources sources();

    RelayServer& m_server;
    const Clock& m_clock;
    AdminView m_view;
    bool m_isLooking = false;
    MetricsServer m_http;
};

}  // namespace landline::relay
