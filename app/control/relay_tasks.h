#pragma once

#include "app/control/task.h"

#include <QTimer>

namespace landline::app::control {

/// `relay-add`: uses a relay from now on, and gives it `timeout` seconds (0: none) to let this device in. The answer is the
/// relay as in `relay-list`. That it is not connected by then is no failure, since it is tried again; that it does not let
/// this device in, or has another key, is one.
class RelayAddTask final : public Task {
    Q_OBJECT

public:
    using Task::Task;
    void start() override;

private:
    void onRelay(const RelayView& relay);
    void answer();

    QTimer m_deadline;
    std::optional<RelayView> m_relay;
};

/// `relay-list`: a line per relay, in the order in which they are used. With `wait` (seconds) it first waits so long for those
/// that are being dialled.
class RelayListTask final : public Task {
    Q_OBJECT

public:
    using Task::Task;
    void start() override;

private:
    void look();
    void answer(const std::vector<RelayView>& relays);

    QTimer m_deadline;
};

}  // namespace landline::app::control
