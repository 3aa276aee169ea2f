#pragma once

#include "app/control/task.h"

#include <QTimer>

namespace landline::app::control {

/// `peers`: a line per person, then a line per sighted device whose person is not known. With `wait`
/// (seconds) it first waits until somebody is online or the time is over; with `settle`, the whole time.
class PeersTask final : public Task {
    Q_OBJECT

public:
    using Task::Task;
    void start() override;

private:
    struct Everybody {
        std::vector<QJsonObject> lines;
        bool someoneOnline = false;
    };
    static Everybody everybody(Messenger& messenger);
    void look(bool last);
    void answer(const Everybody& everybody);

    QTimer m_deadline;
    QTimer m_soon;
};

}  // namespace landline::app::control
