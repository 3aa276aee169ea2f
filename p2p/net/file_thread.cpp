#include "p2p/net/file_thread.h"

namespace landline::net {

FileThread::FileThread(QObject* parent) : QObject(parent) {
    m_thread.setObjectName(QStringLiteral("file"));
}

FileThread::~FileThread() {
    m_thread.quit();
    m_thread.wait();
    delete m_worker;
}

void FileThread::start() {
    if (m_worker) return;
    m_worker = new QObject;
    m_worker->moveToThread(&m_thread);
    m_thread.start();
}

}  // namespace landline::net
