#pragma once

#include "p2p/base/clock.h"
#include "relay/store/commit_queue.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace landline::relay {

/// The thread on which a relay's store lives: the one writer. Any thread asks; answers wait, in the order of their commits,
/// until they are taken. Bounded both ways: beyond kStoreQueue unanswered requests, or kStoreQueueBytes of those that wait for
/// their batch, it refuses clients, and while nobody takes the answers it stands still. What the operator asks is little, comes
/// one at a time, and must get through when clients are too many: it is refused at the end alone.
class StoreThread {
public:
    /// `waker` is called on the store's thread when there are answers where there were none, or notices, so that an event
    /// loop can be nudged; it must not block and must not call back. Notices of the start are there at once. `clock` must
    /// outlive this.
    [[nodiscard]] static Expected<std::unique_ptr<StoreThread>> start(StoreOpener opener,
                                                                      CommitQueue::Options options,
                                                                      const Clock& clock,
                                                                      std::function<void()> waker);
    /// As `stop`.
    ~StoreThread();
    StoreThread(const StoreThread&) = delete;
    StoreThread& operator=(const StoreThread&) = delete;

    enum class From : std::uint8_t { Client, Operator };
    /// Nothing if it was taken; else why not, and when to come again. Its tag is not kToldToAll.
    [[nodiscard]] std::optional<StoreRefusal> ask(TaggedRequest request, From from = From::Client);
    [[nodiscard]] std::vector<TaggedAnswer> takeAnswers();
    [[nodiscard]] std::vector<StoreNotice> takeNotices();
    /// With the next batch.
    void setRules(StoreRules rules);
    /// Does what was asked for, takes nothing more, ends the thread. The answers can still be taken.
    void stop();

    /// As of now; for figures.
    [[nodiscard]] std::size_t unanswered() const;

private:
    StoreThread(const Clock& clock, std::size_t batch, std::function<void()> waker)
        : m_clock(clock), m_batch(batch), m_waker(std::move(waker)) {}
    void run();
    [[nodiscard]] bool takeRequests();
    void waitFor(std::unique_lock<std::mutex>& lock, Duration most);
    void publish(std::vector<TaggedAnswer> answers, std::vector<StoreNotice> notices);

    const Clock& m_clock;
    const std::size_t m_batch;
    const std::function<void()> m_waker;
    std::unique_ptr<CommitQueue> m_queue;  ///< the thread's own

    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    // Guarded by m_mutex.
    std::deque<TaggedRequest> m_requests;
    std::vector<TaggedAnswer> m_answers;
    std::vector<StoreNotice> m_notices;
    std::optional<StoreRules> m_rules;
    std::size_t m_unanswered = 0;
    std::size_t m_requestBytes = 0;  ///< of m_requests
    std::size_t m_answerBytes = 0;   ///< of m_answers
    bool m_isStopping = false;

    std::thread m_thread;
};

}  // namespace landline::relay
