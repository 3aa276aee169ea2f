#pragma once

#include "app/control/doctor.h"
#include "app/control/task.h"

#include <QDeadlineTimer>

namespace landline::app::control {

/// `doctor [WHO]`: gathers the facts (some seconds) and gives a line per check: `check`, `ok`, `found`, `advice`. The
/// answer's `healthy` is true where every check is good; the exit code says that the checks were made.
class DoctorTask final : public Task {
    Q_OBJECT

public:
    using Task::Task;
    void start() override;

private:
    struct Seen {
        quint16 port = 0;
        int devicesHeard = 0;
        QStringList warnings;
        std::vector<RelayView> relays;
        quint64 turnedAway = 0;
        std::optional<Facts::Peer> peer;
        ConversationId conversation;  ///< with a peer who was met
        std::optional<Error> error;
    };
    static Seen look(Messenger& messenger, const QString& who);
    void askMessenger();
    void onSeen(const Seen& seen);
    void probe();
    void probeBroadcast();
    void probeOwnPort();
    void probePeer();
    /// Asks the other side to dial this one, and looks whether it gets through.
    void probeWayBack();
    void lookForDialBack();
    /// Has the person's relays visited, and looks what comes of it.
    void probeRelays();
    void lookAtRelays();
    void oneDone();
    void report();

    QString m_who;
    Facts m_facts;
    ConversationId m_conversation;
    int m_running = 0;
    QDeadlineTimer m_wayBackPatience;
    QDeadlineTimer m_relayPatience;
};

}  // namespace landline::app::control
