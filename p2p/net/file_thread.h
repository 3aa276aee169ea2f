#pragma once

#include "p2p/base/ids.h"
#include "p2p/base/strand_queue.h"
#include "p2p/wire/messages.h"

#include <QObject>
#include <QPointer>

#include <functional>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace landline::net {

/// Where files are read, written, compared and synced, so that a slow disk does not hold up the network: a few threads,
/// on which the jobs of one transfer run one after the other, in order. So a transfer that waits for its disk holds up
/// no other, unless as many wait as there are threads. Owned by the node. What waits here is little: each fetch and
/// serving hands out no more than its window.
class FileThread final : public QObject {
    Q_OBJECT

public:
    explicit FileThread(QObject* parent);
    /// Waits for the jobs that run; those behind them are dropped.
    ~FileThread() override;

    /// `work()` on one of the threads, behind all that was given to it of this transfer, then `done(result)` here unless
    /// `context` is gone by then.
    template <class Work, class Done>
    void run(const wire::TransferId& transfer, QObject* context, Work work, Done done) {
        const QPointer<QObject> target(context);
        post(transfer, [this, target, work = std::move(work), done = std::move(done)]() mutable {
            auto result = work();
            QMetaObject::invokeMethod(
                this,
                [target, done = std::move(done), result = std::move(result)]() mutable {
                    if (target) done(std::move(result));
                },
                Qt::QueuedConnection);
        });
    }

    /// Lets go of `last` on one of the threads, behind all that was given to it of this transfer: to close a file may
    /// take as long as to write it.
    void drop(const wire::TransferId& transfer, std::shared_ptr<const void> last) {
        post(transfer, [last = std::move(last)] {});
    }

private:
    using Job = std::function<void()>;

    void post(const wire::TransferId& transfer, Job job);
    void work();

    StrandQueue<wire::TransferId, Job> m_jobs;
    std::vector<std::thread> m_threads;
};

}  // namespace landline::net
