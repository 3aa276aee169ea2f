#include "p2p/net/file_thread.h"

namespace landline::net {

FileThread::FileThread(QObject* parent) : QObject(parent) {}

FileThread::~FileThread() {
    m_jobs.close();
    (void)m_jobs.takeAll();
    if (m_thread.joinable()) m_thread.join();
}

void FileThread::post(Job job) {
    if (!m_thread.joinable())
        m_thread = std::thread([this] {
            while (auto next = m_jobs.waitNext()) (*next)();
        });
    m_waiting.push_back(std::move(job));
    handOver();
}

void FileThread::handOver() {
    while (!m_waiting.empty() && m_jobs.push(std::move(m_waiting.front()))) m_waiting.pop_front();
}

}  // namespace landline::net
