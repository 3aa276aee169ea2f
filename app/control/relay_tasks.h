#pragma once

#include "app/control/task.h"
#include "app/messenger/relay_people.h"

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

/// A command about one relay, `relay` (the only one where it is left out), which is given `timeout` seconds (10) to let this
/// device in and to answer.
class RelayTask : public Task {
    Q_OBJECT

public:
    using Task::Task;
    void start() final;

protected:
    /// Runs on the messenger's thread before the relay is looked at.
    using Begin = Expected<RelayView> (*)(Messenger&, const RelayView&, const Arguments&);
    [[nodiscard]] virtual Begin beginning() const;
    /// `relay` is as of now; it may still come to let this device in.
    virtual void onRelay() = 0;
    /// There is no answer after that time.
    virtual void onTimeout() = 0;
    [[nodiscard]] const RelayView& relay() const { return *m_relay; }

private:
    void look(const RelayView& relay);

    QTimer m_deadline;
    std::optional<RelayView> m_relay;
};

/// `relay-listed`: has this person found in a relay's directory, with `state` "on", or no more, with "off". The answer is the
/// relay as in `relay-list`, with `listing_pending` where the relay has not confirmed it in time: it is asked once it can be
/// reached. That it has no directory is a failure, and nothing is asked then.
class RelayListedTask final : public RelayTask {
    Q_OBJECT

public:
    using RelayTask::RelayTask;

private:
    [[nodiscard]] Begin beginning() const override;
    void onRelay() override;
    void onTimeout() override;
};

/// `relay-people`: a line for each person whom a relay lists: `name`, `person`, `device`, `link`, and `contact` where they are
/// accepted already. The answer has `more` where there are more than were looked through.
class RelayPeopleTask final : public RelayTask {
    Q_OBJECT

public:
    using RelayTask::RelayTask;

private:
    void onRelay() override;
    void onTimeout() override;
    void answer(const ListedPeople& found);

    bool m_hasAsked = false;
};

}  // namespace landline::app::control
