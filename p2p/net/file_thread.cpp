#include "p2p/net/file_thread.h"

#include "p2p/base/limits.h"

namespace landline::net {

FileThread::FileThread(QObject* parent) : QObject(parent) {}

FileThread::~FileThread() {
    (void)m_jobs.close();
    for (std::thread& thread : m_threads) thread.join();
}

void FileThread::post(const wire::TransferId& transfer, Job job) {
    while (m_threads.size() < limits::kFileThreads) m_threads.emplace_back([this] { work(); });
    m_jobs.push(transfer, std::move(job));
}

void FileThread::work() {
    while (auto next = m_jobs.waitNext()) {
        next->second();
        // What it holds goes before the next one of its transfer begins.
        next->second = nullptr;
        m_jobs.done(next->first);
    }
}

}  // namespace landline::net
