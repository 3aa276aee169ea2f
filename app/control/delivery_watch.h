#pragma once

#include "app/messenger/messenger.h"

#include <QObject>
#include <QPointer>

#include <functional>
#include <map>

namespace landline::app::control {

/// Tells commands how the messages they wait for fare, so that a thousand waiting commands cost one
/// connection to the messenger. On the dispatcher's thread.
class DeliveryWatch final : public QObject {
    Q_OBJECT

public:
    using Changed = std::function<void(const MessageRecord&)>;

    explicit DeliveryWatch(Messenger* messenger, QObject* parent);

    /// Calls `changed` whenever the message's state changes, until `context` is gone or `forget`. To be
    /// called from the answer to the call that made the message: then no change is missed, since signals come
    /// in order behind it.
    void await(const GlobalEntryRef& message, QObject* context, Changed changed);
    void forget(const GlobalEntryRef& message);

private:
    struct Waiting {
        QPointer<QObject> context;
        Changed changed;
    };
    void onChanged(const MessageRecord& message);

    std::map<GlobalEntryRef, Waiting> m_waiting;
};

}  // namespace landline::app::control
