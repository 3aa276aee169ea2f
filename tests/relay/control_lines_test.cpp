#include "relay/control_lines.h"

#include "tests/support/seeded_random.h"

#include <gtest/gtest.h>

namespace landline::relay::control {
namespace {

TEST(ControlLines, questionsComeThrough) {
    test::SeededRandom random(5);
    const auto device = random.make<DeviceId>();
    const AddInvite invite{random.make<InviteHash>(), 3, fromUnixMillis(1'700'000'000'123), "friends"};
    const auto read = questionIn(lineOf(Question(invite)));
    ASSERT_TRUE(read && std::holds_alternative<AddInvite>(*read));
    EXPECT_EQ(std::get<AddInvite>(*read).hash, invite.hash);
    EXPECT_EQ(std::get<AddInvite>(*read).uses, 3u);
    EXPECT_EQ(std::get<AddInvite>(*read).expires, invite.expires);
    EXPECT_EQ(std::get<AddInvite>(*read).quotaClass, "friends");
    for (const Question& question :
         {Question(AddInvite{invite.hash, 1, invite.expires, {}}), Question(AskFigures{}),
          Question(ListAccounts{device, 7}), Question(Revoke{device, false}), Question(Revoke{device, true}),
          Question(ListInvites{9}), Question(RemoveInvite{invite.hash}), Question(TakeRestored{}), Question(OpenAdmin{})}) {
        const std::string line = lineOf(question);
        const auto again = questionIn(line);
        ASSERT_TRUE(again) << line;
        EXPECT_EQ(again->index(), question.index()) << line;
        EXPECT_EQ(lineOf(*again), line);
    }
}

TEST(ControlLines, whatIsNotRightIsNoQuestion) {
    const std::string id(64, 'a');
    for (const std::string& line :
         {std::string(), std::string("stat"), std::string("stats now"), std::string("revoke"),
          std::string("revoke abc"), "revoke " + id + " " + id, "revoke " + id + "a", "accounts " + id,
          "accounts " + id + " -1", "accounts " + id + " 1x", "invite " + id + " 1",
          "invite " + id + " 1 2 class more", std::string("invites"), "uninvite " + id + " 1", std::string("restore relay.db")})
        EXPECT_FALSE(questionIn(line)) << line;
}

TEST(ControlLines, invitesComeThrough) {
    test::SeededRandom random(7);
    for (const std::string& quotaClass : {std::string(), std::string("friends")}) {
        const InviteInfo invite{random.make<InviteHash>(), 12, fromUnixMillis(1'700'000'000'000), quotaClass};
        const auto read = inviteIn(lineOf(invite));
        ASSERT_TRUE(read);
        EXPECT_EQ(read->hash, invite.hash);
        EXPECT_EQ(read->left, 12u);
        EXPECT_EQ(read->expires, invite.expires);
        EXPECT_EQ(read->quotaClass, quotaClass);
        EXPECT_FALSE(inviteIn(lineOf(invite) + " class more"));
    }
    EXPECT_FALSE(inviteIn("")) << "nothing";
}

TEST(ControlLines, accountsAndFiguresComeThrough) {
    test::SeededRandom random(6);
    Account account;
    account.info.who = {random.make<DeviceId>(), random.make<PersonId>()};
    account.info.joined = fromUnixMillis(1);
    account.info.seen = fromUnixMillis(1'700'000'000'000);
    account.info.items = 12;
    account.info.bytes = 1ULL << 40;
    account.info.quota = 1ULL << 41;
    for (const std::string& quotaClass : {std::string(), std::string("friends")}) {
        account.info.quotaClass = quotaClass;
        account.info.revoked = account.isHere = !quotaClass.empty();
        const auto read = accountIn(lineOf(account));
        ASSERT_TRUE(read);
        EXPECT_EQ(lineOf(*read), lineOf(account));
        EXPECT_EQ(read->info.who, account.info.who);
        EXPECT_EQ(read->info.quota, 1ULL << 41);
        EXPECT_EQ(read->info.quotaClass, quotaClass);
        EXPECT_EQ(read->info.revoked, account.isHere);
    }
    EXPECT_FALSE(accountIn(lineOf(account) + " more"));
    const auto figure = figureIn(lineOf(Figure{"held_bytes", 1e15}));
    ASSERT_TRUE(figure);
    EXPECT_EQ(figure->name, "held_bytes");
    EXPECT_EQ(figure->value, 1e15);
    for (const char* const wrong : {"", "x", "x y", "x 1 2", "x nan"}) EXPECT_FALSE(figureIn(wrong)) << wrong;
}

}  // namespace
}  // namespace landline::relay::control
