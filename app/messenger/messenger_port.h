#pragma once

#include "app/messenger/messenger.h"

#include <QAbstractEventDispatcher>
#include <QMetaObject>
#include <QPointer>

#include <utility>

namespace landline::app {

/// Calls a Messenger from another thread: the work runs on the messenger's thread, its result comes back to
/// the context object's thread. Copyable; as valid as the messenger.
class MessengerPort {
public:
    explicit MessengerPort(Messenger* messenger) : m_messenger(messenger) {}

    /// `work(Messenger&)` on the messenger's thread, then `done(result)` on the caller's thread, on which
    /// `context` lives, unless that is gone by then.
    template <class Work, class Done>
    void call(QObject* context, Work work, Done done) const {
        // The answer goes to an object that outlives the context, and looks for the context only on its thread.
        QObject* const home = QAbstractEventDispatcher::instance();
        Messenger* const messenger = m_messenger;
        QMetaObject::invokeMethod(messenger, [messenger, home, target = QPointer<QObject>(context),
                                              work = std::move(work), done = std::move(done)]() mutable {
            auto answer = [target, done = std::move(done), result = work(*messenger)]() mutable {
                if (target) done(std::move(result));
            };
            QMetaObject::invokeMethod(home, std::move(answer), Qt::QueuedConnection);
        });
    }

    /// For signals: connect with a context object; they arrive queued.
    [[nodiscard]] Messenger* messenger() const { return m_messenger; }

private:
    Messenger* m_messenger;
};

}  // namespace landline::app
