#pragma once

#include "relay/store/sqlite.h"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace landline::relay {

/// A thread that moves SQLite's log into the database file on a connection of its own, while the writer goes on writing.
/// Owned by a SqliteLedger, asked on its thread.
class Checkpointer {
public:
    Checkpointer(const std::string& path, const std::string& vfs);
    ~Checkpointer();
    Checkpointer(const Checkpointer&) = delete;
    Checkpointer& operator=(const Checkpointer&) = delete;

    /// Whether a move that was asked for has come to its end, so that only a little is left; asks for one otherwise. True
    /// once for each.
    [[nodiscard]] bool hasMovedMost();
    /// Nothing is being moved, nor will be before it is asked for.
    [[nodiscard]] bool isIdle();

private:
    enum class State { Idle, Asked, Done, Ending };
    void run();

    const std::string m_path;
    const std::string m_vfs;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    State m_state = State::Idle;
    std::thread m_thread;
};

}  // namespace landline::relay
