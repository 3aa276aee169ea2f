#include "relay/store/mailbox_book.h"

#include "p2p/base/limits.h"
#include "tests/support/seeded_random.h"

#include <gtest/gtest.h>

#include <deque>

namespace landline::relay {
namespace {

TEST(SlidingVector, isAQueue) {
    test::SeededRandom random(1);
    SlidingVector<int> sliding;
    std::deque<int> expected;
    for (int i = 0; i < 20'000; ++i) {
        // Grows and shrinks in long waves.
        if (random.below(100) < ((i / 2000) % 2 == 0 ? 60U : 40U)) {
            sliding.push_back(i);
            expected.push_back(i);
        } else {
            const std::size_t count = random.below(3);
            sliding.popFront(count);
            expected.erase(expected.begin(),
                           expected.begin() + static_cast<std::ptrdiff_t>(std::min(count, expected.size())));
        }
        ASSERT_EQ(sliding.size(), expected.size());
        if (expected.empty()) continue;
        ASSERT_EQ(sliding.front(), expected.front());
        ASSERT_EQ(sliding.back(), expected.back());
        const std::size_t any = random.below(expected.size());
        ASSERT_EQ(sliding[any], expected[any]);
    }
    ASSERT_TRUE(std::equal(sliding.begin(), sliding.end(), expected.begin(), expected.end()));
}

TEST(Mailbox, countsWhatIsHeldByShare) {
    Mailbox mailbox;
    EXPECT_EQ(mailbox.append({10, 100, 0, 1}), 1u);
    EXPECT_EQ(mailbox.append({11, 50, 0, 2}), 2u);
    EXPECT_EQ(mailbox.append({12, 7, 255, 1}), 3u);
    EXPECT_EQ(mailbox.usage().bytes, 157u);
    EXPECT_EQ(mailbox.usageOf(1).bytes, 107u);
    EXPECT_EQ(mailbox.usageOf(3).items, 0u);
    EXPECT_EQ(mailbox.slot(3)->recipient, 255u);
    for (const DepositId deposit : {10u, 11u, 12u}) EXPECT_EQ(mailbox.takeFirst().deposit, deposit);
    EXPECT_EQ(mailbox.slot(2), nullptr);
    EXPECT_EQ(mailbox.freed(), 3u);
    EXPECT_EQ(mailbox.usage().items, 0u);
    EXPECT_EQ(mailbox.usageOf(1).items, 0u);
    EXPECT_EQ(mailbox.last(), 3u);
}

TEST(MailboxBook, givesNumbersOfTokensThatNothingNamesOnceTheLastWasGiven) {
    MailboxBook book;
    Account& bob = book.addAccount({1, {}, {}, {}, false, {}, {}});
    std::uint8_t hashes = 0;
    const auto add = [&](LocalId id) {
        std::array<std::uint8_t, TokenHash::kSize> hash{};
        hash[0] = ++hashes;
        book.addToken({id, 1, TokenHash::from(hash).value(), 0});
    };
    add(100);
    EXPECT_TRUE(book.hasTokens(2));
    EXPECT_EQ(book.nextToken, 101U);
    add(kSenderShare - 2);
    EXPECT_TRUE(book.hasTokens(1));
    EXPECT_EQ(book.nextToken, kSenderShare - 1);
    // Of the stretch between the two something is held, and a guest came by a token that is gone.
    bob.mailbox.append({1, 100, 0, 2'000'000'000});
    book.addSender({1, {}, 0, {}, 1'000'000'000});
    EXPECT_EQ(book.nextToken, kSenderShare - 1);
    ASSERT_TRUE(book.hasTokens(1'024));
    EXPECT_EQ(book.nextToken, 1'000'000'001U);
    add(book.nextToken);
    EXPECT_EQ(book.nextToken, 1'000'000'002U);
    EXPECT_TRUE(book.hasTokens(999'999'998)) << "up to the one that is held";
    EXPECT_FALSE(book.hasTokens(999'999'999)) << "there is no longer stretch";
    // Who came by an older token names its number, which is none of those that are given next.
    book.addSender({2, {}, 0, {}, kSenderShare - 2});
    EXPECT_EQ(book.nextToken, 1'000'000'002U);
}

TEST(Sender, remembersCountersThatComeLateAndForgetsTheLowestFirst) {
    Sender sender;
    for (DepositCounter counter = 10; counter < 10 + 2 * limits::kRememberedDeposits; counter += 2)
        sender.remember(counter, counter * 7);
    sender.remember(13, 91);
    EXPECT_EQ(sender.forgotten, 10u);
    EXPECT_EQ(sender.find(10), nullptr);
    EXPECT_EQ(sender.find(12)->deposit, 84u);
    EXPECT_EQ(sender.find(13)->deposit, 91u);
    EXPECT_EQ(sender.find(15), nullptr);
    EXPECT_EQ(sender.remembered.size(), limits::kRememberedDeposits);
    sender.forget(14);
    EXPECT_EQ(sender.forgotten, 14u);
    EXPECT_EQ(sender.find(13), nullptr);
    EXPECT_EQ(sender.find(16)->deposit, 112u);
}

}  // namespace
}  // namespace landline::relay
