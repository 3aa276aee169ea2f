#include "p2p/mailbox/mailbox.h"

#include "p2p/base/limits.h"
#include "tests/support/seeded_random.h"

#include <gtest/gtest.h>

namespace landline::mailbox {
namespace {

using namespace wire::relay;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

template <class Id>
Id filled(std::uint8_t byte) {
    Id id;
    for (std::uint8_t& each : id.span()) each = byte;
    return id;
}

const PrekeyId kPrekey = filled<PrekeyId>(4);
constexpr RelayEpoch kEpoch = 7;

/// A mailbox whose relay the test plays.
class MailboxTest : public ::testing::Test {
protected:
    void open(Welcome welcome) {
        connect();
        answer(take<Hello>().request, std::move(welcome));
    }
    void connect() {
        EXPECT_TRUE(m_mailbox.dialAt());
        m_mailbox.dialled();
        m_mailbox.connected(m_now);
    }
    static Welcome welcome(MailboxNumber highest = 0, MailboxNumber freed = 0) {
        Welcome one;
        one.hasAccount = true;
        one.epoch = kEpoch;
        one.highest = highest;
        one.freed = freed;
        return one;
    }
    void answer(std::uint64_t request, Message message) { m_mailbox.receive({request, std::move(message)}, m_now); }

    template <class Kind>
    struct Taken {
        std::uint64_t request = 0;
        Kind message;
    };
    /// The next message, which must be of this kind.
    template <class Kind>
    Taken<Kind> take() {
        auto frame = m_mailbox.nextMessage(m_now);
        if (!frame || !std::holds_alternative<Kind>(frame->message)) {
            ADD_FAILURE() << (frame ? "another message" : "no message") << " of " << Message(Kind{}).index()
                          << (frame ? " but " + std::to_string(frame->message.index()) : std::string());
            return {};
        }
        return {frame->request, std::get<Kind>(std::move(frame->message))};
    }
    void expectSilence() {
        const auto frame = m_mailbox.nextMessage(m_now);
        EXPECT_FALSE(frame) << frame->message.index();
    }
    /// The next event of this kind; those before it are dropped.
    template <class Kind>
    std::optional<Kind> event() {
        while (auto next = m_mailbox.nextEvent())
            if (auto* found = std::get_if<Kind>(&*next)) return std::move(*found);
        return std::nullopt;
    }
    static Deposit deposit(std::initializer_list<std::uint8_t> devices, RelayEpoch epoch = kEpoch) {
        Deposit one{epoch, Box::Messages, {}, Bytes(528, 1)};
        for (const std::uint8_t device : devices)
            one.recipients.push_back({{filled<DeviceId>(device), {}}, kPrekey, Bytes(limits::kSeal, 2)});
        return one;
    }
    static Item item(MailboxNumber number, std::size_t bytes = 528) {
        return {number, kPrekey, Bytes(limits::kSeal, 3), Bytes(bytes, 4)};
    }
    void lose() { m_mailbox.disconnected(m_now); }
    void wait(Duration time) {
        m_now.mono += time;
        m_now.wall += std::chrono::duration_cast<milliseconds>(time);
        m_mailbox.advance(m_now);
    }

    Now m_now{MonoTime(1h), fromUnixMillis(1'700'000'000'000)};
    test::SeededRandom m_random{1};
    Mailbox m_mailbox{m_random};
};

// --- Coming in ---------------------------------------------------------------------------------------------------

TEST_F(MailboxTest, saysHelloAndNothingElseBeforeItIsWelcome) {
    m_mailbox.setHello({filled<RelayInvite>(1), {}, true}, m_now);
    m_mailbox.setPrekey(kPrekey, Bytes(145, 1), 0);
    m_mailbox.deposit(1, deposit({1}));
    connect();
    const auto hello = take<Hello>();
    EXPECT_EQ(hello.message.invite, filled<RelayInvite>(1));
    expectSilence();
    EXPECT_FALSE(m_mailbox.mayDeposit());
    answer(hello.request, welcome());
    EXPECT_EQ(event<Entered>()->welcome.epoch, kEpoch);
    take<PublishPrekey>();
    take<Deposit>();
    expectSilence();
    lose();
    wait(1min);
    connect();
    EXPECT_FALSE(take<Hello>().message.invite) << "an invite is spent once";
}

TEST_F(MailboxTest, staysOutOnceARefusalNeedsAPerson) {
    connect();
    answer(take<Hello>().request, Refused{{Reason::InviteUsed, {}, {}}});
    EXPECT_EQ(event<ShutOut>()->refusal.reason, Reason::InviteUsed);
    lose();
    EXPECT_FALSE(m_mailbox.dialAt());
    m_mailbox.hope(m_now);
    EXPECT_FALSE(m_mailbox.dialAt());
    m_mailbox.setHello({filled<RelayInvite>(2), {}, false}, m_now);
    EXPECT_EQ(m_mailbox.dialAt(), m_now.mono);
}

TEST_F(MailboxTest, comesBackWhenABusyRelaySaid) {
    connect();
    answer(take<Hello>().request, Refused{{Reason::Busy, {}, 20s}});
    EXPECT_TRUE(event<Disconnect>());
    lose();
    EXPECT_GE(*m_mailbox.dialAt(), m_now.mono + 20s);
    m_mailbox.hope(m_now);
    EXPECT_GE(*m_mailbox.dialAt(), m_now.mono + 20s) << "hope does not overrule the relay";
}

TEST_F(MailboxTest, spreadsItsReturnAfterALossAndKeepsTheTimeOfAGoingAway) {
    Welcome spread = welcome();
    spread.spread = 100s;
    open(spread);
    lose();
    EXPECT_GT(*m_mailbox.dialAt(), m_now.mono);
    EXPECT_LE(*m_mailbox.dialAt(), m_now.mono + 101s);
    m_now.mono = *m_mailbox.dialAt();
    open(spread);
    m_mailbox.deposit(1, deposit({1}));
    take<Deposit>();
    answer(0, GoingAway{std::chrono::hours(99), "an update"});
    m_mailbox.deposit(2, deposit({1}));
    expectSilence();
    EXPECT_FALSE(m_mailbox.mayDeposit());
    answer(1, Deposited{m_now.wall + 1h, {}, {}});
    EXPECT_TRUE(event<DepositChanged>()) << "answers still come";
    lose();
    EXPECT_EQ(*m_mailbox.dialAt(), m_now.mono + limits::kComeBackMost);
}

TEST_F(MailboxTest, givesUpASessionOnWhichNoAnswerComes) {
    open(welcome());
    wait(10min);
    EXPECT_FALSE(event<Disconnect>()) << "nobody owes an answer";
    m_mailbox.deposit(1, deposit({1}));
    take<Deposit>();
    wait(20s);
    answer(0, Hint{Box::Heads, 0});
    wait(limits::kRelayAnswer - 1s);
    EXPECT_FALSE(event<Disconnect>()) << "the relay is alive";
    EXPECT_EQ(m_mailbox.nextTimeout(m_now), m_now.mono + 1s);
    wait(1s);
    EXPECT_TRUE(event<Disconnect>());
    expectSilence();
}

TEST_F(MailboxTest, endsWithARelayThatSendsNonsense) {
    const auto tryFrame = [this](auto prepare, std::uint64_t request, Message message) {
        lose();
        wait(10min);
        open(welcome(5));
        while (m_mailbox.nextEvent()) {}
        prepare();
        answer(request, std::move(message));
        return event<Disconnect>().has_value();
    };
    const auto nothing = [] {};
    connect();
    EXPECT_TRUE(tryFrame(nothing, 0, Deposit{deposit({1})})) << "a device's message";
    EXPECT_TRUE(tryFrame([this] { m_mailbox.deposit(1, deposit({1})); }, 1, Deposited{{}, {{1, Reason::Full}}, {}}))
        << "a recipient that there is not";
    std::uint64_t pull = 0;
    const auto pulling = [&] {
        std::optional<Frame> frame;
        while ((frame = m_mailbox.nextMessage(m_now)) && !std::holds_alternative<Pull>(frame->message)) {}
        pull = frame ? frame->request : 0;
        ASSERT_NE(pull, 0U);
    };
    lose();
    wait(10min);
    open(welcome(5));
    pulling();
    answer(pull, Done{});
    EXPECT_TRUE(event<Disconnect>()) << "another answer than to a pull";
    lose();
    wait(10min);
    open(welcome(5));
    pulling();
    answer(pull, Pulled{{item(2)}, false, 0});
    answer(pull, Pulled{{item(2)}, false, 0});
    EXPECT_TRUE(event<Disconnect>()) << "a number again";
    lose();
    wait(10min);
    open(welcome(500));
    pulling();
    for (MailboxNumber number = 1; number < 40; ++number)
        answer(pull, Pulled{{item(number, limits::kEnvelopeBody)}, false, 0});
    EXPECT_TRUE(event<Disconnect>()) << "more than was asked for";
    EXPECT_FALSE(tryFrame(nothing, 999, Done{})) << "an answer to nothing is passed over";
    EXPECT_FALSE(tryFrame(nothing, 999, Deposited{})) << "and so is one to no deposit";
    EXPECT_FALSE(tryFrame(nothing, 0, wire::relay::Unknown{})) << "and what is of a newer version";
}

// --- Deposits ----------------------------------------------------------------------------------------------------

TEST_F(MailboxTest, isHeldOnlyForThoseForWhomTheRelaySaidSo) {
    open(welcome());
    m_mailbox.deposit(5, deposit({1, 2, 3}));
    EXPECT_EQ(take<Deposit>().request, 5U);
    EXPECT_FALSE(event<DepositChanged>());
    const WallTime expires = m_now.wall + 1h;
    answer(5, Deposited{expires, {{0, Reason::Full}, {2, Reason::OldPrekey}}, {}});
    const DepositChanged expected{
        5, {filled<DeviceId>(2)}, expires, {{filled<DeviceId>(1), Reason::Full}, {filled<DeviceId>(3), Reason::OldPrekey}}};
    EXPECT_EQ(event<DepositChanged>(), expected);
    answer(5, Deposited{expires, {}, {}});
    EXPECT_FALSE(event<DepositChanged>()) << "the answer came twice";
}

TEST_F(MailboxTest, sendsAgainWithTheSameCounterWhatHasNoAnswer) {
    m_mailbox.restore(4, deposit({1}));
    open(welcome());
    m_mailbox.deposit(6, deposit({2}));
    EXPECT_EQ(take<Deposit>().request, 4U);
    EXPECT_EQ(take<Deposit>().request, 6U);
    answer(4, Deposited{m_now.wall + 1h, {}, {}});
    lose();
    wait(10min);
    open(welcome());
    const auto again = take<Deposit>();
    EXPECT_EQ(again.request, 6U);
    EXPECT_EQ(again.message, deposit({2}));
    expectSilence();
}

TEST_F(MailboxTest, neverHasMoreThanTheWindowWithoutAnAnswer) {
    open(welcome());
    DepositCounter counter = 0;
    while (m_mailbox.mayDeposit()) m_mailbox.deposit(++counter, deposit({1}));
    EXPECT_EQ(counter, limits::kDepositsUnanswered);
    for (DepositCounter each = 1; each <= counter; ++each) EXPECT_EQ(take<Deposit>().request, each);
    expectSilence();
    answer(1, Deposited{m_now.wall + 1h, {}, {}});
    EXPECT_TRUE(m_mailbox.mayDeposit());
}

TEST_F(MailboxTest, waitsForABusyRelayAndThenDepositsTheSameAgain) {
    open(welcome());
    m_mailbox.deposit(1, deposit({1}));
    take<Deposit>();
    answer(1, Deposited{{}, {}, Refusal{Reason::Storage, {}, 5s}});
    EXPECT_FALSE(event<DepositChanged>()) << "it is neither held nor failed";
    expectSilence();
    EXPECT_EQ(m_mailbox.nextTimeout(m_now), m_now.mono + 5s);
    wait(5s);
    EXPECT_EQ(take<Deposit>().request, 1U);
}

TEST_F(MailboxTest, queuesAgainWhatIsRefusedForGood) {
    open(welcome());
    m_mailbox.deposit(1, deposit({1, 2}));
    take<Deposit>();
    answer(1, Deposited{{}, {}, Refusal{Reason::OldCounter, {}, {}}});
    const DepositChanged expected{
        1, {}, {}, {{filled<DeviceId>(1), Reason::OldCounter}, {filled<DeviceId>(2), Reason::OldCounter}}};
    EXPECT_EQ(event<DepositChanged>(), expected);
    lose();
    wait(10min);
    open(welcome());
    expectSilence();
}

TEST_F(MailboxTest, queuesAgainWhatExpiredAndNotWhatHeadsCover) {
    m_mailbox.restore({1, kEpoch, {filled<DeviceId>(1), filled<DeviceId>(2)}, m_now.wall + 1h});
    m_mailbox.restore({2, kEpoch, {filled<DeviceId>(1)}, m_now.wall + 2h});
    m_mailbox.settle(1, filled<DeviceId>(1));
    m_mailbox.settle(2, filled<DeviceId>(1));
    EXPECT_EQ(m_mailbox.nextTimeout(m_now), m_now.mono + 1h);
    wait(1h - 1ms);
    EXPECT_FALSE(event<DepositChanged>());
    wait(1ms);
    const DepositChanged expected{1, {}, {}, {{filled<DeviceId>(2), {}}}};
    EXPECT_EQ(event<DepositChanged>(), expected);
    wait(2h);
    EXPECT_FALSE(event<DepositChanged>());
}

TEST_F(MailboxTest, queuesAgainEverythingOfAnotherEpoch) {
    m_mailbox.restore({1, kEpoch, {filled<DeviceId>(1)}, m_now.wall + 1h});
    m_mailbox.restore(2, deposit({2}));
    m_mailbox.restore({3, kEpoch + 1, {filled<DeviceId>(3)}, m_now.wall + 1h});
    Welcome other = welcome();
    other.epoch = kEpoch + 1;
    open(other);
    const DepositChanged first{1, {}, {}, {{filled<DeviceId>(1), Reason::OtherEpoch}}};
    const DepositChanged second{2, {}, {}, {{filled<DeviceId>(2), Reason::OtherEpoch}}};
    EXPECT_EQ(event<DepositChanged>(), first);
    EXPECT_EQ(event<DepositChanged>(), second);
    EXPECT_FALSE(event<DepositChanged>());
    expectSilence();
    m_mailbox.deposit(4, deposit({4}));  // written down before the owner knew
    EXPECT_EQ(event<DepositChanged>()->failed[0].reason, Reason::OtherEpoch);
    expectSilence();
}

// --- The mailbox -------------------------------------------------------------------------------------------------

TEST_F(MailboxTest, acknowledgesOnlyWhatIsCommitted) {
    m_mailbox.restore(Box::Messages, {kEpoch, 3});
    open(welcome(6, 3));
    const auto pull = take<Pull>();
    EXPECT_EQ(pull.message, (Pull{Box::Messages, 4, limits::kPullBytes}));
    answer(pull.request, Pulled{{item(4), item(5)}, false, 0});
    answer(pull.request, Pulled{{item(6)}, true, 6});
    EXPECT_EQ(event<Arrived>()->through, 5U);
    const auto second = event<Arrived>();
    EXPECT_EQ(second->through, 6U);
    EXPECT_EQ(second->missed, 0U);
    expectSilence();
    m_mailbox.committed(Box::Messages, {kEpoch, 5});
    const auto acknowledge = take<Acknowledge>();
    EXPECT_EQ(acknowledge.message, (Acknowledge{kEpoch, Box::Messages, 5}));
    m_mailbox.committed(Box::Messages, {kEpoch, 6});
    expectSilence();
    answer(acknowledge.request, Acknowledged{});
    EXPECT_EQ(event<Drained>()->messages, 5U);
    EXPECT_EQ(m_mailbox.drained()->messages, 5U);
    EXPECT_EQ(take<Acknowledge>().message.through, 6U);
}

TEST_F(MailboxTest, pullsAfterAHintAndGoesOnUntilAllIsThere) {
    open(welcome());
    expectSilence();
    answer(0, Hint{Box::Messages, 2});
    const auto pull = take<Pull>();
    expectSilence();
    answer(pull.request, Pulled{{item(1)}, true, 2});
    EXPECT_EQ(take<Pull>().message.from, 2U);
}

TEST_F(MailboxTest, stopsPullingWhileTheOwnerHasTooMuchToCommit) {
    open(welcome(1000));
    MailboxNumber number = 0;
    std::size_t pulls = 0;
    for (; pulls < 100; ++pulls) {
        const auto frame = m_mailbox.nextMessage(m_now);
        if (!frame) break;
        for (std::size_t bytes = 0; bytes + limits::kEnvelopeBody < limits::kPullBytes; bytes += limits::kEnvelopeBody + 200)
            answer(frame->request, Pulled{{item(++number, limits::kEnvelopeBody)}, false, 0});
        answer(frame->request, Pulled{{}, true, 1000});
    }
    EXPECT_EQ(pulls, 1 + limits::kApplyWindow / limits::kPullBytes);
    m_mailbox.committed(Box::Messages, {kEpoch, number});
    take<Acknowledge>();
    EXPECT_EQ(take<Pull>().message.from, number + 1);
}

TEST_F(MailboxTest, countsWhatHadExpiredAsMissed) {
    m_mailbox.restore(Box::Messages, {kEpoch, 3});
    open(welcome(20, 10));
    auto pull = take<Pull>();
    EXPECT_EQ(pull.message.from, 4U);
    answer(pull.request, Pulled{{item(11), item(12)}, true, 20});
    const auto first = event<Arrived>();
    EXPECT_EQ(first->missed, 7U);
    EXPECT_EQ(first->through, 12U);
    pull = take<Pull>();
    answer(pull.request, Pulled{{}, true, 20});
    const auto rest = event<Arrived>();
    EXPECT_EQ(rest->missed, 8U);
    EXPECT_EQ(rest->through, 20U);
    expectSilence();
}

TEST_F(MailboxTest, anEmptyLastAnswerOfAPullThatBroughtSomethingMissesNothing) {
    open(welcome(9));
    const auto pull = take<Pull>();
    answer(pull.request, Pulled{{item(1), item(2)}, false, 0});
    EXPECT_EQ(event<Arrived>()->through, 2U);
    answer(pull.request, Pulled{{}, true, 9});
    EXPECT_FALSE(event<Arrived>());
    EXPECT_EQ(take<Pull>().message.from, 3U);
}

TEST_F(MailboxTest, headsHaveGapsAndNoneIsMissed) {
    Welcome one = welcome();
    one.highestHeads = 9;
    open(one);
    const auto pull = take<Pull>();
    EXPECT_EQ(pull.message.box, Box::Heads);
    answer(pull.request, Pulled{{item(4), item(9)}, true, 9});
    EXPECT_EQ(event<Arrived>()->missed, 0U);
}

TEST_F(MailboxTest, startsAnewInAnotherEpochAndWhereAPositionCannotBe) {
    m_mailbox.restore(Box::Messages, {kEpoch, 30});
    Welcome other = welcome(12, 5);
    other.epoch = kEpoch + 1;
    open(other);
    const auto pull = take<Pull>();
    EXPECT_EQ(pull.message.from, 6U);
    answer(pull.request, Pulled{{item(6)}, true, 12});
    EXPECT_EQ(event<Arrived>()->epoch, kEpoch + 1);
    m_mailbox.committed(Box::Messages, {kEpoch, 31});
    EXPECT_EQ(take<Pull>().message.from, 7U);
    expectSilence();
    Mailbox ahead(m_random);
    ahead.restore(Box::Messages, {kEpoch, 30});
    ahead.dialled();
    ahead.connected(m_now);
    ahead.receive({ahead.nextMessage(m_now)->request, welcome(12, 5)}, m_now);
    EXPECT_EQ(std::get<Pull>(ahead.nextMessage(m_now)->message).from, 6U);
}

TEST_F(MailboxTest, whatWasNotCommittedComesAgainAfterAReconnect) {
    open(welcome(2));
    auto pull = take<Pull>();
    answer(pull.request, Pulled{{item(1), item(2)}, true, 2});
    m_mailbox.committed(Box::Messages, {kEpoch, 1});
    lose();
    wait(10min);
    open(welcome(2));
    EXPECT_EQ(take<Acknowledge>().message.through, 1U);
    EXPECT_EQ(take<Pull>().message.from, 2U);
}

// --- Wishes ------------------------------------------------------------------------------------------------------

TEST_F(MailboxTest, publishesAPrekeyWhereTheRelayHasAnotherOrIsAnother) {
    struct Case {
        const char* name;
        std::optional<PrekeyId> there;
        RelayEpoch confirmedIn;
        bool publishes;
    };
    const Case cases[] = {{"it has none", {}, kEpoch, true},
                          {"it has an older one", filled<PrekeyId>(9), kEpoch, true},
                          {"it has it", kPrekey, kEpoch, false},
                          {"it has it, but the answer was lost", kPrekey, 0, true},
                          {"it was restored", kPrekey, kEpoch - 1, true}};
    for (const Case& one : cases) {
        Mailbox mailbox(m_random);
        mailbox.setPrekey(kPrekey, Bytes(145, 1), one.confirmedIn);
        mailbox.dialled();
        mailbox.connected(m_now);
        Welcome there = welcome();
        there.prekey = one.there;
        mailbox.receive({mailbox.nextMessage(m_now)->request, there}, m_now);
        const auto frame = mailbox.nextMessage(m_now);
        EXPECT_EQ(frame && std::holds_alternative<PublishPrekey>(frame->message), one.publishes) << one.name;
    }
}

TEST_F(MailboxTest, tellsTheNumbersAtWhichAPrekeyWasConfirmed) {
    open(welcome());
    m_mailbox.setPrekey(kPrekey, Bytes(145, 1), 0);
    const auto publish = take<PublishPrekey>();
    expectSilence();
    answer(publish.request, PrekeyPublished{17, 5});
    const auto confirmed = event<PrekeyConfirmed>();
    ASSERT_TRUE(confirmed);
    EXPECT_EQ(confirmed->id, kPrekey);
    EXPECT_EQ(confirmed->epoch, kEpoch);
    EXPECT_EQ(confirmed->messages, 17U);
    EXPECT_EQ(confirmed->heads, 5U);
    m_mailbox.setPrekey(kPrekey, Bytes(145, 1), kEpoch);
    expectSilence();
}

TEST_F(MailboxTest, keepsTokensAsTheyShouldBe) {
    const std::vector<Token> tokens{{filled<RelayToken>(1), 5}, {filled<RelayToken>(2), 0}};
    m_mailbox.setTokens(tokens);
    Welcome there = welcome();
    there.tokens = tokensDigest(tokens);
    open(there);
    expectSilence();
    m_mailbox.setTokens({tokens[0]});
    const auto set = take<SetTokens>();
    EXPECT_EQ(set.message.tokens, std::vector<Token>{tokens[0]});
    m_mailbox.setTokens(tokens);
    answer(set.request, Done{});
    EXPECT_EQ(take<SetTokens>().message.tokens, tokens) << "the list changed again meanwhile";
    lose();
    wait(10min);
    open(welcome());
    EXPECT_EQ(take<SetTokens>().message.tokens, tokens) << "the relay lost them";
}

TEST_F(MailboxTest, triesARefusedWishAgainLater) {
    m_mailbox.setTokens({{filled<RelayToken>(1), 5}});
    open(welcome());
    answer(take<SetTokens>().request, Refused{{Reason::Busy, {}, 3s}});
    EXPECT_EQ(event<Trouble>()->refusal.reason, Reason::Busy);
    expectSilence();
    EXPECT_EQ(m_mailbox.nextTimeout(m_now), m_now.mono + 3s);
    wait(3s);
    take<SetTokens>();
}

TEST_F(MailboxTest, aGuestAsksForNothingThatGuestsMayNot) {
    m_mailbox.setPrekey(kPrekey, Bytes(145, 1), 0);
    m_mailbox.setTokens({{filled<RelayToken>(1), 5}});
    m_mailbox.watch({{filled<DeviceId>(1), filled<RelayToken>(2)}});
    m_mailbox.restore(Box::Messages, {kEpoch, 3});
    Welcome guest;
    guest.epoch = kEpoch;
    open(guest);
    m_mailbox.deposit(1, deposit({1}));
    answer(take<Watch>().request, wire::relay::Presence{{{filled<DeviceId>(1), true}}});
    EXPECT_TRUE(event<PresenceTold>()->devices.at(0).online);
    take<Deposit>();
    expectSilence();
}

TEST_F(MailboxTest, answersWhatTheOwnerAskedAlsoIfTheConnectionIsLost) {
    EXPECT_EQ(m_mailbox.ask(FetchPrekeys{}), 0U) << "not connected";
    open(welcome());
    const std::uint64_t first = m_mailbox.ask(FetchPrekeys{});
    const std::uint64_t second = m_mailbox.ask(Browse{});
    EXPECT_EQ(take<FetchPrekeys>().request, first);
    answer(first, Prekeys{});
    EXPECT_EQ(event<Answer>()->request, first);
    lose();
    const auto lost = event<Answer>();
    EXPECT_EQ(lost->request, second);
    EXPECT_TRUE(std::holds_alternative<Refused>(lost->message));
    wait(10min);
    open(welcome());
    std::size_t count = 0;
    while (m_mailbox.ask(Browse{}) != 0) ++count;
    EXPECT_LT(count, limits::kRelayRequestsWaiting);
}

}  // namespace
}  // namespace landline::mailbox
