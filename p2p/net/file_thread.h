#pragma once

#include "p2p/base/handover_queue.h"
#include "p2p/base/limits.h"

#include <QObject>
#include <QPointer>

#include <deque>
#include <functional>
#include <thread>
#include <utility>

namespace landline::net {

/// The thread on which file chunks are read and written, so that a slow disk does not hold up the network. Owned by the
/// node; jobs run one after the other, in order. They cross by a hand-over queue; those for which it has no room wait
/// here, and are few: each fetch and serving hands out no more than its window.
class FileThread final : public QObject {
    Q_OBJECT

public:
    explicit FileThread(QObject* parent);
    /// Waits for the job that runs; those behind it are dropped.
    ~FileThread() override;

    /// `work()` on the file thread, then `done(result)` here unless `context` is gone by then.
    template <class Work, class Done>
    void run(QObject* context, Work work, Done done) {
        const QPointer<QObject> target(context);
        post([this, target, work = std::move(work), done = std::move(done)]() mutable {
            auto result = work();
            QMetaObject::invokeMethod(
                this,
                [this, target, done = std::move(done), result = std::move(result)]() mutable {
                    if (target) done(std::move(result));
                    handOver();
                },
                Qt::QueuedConnection);
        });
    }

private:
    using Job = std::function<void()>;

    void post(Job job);
    void handOver();

    HandoverQueue<Job> m_jobs{limits::kFileJobs};
    std::deque<Job> m_waiting;
    std::thread m_thread;
};

}  // namespace landline::net
