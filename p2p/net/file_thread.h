#pragma once

#include <QObject>
#include <QPointer>
#include <QThread>

#include <utility>

namespace landline::net {

/// The thread on which file chunks are read and written, so that a slow disk does not hold up the network. Owned by the
/// node; jobs run one after the other, in order.
class FileThread final : public QObject {
    Q_OBJECT

public:
    explicit FileThread(QObject* parent);
    /// Waits for the job that runs; those behind it are dropped.
    ~FileThread() override;

    /// `work()` on the file thread, then `done(result)` here unless `context` is gone by then.
    template <class Work, class Done>
    void run(QObject* context, Work work, Done done) {
        start();
        const QPointer<QObject> target(context);
        QMetaObject::invokeMethod(
            m_worker, [this, target, work = std::move(work), done = std::move(done)]() mutable {
                auto result = work();
                QMetaObject::invokeMethod(
                    this, [target, done = std::move(done), result = std::move(result)]() mutable {
                        if (target) done(std::move(result));
                    });
            });
    }

private:
    void start();

    QThread m_thread;
    QObject* m_worker = nullptr;  ///< lives on m_thread
};

}  // namespace landline::net
