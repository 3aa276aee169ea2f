#pragma once

#include "app/control/task.h"

#include <QTimer>

namespace landline::app::control {

/// `send` and `reply`: composes a text and, where `timeout` (seconds) is given, waits for its delivery that
/// long; without it the answer comes after the commit. Answers with `message` and `state`; NotDelivered if
/// the time ran out: the message stays queued then (`why`, where that is known), or held at a relay (`held_until`).
///
/// A person who was sighted but never met is waited for within the timeout, and so, in a node's first
/// seconds, is one who has not been sighted yet.
class SendTask final : public Task {
    Q_OBJECT

public:
    using Task::Task;
    ~SendTask() override;
    void start() override;

private:
    struct Attempt {
        Expected<MessageRecord> sent;
        PostView post;
        bool sighted = false;
    };
    static Attempt tryToSend(Messenger& messenger, const Arguments& arguments);
    void attempt();
    void onAttempt(const Attempt& attempt);
    void waitForPerson(const Error& error, bool sighted);
    void onSent(const MessageRecord& message, const PostView& post);
    void onTimeout();
    void finishWith(const MessageRecord& message, const PostView& post);

    std::optional<std::chrono::milliseconds> m_timeout;
    QTimer m_deadline;
    QTimer m_again;
    std::optional<GlobalEntryRef> m_message;
    Error m_missing;
};

}  // namespace landline::app::control
