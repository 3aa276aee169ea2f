#include "relay/store/commit_queue.h"

#include "tests/relay/store/store_fixture.h"
#include "tests/support/memory_ledger.h"

namespace landline::relay {
namespace {

using namespace std::chrono_literals;

using Refused = StoreRefusal::Reason;

class CommitQueueTest : public ::testing::Test {
protected:
    CommitQueueTest() {
        options.batch = 4;
        options.batchDelay = 2ms;
        open();
        alice = ask.member(*queue->store());
        bob = ask.member(*queue->store());
        EXPECT_TRUE(queue->store()->commit());
        disk->commits = 0;
    }
    void open() {
        auto opened = CommitQueue::open(test::memoryStoreOpener(disk, ask.random), options, ask.now, mono);
        ASSERT_TRUE(opened) << opened.error().text;
        queue = std::move(*opened);
    }
    StoreTag push(StoreRequest request) {
        queue->push({++lastTag, std::move(request)}, mono);
        return lastTag;
    }
    StoreTag deposit() { return push(ask.make(alice, {bob})); }
    void run() {
        for (TaggedAnswer& answer : queue->run(ask.now, mono)) {
            order.push_back(answer.tag);
            answers[answer.tag] = std::move(answer.answer);
        }
        for (StoreNotice& notice : queue->takeNotices()) notices.push_back(notice.kind);
    }
    void wait(Duration time) {
        mono += time;
        ask.now += std::chrono::duration_cast<std::chrono::milliseconds>(time);
    }
    void runSoon() {
        wait(options.batchDelay);
        run();
    }
    bool isStoredAt(StoreTag tag, MailNumber number) {
        const auto* const answer = std::get_if<DepositAnswer>(&answers[tag]);
        return answer && relay::isStored(*answer) && numbersOf(*answer) == std::vector{number};
    }
    std::optional<Refused> refused(StoreTag tag) {
        const auto* const refusal = std::get_if<StoreRefusal>(&answers[tag]);
        if (!refusal) return std::nullopt;
        EXPECT_FALSE(refusal->text.empty());
        EXPECT_GT(refusal->retryAfter, Duration::zero());
        return refusal->reason;
    }
    StoreTag acknowledge(MailNumber through) {
        return push(AckRequest{bob, {queue->epoch(), Box::Messages, through}});
    }
    MailNumber freed() { return queue->store()->admit({ask.partyOf(bob), {}, {}, false}, true, ask.now).welcome.freed; }
    StoreTag pull(MailNumber from = 1) { return push(PullRequest{bob, Box::Messages, from, 1 << 20}); }
    std::size_t pulled(StoreTag tag) {
        const auto* const answer = std::get_if<PullAnswer>(&answers[tag]);
        return answer ? answer->items.size() : 9999;
    }

    Asker ask;
    MonoTime mono{10s};
    CommitQueue::Options options;
    std::shared_ptr<test::MemoryDisk> disk = std::make_shared<test::MemoryDisk>();
    std::unique_ptr<CommitQueue> queue;
    DeviceId alice;
    DeviceId bob;
    StoreTag lastTag = 0;
    std::vector<StoreTag> order;
    std::map<StoreTag, StoreAnswer> answers;
    std::vector<StoreNotice::Kind> notices;
};

TEST_F(CommitQueueTest, requestsWaitForOthersForAMomentAndAreCommittedTogether) {
    run();
    disk->commits = 0;
    const StoreTag first = deposit();
    wait(1ms);
    const StoreTag second = deposit();
    run();
    EXPECT_TRUE(answers.empty());
    EXPECT_EQ(queue->due(), mono + 1ms);
    wait(1ms);
    run();
    EXPECT_TRUE(isStoredAt(first, 1) && isStoredAt(second, 2));
    EXPECT_EQ(disk->commits, 1);
}

TEST_F(CommitQueueTest, aFullBatchDoesNotWait) {
    for (int i = 0; i < 6; ++i) deposit();
    run();
    EXPECT_EQ(order, (std::vector<StoreTag>{1, 2, 3, 4}));
    EXPECT_EQ(queue->waiting(), 2u);
    runSoon();
    EXPECT_EQ(order, (std::vector<StoreTag>{1, 2, 3, 4, 5, 6}));
}

TEST_F(CommitQueueTest, everyKindOfRequestHasItsAnswer) {
    const RelayInvite invite{};
    push(ask.make(alice, {bob}));
    push(PullRequest{bob});
    push(AckRequest{bob, {queue->epoch(), Box::Messages, 1}});
    push(PublishPrekey{bob, Asker::prekeyOf(bob)});
    push(FetchPrekeys{ask.partyOf(alice), {{bob, std::nullopt}}});
    push(SetTokens{bob, {}});
    push(CheckTokens{ask.partyOf(alice), {{bob, std::nullopt}}});
    push(ListLink{bob, "link"});
    push(BrowseLinks{});
    push(AddInvite{hashOf(invite), 1, ask.now + 1h, ""});
    push(Admit{ask.partyOf(ask.device()), invite, {}, false});
    push(RemoveInvite{hashOf(invite)});
    push(ListAccounts{});
    push(Revoke{bob});
    push(ListInvites{});
    push(AskFigures{});
    for (int i = 0; i < 4; ++i) runSoon();
    const std::vector<std::size_t> kinds = {2, 3, 4, 5, 6, 9, 7, 9, 8, 9, 1, 9, 10, 9, 11, 12};
    ASSERT_EQ(order.size(), kinds.size());
    for (std::size_t i = 0; i < kinds.size(); ++i) EXPECT_EQ(answers[i + 1].index(), kinds[i]) << i;
    EXPECT_EQ(std::get<StoreFigures>(answers[16]).accounts, 3u);
}

TEST_F(CommitQueueTest, aFailedCommitIsAnsweredWithARefusalAndNothingIsStored) {
    run();
    notices.clear();
    disk->failCommits = 1;
    const StoreTag lost = deposit();
    const StoreTag read = pull();
    runSoon();
    EXPECT_EQ(refused(lost), Refused::DiskError);
    EXPECT_EQ(pulled(read), 0u) << "what was taken back is not given";
    EXPECT_EQ(notices, std::vector{StoreNotice::Kind::DiskError});
    wait(std::get<StoreRefusal>(answers[lost]).retryAfter);
    const StoreTag next = deposit();
    runSoon();
    EXPECT_TRUE(isStoredAt(next, 1));
    const auto isFailing = [this] {
        const StoreTag asked = push(AskFigures{});
        runSoon();
        return std::get<StoreFigures>(answers[asked]).isFailing;
    };
    EXPECT_TRUE(isFailing()) << "what only reads says nothing of the disk";
    wait(2min);
    EXPECT_FALSE(isFailing());
}

TEST_F(CommitQueueTest, whileTheDiskFailsReadingGoesOnAndLittleIsTriedInVain) {
    StoreRules brief;
    brief.life = 1h;
    queue->setRules(brief);
    deposit();
    runSoon();
    queue->setRules({});
    deposit();
    runSoon();
    wait(2h);  // the first has expired
    open();
    runSoon();
    notices.clear();
    disk->failCommits = 1000;
    disk->reads = 0;
    const auto areGiven = [&](StoreTag pulls, StoreTag comes, StoreTag keys) {
        EXPECT_EQ(pulled(pulls), 1u);
        EXPECT_TRUE(std::get<AdmitAnswer>(answers[comes]).welcome.hasAccount);
        EXPECT_EQ(std::get<PrekeysAnswer>(answers[keys]).told.prekeys.at(0).prekey, Asker::prekeyOf(bob));
    };
    for (int round = 0; round < 100; ++round) {
        // The first finds it out; what it reads is given all the same.
        const StoreTag pulls = pull();
        const StoreTag comes = push(Admit{ask.partyOf(bob), {}, {}, false});
        const StoreTag keys = push(FetchPrekeys{ask.partyOf(alice), {{bob, std::nullopt}}});
        runSoon();
        areGiven(pulls, comes, keys);
        const StoreTag stranger = push(Admit{ask.partyOf(ask.device()), {}, {}, true});
        std::vector<StoreTag> writing = {deposit(), acknowledge(1), push(SetTokens{bob, {}})};
        runSoon();
        EXPECT_EQ(std::get<AdmitAnswer>(answers[stranger]).refused, Reason::Storage);
        for (const StoreTag tag : writing) EXPECT_EQ(refused(tag), Refused::DiskError);
        EXPECT_GT(queue->due(), mono) << "nothing is to be done before";
    }
    EXPECT_EQ(disk->failCommits, 999);
    EXPECT_EQ(disk->reads, 1);
    wait(1min);
    for (int i = 0; i < 20; ++i) runSoon();
    EXPECT_EQ(disk->failCommits, 998);
    EXPECT_EQ(notices, std::vector{StoreNotice::Kind::DiskError}) << "told once";

    disk->failCommits = 0;
    wait(10s);
    const StoreTag ack = acknowledge(2);
    runSoon();
    EXPECT_TRUE(std::holds_alternative<AckAnswer>(answers[ack]));
    EXPECT_EQ(freed(), 2u);
}

TEST_F(CommitQueueTest, whoFreesNothingHasNothingWritten) {
    runSoon();
    disk->commits = 0;
    push(AckRequest{bob, {queue->epoch(), Box::Heads, 0}});
    push(AckRequest{bob, {queue->epoch(), Box::Messages, 0}});
    runSoon();
    EXPECT_EQ(order.size(), 2u);
    EXPECT_EQ(disk->commits, 0);
}

TEST_F(CommitQueueTest, onAFullDiskMailboxesAreEmptiedAndItGoesOnByItself) {
    for (int i = 0; i < 3; ++i) deposit();
    runSoon();
    disk->isFull = true;
    const StoreTag lost = deposit();
    const StoreTag read = pull();
    const StoreTag ack = acknowledge(1);
    runSoon();
    EXPECT_EQ(refused(lost), Refused::DiskFull);
    EXPECT_EQ(pulled(read), 3u) << "what was taken back is not given";
    EXPECT_TRUE(std::holds_alternative<AckAnswer>(answers[ack]));
    EXPECT_EQ(freed(), 1u);
    EXPECT_TRUE(queue->isFull());
    const StoreTag figures = push(AskFigures{});
    runSoon();
    EXPECT_TRUE(std::get<StoreFigures>(answers[figures]).isFull);
    EXPECT_FALSE(std::get<StoreFigures>(answers[figures]).isFailing);
    EXPECT_FALSE(disk->hasReserve);
    EXPECT_EQ(notices.back(), StoreNotice::Kind::DiskFull);
    // Everything else that takes space, too.
    for (const StoreTag tag : {deposit(), push(PublishPrekey{bob, Asker::prekeyOf(bob)}), push(SetTokens{bob, {}}),
                               push(ListLink{bob, "link"}), push(AddInvite{{}, 1, ask.now + 1h, ""})}) {
        runSoon();
        EXPECT_EQ(refused(tag), Refused::DiskFull);
    }
    (void)acknowledge(2);
    const StoreTag in = push(Admit{ask.partyOf(bob), {}, {}, false});
    const StoreTag out = push(Admit{ask.partyOf(ask.device()), {}, {}, true});
    runSoon();
    EXPECT_EQ(freed(), 2u);
    EXPECT_TRUE(std::get<AdmitAnswer>(answers[in]).welcome.hasAccount);
    EXPECT_EQ(std::get<AdmitAnswer>(answers[out]).refused, Reason::Storage) << "a new account needs space";
    open();
    EXPECT_TRUE(queue->isFull()) << "after a restart as well";

    disk->isFull = false;
    wait(limits::kFullDiskProbe);
    run();
    EXPECT_FALSE(queue->isFull());
    EXPECT_TRUE(disk->hasReserve);
    EXPECT_EQ(notices.back(), StoreNotice::Kind::DiskFreed);
    const StoreTag next = deposit();
    runSoon();
    EXPECT_TRUE(isStoredAt(next, 4));
}

TEST_F(CommitQueueTest, aDamagedStoreIsReplacedAndReported) {
    deposit();
    runSoon();
    const Epoch before = queue->epoch();
    disk->isDamaged = true;
    const StoreTag lost = deposit();
    const StoreTag freed = acknowledge(1);
    runSoon();
    EXPECT_EQ(refused(lost), Refused::Damaged);
    EXPECT_EQ(refused(freed), Refused::Damaged);
    EXPECT_NE(queue->epoch(), before);
    EXPECT_EQ(notices.back(), StoreNotice::Kind::SetAside);
    ask.epoch = queue->epoch();
    EXPECT_FALSE(queue->store()->publishPrekey({bob, Asker::prekeyOf(bob)}).refused);
    const StoreTag next = deposit();
    const StoreTag read = pull();
    runSoon();
    EXPECT_TRUE(isStoredAt(next, 1));
    EXPECT_EQ(pulled(read), 1u);
}

TEST_F(CommitQueueTest, aNewEpochIsToldThoughNobodyAsks) {
    deposit();
    runSoon();
    order.clear();
    disk->isDamaged = true;
    // The sweep finds it.
    wait(limits::kDepositLife + 1h);
    for (int i = 0; i < 5 && order.empty(); ++i) runSoon();
    EXPECT_EQ(order, std::vector<StoreTag>{kToldToAll});
    EXPECT_EQ(refused(kToldToAll), Refused::Damaged);
    EXPECT_EQ(notices.back(), StoreNotice::Kind::SetAside);
}

TEST_F(CommitQueueTest, whatHasExpiredIsNotReadForAPull) {
    for (int i = 0; i < 3; ++i) (void)queue->store()->deposit(ask.make(alice, {bob}), ask.now);
    ask.now += 1h;
    (void)queue->store()->deposit(ask.make(alice, {bob}), ask.now);
    EXPECT_TRUE(queue->store()->commit());
    const auto answer = queue->store()->pull({bob, Box::Messages, 1, 1 << 20}, ask.now + limits::kDepositLife - 1h);
    EXPECT_EQ(numbersOf(answer), std::vector<MailNumber>{4});
    EXPECT_EQ(disk->bodiesRead, 1);
}

TEST_F(CommitQueueTest, numbersOfTokensDoNotRunIntoThoseOfSenders) {
    const auto first = ask.random.make<RelayToken>();
    const auto second = ask.random.make<RelayToken>();
    disk->tokens[kSenderShare - 2] = {kSenderShare - 2, 1, ask.random.make<TokenHash>(), 0};
    open();
    const StoreTag last = push(SetTokens{bob, {{first, 0}}});
    const StoreTag beyond = push(SetTokens{bob, {{first, 0}, {second, 0}}});
    const StoreTag again = push(SetTokens{bob, {{first, 9}}});
    runSoon();
    EXPECT_EQ(std::get<ChangeAnswer>(answers[last]).refused, std::nullopt);
    EXPECT_EQ(std::get<ChangeAnswer>(answers[beyond]).refused, std::nullopt) << "one that nothing names";
    EXPECT_EQ(std::get<ChangeAnswer>(answers[again]).refused, std::nullopt) << "which takes no number";
    EXPECT_TRUE(disk->tokens.contains(kSenderShare - 1));
    EXPECT_EQ(disk->tokens.size(), 2U);
}

TEST_F(CommitQueueTest, whatIsOverIsSweptInItsTimeAndAClockThatJumpsEndsNothing) {
    deposit();
    runSoon();
    const auto heldAfter = [this](Duration time) {
        for (Duration passed{}; passed < time; passed += 5min) {
            wait(5min);
            for (int i = 0; i < 5; ++i) runSoon();
        }
        return queue->store()->figures().heldItems;
    };
    EXPECT_EQ(heldAfter(30min), 1u);
    notices.clear();
    const WallTime before = ask.now;
    ask.now += 24h * 400;
    EXPECT_EQ(heldAfter(45min), 1u);
    EXPECT_EQ(notices, std::vector{StoreNotice::Kind::WrongClock}) << "told once";
    const StoreTag read = pull();
    runSoon();
    EXPECT_EQ(pulled(read), 1u);
    ask.now = before + 45min;
    EXPECT_EQ(heldAfter(1h), 1u);
    ask.now += 24h * 400;
    EXPECT_EQ(heldAfter(2h), 0u);
}

TEST_F(CommitQueueTest, aRestartWithAClockOfLongAgoExpiresByTheKeptTime) {
    wait(1min);
    run();
    const WallTime before = ask.now;
    ask.now = fromUnixMillis(1000);
    open();
    const StoreTag stored = deposit();
    runSoon();
    EXPECT_GE(std::get<DepositAnswer>(answers[stored]).told.expires, before + limits::kDepositLife - 2min);
}

TEST_F(CommitQueueTest, atTheEndEverythingThatWaitsIsDone) {
    for (int i = 0; i < 11; ++i) deposit();
    EXPECT_EQ(queue->finish(ask.now, mono).size(), 11u);
    EXPECT_EQ(queue->waiting(), 0u);
}

TEST_F(CommitQueueTest, largeAnswersEndABatch) {
    options.batch = 100;
    open();
    StoreRules rules;
    rules.quota = {1 << 30, 1000, 1 << 30, 1000};
    queue->setRules(rules);
    for (int i = 0; i < 20; ++i) push(ask.make(alice, {bob}, Bytes(60'000)));
    runSoon();
    order.clear();
    for (int i = 0; i < 20; ++i) pull();
    runSoon();
    EXPECT_GE(order.size(), 8u);
    EXPECT_LT(order.size(), 20u);
    runSoon();
    runSoon();
    EXPECT_EQ(order.size(), 20u);
}

}  // namespace
}  // namespace landline::relay
