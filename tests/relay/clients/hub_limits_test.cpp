// What keeps a relay up: rates, bounds, those who do not read, disks that fail, and its own end.
#include "tests/relay/clients/hub_fixture.h"

namespace landline::relay {
namespace {

using test::TestParty;
using namespace std::chrono_literals;

ClientRules slowRules() {
    ClientRules rules;
    rules.requestsPerDevice = {10, 40};
    rules.requestsOfGuests = {5, 20};
    return rules;
}

TEST(HubLimits, whoAsksTooFastIsReadMoreSlowlyAndThenRefused) {
    TestRelay relay(slowRules());
    TestParty ada(1);
    TestParty bob(2);
    const ClientId fast = relay.member(ada);
    const ClientId other = relay.member(bob);
    relay.elapse(10s);
    int answered = 0;
    for (std::uint64_t count = 1; count <= 60; ++count) {
        relay.send(fast, count, wr::Acknowledge{relay.epoch, Box::Messages, 0});
        relay.commit();
        const auto frames = relay.take(fast);
        ASSERT_EQ(frames.size(), 1U);
        if (count == 41) {
            EXPECT_FALSE(relay.seen[fast].isRead) << "in debt";
        }
        const auto* const refused = std::get_if<wr::Refused>(&frames[0].message);
        if (!refused) {
            ++answered;
            continue;
        }
        EXPECT_EQ(refused->refusal.reason, Reason::TooFast);
        EXPECT_GT(refused->refusal.retryAfter, 0ms);
        EXPECT_LE(refused->refusal.retryAfter, 1s);
    }
    EXPECT_GE(answered, 49);
    EXPECT_LE(answered, 52);
    EXPECT_TRUE(relay.seen[other].isRead);
    EXPECT_EQ(relay.ask<wr::Acknowledged>(other, 1, wr::Acknowledge{relay.epoch, Box::Messages, 0}).used, 0U);
    relay.elapse(2s);
    EXPECT_TRUE(relay.seen[fast].isRead);
    (void)relay.ask<wr::Acknowledged>(fast, 99, wr::Acknowledge{relay.epoch, Box::Messages, 0});
    // A new session of the device has the same rate.
    for (std::uint64_t count = 1; count <= 60; ++count) relay.send(fast, count, wr::Acknowledge{relay.epoch, Box::Messages, 0});
    const auto refused = relay.ask<wr::Refused>(relay.open(ada), 1, wr::Hello{}).refusal;
    EXPECT_EQ(refused.reason, Reason::TooFast);
    EXPECT_GT(refused.retryAfter, 0ms);
}

TEST(HubLimits, guestsOfOneAddressShareARate) {
    TestRelay relay(slowRules());
    TestParty ada(1);
    (void)relay.member(ada);
    int answered = 0;
    for (std::uint64_t guest = 10; guest < 20; ++guest) {
        TestParty party(guest);
        const ClientId id = relay.open(party, 0x01020304);
        (void)relay.ask<wr::Welcome>(id, 1, wr::Hello{{}, Addressee{ada.device(), relay.token}, false});
        for (std::uint64_t count = 1; count <= 10; ++count) {
            relay.send(id, count, relay.deposit(ada));
            relay.commit();
            answered += std::get<wr::Deposited>(relay.take(id).at(0).message).refusal ? 0 : 1;
        }
    }
    EXPECT_GE(answered, 25);
    EXPECT_LE(answered, 27);
    TestParty elsewhere(30);
    const ClientId id = relay.open(elsewhere, 0x01020305);
    (void)relay.ask<wr::Welcome>(id, 1, wr::Hello{{}, Addressee{ada.device(), relay.token}, false});
    EXPECT_FALSE(relay.ask<wr::Deposited>(id, 1, relay.deposit(ada)).refusal);
}

TEST(HubLimits, guestsLeaveRoomForOthers) {
    ClientRules rules;
    rules.clients = 20;
    rules.guestsPerAddress = 3;
    TestRelay relay(rules);
    TestParty ada(1);
    (void)relay.member(ada);
    const auto come = [&](std::uint32_t from) -> std::pair<ClientId, wr::Message> {
        const Party who{relay.random.make<DeviceId>(), relay.random.make<PersonId>()};
        const ClientId id = relay.hub->open(who, discovery::Address::fromIpv4(from), relay.now);
        relay.send(id, 1, wr::Hello{{}, Addressee{ada.device(), relay.token}, false});
        relay.commit();
        return {id, relay.take(id).at(0).message};
    };
    const auto isIn = [](const auto& came) { return std::holds_alternative<wr::Welcome>(came.second); };
    const auto first = come(1);
    EXPECT_TRUE(isIn(first) && isIn(come(1)) && isIn(come(1)));
    const auto tooMany = come(1);
    ASSERT_FALSE(isIn(tooMany));
    EXPECT_EQ(std::get<wr::Refused>(tooMany.second).refusal.reason, Reason::Busy);
    EXPECT_GE(std::get<wr::Refused>(tooMany.second).refusal.retryAfter, 10s);
    EXPECT_TRUE(isIn(come(2)));
    EXPECT_TRUE(isIn(come(3)));
    EXPECT_FALSE(isIn(come(4))) << "a quarter of all clients";
    TestParty bob(2);
    EXPECT_NE(relay.member(bob), 0U) << "who has an account comes in";
    relay.hub->end(first.first);
    relay.settle();
    EXPECT_TRUE(isIn(come(1)));
    EXPECT_FALSE(isIn(come(1)));
}

TEST(HubLimits, soManyRequestsWaitAndNoMore) {
    TestRelay relay;
    TestParty ada(1);
    const ClientId id = relay.member(ada);
    for (std::uint64_t request = 1; request <= limits::kRelayRequestsWaiting; ++request)
        relay.send(id, request, wr::SetTokens{});
    EXPECT_TRUE(relay.take(id).empty());
    relay.send(id, 99, wr::SetTokens{});
    EXPECT_EQ(relay.only<wr::Refused>(id, 99).refusal.reason, Reason::TooMany);
    relay.commit();
    EXPECT_EQ(relay.take(id).size(), limits::kRelayRequestsWaiting);
    (void)relay.ask<wr::Done>(id, 100, wr::SetTokens{});
}

TEST(HubLimits, whatIsNotKnownIsUnsupported) {
    TestRelay relay;
    TestParty ada(1);
    const ClientId id = relay.member(ada);
    EXPECT_EQ(relay.refused(id, 9, wr::Unknown{}), Reason::Unsupported);
    relay.send(id, 0, wr::Unknown{});
    EXPECT_TRUE(relay.take(id).empty());
    EXPECT_FALSE(relay.seen[id].closed);
}

TEST(HubLimits, whoDoesNotReadIsNotServedOnAndThenSentAwayWhileOthersGoOn) {
    TestRelay relay;
    TestParty ada(1);
    TestParty bob(2);
    const ClientId sender = relay.member(ada);
    const ClientId reader = relay.member(bob);
    for (std::uint64_t counter = 1; counter <= 40; ++counter)
        (void)relay.ask<wr::Deposited>(sender, counter, relay.deposit(bob, 20'000));
    relay.send(reader, 4, wr::Pull{Box::Messages, 1, limits::kPullBytes});
    relay.setWaiting(reader, limits::kRelayClientWaiting);
    EXPECT_FALSE(relay.seen[reader].isRead);
    std::size_t frames = 0;
    for (int turn = 0; turn < 20; ++turn) {
        relay.commit();
        frames += relay.take(reader).size();
    }
    EXPECT_LE(frames, 6U) << "one piece and no more";
    (void)relay.ask<wr::Deposited>(sender, 41, relay.deposit(bob));
    // It reads a little now and then: it may stay.
    for (int turn = 0; turn < 4; ++turn) {
        relay.elapse(limits::kRelayStuck / 2);
        relay.setWaiting(reader, limits::kRelayClientWaiting + 10);
        relay.setWaiting(reader, limits::kRelayClientWaiting + 5);
    }
    EXPECT_FALSE(relay.seen[reader].closed);
    relay.elapse(limits::kRelayStuck + 2s);
    EXPECT_TRUE(relay.seen[reader].closed);
    EXPECT_FALSE(relay.seen[sender].closed);
}

TEST(HubLimits, aPullGoesOnWhenTheClientReads) {
    TestRelay relay;
    TestParty ada(1);
    TestParty bob(2);
    const ClientId sender = relay.member(ada);
    const ClientId reader = relay.member(bob);
    for (std::uint64_t counter = 1; counter <= 40; ++counter)
        (void)relay.ask<wr::Deposited>(sender, counter, relay.deposit(bob, 20'000));
    (void)relay.only<wr::Hint>(reader, 0);
    relay.send(reader, 4, wr::Pull{Box::Messages, 1, limits::kPullBytes});
    relay.setWaiting(reader, limits::kRelayClientWaiting);
    relay.commit();
    std::size_t items = 0;
    bool isLast = false;
    for (int turn = 0; turn < 20 && !isLast; ++turn) {
        relay.setWaiting(reader, 0);
        relay.setWaiting(reader, limits::kRelayClientWaiting);
        relay.commit();
        for (const wr::Frame& frame : relay.take(reader)) {
            const auto& pulled = std::get<wr::Pulled>(frame.message);
            items += pulled.items.size();
            isLast = pulled.last;
        }
    }
    EXPECT_TRUE(isLast);
    EXPECT_EQ(items, 40U);
}

TEST(HubLimits, aFullDiskRefusesDepositsAndLetsMailboxesBeEmptied) {
    TestRelay relay;
    TestParty ada(1);
    TestParty bob(2);
    const ClientId sender = relay.member(ada);
    const ClientId reader = relay.member(bob);
    const RelayInvite invite = relay.invite();
    (void)relay.ask<wr::Deposited>(sender, 1, relay.deposit(bob));
    relay.disk->isFull = true;
    const auto refusal = relay.ask<wr::Deposited>(sender, 2, relay.deposit(bob)).refusal;
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->reason, Reason::Storage);
    EXPECT_EQ(refusal->text, wr::sentenceOf(Reason::Storage)) << "what the disk said is for the operator alone";
    EXPECT_GT(refusal->retryAfter, 0ms);
    TestParty carol(3);
    EXPECT_EQ(relay.refused(relay.open(carol), 1, wr::Hello{invite, {}, false}), Reason::Storage);
    EXPECT_EQ(relay.pullAll(reader), std::vector<MailNumber>{1});
    EXPECT_EQ(relay.ask<wr::Acknowledged>(reader, 5, wr::Acknowledge{relay.epoch, Box::Messages, 1}).used, 0U);
    relay.disk->isFull = false;
    relay.now += limits::kFullDiskProbe;
    relay.commit();
    EXPECT_FALSE(relay.ask<wr::Deposited>(sender, 2, relay.deposit(bob)).refusal);
    EXPECT_TRUE(relay.ask<wr::Welcome>(relay.open(carol), 1, wr::Hello{invite, {}, false}).hasAccount) << "it was not used up";
}

TEST(HubLimits, aDamagedStoreEndsAllSessions) {
    TestRelay relay;
    TestParty ada(1);
    TestParty bob(2);
    const ClientId one = relay.member(ada);
    const ClientId other = relay.member(bob);
    const RelayEpoch before = relay.epoch;
    relay.disk->isDamaged = true;
    relay.send(one, 1, relay.deposit(bob));
    relay.commit();
    ASSERT_TRUE(relay.seen[one].closed);
    ASSERT_TRUE(relay.seen[other].closed);
    EXPECT_EQ(relay.seen[one].closed->reason, wire::CloseReason::Storage);
    EXPECT_TRUE(relay.take(one).empty()) << "nothing is said to be stored";
    const auto welcome = relay.ask<wr::Welcome>(relay.open(ada), 1, wr::Hello{});
    EXPECT_NE(welcome.epoch, before);
    EXPECT_TRUE(welcome.tokens.isZero()) << "they are lost, and the device sets them again";
}

TEST(HubLimits, tellsEverybodyWhenToComeBackAndAnswersWhatWasBegun) {
    TestRelay relay;
    TestParty ada(1);
    TestParty bob(2);
    TestParty carol(3);
    const ClientId busy = relay.member(ada);
    const ClientId idle = relay.member(bob);
    const ClientId asking = relay.open(carol);
    relay.send(busy, 1, relay.deposit(bob));
    relay.send(asking, 1, wr::Hello{});
    relay.hub->goAway(relay.now);
    relay.settle();
    const auto told = relay.only<wr::GoingAway>(idle, 0);
    EXPECT_GE(told.comeBackAfter, 1s);
    EXPECT_LE(told.comeBackAfter, limits::kComeBackMost);
    ASSERT_TRUE(relay.seen[idle].closed);
    EXPECT_EQ(relay.seen[idle].closed->reason, wire::CloseReason::Goodbye);
    EXPECT_EQ(relay.only<wr::Refused>(asking, 1).refusal.reason, Reason::Busy);
    EXPECT_FALSE(relay.seen[busy].closed);
    relay.send(busy, 2, wr::Pull{});
    relay.send(busy, 2, relay.deposit(bob));
    relay.commit();
    const auto frames = relay.take(busy);
    ASSERT_EQ(frames.size(), 4U);
    EXPECT_TRUE(std::holds_alternative<wr::GoingAway>(frames[0].message));
    EXPECT_EQ(std::get<wr::Refused>(frames[1].message).refusal.reason, Reason::Busy);
    EXPECT_FALSE(std::get<wr::Deposited>(frames[2].message).refusal);
    EXPECT_EQ(std::get<wr::Deposited>(frames[3].message).refusal->reason, Reason::Busy);
    EXPECT_TRUE(relay.seen[busy].closed);
    EXPECT_TRUE(relay.hub->isEmpty());
    EXPECT_FALSE(relay.hub->mayConnect({}, relay.now));
}

TEST(HubLimits, itsEndDoesNotSayThatWhatWaitsHasExpired) {
    for (const bool hasBegun : {false, true}) {
        TestRelay relay;
        TestParty ada(1);
        TestParty bob(2);
        const ClientId sender = relay.member(ada);
        const ClientId reader = relay.member(bob);
        for (std::uint64_t counter = 1; counter <= 20; ++counter)
            (void)relay.ask<wr::Deposited>(sender, counter, relay.deposit(bob, 20'000));
        (void)relay.only<wr::Hint>(reader, 0);
        if (!hasBegun) relay.setWaiting(reader, limits::kRelayClientWaiting);
        relay.send(reader, 4, wr::Pull{Box::Messages, 1, limits::kPullBytes});
        if (hasBegun) relay.setWaiting(reader, limits::kRelayClientWaiting);
        relay.commit();
        EXPECT_EQ(relay.take(reader).empty(), !hasBegun);
        relay.hub->goAway(relay.now);
        relay.settle();
        const auto frames = relay.take(reader);
        ASSERT_EQ(frames.size(), 2U);
        EXPECT_EQ(frames[1].request, 4U);
        if (hasBegun) {
            EXPECT_TRUE(std::get<wr::Pulled>(frames[1].message).last);
        } else {
            EXPECT_EQ(std::get<wr::Refused>(frames[1].message).refusal.reason, Reason::Busy);
        }
        EXPECT_TRUE(relay.seen[reader].closed);
    }
}

TEST(HubLimits, doesNotWaitForEverForItsEnd) {
    TestRelay relay;
    TestParty ada(1);
    const ClientId id = relay.member(ada);
    relay.send(id, 1, wr::SetTokens{});
    relay.hub->goAway(relay.now);
    relay.settle();
    EXPECT_FALSE(relay.hub->isEmpty());
    relay.elapse(limits::kRelayLeaving + 2s);
    EXPECT_TRUE(relay.hub->isEmpty());
}

TEST(HubLimits, whoHasLeftGetsNothingAndItsDepositsAreKept) {
    TestRelay relay;
    TestParty ada(1);
    TestParty bob(2);
    const ClientId sender = relay.member(ada);
    const ClientId reader = relay.member(bob);
    (void)relay.pullAll(reader);
    relay.send(sender, 1, relay.deposit(bob));
    relay.hub->end(sender);
    relay.commit();
    EXPECT_TRUE(relay.take(sender).empty());
    EXPECT_EQ(relay.only<wr::Hint>(reader, 0).highest, 1U);
}

}  // namespace
}  // namespace landline::relay
