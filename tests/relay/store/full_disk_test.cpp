// The relay's store on a real disk of 64 MiB that is full to its last byte, in a mount namespace of the test's own.
#include "relay/store/store_folder.h"
#include "relay/store/store_thread.h"
#include "tests/relay/store/store_fixture.h"
#include "tests/relay/store/temporary_folder.h"
#include "tests/support/own_network.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

namespace landline::relay {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 120s;
constexpr std::size_t kReserve = 24 * 1024 * 1024;
constexpr std::size_t kBody = 4000;

const test::TemporaryFolder* g_disk = nullptr;

class FullDisk : public ::testing::Test {
protected:
    FullDisk() {
        for (const auto& entry : std::filesystem::directory_iterator(g_disk->path()))
            std::filesystem::remove(entry.path());
        auto acquired = StoreFolder::acquire(g_disk->path());
        EXPECT_TRUE(acquired);
        folder = std::move(*acquired);
        folder->setReserve(kReserve);
        auto opened = folder->open(ask.random, false);
        EXPECT_TRUE(opened);
        alice = ask.member(*opened->store);
        bob = ask.member(*opened->store);
        EXPECT_TRUE(opened->store->commit());
        opened->store.reset();
        start();
    }
    void start() {
        thread.reset();
        auto started = StoreThread::start(folder->opener(ask.random), {}, clock, {});
        ASSERT_TRUE(started) << started.error().text;
        thread = std::move(*started);
        StoreRules rules;
        rules.quota = {1ULL << 40, 1U << 30, 1ULL << 40, 1U << 30};
        thread->setRules(rules);
    }
    std::vector<StoreAnswer> askAll(std::vector<StoreRequest> requests) {
        std::vector<StoreAnswer> answers;
        for (StoreRequest& request : requests) EXPECT_FALSE(thread->ask({1, std::move(request)}));
        const auto end = clock.mono() + kPatience;
        while (answers.size() < requests.size() && clock.mono() < end) {
            for (TaggedAnswer& answer : thread->takeAnswers()) answers.push_back(std::move(answer.answer));
            std::this_thread::yield();
        }
        EXPECT_EQ(answers.size(), requests.size());
        answers.resize(requests.size());
        return answers;
    }
    /// Deposits until one is refused.
    void depositUntilFull() {
        for (bool isFull = false; !isFull;) {
            std::vector<StoreRequest> requests;
            for (int i = 0; i < 100; ++i) requests.emplace_back(ask.make(alice, {bob}, Bytes(kBody)));
            for (const StoreAnswer& answer : askAll(std::move(requests))) {
                const auto* const refusal = std::get_if<StoreRefusal>(&answer);
                if (!refusal) {
                    ++stored;
                    continue;
                }
                ASSERT_EQ(refusal->reason, StoreRefusal::Reason::DiskFull);
                isFull = true;
            }
        }
    }
    void fillUp() {
        const int file =
            ::open((g_disk->file("filler")).c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        const Bytes block(1 << 16);
        for (std::size_t size = block.size(); size > 0; size /= 4)
            while (::write(file, block.data(), size) == static_cast<ssize_t>(size)) continue;
        ::close(file);
    }
    void waitUntilTaken() {
        const auto end = clock.mono() + kPatience;
        bool isTaken = false;
        while (!isTaken && clock.mono() < end)
            isTaken =
                std::holds_alternative<DepositAnswer>(askAll({ask.make(alice, {bob}, Bytes(kBody))})[0]);
        EXPECT_TRUE(isTaken);
    }
    void drain() {
        for (MailNumber next = 1; true;) {
            auto answers = askAll({PullRequest{bob, Box::Messages, next, 1 << 20}});
            const auto* const pulled = std::get_if<PullAnswer>(&answers[0]);
            ASSERT_TRUE(pulled);
            if (pulled->items.empty()) break;
            for (const wr::Item& item : pulled->items) ASSERT_EQ(item.number, next++);
            drained += pulled->items.size();
            answers = askAll({AckRequest{bob, {ask.epoch, Box::Messages, next - 1}}});
            const auto* const freed = std::get_if<AckAnswer>(&answers[0]);
            ASSERT_TRUE(freed) << std::get<StoreRefusal>(answers[0]).text;
            ASSERT_FALSE(freed->refused);
        }
    }

    SystemClock clock;
    Asker ask;
    std::unique_ptr<StoreFolder> folder;
    std::unique_ptr<StoreThread> thread;
    DeviceId alice;
    DeviceId bob;
    std::size_t stored = 0;
    std::size_t drained = 0;
};

TEST_F(FullDisk, depositsAreRefusedMailboxesEmptiedAndDepositsTakenAgain) {
    depositUntilFull();
    EXPECT_GT(stored, 1000u);
    // As full as it was, and without the time that had passed.
    start();
    drain();
    EXPECT_EQ(drained, stored);
    EXPECT_EQ(std::get<StoreFigures>(askAll({AskFigures{}})[0]).heldItems, 0u);
    // Nothing but the relay's own database had filled the disk: what was freed within it must be enough.
    waitUntilTaken();
}

TEST_F(FullDisk, whatSomebodyElseFillsIsWaitedFor) {
    fillUp();
    depositUntilFull();
    drain();
    EXPECT_EQ(drained, stored);
    ASSERT_EQ(::unlink(g_disk->file("filler").c_str()), 0);
    waitUntilTaken();
}

TEST_F(FullDisk, itStartsOnItsReserveWhereSomebodyElseHasFilledIt) {
    thread.reset();
    ASSERT_TRUE(std::filesystem::exists(g_disk->file("relay.db.reserve")));
    fillUp();
    ASSERT_NO_FATAL_FAILURE(start());
    const auto refused = askAll({ask.make(alice, {bob}, Bytes(kBody))});
    const auto* const refusal = std::get_if<StoreRefusal>(&refused[0]);
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->reason, StoreRefusal::Reason::DiskFull);
    ASSERT_EQ(::unlink(g_disk->file("filler").c_str()), 0);
    waitUntilTaken();
}

TEST_F(FullDisk, withoutAReserveItSaysWhyItDoesNotStart) {
    thread.reset();
    std::filesystem::remove(g_disk->file("relay.db.reserve"));
    fillUp();
    const auto opened = folder->open(ask.random, false);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, ErrorCode::Full) << opened.error().text;
}

}  // namespace
}  // namespace landline::relay

int main(int argc, char** argv) {
    const std::string why = landline::test::enterOwnNetwork();
    if (!why.empty() || ::unshare(CLONE_NEWNS) != 0) {
        std::printf("skipped: the kernel does not allow a mount of one's own here: %s\n", why.c_str());
        return landline::test::kSkipped;
    }
    const landline::test::TemporaryFolder disk;
    if (::mount("tmpfs", disk.path().c_str(), "tmpfs", 0, "size=64m") != 0) {
        std::perror("cannot run: no file system in memory");
        return 1;
    }
    landline::relay::g_disk = &disk;
    ::testing::InitGoogleTest(&argc, argv);
    const int result = RUN_ALL_TESTS();
    ::umount(disk.path().c_str());
    return result;
}
