#include "relay/store/checkpointer.h"

namespace landline::relay {

Checkpointer::Checkpointer(const std::string& path, const std::string& vfs)
    : m_path(path), m_vfs(vfs), m_thread([this] { run(); }) {}

Checkpointer::~Checkpointer() {
    {
        const std::lock_guard lock(m_mutex);
        m_state = State::Ending;
    }
    m_changed.notify_one();
    m_thread.join();
}

bool Checkpointer::hasMovedMost() {
    {
        const std::lock_guard lock(m_mutex);
        if (m_state == State::Done) {
            m_state = State::Idle;
            return true;
        }
        if (m_state != State::Idle) return false;
        m_state = State::Asked;
    }
    m_changed.notify_one();
    return false;
}

bool Checkpointer::isIdle() {
    const std::lock_guard lock(m_mutex);
    return m_state == State::Idle || m_state == State::Done;
}

void Checkpointer::run() {
    SqliteConnection connection;
    // Where it cannot be opened the writer moves everything itself.
    const bool isOpen = connection.open(m_path, m_vfs, SQLITE_OPEN_READWRITE) == SQLITE_OK;
    std::unique_lock lock(m_mutex);
    while (true) {
        m_changed.wait(lock, [this] { return m_state == State::Asked || m_state == State::Ending; });
        if (m_state == State::Ending) return;
        lock.unlock();
        if (isOpen)
            sqlite3_wal_checkpoint_v2(connection.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr,
                                      nullptr);
        lock.lock();
        if (m_state == State::Asked) m_state = State::Done;
    }
}

}  // namespace landline::relay
