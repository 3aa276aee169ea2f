#include "tests/relay/store/store_contract.h"

namespace landline::relay {

// Deposits ------------------------------------------------------------------------------------------------------

TEST_P(MailboxContract, numbersOfEachMailboxGrowFromOneWithoutGaps) {
    for (MailNumber number = 1; number <= 5; ++number) {
        EXPECT_EQ(put(toBob()).placements, (std::vector<Placement>{{Placed::Stored, number}}));
        if (number == 3) restart();
    }
    EXPECT_EQ(put(ask.make(alice, {carol})).placements, (std::vector<Placement>{{Placed::Stored, 1}}));
    EXPECT_EQ(put(ask.make(carol, {bob})).placements, (std::vector<Placement>{{Placed::Stored, 6}}));
    commit();
    EXPECT_EQ(numbersOf(pull(bob)), (std::vector<MailNumber>{1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(pull(bob).last, 6u);
    EXPECT_TRUE(pull(alice).items.empty());
}

TEST_P(MailboxContract, aBodyComesOutAsItWentInForEveryRecipient) {
    const Deposit deposit = ask.make(alice, {bob, carol, alice}, ask.body(70));
    const DepositAnswer answer = put(deposit);
    EXPECT_EQ(answer.expires, ask.now + limits::kMailboxTime);
    ASSERT_EQ(answer.placements.size(), 3u);
    restart();
    for (const DeviceId& device : {bob, carol, alice}) {
        const PullAnswer pulled = pull(device);
        EXPECT_EQ(pulled.items, (std::vector<MailItem>{{1, answer.expires, deposit.body}}));
    }
    EXPECT_EQ(store().figures().heldItems, 3u);
    // The others still have it when one has acknowledged.
    for (const DeviceId& device : {bob, alice, carol}) {
        EXPECT_EQ(pull(device).items.at(0).body, deposit.body);
        EXPECT_EQ(acknowledge(device, 1).result, MailboxResult::Done);
        commit();
        EXPECT_TRUE(pull(device).items.empty());
    }
    EXPECT_EQ(store().figures().heldItems, 0u);
    EXPECT_EQ(store().figures().heldBytes, 0u);
}

TEST_P(MailboxContract, anEmptyBodyIsOneToo) {
    EXPECT_EQ(placed(ask.make(alice, {bob}, {})), Placed::Stored);
    restart();
    EXPECT_EQ(pull(bob).items.size(), 1u);
}

TEST_P(MailboxContract, eachRecipientHasItsOwnOutcome) {
    Deposit deposit = ask.make(alice, {bob, ask.device(), carol});
    deposit.recipients.push_back({bob, ask.random.make<TokenHash>()});
    const std::vector<Placement> expected = {
        {Placed::Stored, 1}, {Placed::UnknownRecipient, 0}, {Placed::Stored, 1}, {Placed::NotPermitted, 0}};
    EXPECT_EQ(put(deposit).placements, expected);
    restart();
    const DepositAnswer again = put(deposit);
    EXPECT_TRUE(again.repeated);
    EXPECT_EQ(again.placements, expected);
}

TEST_P(MailboxContract, aRepeatGetsTheOldAnswerWhateverHasHappenedSince) {
    const Deposit deposit = toBob();
    DepositAnswer first = put(deposit);
    first.repeated = true;
    EXPECT_EQ(put(deposit), first) << "in the same transaction";
    commit();
    EXPECT_EQ(put(deposit), first);
    put(toBob());
    restart();
    EXPECT_EQ(put(deposit), first) << "after others and a restart";
    EXPECT_EQ(acknowledge(bob, 2).freed, 2u);
    restart();
    sweepAll();
    ask.now += std::chrono::hours(24);
    EXPECT_EQ(put(deposit), first) << "after it was freed";
    EXPECT_TRUE(pull(bob).items.empty());
    EXPECT_EQ(put(toBob()).placements[0].number, 3u);
}

TEST_P(MailboxContract, aLowerCounterThatIsNotKnownIsRefused) {
    Deposit skipped = toBob();
    EXPECT_TRUE(isStored(put(toBob())));
    EXPECT_EQ(put(skipped).result, DepositResult::StaleCounter);
    restart();
    EXPECT_EQ(put(skipped).result, DepositResult::StaleCounter);
    Deposit zero = toBob();
    zero.counter = 0;
    EXPECT_EQ(put(zero).result, DepositResult::StaleCounter);
    zero.sender = carol;
    EXPECT_EQ(put(zero).result, DepositResult::StaleCounter);
    EXPECT_EQ(pull(bob).items.size(), 1u);
}

TEST_P(MailboxContract, aCounterUsedForSomethingElseIsRefused) {
    const Deposit deposit = toBob();
    put(deposit);
    Deposit other = deposit;
    other.body[0] ^= 1;
    EXPECT_EQ(put(other).result, DepositResult::CounterReused);
    other = deposit;
    other.recipients[0].device = carol;
    EXPECT_EQ(put(other).result, DepositResult::CounterReused);
    restart();
    EXPECT_EQ(put(other).result, DepositResult::CounterReused);
    EXPECT_TRUE(put(deposit).repeated);
    // Counters of different senders have nothing to do with each other.
    other.sender = carol;
    EXPECT_TRUE(isStored(put(other)));
}

TEST_P(MailboxContract, countersMayLeaveGapsAndUseAllBits) {
    Deposit deposit = toBob();
    deposit.counter = std::uint64_t(1) << 63;
    EXPECT_TRUE(isStored(put(deposit)));
    restart();
    EXPECT_TRUE(put(deposit).repeated);
    deposit = toBob();
    deposit.counter = UINT64_MAX;
    EXPECT_TRUE(isStored(put(deposit)));
    deposit.counter = 5;
    EXPECT_EQ(put(deposit).result, DepositResult::StaleCounter);
}

TEST_P(MailboxContract, asManyAnswersAreRememberedAsASenderMayLeaveOpen) {
    std::vector<Deposit> deposits;
    for (std::size_t i = 0; i <= limits::kRememberedDeposits; ++i) {
        deposits.push_back(toBob());
        EXPECT_TRUE(isStored(put(deposits.back())));
    }
    for (int round = 0; round < 2; ++round) {
        EXPECT_EQ(put(deposits.front()).result, DepositResult::StaleCounter);
        for (std::size_t i = 1; i < deposits.size(); ++i) {
            const DepositAnswer again = put(deposits[i]);
            EXPECT_TRUE(again.repeated);
            EXPECT_EQ(again.placements[0].number, i + 1);
        }
        EXPECT_EQ(acknowledge(bob, deposits.size()).result, MailboxResult::Done);
        sweepAll();
        restart();
    }
}

TEST_P(MailboxContract, aDepositOfWhichNothingWasStoredLeavesNothing) {
    Deposit deposit = ask.make(alice, {ask.device()});
    EXPECT_EQ(placed(deposit), Placed::UnknownRecipient);
    deposit.recipients[0].device = bob;
    EXPECT_EQ(placed(deposit), Placed::Stored);
    EXPECT_EQ(pull(bob).items.size(), 1u);
}

TEST_P(MailboxContract, whatIsTooLargeOrExpiredIsRefused) {
    EXPECT_EQ(placed(ask.make(alice, {bob}, Bytes(limits::kDepositBytes + 1))), Placed::TooLarge);
    EXPECT_EQ(placed(ask.make(alice, {bob}, Bytes(limits::kDepositBytes))), Placed::Stored);
    Deposit late = toBob();
    late.notAfter = ask.now;
    EXPECT_EQ(placed(late), Placed::Expired);
    EXPECT_EQ(put(ask.make(alice, {})).result, DepositResult::TooManyRecipients);
    EXPECT_EQ(put(ask.make(alice, std::vector<DeviceId>(limits::kDepositRecipients + 1, bob))).result,
              DepositResult::TooManyRecipients);
    EXPECT_EQ(pull(bob).last, 1u);
}

// Reading -------------------------------------------------------------------------------------------------------

TEST_P(MailboxContract, aPullIsBoundedByItemsAndBytesAndGoesOnWhereItStopped) {
    for (int i = 0; i < 6; ++i) put(ask.make(alice, {bob}, ask.body(100)));
    commit();
    const PullAnswer three = store().pull({bob, store().epoch(), 2, 3, 1000}, ask.now);
    EXPECT_EQ(numbersOf(three), (std::vector<MailNumber>{2, 3, 4}));
    EXPECT_EQ(three.next, 5u);
    const PullAnswer two = store().pull({bob, store().epoch(), 1, 10, 250}, ask.now);
    EXPECT_EQ(numbersOf(two), (std::vector<MailNumber>{1, 2}));
    EXPECT_EQ(two.next, 3u);
    // One comes always, so that a reader gets on.
    EXPECT_EQ(numbersOf(store().pull({bob, store().epoch(), 6, 10, 1}, ask.now)),
              (std::vector<MailNumber>{6}));
    EXPECT_EQ(numbersOf(store().pull({bob, store().epoch(), 6, 0, 0}, ask.now)),
              (std::vector<MailNumber>{6}));
    const PullAnswer end = pull(bob, 7);
    EXPECT_EQ(end.result, MailboxResult::Done);
    EXPECT_TRUE(end.items.empty());
    EXPECT_EQ(end.next, 7u);
    EXPECT_EQ(pull(bob, 8).result, MailboxResult::Ahead);
}

TEST_P(MailboxContract, onlyWhoHasAnAccountReads) {
    const DeviceId nobody = ask.device();
    EXPECT_EQ(pull(nobody).result, MailboxResult::NoAccount);
    EXPECT_EQ(acknowledge(nobody, 0).result, MailboxResult::NoAccount);
    EXPECT_FALSE(store().hasAccount(nobody));
    EXPECT_TRUE(store().hasAccount(bob));
}

TEST_P(MailboxContract, anAcknowledgementFreesAllUpToIt) {
    for (int i = 0; i < 5; ++i) put(toBob());
    EXPECT_EQ(acknowledge(bob, 3).freed, 3u);
    restart();
    const PullAnswer rest = pull(bob);
    EXPECT_EQ(numbersOf(rest), (std::vector<MailNumber>{4, 5}));
    EXPECT_EQ(rest.freed, 3u);
    // Again, and an older one, change nothing.
    EXPECT_EQ(acknowledge(bob, 3).result, MailboxResult::Done);
    EXPECT_EQ(acknowledge(bob, 1).freed, 3u);
    EXPECT_EQ(acknowledge(bob, 5).freed, 5u);
    restart();
    EXPECT_EQ(put(toBob()).placements[0].number, 6u) << "numbers go on where everything was freed";
}

TEST_P(MailboxContract, anAcknowledgementOfTheFutureOrOfAnotherEpochIsRefused) {
    put(toBob());
    commit();
    const AckAnswer ahead = acknowledge(bob, 2);
    EXPECT_EQ(ahead.result, MailboxResult::Ahead);
    EXPECT_EQ(ahead.last, 1u);
    const Epoch other = ask.random.make<Epoch>();
    EXPECT_EQ(store().acknowledge({bob, other, 1}).result, MailboxResult::WrongEpoch);
    EXPECT_EQ(store().acknowledge({bob, {}, 1}).result, MailboxResult::WrongEpoch);
    const PullAnswer wrong = store().pull({bob, other, 1, 10, 1000}, ask.now);
    EXPECT_EQ(wrong.result, MailboxResult::WrongEpoch);
    EXPECT_EQ(wrong.epoch, store().epoch());
    EXPECT_TRUE(wrong.items.empty());
    EXPECT_EQ(numbersOf(store().pull({bob, {}, 1, 10, 1000}, ask.now)), (std::vector<MailNumber>{1}));
}

TEST_P(MailboxContract, aNewEpochKeepsWhatIsHeldAndItsNumbers) {
    const Epoch before = store().epoch();
    EXPECT_FALSE(before.isZero());
    put(toBob());
    restart();
    EXPECT_EQ(store().epoch(), before);
    store().startEpoch(ask.random);
    const Epoch after = store().epoch();
    EXPECT_NE(after, before);
    restart();
    EXPECT_EQ(store().epoch(), after);
    EXPECT_EQ(store().acknowledge({bob, before, 1}).result, MailboxResult::WrongEpoch);
    EXPECT_EQ(numbersOf(pull(bob)), (std::vector<MailNumber>{1}));
    EXPECT_EQ(put(toBob()).placements[0].number, 2u);
}

// Time ----------------------------------------------------------------------------------------------------------

TEST_P(MailboxContract, whatHasExpiredIsGivenToNobodyAndFreedByTheSweep) {
    Deposit brief = toBob();
    brief.notAfter = ask.now + std::chrono::hours(1);
    put(toBob());
    EXPECT_EQ(put(brief =
                      [&] {
                          Deposit d = toBob();
                          d.notAfter = brief.notAfter;
                          return d;
                      }())
                  .expires,
              brief.notAfter);
    put(toBob());
    commit();
    ask.now += std::chrono::hours(1);
    EXPECT_EQ(numbersOf(pull(bob)), (std::vector<MailNumber>{1, 3}));
    EXPECT_EQ(store().figures().heldItems, 3u);
    sweepAll();
    EXPECT_EQ(store().figures().heldItems, 2u);
    restart();
    EXPECT_EQ(numbersOf(pull(bob)), (std::vector<MailNumber>{1, 3}));
    EXPECT_EQ(acknowledge(bob, 3).freed, 3u);
    EXPECT_EQ(put(toBob()).placements[0].number, 4u);
}

TEST_P(MailboxContract, numbersAreNeverGivenAgainThoughEverythingHasExpired) {
    for (int i = 0; i < 3; ++i) put(toBob());
    commit();
    ask.now += limits::kMailboxTime;
    sweepAll();
    restart();
    EXPECT_EQ(pull(bob).freed, 3u);
    EXPECT_EQ(pull(bob).last, 3u);
    EXPECT_EQ(put(toBob()).placements[0].number, 4u);
}

TEST_P(MailboxContract, theLastNumbersStayTakenThoughOnlyTheyHaveExpired) {
    put(toBob());
    Deposit brief = toBob();
    brief.notAfter = ask.now + std::chrono::hours(1);
    put(brief);
    commit();
    ask.now += std::chrono::hours(2);
    sweepAll();
    restart();
    EXPECT_EQ(put(toBob()).placements[0].number, 3u);
    EXPECT_EQ(numbersOf(pull(bob)), (std::vector<MailNumber>{1, 3}));
    EXPECT_EQ(put(brief).result, DepositResult::StaleCounter) << "its answer has expired with it";
}

TEST_P(MailboxContract, aSenderIsForgottenOnceNothingOfItIsLeft) {
    for (int i = 0; i < 3; ++i) put(toBob());
    commit();
    EXPECT_EQ(store().figures().senders, 1u);
    acknowledge(bob, 3);
    ask.now += limits::kMailboxTime - std::chrono::hours(1);
    sweepAll();
    EXPECT_EQ(store().figures().senders, 1u);
    ask.now += std::chrono::hours(1);
    sweepAll();
    EXPECT_EQ(store().figures().senders, 0u);
    restart();
    EXPECT_EQ(store().figures().senders, 0u);
    EXPECT_EQ(put(toBob()).placements[0].number, 4u);
}

TEST_P(MailboxContract, theTimeIsKept) {
    EXPECT_EQ(store().keptTime(), WallTime{});
    store().keepTime(ask.now);
    restart();
    EXPECT_EQ(store().keptTime(), ask.now);
}

}  // namespace landline::relay
