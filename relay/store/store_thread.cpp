#include "relay/store/store_thread.h"

#include <algorithm>

namespace landline::relay {

namespace {

using namespace std::chrono_literals;

/// Answers that nobody has taken yet, beyond which the thread stands still.
constexpr std::size_t kUntakenBytes = 32 * 1024 * 1024;
constexpr Duration kRetryBusy = 500ms;
constexpr Duration kLongestWait = 1s;

std::size_t sizeOf(const StoreRequest& request) {
    if (const auto* const deposit = std::get_if<Deposit>(&request))
        return deposit->content.body.size() +
               deposit->content.recipients.size() * (sizeof(wire::relay::Recipient) + limits::kSeal);
    if (const auto* const tokens = std::get_if<SetTokens>(&request))
        return tokens->tokens.size() * sizeof(wire::relay::Token);
    if (const auto* const check = std::get_if<CheckTokens>(&request)) return check->of.size() * sizeof(Addressee);
    if (const auto* const fetch = std::get_if<FetchPrekeys>(&request)) return fetch->of.size() * sizeof(Addressee);
    if (const auto* const list = std::get_if<ListLink>(&request)) return list->link.size();
    return 0;
}

}  // namespace

Expected<std::unique_ptr<StoreThread>> StoreThread::start(StoreOpener opener, CommitQueue::Options options,
                                                          const Clock& clock, std::function<void()> waker) {
    const std::size_t batch = options.batch;
    auto queue = CommitQueue::open(std::move(opener), std::move(options), clock.wall(), clock.mono());
    if (!queue) return Unexpected(queue.error());
    std::unique_ptr<StoreThread> thread(new StoreThread(clock, batch, std::move(waker)));
    thread->m_queue = std::move(*queue);
    thread->m_notices = thread->m_queue->takeNotices();
    thread->m_thread = std::thread([self = thread.get()] { self->run(); });
    return thread;
}

StoreThread::~StoreThread() {
    stop();
}

std::optional<StoreRefusal> StoreThread::ask(TaggedRequest request, From from) {
    {
        const std::lock_guard lock(m_mutex);
        if (m_isStopping)
            return StoreRefusal{StoreRefusal::Reason::Closing, kRetryBusy,
                                "The relay is being shut down. Come again in a while."};
        const std::size_t bytes = sizeOf(request.request);
        const bool isFull = m_unanswered >= limits::kStoreQueue || m_requestBytes + bytes > limits::kStoreQueueBytes;
        if (isFull && from == From::Client)
            return StoreRefusal{
                StoreRefusal::Reason::Busy, kRetryBusy,
                "The relay has more to do than its disk can keep up with. Try again in a moment."};
        ++m_unanswered;
        m_requestBytes += bytes;
        m_requests.push_back(std::move(request));
        if (m_requests.size() > 1) return std::nullopt;
    }
    m_changed.notify_one();
    return std::nullopt;
}

std::vector<TaggedAnswer> StoreThread::takeAnswers() {
    std::vector<TaggedAnswer> answers;
    {
        const std::lock_guard lock(m_mutex);
        answers.swap(m_answers);
        m_unanswered -= static_cast<std::size_t>(std::count_if(
            answers.begin(), answers.end(), [](const TaggedAnswer& answer) { return answer.tag != kToldToAll; }));
        m_answerBytes = 0;
    }
    m_changed.notify_one();
    return answers;
}

std::vector<StoreNotice> StoreThread::takeNotices() {
    const std::lock_guard lock(m_mutex);
    return std::exchange(m_notices, {});
}

void StoreThread::setRules(StoreRules rules) {
    {
        const std::lock_guard lock(m_mutex);
        m_rules = std::move(rules);
    }
    m_changed.notify_one();
}

std::size_t StoreThread::unanswered() const {
    const std::lock_guard lock(m_mutex);
    return m_unanswered;
}

void StoreThread::stop() {
    {
        const std::lock_guard lock(m_mutex);
        m_isStopping = true;
    }
    m_changed.notify_one();
    if (m_thread.joinable()) m_thread.join();
}

void StoreThread::run() {
    while (takeRequests()) publish(m_queue->run(m_clock.wall(), m_clock.mono()), m_queue->takeNotices());
    publish(m_queue->finish(m_clock.wall(), m_clock.mono()), m_queue->takeNotices());
    // Closes the store, on this thread as everything else of it.
    m_queue.reset();
}

void StoreThread::waitFor(std::unique_lock<std::mutex>& lock, Duration most) {
#ifdef __SANITIZE_THREAD__
    // It does not know the wait by the steady clock.
    m_changed.wait_until(lock, std::chrono::system_clock::now() + most);
#else
    // The system's clock may be set back by a day.
    m_changed.wait_for(lock, most);
#endif
}

/// Waits until there is something to do. False: the end.
bool StoreThread::takeRequests() {
    std::vector<TaggedRequest> requests;
    std::optional<StoreRules> rules;
    bool goesOn = true;
    {
        std::unique_lock lock(m_mutex);
        while (!m_isStopping) {
            const Duration wait = std::min<Duration>(m_queue->due() - m_clock.mono(), kLongestWait);
            const bool isHeldUp = m_answerBytes > kUntakenBytes;
            if (!isHeldUp && (!m_requests.empty() || m_rules || wait <= Duration::zero())) break;
            waitFor(lock, isHeldUp ? kLongestWait : wait);
        }
        // What is behind the next batch waits here, where it is counted.
        std::size_t room = m_isStopping ? m_requests.size() : m_batch - std::min(m_batch, m_queue->waiting());
        for (; room > 0 && !m_requests.empty(); --room) {
            m_requestBytes -= sizeOf(m_requests.front().request);
            requests.push_back(std::move(m_requests.front()));
            m_requests.pop_front();
        }
        rules.swap(m_rules);
        goesOn = !m_isStopping;
    }
    if (rules) m_queue->setRules(*std::move(rules));
    const MonoTime now = m_clock.mono();
    for (TaggedRequest& request : requests) m_queue->push(std::move(request), now);
    return goesOn;
}

void StoreThread::publish(std::vector<TaggedAnswer> answers, std::vector<StoreNotice> notices) {
    if (answers.empty() && notices.empty()) return;
    bool wakes = false;
    {
        const std::lock_guard lock(m_mutex);
        // Each for itself: who takes the one may leave the other.
        wakes = (m_answers.empty() && !answers.empty()) || (m_notices.empty() && !notices.empty());
        for (const TaggedAnswer& answer : answers) m_answerBytes += relay::sizeOf(answer.answer);
        if (m_answers.empty())
            m_answers = std::move(answers);
        else
            std::move(answers.begin(), answers.end(), std::back_inserter(m_answers));
        std::move(notices.begin(), notices.end(), std::back_inserter(m_notices));
    }
    if (wakes && m_waker) m_waker();
}

}  // namespace landline::relay
