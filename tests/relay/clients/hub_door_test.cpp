// Who may come in, and who is sent away.
#include "tests/relay/clients/hub_fixture.h"

#include <deque>

namespace landline::relay {
namespace {

using test::TestParty;
using namespace std::chrono_literals;

TEST(HubDoor, letsInByAnInviteOnlyAfterTheCommit) {
    TestRelay relay;
    TestParty ada(1);
    const RelayInvite invite = relay.invite();
    const ClientId id = relay.open(ada);
    relay.send(id, 5, wr::Hello{invite, {}, false});
    EXPECT_TRUE(relay.take(id).empty());
    relay.commit();
    const auto welcome = relay.only<wr::Welcome>(id, 5);
    EXPECT_TRUE(welcome.hasAccount);
    EXPECT_NE(welcome.epoch, 0U);
    EXPECT_EQ(welcome.life, limits::kDepositLife);
    EXPECT_GT(welcome.spread, 0ms);
    EXPECT_GT(welcome.quota, 0U);
    EXPECT_EQ(welcome.highest, 0U);
    EXPECT_FALSE(welcome.prekey.has_value());
    EXPECT_TRUE(welcome.tokens.isZero());
    EXPECT_FALSE(welcome.hasDirectory);
}

TEST(HubDoor, refusesWithReasonSentenceAndEnd) {
    TestRelay relay;
    TestParty first(1);
    TestParty second(2);
    const RelayInvite good = relay.invite(1, 24h);
    const RelayInvite short_ = relay.invite(1, 1ms);
    relay.wall += 2ms;
    EXPECT_EQ(relay.refused(relay.open(first), 1, wr::Hello{relay.random.make<RelayInvite>(), {}, false}), Reason::BadInvite);
    EXPECT_EQ(relay.refused(relay.open(first), 1, wr::Hello{short_, {}, false}), Reason::InviteExpired);
    (void)relay.ask<wr::Welcome>(relay.open(first), 1, wr::Hello{good, {}, false});
    EXPECT_EQ(relay.refused(relay.open(second), 1, wr::Hello{good, {}, false}), Reason::InviteUsed);
    const ClientId id = relay.open(second);
    const auto refusal = relay.ask<wr::Refused>(id, 1, wr::Hello{}).refusal;
    EXPECT_EQ(refusal.reason, Reason::NoAccount);
    EXPECT_FALSE(refusal.text.empty());
    EXPECT_EQ(refusal.retryAfter, 0ms);
    ASSERT_TRUE(relay.seen[id].closed);
    EXPECT_EQ(relay.seen[id].closed->reason, wire::CloseReason::NotWelcome);
    relay.send(id, 2, wr::Hello{});  // gone: nothing happens
    EXPECT_TRUE(relay.take(id).empty());
}

TEST(HubDoor, doesNotUseAnInviteOfWhoIsInAlready) {
    TestRelay relay;
    TestParty ada(1);
    TestParty bob(2);
    const RelayInvite invite = relay.invite(1);
    (void)relay.member(ada);
    (void)relay.ask<wr::Welcome>(relay.open(ada), 1, wr::Hello{invite, {}, false});
    (void)relay.ask<wr::Welcome>(relay.open(ada), 1, wr::Hello{relay.random.make<RelayInvite>(), {}, false});
    EXPECT_TRUE(relay.ask<wr::Welcome>(relay.open(bob), 1, wr::Hello{invite, {}, false}).hasAccount);
}

TEST(HubDoor, letsInUpToEightDevicesOfAPerson) {
    TestRelay relay;
    const auto person = relay.random.make<PersonId>();
    const auto hello = [&](std::optional<RelayInvite> invite) {
        const ClientId id = relay.hub->open({relay.random.make<DeviceId>(), person}, {}, relay.now);
        relay.send(id, 1, wr::Hello{invite, {}, false});
        relay.commit();
        return relay.take(id).at(0).message;
    };
    EXPECT_TRUE(std::holds_alternative<wr::Refused>(hello(std::nullopt)));
    EXPECT_TRUE(std::holds_alternative<wr::Welcome>(hello(relay.invite())));
    for (std::size_t device = 1; device < limits::kDevicesPerAccount; ++device)
        EXPECT_TRUE(std::holds_alternative<wr::Welcome>(hello(std::nullopt)));
    EXPECT_EQ(std::get<wr::Refused>(hello(std::nullopt)).refusal.reason, Reason::TooMany);
}

TEST(HubDoor, anOpenRelayTakesEverybody) {
    ClientRules rules;
    rules.isOpen = true;
    TestRelay relay(rules);
    TestParty ada(1);
    EXPECT_TRUE(relay.ask<wr::Welcome>(relay.open(ada), 1, wr::Hello{}).hasAccount);
}

TEST(HubDoor, anOpenRelayMakesSoManyAccountsOfOneAddress) {
    ClientRules rules;
    rules.isOpen = true;
    rules.accountsPerAddress = {0.5, 3};
    TestRelay relay(rules);
    const auto come = [&](const Party& who, std::uint32_t from) {
        const ClientId id = relay.hub->open(who, discovery::Address::fromIpv4(from), relay.now);
        relay.send(id, 1, wr::Hello{});
        relay.commit();
        return relay.take(id).at(0).message;
    };
    const auto somebody = [&] { return Party{relay.random.make<DeviceId>(), relay.random.make<PersonId>()}; };
    const auto isIn = [](const wr::Message& told) { return std::holds_alternative<wr::Welcome>(told); };
    const Party first = somebody();
    EXPECT_TRUE(isIn(come(first, 1)));
    for (int count = 0; count < 20; ++count) EXPECT_TRUE(isIn(come(first, 1))) << "to come back costs nothing";
    EXPECT_TRUE(isIn(come(somebody(), 1)));
    EXPECT_TRUE(isIn(come(somebody(), 1)));
    const wr::Message refused = come(somebody(), 1);
    ASSERT_FALSE(isIn(refused));
    const wr::Refusal& refusal = std::get<wr::Refused>(refused).refusal;
    EXPECT_EQ(refusal.reason, Reason::TooFast) << "no reason to ask a person for an invite";
    EXPECT_GT(refusal.retryAfter, 1s);
    EXPECT_LE(refusal.retryAfter, 2s);
    EXPECT_TRUE(isIn(come(first, 1))) << "who has one comes in";
    EXPECT_TRUE(isIn(come(somebody(), 2))) << "from elsewhere";
    relay.elapse(2s);
    EXPECT_TRUE(isIn(come(somebody(), 1)));
    EXPECT_FALSE(isIn(come(somebody(), 1)));
}

TEST(HubDoor, anOpenRelayMakesSoManyAccountsOfAllAddresses) {
    ClientRules rules;
    rules.isOpen = true;
    rules.accounts = {0.5, 3};
    TestRelay relay(rules);
    std::uint32_t from = 0;
    const auto come = [&](const Party& who) {
        const ClientId id = relay.hub->open(who, discovery::Address::fromIpv4(++from), relay.now);
        relay.send(id, 1, wr::Hello{});
        relay.commit();
        return std::holds_alternative<wr::Welcome>(relay.take(id).at(0).message);
    };
    const auto somebody = [&] { return Party{relay.random.make<DeviceId>(), relay.random.make<PersonId>()}; };
    const Party first = somebody();
    for (int count = 0; count < 20; ++count) EXPECT_TRUE(come(first)) << "to come back costs nothing";
    EXPECT_TRUE(come(somebody()));
    EXPECT_TRUE(come(somebody()));
    EXPECT_FALSE(come(somebody()));
    EXPECT_TRUE(come(first));
    relay.elapse(2s);
    EXPECT_TRUE(come(somebody()));
    EXPECT_FALSE(come(somebody()));
}

TEST(HubDoor, aRevokedDeviceNeedsANewInvite) {
    TestRelay relay;
    TestParty ada(1);
    TestParty bob(2);
    const ClientId sender = relay.member(bob);
    const ClientId id = relay.member(ada);
    (void)relay.ask<wr::Deposited>(sender, 1, relay.deposit(ada));
    relay.queue->push({0, Revoke{ada.device()}}, relay.now);
    relay.commit();
    relay.hub->shutOut(ada.device());
    relay.settle();
    ASSERT_TRUE(relay.seen[id].closed);
    EXPECT_EQ(relay.seen[id].closed->reason, wire::CloseReason::NotWelcome);
    EXPECT_EQ(relay.refused(relay.open(ada), 1, wr::Hello{}), Reason::Revoked);
    EXPECT_EQ(relay.refused(relay.open(ada), 1, wr::Hello{relay.random.make<RelayInvite>(), {}, false}), Reason::Revoked);
    const auto failed = relay.ask<wr::Deposited>(sender, 2, relay.deposit(ada));
    ASSERT_EQ(failed.failures.size(), 1U);
    EXPECT_EQ(failed.failures[0].reason, Reason::NoMailbox);
    const auto welcome = relay.ask<wr::Welcome>(relay.open(ada), 1, wr::Hello{relay.invite(), {}, false});
    EXPECT_TRUE(welcome.hasAccount);
    EXPECT_EQ(welcome.used, 0U);
    EXPECT_EQ(welcome.highest, 1U);
    EXPECT_EQ(welcome.freed, 1U);
}

TEST(HubDoor, aGuestMayLeaveThingsAndWatchAndNothingElse) {
    TestRelay relay;
    TestParty ada(1);
    TestParty guest(2);
    (void)relay.member(ada);
    const wr::Hello wrong{{}, Addressee{ada.device(), relay.random.make<RelayToken>()}, false};
    EXPECT_EQ(relay.refused(relay.open(guest), 1, wrong), Reason::NoAccount);
    const wr::Hello tokenless{{}, Addressee{ada.device(), {}}, false};
    EXPECT_EQ(relay.refused(relay.open(guest), 1, tokenless), Reason::NoAccount);
    const ClientId id = relay.open(guest);
    const auto welcome = relay.ask<wr::Welcome>(id, 1, wr::Hello{{}, Addressee{ada.device(), relay.token}, false});
    EXPECT_FALSE(welcome.hasAccount);
    EXPECT_EQ(welcome.epoch, relay.epoch);
    EXPECT_EQ(welcome.quota, 0U);
    EXPECT_TRUE(relay.ask<wr::Deposited>(id, 1, relay.deposit(ada)).failures.empty());
    const auto prekeys = relay.ask<wr::Prekeys>(id, 2, wr::FetchPrekeys{{{ada.device(), relay.token}}});
    EXPECT_EQ(prekeys.prekeys.at(0).prekey.size(), envelope::Prekey::kBytes);
    EXPECT_TRUE(relay.ask<wr::Presence>(id, 3, wr::Watch{{{ada.device(), relay.token}}}).devices.at(0).online);
    const wr::Message others[] = {wr::Pull{},      wr::Acknowledge{relay.epoch, Box::Messages, 0},
                                  wr::SetTokens{}, wr::PublishPrekey{Bytes(145)},
                                  wr::List{},      wr::Browse{}};
    for (const wr::Message& message : others) EXPECT_EQ(relay.refused(id, 9, message), Reason::NoAccount);
}

TEST(HubDoor, endsWhoeverBreaksTheRules) {
    struct Case {
        const char* name;
        std::vector<wr::Frame> frames;
    };
    const wr::Frame hello{1, wr::Hello{}};
    const Case cases[] = {
        {"not hello first", {{1, wr::Pull{}}}},
        {"hello without a number", {{0, wr::Hello{}}}},
        {"a request before the welcome", {hello, {2, wr::Pull{}}}},
        {"hello twice before the welcome", {hello, hello}},
    };
    for (const Case& one : cases) {
        TestRelay relay;
        TestParty ada(1);
        const ClientId id = relay.open(ada);
        for (const wr::Frame& frame : one.frames) relay.send(id, frame.request, frame.message);
        ASSERT_TRUE(relay.seen[id].closed) << one.name;
        EXPECT_EQ(relay.seen[id].closed->reason, wire::CloseReason::Violation) << one.name;
        relay.commit();
        EXPECT_TRUE(relay.take(id).empty()) << one.name;
    }
    const wr::Message ours[] = {wr::Hello{},  wr::Welcome{},   wr::Refused{},      wr::GoingAway{},       wr::Done{},
                                wr::Hint{},   wr::Deposited{}, wr::Acknowledged{}, wr::PrekeyPublished{}, wr::Prekeys{},
                                wr::Pulled{}, wr::Presence{},  wr::Listed{}};
    for (const wr::Message& message : ours) {
        TestRelay relay;
        TestParty ada(1);
        const ClientId id = relay.member(ada);
        relay.send(id, 9, message);
        ASSERT_TRUE(relay.seen[id].closed) << message.index();
        EXPECT_EQ(relay.seen[id].closed->reason, wire::CloseReason::Violation) << message.index();
    }
    TestRelay relay;
    TestParty ada(1);
    const ClientId id = relay.member(ada);
    relay.send(id, 0, wr::Pull{});
    EXPECT_TRUE(relay.seen[id].closed) << "a request without a number";
}

TEST(HubDoor, sendsAwayWhoSaysNothing) {
    TestRelay relay;
    TestParty ada(1);
    const ClientId id = relay.open(ada);
    relay.elapse(limits::kRelayHello - 200ms);
    EXPECT_FALSE(relay.seen[id].closed);
    relay.elapse(2s);
    EXPECT_TRUE(relay.seen[id].closed);
}

TEST(HubDoor, whoIsBusyWithoutSayingWhoItIsGoesAsWell) {
    TestRelay relay;
    TestParty ada(1);
    const ClientId id = relay.open(ada);
    // Answers to its pings wait for it, and it takes some now and then.
    relay.setWaiting(id, 1'000);
    relay.elapse(limits::kRelayHello - 1s);
    relay.setWaiting(id, 999);
    EXPECT_FALSE(relay.seen[id].closed);
    relay.elapse(3s);
    EXPECT_TRUE(relay.seen[id].closed);
}

TEST(HubDoor, strangersTakeNoPlaces) {
    ClientRules rules;
    rules.clients = 20;
    rules.strangersPerAddress = 3;
    TestRelay relay(rules);
    TestParty ada(1);
    std::vector<ClientId> strangers;
    const auto come = [&](std::uint32_t from) {
        const Party who{relay.random.make<DeviceId>(), relay.random.make<PersonId>()};
        strangers.push_back(relay.hub->open(who, discovery::Address::fromIpv4(from), relay.now));
        relay.settle();
    };
    for (int count = 0; count < 25; ++count) come(1);
    EXPECT_EQ(relay.hub->figures().clients, 0U);
    EXPECT_EQ(relay.hub->figures().strangers, 3U) << "of one address";
    EXPECT_TRUE(relay.seen[strangers[0]].closed);
    EXPECT_TRUE(relay.seen[strangers[21]].closed);
    EXPECT_FALSE(relay.seen[strangers[22]].closed) << "the oldest goes";
    for (std::uint32_t from = 2; from < 30; ++from) come(from);
    EXPECT_EQ(relay.hub->figures().strangers, 5U) << "a quarter of all clients";
    EXPECT_TRUE(relay.seen[strangers[24]].closed) << "first those of the address with the most";
    EXPECT_NE(relay.member(ada), 0U);
    EXPECT_EQ(relay.hub->figures().clients, 1U);
    EXPECT_EQ(relay.hub->figures().strangers, 4U) << "the oldest made room for her";
}

TEST(HubDoor, whereDescriptorsAreFewStrangersGiveWayToClients) {
    ClientRules rules;
    rules.clients = 20;
    rules.sessions = 8;
    TestRelay relay(rules);
    std::uint32_t from = 0;
    const auto comeAsStranger = [&] {
        const Party who{relay.random.make<DeviceId>(), relay.random.make<PersonId>()};
        (void)relay.hub->open(who, discovery::Address::fromIpv4(++from), relay.now);
        relay.settle();
    };
    for (int count = 0; count < 10; ++count) comeAsStranger();
    EXPECT_EQ(relay.hub->figures().strangers, 5U) << "a quarter of all clients";
    std::deque<TestParty> members;
    for (std::uint8_t seed = 1; seed <= 6; ++seed) {
        (void)relay.member(members.emplace_back(seed));
        comeAsStranger();
    }
    EXPECT_EQ(relay.hub->figures().clients, 6U);
    EXPECT_EQ(relay.hub->figures().strangers, 2U) << "what eight sessions leave";
}

TEST(HubDoor, thoseThatComeAtTheSameTimeAreNotMoreThanThereArePlaces) {
    ClientRules rules;
    rules.clients = 13;
    rules.isOpen = true;
    TestRelay relay(rules);
    for (int count = 0; count < 5; ++count) {
        std::vector<ClientId> asking;
        for (int one = 0; one < 3; ++one) {
            const Party who{relay.random.make<DeviceId>(), relay.random.make<PersonId>()};
            asking.push_back(relay.hub->open(who, discovery::Address::fromIpv4(static_cast<std::uint32_t>(one)), relay.now));
            relay.send(asking.back(), 1, wr::Hello{});
        }
        relay.commit();
    }
    EXPECT_EQ(relay.hub->figures().clients, 13U);
}

TEST(HubDoor, aNewerSessionTakesTheOldersPlace) {
    TestRelay relay;
    TestParty ada(1);
    const ClientId old = relay.member(ada);
    const ClientId id = relay.open(ada);
    ASSERT_TRUE(relay.seen[old].closed);
    EXPECT_EQ(relay.seen[old].closed->reason, wire::CloseReason::Superseded);
    const auto welcome = relay.ask<wr::Welcome>(id, 1, wr::Hello{});
    EXPECT_EQ(welcome.prekey, relay.prekeys[ada.device()]);
    EXPECT_EQ(welcome.tokens, wr::tokensDigest({{relay.token, 0}}));
}

TEST(HubDoor, aFullRelayNamesATimeToComeBack) {
    ClientRules rules;
    rules.clients = 1;
    TestRelay relay(rules);
    TestParty ada(1);
    TestParty bob(2);
    const ClientId in = relay.member(ada);
    const ClientId id = relay.open(bob);
    const auto refusal = relay.ask<wr::Refused>(id, 1, wr::Hello{}).refusal;
    EXPECT_EQ(refusal.reason, Reason::Busy);
    EXPECT_GE(refusal.retryAfter, 10s);
    EXPECT_LE(refusal.retryAfter, limits::kComeBackMost);
    EXPECT_FALSE(relay.seen[in].closed);
}

TEST(HubDoor, limitsHandshakesByAddressAndByNetworkOfIpv6) {
    ClientRules rules;
    rules.handshakesPerAddress = {2, 4};
    TestRelay relay(rules);
    const auto tries = [&](const discovery::Address& from) {
        int allowed = 0;
        for (int count = 0; count < 20; ++count) allowed += relay.hub->mayConnect(from, relay.now) ? 1 : 0;
        return allowed;
    };
    EXPECT_EQ(tries(discovery::Address::fromIpv4(1)), 4);
    EXPECT_EQ(tries(discovery::Address::fromIpv4(2)), 4);
    discovery::Address six;
    six.bytes.data()[0] = 0x20;
    EXPECT_EQ(tries(six), 4);
    six.bytes.data()[15] = 1;
    EXPECT_EQ(tries(six), 0) << "of the same /64";
    six.bytes.data()[7] = 1;
    EXPECT_EQ(tries(six), 4) << "of another";
    relay.elapse(1s);
    EXPECT_EQ(tries(six), 2);
}

TEST(HubDoor, limitsHandshakesOfAllNetworksTogether) {
    TestRelay relay;
    std::uint32_t next = 1;
    const auto tries = [&] {
        std::size_t allowed = 0;
        for (int count = 0; count < 10'000; ++count)
            allowed += relay.hub->mayConnect(discovery::Address::fromIpv4(next++), relay.now) ? 1 : 0;
        return allowed;
    };
    EXPECT_EQ(tries(), 2 * limits::kRelayHandshakes);
    relay.now += 1s;
    EXPECT_EQ(tries(), limits::kRelayHandshakes);
}

TEST(RateTable, isBounded) {
    RateTable<DeviceId> table(100);
    test::SeededRandom random(3);
    MonoTime now{std::chrono::seconds(1)};
    const Rate rate{1, 1};
    for (int count = 0; count < 1'000; ++count) (void)table.spend(random.make<DeviceId>(), 1, rate, {}, now);
    EXPECT_LE(table.size(), 100U);
    EXPECT_FALSE(table.spend(random.make<DeviceId>(), 1, rate, {}, now).allowed) << "all others share one";
    now += 5s;
    EXPECT_TRUE(table.spend(random.make<DeviceId>(), 1, rate, {}, now).allowed);
    EXPECT_LE(table.size(), 100U);
}

}  // namespace
}  // namespace landline::relay
