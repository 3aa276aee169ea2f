#pragma once

#include "app/messenger/messenger.h"

#include <QMetaObject>
#include <QPointer>

#include <utility>

namespace landline::app {

/// Calls a Messenger from another thread: the work runs on the messenger's thread, its result comes back to
/// the context object's thread. Copyable; as valid as the messenger.
class MessengerPort {
public:
    explicit MessengerPort(Messenger* messenger) : m_messenger(messenger) {}

    /// `work(Messenger&)` on the messenger's thread, then `done(result)` on `context`'s thread unless it is
    /// gone.
    template <class Work, class Done>
    void call(QObject* context, Work work, Done done) const {
        const QPointer<QObject> target(context);
        Messenger* const messenger = m_messenger;
        QMetaObject::invokeMethod(messenger, [messenger, target, work = std::move(work),
                                              done = std::move(done)]() mutable {
            auto result = work(*messenger);
            if (!target) return;
            QMetaObject::invokeMethod(target, [done = std::move(done), result = std::move(result)]() mutable {
                done(std::move(result));
            });
        });
    }

    /// For signals: connect with a context object; they arrive queued.
    [[nodiscard]] Messenger* messenger() const { return m_messenger; }

private:
    Messenger* m_messenger;
};

}  // namespace landline::app
