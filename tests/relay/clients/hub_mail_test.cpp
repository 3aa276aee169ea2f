// What is left in mailboxes and taken out of them, as clients see it.
#include "tests/relay/clients/hub_fixture.h"

namespace landline::relay {
namespace {

using test::TestParty;
using namespace std::chrono_literals;

std::size_t countOf(const std::vector<wr::Frame>& frames, auto isWanted) {
    return static_cast<std::size_t>(std::count_if(frames.begin(), frames.end(), isWanted));
}
bool isHint(const wr::Frame& frame) {
    return std::holds_alternative<wr::Hint>(frame.message);
}

struct TwoMembers : testing::Test {
    TestRelay relay;
    TestParty ada{1};
    TestParty bob{2};
    ClientId sender = relay.member(ada);
    ClientId reader = relay.member(bob);

    /// The hint that what was left has brought.
    void takeHint(Box box = Box::Messages) { EXPECT_EQ(relay.only<wr::Hint>(reader, 0).box, box); }
};

TEST_F(TwoMembers, nothingIsToldBeforeTheCommit) {
    (void)relay.pullAll(reader);
    relay.send(sender, 1, relay.deposit(bob));
    relay.send(reader, 5, wr::SetTokens{});
    EXPECT_TRUE(relay.take(sender).empty());
    EXPECT_TRUE(relay.take(reader).empty());
    relay.disk->failCommits = 1;
    relay.commit();
    const auto told = relay.only<wr::Deposited>(sender, 1);
    ASSERT_TRUE(told.refusal.has_value());
    EXPECT_EQ(told.refusal->reason, Reason::Storage);
    EXPECT_GT(told.refusal->retryAfter, 0ms);
    EXPECT_EQ(relay.only<wr::Refused>(reader, 5).refusal.reason, Reason::Storage);
    relay.elapse(told.refusal->retryAfter);
    const auto again = relay.ask<wr::Deposited>(sender, 1, relay.deposit(bob));
    EXPECT_FALSE(again.refusal.has_value());
    EXPECT_EQ(again.expires, relay.wall + limits::kDepositLife);
    EXPECT_EQ(relay.take(reader).size(), 1U) << "a hint";
    EXPECT_EQ(relay.pullAll(reader), std::vector<MailNumber>{1});
}

TEST_F(TwoMembers, aRepeatGetsTheOldAnswerThoughTheRelayCrashed) {
    const auto told = relay.ask<wr::Deposited>(sender, 40, relay.deposit(bob));
    relay.elapse(10s);
    EXPECT_EQ(relay.ask<wr::Deposited>(sender, 40, relay.deposit(bob)), told);
    relay.start();
    sender = relay.back(ada);
    EXPECT_EQ(relay.ask<wr::Deposited>(sender, 40, relay.deposit(bob)), told);
    reader = relay.back(bob);
    EXPECT_EQ(relay.pullAll(reader), std::vector<MailNumber>{1});
}

TEST_F(TwoMembers, aDepositRefusedAsAWholeMayComeAgainAfterLaterOnes) {
    auto other = relay.deposit(bob);
    other.epoch ^= 1;
    EXPECT_EQ(relay.ask<wr::Deposited>(sender, 5, other).refusal->reason, Reason::OtherEpoch);
    EXPECT_FALSE(relay.ask<wr::Deposited>(sender, 6, relay.deposit(bob)).refusal);
    EXPECT_FALSE(relay.ask<wr::Deposited>(sender, 5, relay.deposit(bob)).refusal);
    EXPECT_EQ(relay.pullAll(reader).size(), 2U);
}

TEST_F(TwoMembers, answersOfDepositsKeepTheirOrder) {
    relay.send(sender, 1, relay.deposit(bob));
    for (std::uint64_t counter = 2; counter <= 70; ++counter) relay.send(sender, counter, relay.deposit(bob));
    EXPECT_TRUE(relay.take(sender).empty()) << "those beyond 64 are refused at once, and told in their turn";
    EXPECT_FALSE(relay.seen[sender].isRead);
    relay.commit();
    const auto frames = relay.take(sender);
    ASSERT_EQ(frames.size(), 70U);
    for (std::size_t at = 0; at < frames.size(); ++at) {
        EXPECT_EQ(frames[at].request, at + 1);
        const auto& refusal = std::get<wr::Deposited>(frames[at].message).refusal;
        EXPECT_EQ(refusal.has_value(), at >= limits::kDepositsUnanswered);
        if (refusal) {
            EXPECT_EQ(refusal->reason, Reason::TooMany);
        }
    }
    EXPECT_TRUE(relay.seen[sender].isRead);
}

TEST_F(TwoMembers, whoFloodsWithDepositsIsSentAway) {
    for (std::uint64_t counter = 1; counter <= limits::kRelayDepositsMost + 1; ++counter)
        relay.send(sender, counter, relay.deposit(bob, 10));
    ASSERT_TRUE(relay.seen[sender].closed);
    EXPECT_EQ(relay.seen[sender].closed->reason, wire::CloseReason::Violation);
    relay.commit();
    EXPECT_EQ(relay.pullAll(reader).size(), limits::kDepositsUnanswered) << "what was taken is kept";
}

TEST_F(TwoMembers, tellsOfEachRecipientApart) {
    TestParty none(3);
    TestParty silent(4);
    const ClientId without = relay.open(silent);
    (void)relay.ask<wr::Welcome>(without, 1, wr::Hello{relay.invite(), {}, false});
    (void)relay.ask<wr::Done>(without, 2, wr::SetTokens{{{relay.token, 0}}});
    auto deposit = relay.deposit(bob);
    deposit.recipients.push_back(relay.to(none));
    deposit.recipients.push_back(relay.to(silent));
    deposit.recipients.push_back(relay.to(ada));
    deposit.recipients.back().prekey = relay.random.make<PrekeyId>();
    deposit.recipients.push_back(relay.to(ada));
    deposit.recipients.back().to.token.reset();
    deposit.recipients.back().prekey = relay.random.make<PrekeyId>();
    const auto told = relay.ask<wr::Deposited>(sender, 1, deposit);
    const std::vector<wr::Deposited::Failure> wanted = {
        {1, Reason::NoMailbox}, {2, Reason::NoPrekey}, {3, Reason::OldPrekey}, {4, Reason::OldPrekey}};
    EXPECT_EQ(told.failures, wanted);
    const auto prekeys = relay.ask<wr::Prekeys>(
        sender, 2,
        wr::FetchPrekeys{{{none.device(), relay.token}, {silent.device(), relay.token}, {bob.device(), {}}, {ada.device(), {}}}});
    EXPECT_EQ(prekeys.prekeys.at(0).reason, Reason::NoMailbox);
    EXPECT_EQ(prekeys.prekeys.at(1).reason, Reason::NoPrekey);
    EXPECT_EQ(prekeys.prekeys.at(2).reason, Reason::NoMailbox) << "another person needs a token";
    EXPECT_FALSE(prekeys.prekeys.at(3).prekey.empty());
}

TEST_F(TwoMembers, aNewPrekeyShutsTheOldOneOutExactly) {
    const auto early = relay.deposit(bob);
    (void)relay.ask<wr::Deposited>(sender, 1, early);
    takeHint();
    relay.send(sender, 2, early);
    EXPECT_EQ(relay.publish(reader, bob).highest, 2U);
    EXPECT_FALSE(relay.only<wr::Deposited>(sender, 2).refusal);
    EXPECT_EQ(relay.ask<wr::Deposited>(sender, 3, early).failures.at(0).reason, Reason::OldPrekey);
    EXPECT_TRUE(relay.ask<wr::Deposited>(sender, 3, relay.deposit(bob)).failures.empty());
}

TEST_F(TwoMembers, refusesPrekeysAndLinksThatAreNotTheDevicesOwn) {
    const auto others = envelope::Prekey::issue(ada.keys, relay.random.make<NoiseKey>(), relay.wall);
    EXPECT_EQ(relay.refused(reader, 4, wr::PublishPrekey{others.encoded()}), Reason::Invalid);
    Bytes torn = envelope::Prekey::issue(bob.keys, relay.random.make<NoiseKey>(), relay.wall).encoded();
    torn.back() ^= 1;
    EXPECT_EQ(relay.refused(reader, 5, wr::PublishPrekey{torn}), Reason::Invalid);
    EXPECT_EQ(relay.refused(reader, 6, wr::PublishPrekey{Bytes(3)}), Reason::Invalid);
    EXPECT_FALSE(relay.seen[reader].closed);
}

TEST_F(TwoMembers, acknowledgesOnlyWhatWasGiven) {
    for (std::uint64_t counter = 1; counter <= 3; ++counter) (void)relay.ask<wr::Deposited>(sender, counter, relay.deposit(bob));
    takeHint();
    EXPECT_EQ(relay.refused(reader, 4, wr::Acknowledge{relay.epoch ^ 1, Box::Messages, 1}), Reason::OtherEpoch);
    EXPECT_EQ(relay.refused(reader, 5, wr::Acknowledge{relay.epoch, Box::Messages, 4}), Reason::Future);
    EXPECT_EQ(relay.refused(reader, 5, wr::Acknowledge{relay.epoch, Box::Heads, 1}), Reason::Future);
    const auto left = relay.ask<wr::Acknowledged>(reader, 6, wr::Acknowledge{relay.epoch, Box::Messages, 2}).used;
    EXPECT_EQ(left, 400 + limits::kSeal);
    EXPECT_EQ(relay.ask<wr::Acknowledged>(reader, 7, wr::Acknowledge{relay.epoch, Box::Messages, 1}).used, left);
    EXPECT_EQ(relay.pullAll(reader), std::vector<MailNumber>{3});
}

TEST_F(TwoMembers, headsHaveOnePlaceForEachDepositor) {
    auto heads = relay.deposit(bob);
    heads.box = Box::Heads;
    for (std::uint64_t counter = 1; counter <= 3; ++counter) (void)relay.ask<wr::Deposited>(sender, counter, heads);
    (void)relay.ask<wr::Deposited>(sender, 2, heads);  // a repeat
    EXPECT_EQ(relay.pullAll(reader, Box::Heads), std::vector<MailNumber>{3});
    EXPECT_TRUE(relay.pullAll(reader).empty());
    EXPECT_EQ(relay.ask<wr::Acknowledged>(reader, 9, wr::Acknowledge{relay.epoch, Box::Heads, 3}).used, 0U);
    EXPECT_TRUE(relay.pullAll(reader, Box::Heads).empty());
    (void)relay.ask<wr::Deposited>(sender, 4, heads);
    EXPECT_EQ(relay.pullAll(reader, Box::Heads), std::vector<MailNumber>{4});
}

TEST_F(TwoMembers, hintsOnceAfterTheWelcomeAndOnceAfterEachPull) {
    // Nothing was there: without a hint nobody would pull.
    (void)relay.ask<wr::Deposited>(sender, 1, relay.deposit(bob));
    EXPECT_EQ(relay.only<wr::Hint>(reader, 0), (wr::Hint{Box::Messages, 1}));
    (void)relay.ask<wr::Deposited>(sender, 2, relay.deposit(bob));
    EXPECT_EQ(countOf(relay.take(reader), isHint), 0U) << "a second one before the first pull";
    EXPECT_EQ(relay.pullAll(reader), (std::vector<MailNumber>{1, 2}));
    EXPECT_EQ(countOf(relay.take(reader), isHint), 0U) << "the pull told it";
    (void)relay.ask<wr::Deposited>(sender, 3, relay.deposit(bob));
    EXPECT_EQ(relay.only<wr::Hint>(reader, 0), (wr::Hint{Box::Messages, 3}));
    EXPECT_EQ(relay.pullAll(reader, Box::Messages, 3), (std::vector<MailNumber>{3}));
    // A deposit that overtakes a pull's answer is told with or after it.
    relay.send(reader, 8, wr::Pull{Box::Messages, 4, 1'000});
    relay.send(sender, 4, relay.deposit(bob));
    relay.commit();
    const auto frames = relay.take(reader);
    ASSERT_EQ(frames.size(), 2U);
    EXPECT_TRUE(std::get<wr::Pulled>(frames[0].message).last);
    EXPECT_EQ(std::get<wr::Hint>(frames[1].message).highest, 4U);
}

TEST_F(TwoMembers, onePullOfEachBoxAtATime) {
    relay.send(reader, 4, wr::Pull{Box::Messages, 1, 1'000});
    relay.send(reader, 5, wr::Pull{Box::Messages, 1, 1'000});
    EXPECT_EQ(relay.only<wr::Refused>(reader, 5).refusal.reason, Reason::TooMany);
    relay.send(reader, 6, wr::Pull{Box::Heads, 1, 1'000});
    relay.commit();
    EXPECT_EQ(relay.take(reader).size(), 2U);
    EXPECT_TRUE(relay.ask<wr::Pulled>(reader, 7, wr::Pull{Box::Messages, 1, 1'000}).last);
}

TEST_F(TwoMembers, aPullGivesNoMoreThanAskedForButOne) {
    for (std::uint64_t counter = 1; counter <= 60; ++counter)
        (void)relay.ask<wr::Deposited>(sender, counter, relay.deposit(bob, 20'000));
    const std::size_t one = 20'000 + limits::kSeal;
    takeHint();
    const auto first = relay.ask<wr::Pulled>(reader, 4, wr::Pull{Box::Messages, 1, 1});
    EXPECT_EQ(first.items.size(), 1U);
    EXPECT_TRUE(first.last);
    EXPECT_EQ(first.highest, 60U);
    relay.send(reader, 5, wr::Pull{Box::Messages, 2, 30 * one});
    std::size_t items = 0;
    bool isLast = false;
    for (int turn = 0; turn < 10 && !isLast; ++turn) {
        relay.commit();
        for (const wr::Frame& frame : relay.take(reader)) {
            const auto& pulled = std::get<wr::Pulled>(frame.message);
            EXPECT_LE(wire::encodeMessage(frame).size(), limits::kFramePlaintext);
            for (const wr::Item& item : pulled.items) EXPECT_EQ(item.number, 2 + items++);
            isLast = pulled.last;
        }
    }
    EXPECT_TRUE(isLast);
    EXPECT_EQ(items, 30U);
}

TEST_F(TwoMembers, theLargestEnvelopeFitsAFrame) {
    EXPECT_TRUE(relay.ask<wr::Deposited>(sender, 1, relay.deposit(bob, limits::kEnvelopeBody)).failures.empty());
    takeHint();
    relay.send(reader, 4, wr::Pull{Box::Messages, 1, 1});
    relay.commit();
    const auto frames = relay.take(reader);
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_LE(wire::encodeMessage(frames[0]).size(), limits::kFramePlaintext);
}

TEST_F(TwoMembers, aTokenTakenBackLetsNobodyIn) {
    (void)relay.ask<wr::Deposited>(sender, 1, relay.deposit(bob));
    takeHint();
    (void)relay.ask<wr::Done>(reader, 4, wr::SetTokens{{{relay.random.make<RelayToken>(), 0}}});
    EXPECT_EQ(relay.ask<wr::Deposited>(sender, 2, relay.deposit(bob)).failures.at(0).reason, Reason::NoMailbox);
    EXPECT_EQ(relay.pullAll(reader), std::vector<MailNumber>{1}) << "what is there stays";
}

TEST_F(TwoMembers, aTokensShareIsABound) {
    const auto narrow = relay.random.make<RelayToken>();
    (void)relay.ask<wr::Done>(reader, 4, wr::SetTokens{{{relay.token, 0}, {narrow, 1'000}}});
    auto deposit = relay.deposit(bob);
    deposit.recipients[0].to.token = narrow;
    EXPECT_TRUE(relay.ask<wr::Deposited>(sender, 1, deposit).failures.empty());
    takeHint();
    EXPECT_EQ(relay.ask<wr::Deposited>(sender, 2, deposit).failures.at(0).reason, Reason::Full);
    EXPECT_TRUE(relay.ask<wr::Deposited>(sender, 3, relay.deposit(bob)).failures.empty());
    (void)relay.ask<wr::Acknowledged>(reader, 5, wr::Acknowledge{relay.epoch, Box::Messages, 1});
    EXPECT_TRUE(relay.ask<wr::Deposited>(sender, 4, deposit).failures.empty());
}

TEST_F(TwoMembers, presenceOfWhomOneMayKnow) {
    TestParty hidden(3);
    TestParty stranger(4);
    const ClientId invisible = relay.member(hidden, true);
    const std::vector<Addressee> watched = {{bob.device(), relay.token},
                                            {hidden.device(), relay.token},
                                            {stranger.device(), relay.token},
                                            {bob.device(), relay.random.make<RelayToken>()}};
    const auto first = relay.ask<wr::Presence>(sender, 4, wr::Watch{watched});
    const std::vector<wr::Presence::One> wanted = {
        {bob.device(), true}, {hidden.device(), false}, {stranger.device(), false}, {bob.device(), false}};
    EXPECT_EQ(first.devices, wanted);
    relay.hub->end(invisible);
    relay.hub->end(reader);
    relay.settle();
    EXPECT_EQ(relay.only<wr::Presence>(sender, 0).devices, (std::vector<wr::Presence::One>{{bob.device(), false}}));
    reader = relay.back(bob);
    EXPECT_EQ(relay.only<wr::Presence>(sender, 0).devices, (std::vector<wr::Presence::One>{{bob.device(), true}}));
    reader = relay.back(bob);
    EXPECT_TRUE(relay.take(sender).empty()) << "a newer session: it was never away";
    const ClientId silent = relay.open(bob);
    relay.send(silent, 1, wr::Pull{});
    EXPECT_TRUE(relay.seen[silent].closed);
    EXPECT_EQ(relay.only<wr::Presence>(sender, 0).devices, (std::vector<wr::Presence::One>{{bob.device(), false}}));
    reader = relay.back(bob);
    EXPECT_EQ(relay.only<wr::Presence>(sender, 0).devices, (std::vector<wr::Presence::One>{{bob.device(), true}}));
    (void)relay.ask<wr::Done>(reader, 5, wr::SetTokens{});
    EXPECT_EQ(relay.only<wr::Presence>(sender, 0).devices, (std::vector<wr::Presence::One>{{bob.device(), false}}));
    (void)relay.ask<wr::Presence>(sender, 6, wr::Watch{});
    relay.hub->end(reader);
    relay.settle();
    EXPECT_TRUE(relay.take(sender).empty());
}

TEST_F(TwoMembers, aTokenThatIsGoneTellsNothingThoughItsDeviceHasLeft) {
    (void)relay.ask<wr::Presence>(sender, 4, wr::Watch{{{bob.device(), relay.token}}});
    relay.send(reader, 5, wr::SetTokens{});
    relay.hub->end(reader);
    relay.settle();
    EXPECT_EQ(relay.only<wr::Presence>(sender, 0).devices, (std::vector<wr::Presence::One>{{bob.device(), false}}));
    relay.commit();
    reader = relay.back(bob);
    EXPECT_TRUE(relay.take(sender).empty());
}

TEST_F(TwoMembers, theDirectoryIsTheOperatorsToSwitchOn) {
    EXPECT_EQ(relay.refused(sender, 4, wr::List{}), Reason::Unsupported);
    EXPECT_EQ(relay.refused(sender, 5, wr::Browse{}), Reason::Unsupported);
    ClientRules rules;
    rules.hasDirectory = true;
    relay.hub->setRules(rules);
    const auto linkOf = [](const TestParty& party) {
        return identity::encodeContactLink({party.certificate, "Ada", {}, {}});
    };
    EXPECT_EQ(relay.refused(sender, 6, wr::List{linkOf(bob)}), Reason::Invalid);
    EXPECT_EQ(relay.refused(sender, 7, wr::List{"landline://contact/x"}), Reason::Invalid);
    (void)relay.ask<wr::Done>(sender, 8, wr::List{linkOf(ada)});
    (void)relay.ask<wr::Done>(reader, 8, wr::List{linkOf(bob)});
    (void)relay.ask<wr::Done>(sender, 9, wr::List{linkOf(ada)});
    const auto listed = relay.ask<wr::Listed>(reader, 9, wr::Browse{});
    EXPECT_EQ(listed.links, (std::vector<std::string>{linkOf(bob), linkOf(ada)}));
    EXPECT_EQ(listed.next, 0U);
    (void)relay.ask<wr::Done>(sender, 10, wr::List{});
    EXPECT_EQ(relay.ask<wr::Listed>(reader, 11, wr::Browse{}).links.size(), 1U);
}

TEST(HubMail, aPullGoesOnBehindManyThatHaveExpired) {
    StoreRules rules;
    rules.life = 60s;
    TestRelay relay({}, rules);
    TestParty ada(1);
    TestParty bob(2);
    const ClientId sender = relay.member(ada);
    const ClientId reader = relay.member(bob);
    constexpr std::uint64_t kExpired = 1'300;
    for (std::uint64_t counter = 1; counter <= kExpired; ++counter)
        (void)relay.ask<wr::Deposited>(sender, counter, relay.deposit(bob));
    relay.elapse(61s);
    (void)relay.ask<wr::Deposited>(sender, kExpired + 1, relay.deposit(bob));
    EXPECT_EQ(relay.pullAll(reader), std::vector<MailNumber>{kExpired + 1});
    EXPECT_TRUE(relay.pullAll(reader, Box::Messages, kExpired + 2).empty());
}

}  // namespace
}  // namespace landline::relay
