#include "app/control/send_task.h"

#include "app/control/delivery_watch.h"
#include "app/control/json_values.h"
#include "app/control/lookups.h"
#include "p2p/base/limits.h"

#include <algorithm>
#include <chrono>

namespace landline::app::control {

using namespace Qt::Literals::StringLiterals;
using namespace std::chrono_literals;

namespace {

/// How long after its start a node may not have heard everybody yet.
constexpr std::chrono::milliseconds kStarting = 3s;
/// Between two looks for a person who has not come yet; changes of the roster are looked at in between.
constexpr std::chrono::milliseconds kAskAgain = 250ms;

Expected<MessageRecord> compose(Messenger& messenger, const Arguments& arguments, const QString& text) {
    if (arguments.name() == "reply"_L1) {
        const Expected<GlobalEntryRef> target = messageOf(messenger, arguments);
        if (!target) return Unexpected(target.error());
        return messenger.sendText(target->conversation, text, target->entry);
    }
    const Expected<PersonView> person = personOf(messenger, arguments);
    if (!person) return Unexpected(person.error());
    return messenger.sendText(person->conversation, text);
}

}  // namespace

SendTask::~SendTask() {
    if (m_message) context().deliveries->forget(*m_message);
}

void SendTask::start() {
    if (const Expected<QString> text = textOf(arguments()); !text) return fail(text.error());
    const Expected<std::optional<std::chrono::milliseconds>> timeout = arguments().duration("timeout"_L1);
    if (!timeout) return fail(timeout.error());
    m_timeout = *timeout;
    m_deadline.setSingleShot(true);
    m_again.setSingleShot(true);
    connect(&m_deadline, &QTimer::timeout, this, &SendTask::onTimeout);
    connect(&m_again, &QTimer::timeout, this, &SendTask::attempt);
    if (m_timeout) m_deadline.start(*m_timeout);
    attempt();
}

SendTask::Attempt SendTask::tryToSend(Messenger& messenger, const Arguments& arguments) {
    const Expected<QString> text = textOf(arguments);
    if (!text) return {Unexpected(text.error()), {}, false};
    Attempt attempt{compose(messenger, arguments, *text), {}, false};
    if (attempt.sent) attempt.post = messenger.postView(attempt.sent->ref.conversation);
    if (!attempt.sent && attempt.sent.error().code == ErrorCode::NotFound) {
        const Expected<QString> who = arguments.who();
        attempt.sighted = who.ok() && isSighted(messenger, *who);
    }
    return attempt;
}

void SendTask::attempt() {
    ask([arguments = arguments()](Messenger& messenger) { return tryToSend(messenger, arguments); },
        [this](const Attempt& attempt) { onAttempt(attempt); });
}

void SendTask::onAttempt(const Attempt& attempt) {
    if (attempt.sent) return onSent(*attempt.sent, attempt.post);
    const Error& error = attempt.sent.error();
    if (error.code != ErrorCode::NotFound || arguments().name() == "reply"_L1) return fail(error);
    waitForPerson(error, attempt.sighted);
}

void SendTask::waitForPerson(const Error& error, bool sighted) {
    const bool settling = std::chrono::milliseconds(context().started.elapsed()) < kStarting;
    const bool timeLeft = m_timeout && m_deadline.remainingTime() > 0;
    if (!timeLeft && sighted) {
        return fail(ErrorCode::Timeout,
                    tr("This person was seen on the network, but could not be reached yet. "
                       "\"doctor\" may tell why."));
    }
    if (!timeLeft || (!sighted && !settling)) return fail(error);
    m_missing = error;
    m_again.start(kAskAgain);
}

void SendTask::onSent(const MessageRecord& message, const PostView& post) {
    m_message = message.ref;
    if (!m_timeout || isDelivered(message.state)) return finishWith(message, post);
    if (m_deadline.remainingTime() <= 0) return onTimeout();
    context().deliveries->await(message.ref, this, [this](const MessageRecord& changed) {
        if (isDelivered(changed.state)) finishWith(changed, {});
        if (changed.state == MessageState::Failed)
            fail(ErrorCode::Fork,
                 tr("A copy of this profile is in use elsewhere, so this message reaches nobody. "
                    "Send it again in a moment."));
    });
}

void SendTask::onTimeout() {
    if (!m_message) return;  // the next look for the person sees that no time is left
    struct Fate {
        std::optional<MessageRecord> message;
        PostView post;
    };
    ask(
        [message = *m_message](Messenger& messenger) {
            return Fate{messenger.message(message), messenger.postView(message.conversation)};
        },
        [this](const Fate& fate) {
            if (fate.message) return finishWith(*fate.message, fate.post);
            fail(ErrorCode::NotFound, tr("The message was deleted before it was delivered."));
        });
}

void SendTask::finishWith(const MessageRecord& message, const PostView& post) {
    QJsonObject fields{{u"message"_s, messageId(message.ref)},
                       {u"conversation"_s, hexOf(message.ref.conversation.view())},
                       {u"number"_s, static_cast<qint64>(message.ref.entry.number)},
                       {u"time"_s, message.time},
                       {u"state"_s, stateName(message.state)}};
    if (message.state == MessageState::Held) fields[u"held_until"_s] = message.heldUntil;
    addTrouble(fields, message, post);
    const bool undelivered = m_timeout && !isDelivered(message.state);
    finish(fields, undelivered ? ExitCode::NotDelivered : ExitCode::Done);
}

}  // namespace landline::app::control
