#include "relay/store/store_thread.h"

#include "relay/store/store_folder.h"
#include "tests/relay/store/store_fixture.h"
#include "tests/relay/store/temporary_folder.h"

#include <atomic>

namespace landline::relay {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 60s;

/// The system's clocks, of which the wall clock may be put elsewhere.
class MovableClock final : public Clock {
public:
    [[nodiscard]] MonoTime mono() const override {
        ++m_looks;
        return m_clock.mono();
    }
    [[nodiscard]] WallTime wall() const override {
        m_looks = 0;
        return m_clock.wall() + std::chrono::hours(m_hours);
    }
    void move(int hours) { m_hours = hours; }
    /// How often the steady clock was asked for since the wall clock was. The store's thread asks for the wall clock for each
    /// batch, and for the steady one each time that it looks whether there is something to do.
    [[nodiscard]] int looks() const { return m_looks; }

private:
    SystemClock m_clock;
    std::atomic<int> m_hours = 0;
    mutable std::atomic<int> m_looks = 0;
};

/// A thread over a real database, with two accounts.
class StoreThreadTest : public ::testing::Test {
protected:
    StoreThreadTest() {
        auto acquired = StoreFolder::acquire(files.path());
        EXPECT_TRUE(acquired);
        folder = std::move(*acquired);
        folder->setReserve(0);
        auto opened = folder->open(ask.random, false);
        EXPECT_TRUE(opened);
        for (DeviceId* const device : {&alice, &bob, &carol}) *device = ask.member(*opened->store);
        EXPECT_TRUE(opened->store->commit());
        opened->store.reset();
        start();
    }
    void start() {
        thread.reset();
        auto started = StoreThread::start(folder->opener(ask.random), {}, clock, [this] { wakeUp(); });
        ASSERT_TRUE(started) << started.error().text;
        thread = std::move(*started);
    }
    void wakeUp() {
        {
            const std::lock_guard lock(mutex);
            isWoken = true;
        }
        changed.notify_one();
    }
    /// Takes answers until there are `count`, or patience ends.
    std::vector<TaggedAnswer> answersTo(std::size_t count) {
        std::vector<TaggedAnswer> answers;
        const auto end = std::chrono::system_clock::now() + kPatience;
        while (answers.size() < count && std::chrono::system_clock::now() < end) {
            {
                std::unique_lock lock(mutex);
                changed.wait_until(lock, end, [this] { return isWoken; });
                isWoken = false;
            }
            for (TaggedAnswer& answer : thread->takeAnswers()) answers.push_back(std::move(answer));
        }
        EXPECT_EQ(answers.size(), count);
        return answers;
    }
    StoreAnswer answerTo(StoreRequest request) {
        EXPECT_FALSE(thread->ask({1, std::move(request)}));
        auto answers = answersTo(1);
        return answers.empty() ? StoreAnswer{} : std::move(answers[0].answer);
    }

    test::TemporaryFolder files;
    MovableClock clock;
    Asker ask;
    std::mutex mutex;
    std::condition_variable changed;
    bool isWoken = false;
    DeviceId alice;
    DeviceId bob;
    DeviceId carol;
    std::unique_ptr<StoreFolder> folder;
    std::unique_ptr<StoreThread> thread;
};

TEST_F(StoreThreadTest, answersComeInTheOrderOfTheRequestsAndAreDurable) {
    for (StoreTag tag = 1; tag <= 500; ++tag) EXPECT_FALSE(thread->ask({tag, ask.make(alice, {bob})}));
    const auto answers = answersTo(500);
    for (std::size_t i = 0; i < answers.size(); ++i) {
        EXPECT_EQ(answers[i].tag, i + 1);
        EXPECT_EQ(std::get<DepositAnswer>(answers[i].answer).placed.at(0).number, i + 1);
    }
    EXPECT_EQ(thread->unanswered(), 0u);
    start();
    const StoreAnswer pulled = answerTo(PullRequest{bob, Box::Messages, 1, 1 << 20});
    EXPECT_EQ(std::get<PullAnswer>(pulled).items.size(), 500u);
}

TEST_F(StoreThreadTest, threadsAskAtOnceAndEachDepositIsThereOnce) {
    constexpr int kEach = 2000;
    std::atomic<int> refused = 0;
    const auto deposit = [&](const DeviceId& from, std::uint64_t seed) {
        Asker own(seed);
        own.epoch = ask.epoch;
        own.members = ask.members;
        for (int i = 0; i < kEach; ++i) {
            Deposit made = own.make(from, {bob});
            while (thread->ask({seed, made})) {
                ++refused;
                std::this_thread::yield();
            }
        }
    };
    std::thread one(deposit, alice, 1);
    std::thread other(deposit, carol, 2);
    const auto answers = answersTo(2 * kEach);
    one.join();
    other.join();
    std::vector<MailNumber> numbers;
    for (const TaggedAnswer& answer : answers)
        numbers.push_back(std::get<DepositAnswer>(answer.answer).placed.at(0).number);
    for (std::size_t i = 0; i < numbers.size(); ++i) EXPECT_EQ(numbers[i], i + 1);
    EXPECT_EQ(std::get<StoreFigures>(answerTo(AskFigures{})).heldItems, std::size_t{2 * kEach});
}

TEST_F(StoreThreadTest, beyondItsBoundsItRefusesWithATimeToComeAgain) {
    Deposit large = ask.make(alice, {bob}, Bytes(limits::kEnvelopeBody));
    std::optional<StoreRefusal> refusal;
    std::size_t asked = 0;
    // Nobody takes the answers, so that they count as well.
    while (!(refusal = thread->ask({1, large}))) {
        ++large.counter;
        ASSERT_LT(++asked, 2 * limits::kStoreQueue);
    }
    EXPECT_EQ(refusal->reason, StoreRefusal::Reason::Busy);
    EXPECT_GT(refusal->retryAfter, 0s);
    EXPECT_FALSE(thread->ask({3, Revoke{alice}}, StoreThread::From::Operator)) << "who can end it";
    answersTo(asked + 1);
    EXPECT_FALSE(thread->ask({2, AskFigures{}}));
    answersTo(1);
    thread->stop();
    EXPECT_TRUE(thread->ask({3, Revoke{alice}}, StoreThread::From::Operator)) << "but nothing at the end";
}

/// Holds the store's thread where it tells of answers.
class Gate {
public:
    void pass() {
        std::unique_lock lock(m_mutex);
        ++m_arrived;
        m_changed.notify_all();
        m_changed.wait(lock, [this, own = m_arrived] { return own <= m_open; });
    }
    /// Until the thread has come to the gate so often.
    void await(std::size_t arrivals) {
        std::unique_lock lock(m_mutex);
        const auto end = std::chrono::system_clock::now() + kPatience;
        EXPECT_TRUE(m_changed.wait_until(lock, end, [&] { return m_arrived >= arrivals; }));
    }
    void open(std::size_t upTo) {
        const std::lock_guard lock(m_mutex);
        m_open = upTo;
        m_changed.notify_all();
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::size_t m_arrived = 0;
    std::size_t m_open = 0;
};

TEST_F(StoreThreadTest, whatWaitsBehindABatchCountsUntilItIsItsTurn) {
    thread.reset();
    Gate gate;
    CommitQueue::Options options;
    options.batch = 1;
    auto started = StoreThread::start(folder->opener(ask.random), options, clock, [&gate] { gate.pass(); });
    ASSERT_TRUE(started) << started.error().text;
    EXPECT_FALSE((*started)->ask({1, AskFigures{}}));
    gate.await(1);
    Deposit large = ask.make(alice, {bob}, Bytes(limits::kEnvelopeBody));
    const auto isTaken = [&] {
        ++large.counter;
        return !(*started)->ask({2, large});
    };
    std::size_t waiting = 0;
    while (isTaken()) ASSERT_LE(++waiting, limits::kStoreQueueBytes / limits::kEnvelopeBody);
    EXPECT_GT(waiting, limits::kStoreQueueBytes / limits::kEnvelopeBody / 2);
    for (std::size_t turn = 1; turn <= 3; ++turn) {
        EXPECT_EQ((*started)->takeAnswers().size(), 1u);
        gate.open(turn);
        gate.await(turn + 1);
        EXPECT_TRUE(isTaken()) << "in the place of the one whose turn it was";
        EXPECT_FALSE(isTaken()) << "and no more";
    }
    gate.open(SIZE_MAX);
    (*started)->stop();
    EXPECT_EQ((*started)->takeAnswers().size(), waiting + 1);
}

TEST_F(StoreThreadTest, itStandsStillWhileNobodyTakesTheAnswersAndGoesOnThen) {
    for (int i = 0; i < 16; ++i)
        EXPECT_FALSE(thread->ask({1, ask.make(alice, {bob}, Bytes(limits::kEnvelopeBody))}));
    answersTo(16);
    thread.reset();
    Gate gate;
    auto started = StoreThread::start(folder->opener(ask.random), {}, clock, [&] { gate.pass(), wakeUp(); });
    ASSERT_TRUE(started) << started.error().text;
    thread = std::move(*started);
    EXPECT_FALSE(thread->ask({1, AskFigures{}}));
    gate.await(1);
    constexpr std::size_t kPulls = 300;  // of a MiB each
    for (std::size_t i = 0; i < kPulls; ++i)
        EXPECT_FALSE(thread->ask({2, PullRequest{bob, Box::Messages, 1, 1 << 20}}));
    gate.open(SIZE_MAX);
    // Each time that it is woken it looks, and does nothing.
    const auto end = std::chrono::system_clock::now() + kPatience;
    while (clock.looks() < 20 && std::chrono::system_clock::now() < end) {
        thread->setRules({});
        std::this_thread::yield();
    }
    EXPECT_GE(clock.looks(), 20);
    std::size_t bytes = 0;
    const auto untaken = thread->takeAnswers();
    for (const TaggedAnswer& answer : untaken) bytes += sizeOf(answer.answer);
    constexpr std::size_t kMiB = 1024 * 1024;
    EXPECT_GT(bytes, 32 * kMiB);
    EXPECT_LE(bytes, 48 * kMiB);
    answersTo(1 + kPulls - untaken.size());
    thread.reset();
}

TEST_F(StoreThreadTest, stoppedItDoesWhatWasAskedForAndNothingMore) {
    for (StoreTag tag = 1; tag <= 100; ++tag) EXPECT_FALSE(thread->ask({tag, ask.make(alice, {bob})}));
    thread->stop();
    const auto refusal = thread->ask({101, AskFigures{}});
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->reason, StoreRefusal::Reason::Closing);
    EXPECT_EQ(thread->takeAnswers().size(), 100u);
    start();
    EXPECT_EQ(std::get<StoreFigures>(answerTo(AskFigures{})).heldItems, 100u);
}

TEST_F(StoreThreadTest, quotasChangeWhileItRuns) {
    StoreRules rules;
    rules.quota = {10, 10, 10, 10};
    thread->setRules(rules);
    EXPECT_EQ(std::get<DepositAnswer>(answerTo(ask.make(alice, {bob}))).told.failures.at(0).reason, Reason::Full);
}

TEST_F(StoreThreadTest, noticesThatNobodyTakesDoNotKeepAnswersFromBeingTold) {
    clock.move(1000);
    EXPECT_TRUE(isStored(std::get<DepositAnswer>(answerTo(ask.make(alice, {bob})))));
    EXPECT_TRUE(isStored(std::get<DepositAnswer>(answerTo(ask.make(alice, {bob})))));
    const auto notices = thread->takeNotices();
    ASSERT_EQ(notices.size(), 1u);
    EXPECT_EQ(notices[0].kind, StoreNotice::Kind::WrongClock);
}

TEST_F(StoreThreadTest, theLogIsMovedWhileDepositsGoOn) {
    constexpr std::size_t kDeposits = 20'000;
    std::size_t answered = 0;
    for (std::size_t i = 0; i < kDeposits; ++i) {
        const Deposit made = ask.make(i % 2 ? alice : carol, {bob}, Bytes(2000));
        while (thread->ask({1, made})) answered += thread->takeAnswers().size();
    }
    while (answered < kDeposits) {
        const std::size_t taken = thread->takeAnswers().size();
        answered += taken;
        if (taken == 0) std::this_thread::yield();
    }
    const auto figures = std::get<StoreFigures>([this] {
        isWoken = false;
        return answerTo(AskFigures{});
    }());
    EXPECT_EQ(figures.heldItems, kDeposits);
    // 82 MB of bodies in the file, each on a page of its own, and not the same again in the log.
    EXPECT_LT(figures.diskBytes, std::uint64_t{120} * 1000 * 1000);
}

}  // namespace
}  // namespace landline::relay
