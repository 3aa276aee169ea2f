#include "tests/relay/store/store_contract.h"

namespace landline::relay {

using std::chrono::hours;

// Deposits -----------------------------------------------------------------------------------------------------------

TEST_P(MailboxContract, numbersOfEachMailboxGrowFromOneWithoutGaps) {
    for (MailNumber number = 1; number <= 5; ++number) {
        const std::vector<Placement> placed = {{bob, Box::Messages, number}};
        EXPECT_EQ(put(toBob()).placed, placed);
        if (number == 3) restart();
    }
    EXPECT_EQ(numbersOf(put(ask.make(alice, {carol}))), std::vector<MailNumber>{1});
    EXPECT_EQ(numbersOf(put(ask.make(carol, {bob}))), std::vector<MailNumber>{6});
    commit();
    EXPECT_EQ(numbersOf(pull(bob)), (std::vector<MailNumber>{1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(pull(bob).highest, 6u);
    EXPECT_TRUE(pull(alice).items.empty());
}

TEST_P(MailboxContract, aBodyComesOutAsItWentInWithEachRecipientsOwnSeal) {
    const Deposit deposit = ask.make(alice, {bob, carol, alice}, ask.body(70));
    EXPECT_EQ(put(deposit).told.expires, ask.now + limits::kDepositLife);
    restart();
    for (const wr::Recipient& one : deposit.content.recipients) {
        const std::vector<wr::Item> expected = {{1, one.prekey, one.seal, deposit.content.body}};
        EXPECT_EQ(pull(one.to.device).items, expected);
        EXPECT_EQ(welcome(one.to.device).used, sizeOfBody(70));
    }
    EXPECT_EQ(store().figures().heldItems, 3u);
    // The others still have it when one has acknowledged.
    for (const DeviceId& device : {bob, alice, carol}) {
        EXPECT_EQ(pull(device).items.at(0).body, deposit.content.body);
        EXPECT_EQ(acknowledge(device, 1).used, 0u);
        commit();
        EXPECT_TRUE(pull(device).items.empty());
    }
    EXPECT_EQ(store().figures().heldItems, 0u);
    EXPECT_EQ(store().figures().heldBytes, 0u);
}

TEST_P(MailboxContract, aDepositMayHaveAsManyRecipientsAsTheProtocolAllows) {
    Deposit deposit = ask.make(alice, {});
    while (deposit.content.recipients.size() + 2 < limits::kRecipientsPerDeposit)
        deposit.content.recipients.push_back(ask.to(ask.device()));
    deposit.content.recipients.push_back(ask.to(carol));
    deposit.content.recipients.push_back(ask.to(bob));
    const DepositAnswer answer = put(deposit);
    EXPECT_EQ(answer.told.failures.size(), limits::kRecipientsPerDeposit - 2);
    EXPECT_EQ(answer.placed.size(), 2u);
    restart();
    EXPECT_EQ(pull(bob).items.at(0).seal, deposit.content.recipients.back().seal);
    EXPECT_EQ(put(deposit).told, answer.told);
}

TEST_P(MailboxContract, eachRecipientHasItsOwnOutcome) {
    Deposit deposit = ask.make(alice, {bob, ask.device(), carol, alice});
    deposit.content.recipients[3].prekey = ask.random.make<PrekeyId>();
    const DepositAnswer answer = put(deposit);
    const std::vector<wr::Deposited::Failure> failures = {{1, Reason::NoMailbox}, {3, Reason::OldPrekey}};
    EXPECT_EQ(answer.told.failures, failures);
    EXPECT_EQ(answer.placed, (std::vector<Placement>{{bob, Box::Messages, 1}, {carol, Box::Messages, 1}}));
    restart();
    const DepositAnswer again = put(deposit);
    EXPECT_TRUE(again.repeated);
    EXPECT_EQ(again.told, answer.told);
}

TEST_P(MailboxContract, aRepeatGetsTheOldAnswerWhateverHasHappenedSince) {
    const Deposit deposit = toBob();
    const DepositAnswer first = {put(deposit).told, true, {}};
    EXPECT_EQ(put(deposit), first) << "in the same transaction";
    commit();
    EXPECT_EQ(put(deposit), first);
    put(toBob());
    restart();
    EXPECT_EQ(put(deposit), first) << "after others and a restart";
    EXPECT_EQ(acknowledge(bob, 2).used, 0u);
    restart();
    sweepAll();
    ask.now += hours(24);
    EXPECT_EQ(put(deposit), first) << "after it was freed";
    EXPECT_TRUE(pull(bob).items.empty());
    EXPECT_EQ(numbersOf(put(toBob())), std::vector<MailNumber>{3});
    // As long as its sender is not silent for a life, though its own is over.
    for (int days = 0; days < 20; days += 5) {
        ask.now += hours(24 * 5);
        put(toBob());
        sweepAll();
        restart();
    }
    EXPECT_EQ(put(deposit), first);
}

TEST_P(MailboxContract, aCounterThatWasLeftOutMayComeLater) {
    const Deposit skipped = toBob();
    EXPECT_TRUE(isStored(put(toBob())));
    restart();
    EXPECT_EQ(numbersOf(put(skipped)), std::vector<MailNumber>{2});
    EXPECT_TRUE(put(skipped).repeated);
    restart();
    EXPECT_TRUE(put(skipped).repeated);
    EXPECT_EQ(pull(bob).items.size(), 2u);
}

TEST_P(MailboxContract, countersOfDifferentSendersHaveNothingToDoWithEachOther) {
    Deposit deposit = toBob();
    deposit.counter = UINT64_MAX;
    EXPECT_TRUE(isStored(put(deposit)));
    deposit.from = ask.partyOf(carol);
    EXPECT_FALSE(put(deposit).repeated);
    restart();
    EXPECT_TRUE(put(deposit).repeated);
    EXPECT_EQ(pull(bob).items.size(), 2u);
}

TEST_P(MailboxContract, theLastAnswersAreRememberedAndOlderCountersRefused) {
    std::vector<Deposit> deposits;
    for (std::size_t i = 0; i <= limits::kRememberedDeposits; ++i) {
        deposits.push_back(i % 2 ? toBob() : heads(alice));
        EXPECT_TRUE(isStored(put(deposits.back())));
    }
    static_assert(limits::kRememberedDeposits >= limits::kDepositsUnanswered);
    for (int round = 0; round < 3; ++round) {
        EXPECT_EQ(fate(deposits.front()), Reason::OldCounter);
        for (std::size_t i = 1; i < deposits.size(); ++i) EXPECT_TRUE(put(deposits[i]).repeated) << i;
        EXPECT_FALSE(acknowledge(bob, pull(bob).highest).refused);
        sweepAll();
        restart();
    }
}

TEST_P(MailboxContract, aCounterThatWouldBeForgottenAtOnceIsNotStored) {
    ask.counters[alice] = 100;
    const Deposit late = toBob();
    for (std::size_t i = 0; i < limits::kRememberedDeposits; ++i) {
        // As long as there is a place for its answer it may come.
        if (i + 1 == limits::kRememberedDeposits) {
            EXPECT_EQ(fate(late), std::nullopt);
            EXPECT_TRUE(put(late).repeated);
        } else {
            put(ask.make(alice, {carol}));
        }
    }
    Deposit later = toBob();
    later.counter = 50;
    EXPECT_EQ(fate(later), Reason::OldCounter);
    restart();
    EXPECT_EQ(fate(later), Reason::OldCounter);
    EXPECT_TRUE(put(late).repeated);
    EXPECT_EQ(pull(bob).items.size(), 1u);
}

TEST_P(MailboxContract, whatTheSweepForgetsIsRefusedAfterARestart) {
    const Deposit first = toBob();
    put(first);
    put(toBob());
    EXPECT_FALSE(acknowledge(bob, 2).refused);
    for (std::size_t i = 0; i < limits::kRememberedDeposits; ++i) put(ask.make(alice, {carol}));
    EXPECT_FALSE(acknowledge(carol, pull(carol).highest).refused);
    sweepAll();
    restart();
    EXPECT_EQ(fate(first), Reason::OldCounter);
}

TEST_P(MailboxContract, aDepositOfWhichNothingWasStoredLeavesNothing) {
    Deposit deposit = ask.make(alice, {ask.device()});
    EXPECT_EQ(fate(deposit), Reason::NoMailbox);
    deposit.content.recipients[0] = ask.to(bob);
    EXPECT_EQ(fate(deposit), std::nullopt);
    EXPECT_EQ(pull(bob).items.size(), 1u);
}

TEST_P(MailboxContract, aDepositOfAnotherEpochIsRefusedAsAWhole) {
    Deposit deposit = toBob();
    deposit.content.epoch ^= 1;
    EXPECT_EQ(fate(deposit), Reason::OtherEpoch);
    deposit.content.epoch ^= 1;
    EXPECT_EQ(fate(deposit), std::nullopt);
}

// Reading ------------------------------------------------------------------------------------------------------------

TEST_P(MailboxContract, aPullIsBoundedByBytesAndGoesOnWhereItStopped) {
    for (int i = 0; i < 6; ++i) put(toBob(100));
    commit();
    const PullAnswer two = pull(bob, 2, 2 * sizeOfBody(100));
    EXPECT_EQ(numbersOf(two), (std::vector<MailNumber>{2, 3}));
    EXPECT_TRUE(two.more);
    EXPECT_EQ(two.highest, 6u);
    // One comes always, so that a reader gets on.
    EXPECT_EQ(numbersOf(pull(bob, 6, 1)), std::vector<MailNumber>{6});
    EXPECT_FALSE(pull(bob, 6, 0).more);
    for (const MailNumber beyond : {7, 100}) {
        const PullAnswer end = pull(bob, beyond);
        EXPECT_FALSE(end.refused);
        EXPECT_TRUE(end.items.empty());
        EXPECT_FALSE(end.more);
    }
}

TEST_P(MailboxContract, onlyWhoHasAMailboxReads) {
    const DeviceId nobody = ask.device();
    EXPECT_EQ(pull(nobody).refused, Reason::NoAccount);
    EXPECT_EQ(acknowledge(nobody, 0).refused, Reason::NoAccount);
    EXPECT_EQ(store().setTokens({nobody, {}}).refused, Reason::NoAccount);
    EXPECT_EQ(store().publishPrekey({nobody, Asker::prekeyOf(nobody)}).refused, Reason::NoAccount);
    EXPECT_EQ(store().listLink({nobody, "link"}).refused, Reason::NoAccount);
}

TEST_P(MailboxContract, anAcknowledgementFreesAllUpToIt) {
    for (int i = 0; i < 5; ++i) put(toBob());
    EXPECT_EQ(acknowledge(bob, 3).used, 2 * sizeOfBody(40));
    restart();
    EXPECT_EQ(numbersOf(pull(bob)), (std::vector<MailNumber>{4, 5}));
    EXPECT_EQ(welcome(bob).freed, 3u);
    // Again, and an older one, change nothing.
    EXPECT_EQ(acknowledge(bob, 3).used, 2 * sizeOfBody(40));
    EXPECT_EQ(acknowledge(bob, 1).used, 2 * sizeOfBody(40));
    EXPECT_EQ(acknowledge(bob, 5).used, 0u);
    restart();
    EXPECT_EQ(numbersOf(put(toBob())), std::vector<MailNumber>{6}) << "numbers go on where everything was freed";
}

TEST_P(MailboxContract, anAcknowledgementOfTheFutureOrOfAnotherEpochIsRefused) {
    put(toBob());
    commit();
    EXPECT_EQ(acknowledge(bob, 2).refused, Reason::Future);
    EXPECT_EQ(acknowledge(bob, 1, Box::Heads).refused, Reason::Future);
    ask.epoch ^= 1;
    EXPECT_EQ(acknowledge(bob, 1).refused, Reason::OtherEpoch);
    EXPECT_EQ(numbersOf(pull(bob)), std::vector<MailNumber>{1});
}

TEST_P(MailboxContract, aNewEpochKeepsWhatIsHeldAndItsNumbers) {
    const Epoch before = store().epoch();
    EXPECT_NE(before, 0u);
    put(toBob());
    restart();
    EXPECT_EQ(store().epoch(), before);
    store().startEpoch(ask.random);
    const Epoch after = store().epoch();
    EXPECT_NE(after, before);
    restart();
    EXPECT_EQ(store().epoch(), after);
    EXPECT_EQ(acknowledge(bob, 1).refused, Reason::OtherEpoch);
    ask.epoch = after;
    EXPECT_EQ(numbersOf(pull(bob)), std::vector<MailNumber>{1});
    EXPECT_EQ(numbersOf(put(toBob())), std::vector<MailNumber>{2});
}

// Heads --------------------------------------------------------------------------------------------------------------

TEST_P(MailboxContract, headsOfOneDepositorReplaceEachOther) {
    EXPECT_EQ(put(heads(alice)).placed, (std::vector<Placement>{{bob, Box::Heads, 1}}));
    EXPECT_TRUE(isStored(put(heads(carol))));
    const Deposit newer = heads(alice);
    EXPECT_TRUE(isStored(put(newer)));
    restart();
    EXPECT_TRUE(put(newer).repeated);
    EXPECT_EQ(numbersOf(pullHeads()), (std::vector<MailNumber>{2, 3}));
    EXPECT_EQ(pullHeads().items[1].body, newer.content.body);
    EXPECT_EQ(pullHeads().items[1].seal, newer.content.recipients[0].seal);
    EXPECT_EQ(numbersOf(pullHeads(3)), std::vector<MailNumber>{3});
    EXPECT_EQ(welcome(bob).highestHeads, 3u);
    EXPECT_EQ(welcome(bob).used, 2 * sizeOfBody(40));
    // What was replaced after it was read stays.
    EXPECT_TRUE(isStored(put(heads(carol))));
    EXPECT_FALSE(acknowledge(bob, 3, Box::Heads).refused);
    restart();
    EXPECT_EQ(numbersOf(pullHeads()), std::vector<MailNumber>{4});
    EXPECT_EQ(acknowledge(bob, 4, Box::Heads).used, 0u);
    restart();
    EXPECT_EQ(numbersOf(put(heads(carol))), std::vector<MailNumber>{5}) << "numbers are never given again";
    EXPECT_TRUE(pull(bob).items.empty());
}

TEST_P(MailboxContract, headsComeInPiecesAndExpire) {
    for (const DeviceId& from : {alice, bob, carol}) EXPECT_TRUE(isStored(put(heads(from, 1000))));
    const PullAnswer one = pullHeads(1, 1);
    EXPECT_EQ(numbersOf(one), std::vector<MailNumber>{1});
    EXPECT_TRUE(one.more);
    EXPECT_EQ(one.highest, 3u);
    EXPECT_FALSE(pullHeads(2).more);
    ask.now += limits::kDepositLife;
    EXPECT_TRUE(pullHeads().items.empty());
    sweepAll();
    EXPECT_EQ(welcome(bob).used, 0u);
    ask.now -= limits::kDepositLife;
    EXPECT_TRUE(pullHeads().items.empty());
}

TEST_P(MailboxContract, headsThatHaveExpiredDoNotHideThoseThatLive) {
    for (const DeviceId& from : {alice, bob}) EXPECT_TRUE(isStored(put(heads(from, 1000))));
    ask.now += hours(1);
    EXPECT_TRUE(isStored(put(heads(carol, 1000))));
    commit();
    ask.now += limits::kDepositLife - hours(1);
    const PullAnswer answer = pullHeads(1, 1);
    EXPECT_EQ(numbersOf(answer), std::vector<MailNumber>{3}) << "though the first ones alone are all that was asked for";
    EXPECT_FALSE(answer.more);
}

TEST_P(MailboxContract, headsCountLikeMessagesButReachAMailboxThatIsFullOfThem) {
    StoreRules small;
    small.quota = {4 * sizeOfBody(100), 100, 2 * sizeOfBody(100), 100};
    setRules(small);
    const auto token = ask.random.make<RelayToken>();
    EXPECT_FALSE(store().setTokens({bob, {{token, 0}}}).refused);
    const auto headsOf = [&](const DeviceId& from) {
        Deposit made = with(token, from, bob, ask.body(100));
        made.content.box = Box::Heads;
        return made;
    };
    const DeviceId one = ask.device();
    const DeviceId other = ask.device();
    EXPECT_FALSE(fate(toBob(100)));
    EXPECT_FALSE(fate(headsOf(one)));
    EXPECT_EQ(store().figures().heldItems, 2u);
    EXPECT_EQ(store().figures().heldBytes, 2 * sizeOfBody(100));
    restart();
    EXPECT_EQ(store().figures().heldBytes, 2 * sizeOfBody(100)) << "as before it was read from the disk";
    EXPECT_EQ(welcome(bob).used, 2 * sizeOfBody(100));
    EXPECT_FALSE(fate(with(token, one, bob, ask.body(100))));
    EXPECT_EQ(fate(with(token, one, bob, ask.body(100))), Reason::Full) << "its heads are in the token's share";
    EXPECT_FALSE(fate(toBob(100)));
    EXPECT_EQ(fate(ask.make(carol, {bob}, ask.body(100))), Reason::Full) << "and in the mailbox";
    EXPECT_FALSE(fate(headsOf(one))) << "in the place of those before";
    EXPECT_FALSE(fate(headsOf(other))) << "heads reach a mailbox that is full of messages";
    EXPECT_EQ(fate(headsOf(ask.device())), Reason::Full) << "up to what one sender may hold";
    restart();
    EXPECT_EQ(fate(headsOf(ask.device())), Reason::Full);
    EXPECT_FALSE(acknowledge(bob, 2, Box::Heads).refused);
    EXPECT_FALSE(fate(headsOf(ask.device())));
}

TEST_P(MailboxContract, headsOfOneTokenHaveFewPlaces) {
    const auto token = ask.random.make<RelayToken>();
    const auto another = ask.random.make<RelayToken>();
    EXPECT_FALSE(store().setTokens({bob, {{token, 0}, {another, 0}}}).refused);
    const auto headsOf = [&](const DeviceId& from, const RelayToken& by) {
        Deposit made = with(by, from, bob, {1});
        made.content.box = Box::Heads;
        return made;
    };
    const DeviceId first = ask.device();
    EXPECT_FALSE(fate(headsOf(first, token)));
    for (std::size_t i = 1; i < limits::kHeadsPerToken; ++i) EXPECT_FALSE(fate(headsOf(ask.device(), token)));
    for (int round = 0; round < 2; ++round) {
        EXPECT_EQ(fate(headsOf(ask.device(), token)), Reason::Full);
        EXPECT_FALSE(fate(headsOf(first, token))) << "its own place";
        EXPECT_FALSE(fate(headsOf(ask.device(), another)));
        restart();
    }
    EXPECT_EQ(pullHeads().items.size(), limits::kHeadsPerToken + 2);
    EXPECT_FALSE(acknowledge(bob, 1 + limits::kHeadsPerToken, Box::Heads).refused);
    EXPECT_FALSE(fate(headsOf(ask.device(), token)));
}

// Time ---------------------------------------------------------------------------------------------------------------

TEST_P(MailboxContract, whatHasExpiredIsGivenToNobodyAndFreedByTheSweep) {
    for (int i = 0; i < 3; ++i) {
        put(toBob());
        ask.now += hours(1);
    }
    commit();
    ask.now += limits::kDepositLife - hours(2);
    EXPECT_EQ(store().figures().heldItems, 3u);
    EXPECT_EQ(numbersOf(pull(bob)), std::vector<MailNumber>{3});
    EXPECT_EQ(store().figures().heldItems, 1u) << "nobody looks at it again";
    EXPECT_EQ(store().figures().expired, 2u);
    sweepAll();
    EXPECT_EQ(store().figures().heldItems, 1u);
    EXPECT_EQ(store().figures().expired, 2u);
    restart();
    EXPECT_EQ(numbersOf(pull(bob)), std::vector<MailNumber>{3});
    EXPECT_EQ(welcome(bob).freed, 2u);
    ask.now += hours(1);
    sweepAll();
    restart();
    EXPECT_EQ(welcome(bob).freed, 3u);
    EXPECT_EQ(welcome(bob).highest, 3u);
    EXPECT_EQ(numbersOf(put(toBob())), std::vector<MailNumber>{4}) << "numbers are never given again";
}

TEST_P(MailboxContract, whatHasExpiredIsFreedByTheSweepWithoutAPull) {
    put(toBob());
    put(toBob());
    commit();
    ask.now += limits::kDepositLife;
    sweepAll();
    EXPECT_EQ(store().figures().heldItems, 0u);
    EXPECT_EQ(store().figures().expired, 2u);
}

TEST_P(MailboxContract, aPullLooksAtSoManyThatHaveExpiredAndSaysWhereItGoesOn) {
    constexpr std::uint64_t kExpired = 1'200;
    for (std::uint64_t i = 0; i < kExpired; ++i) put(toBob());
    commit();
    ask.now += limits::kDepositLife;
    put(toBob());
    commit();
    std::size_t pulls = 0;
    PullAnswer answer;
    for (MailNumber from = 1; answer.items.empty(); from = answer.next) {
        const std::uint64_t before = store().figures().heldItems;
        answer = pull(bob, from);
        ASSERT_LE(before - store().figures().heldItems, 512u);
        ASSERT_TRUE(answer.more || !answer.items.empty());
        ASSERT_LE(++pulls, 10u);
    }
    EXPECT_EQ(pulls, 2u);
    EXPECT_EQ(numbersOf(answer), std::vector<MailNumber>{kExpired + 1});
    restart();
    EXPECT_EQ(numbersOf(pull(bob)), std::vector<MailNumber>{kExpired + 1}) << "those are gone for good";
    EXPECT_EQ(welcome(bob).freed, kExpired);
}

TEST_P(MailboxContract, whoReadsOnBeyondMuchThatHasExpiredIsGivenWhatLives) {
    constexpr std::uint64_t kExpired = 600;
    for (std::uint64_t i = 0; i < kExpired; ++i) put(toBob());
    commit();
    ask.now += limits::kDepositLife;
    put(toBob());
    commit();
    EXPECT_EQ(numbersOf(pull(bob, kExpired + 1)), std::vector<MailNumber>{kExpired + 1});
}

TEST_P(MailboxContract, whatGoesGoesInTheOrderOfTheNumbersThoughTheLifeWasShortened) {
    put(toBob());
    rules.life = std::chrono::hours(1);
    setRules(rules);
    EXPECT_EQ(put(toBob()).told.expires, ask.now + hours(1));
    commit();
    ask.now += hours(2);
    sweepAll();
    EXPECT_EQ(numbersOf(pull(bob)), (std::vector<MailNumber>{1, 2}));
    restart();
    EXPECT_EQ(numbersOf(pull(bob)), (std::vector<MailNumber>{1, 2}));
    EXPECT_FALSE(acknowledge(bob, 1).refused);
    EXPECT_TRUE(pull(bob).items.empty());
    sweepAll();
    EXPECT_EQ(welcome(bob).freed, 2u);
}

TEST_P(MailboxContract, aSenderIsForgottenOnceItWasSilentForALife) {
    for (int i = 0; i < 3; ++i) put(toBob());
    commit();
    EXPECT_EQ(store().figures().senders, 1u);
    EXPECT_FALSE(acknowledge(bob, 3).refused);
    ask.now += limits::kDepositLife - hours(1);
    sweepAll();
    EXPECT_EQ(store().figures().senders, 1u);
    ask.now += hours(1);
    sweepAll();
    ask.now += hours(1);
    sweepAll();
    EXPECT_EQ(store().figures().senders, 0u);
    restart();
    EXPECT_EQ(store().figures().senders, 0u);
    EXPECT_EQ(numbersOf(put(toBob())), std::vector<MailNumber>{4});
}

TEST_P(MailboxContract, aSenderIsNotForgottenWhileSomethingOfItIsHeld) {
    put(toBob());
    rules.life = hours(1);
    setRules(rules);
    put(ask.make(carol, {bob}));
    put(ask.make(carol, {alice}));
    commit();
    // Number 2 is over, and stays behind number 1; what came later from the same sender goes.
    ask.now += hours(2);
    for (int passes = 0; passes < 3; ++passes) sweepAll();
    EXPECT_EQ(store().figures().senders, 2u);
    restart();
    EXPECT_EQ(numbersOf(pull(bob)), (std::vector<MailNumber>{1, 2}));
    EXPECT_FALSE(acknowledge(bob, 2).refused);
    for (int passes = 0; passes < 3; ++passes) sweepAll();
    EXPECT_EQ(store().figures().senders, 1u);
    restart();
    EXPECT_EQ(welcome(bob).freed, 2u);
}

TEST_P(MailboxContract, theTimeIsKept) {
    EXPECT_EQ(store().keptTime(), WallTime{});
    store().keepTime(ask.now);
    restart();
    EXPECT_EQ(store().keptTime(), ask.now);
    store().startEpoch(ask.random);
    restart();
    EXPECT_EQ(store().keptTime(), WallTime{}) << "a backup's time is not today's";
}

}  // namespace landline::relay
