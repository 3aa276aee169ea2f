#pragma once

#include "app/messenger/messenger_port.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include <map>
#include <set>

namespace landline::app {

/// What runs at the moment, with its speed: for bubbles, the pane and the ring on its button. However often the messenger
/// tells of progress, changes are passed on four times a second at most. On the GUI thread.
class TransferBoard final : public QObject {
    Q_OBJECT

public:
    explicit TransferBoard(MessengerPort port, QObject* parent = nullptr);

    /// Asks for what runs.
    void reload();
    /// How far a transfer is and how fast, where it runs; null otherwise.
    [[nodiscard]] const TransferRecord* running(const wire::TransferId& id) const;
    [[nodiscard]] int count() const { return static_cast<int>(m_running.size()); }
    /// Of all that runs, 0 to 1.
    [[nodiscard]] double progress() const;

Q_SIGNALS:
    /// These are further, or run no longer, or do now.
    void changed(const std::set<landline::wire::TransferId>& transfers);

private:
    void take(const TransferRecord& transfer);
    void tell();

    struct Running {
        TransferRecord record;
        qint64 lastMoved = 0;  ///< when it was last told to be further
    };
    MessengerPort m_port;
    std::map<wire::TransferId, Running> m_running;
    QElapsedTimer m_clock;
    std::set<wire::TransferId> m_changed;
    QTimer m_timer;
};

}  // namespace landline::app
