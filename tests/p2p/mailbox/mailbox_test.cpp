#include "p2p/base/backoff.h"
#include "tests/p2p/mailbox/mailbox_fixture.h"

namespace landline::mailbox {
namespace {

// --- Coming in ---------------------------------------------------------------------------------------------------

TEST_F(MailboxTest, saysHelloAndNothingElseBeforeItIsWelcome) {
    m_mailbox.setHello({filled<RelayInvite>(1), {}, true}, m_now);
    m_mailbox.setPrekey(kPrekey, Bytes(145, 1), 0);
    m_mailbox.deposit(1, deposit({1}));
    connect();
    const auto hello = take<Hello>();
    EXPECT_EQ(hello.message.invite, filled<RelayInvite>(1));
    expectSilence();
    EXPECT_FALSE(m_mailbox.isOpen());
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
    EXPECT_FALSE(m_mailbox.isOpen());
    answer(1, Deposited{m_now.wall + 1h, {}, {}});
    EXPECT_TRUE(event<DepositChanged>()) << "answers still come";
    lose();
    EXPECT_EQ(*m_mailbox.dialAt(), m_now.mono + limits::kComeBackMost);
}

TEST_F(MailboxTest, isPatientWithARelayThatLetsItInAndHangsUp) {
    for (int i = 0; i < 12; ++i) {
        open(welcome());
        lose();
        if (i >= 10) {
            EXPECT_GE(*m_mailbox.dialAt(), m_now.mono + limits::kBackoffMost / 2);
        }
        m_now.mono = *m_mailbox.dialAt();
    }
    open(welcome());
    wait(Backoff::kGood);
    lose();
    EXPECT_LE(*m_mailbox.dialAt(), m_now.mono + limits::kBackoffFirst) << "that was a good session";
}

/// Also where it says each time that it goes away for next to no time, before or after the welcome.
TEST_F(MailboxTest, isPatientWithARelayThatKeepsGoingAway) {
    for (int i = 0; i < 24; ++i) {
        const bool isWelcome = i % 2 == 0;
        if (isWelcome)
            open(welcome());
        else
            connect();
        answer(0, GoingAway{1ms, "an update"});
        wait(50ms);
        lose();
        const MonoTime again = *m_mailbox.dialAt();
        EXPECT_GE(again, m_now.mono + limits::kBackoffFirst / 2);
        if (i >= 10) {
            EXPECT_GE(again, m_now.mono + limits::kBackoffMost / 2);
        }
        m_mailbox.hope(m_now);
        EXPECT_EQ(*m_mailbox.dialAt(), again) << "hope does not overrule the relay";
        m_now.mono = again;
    }
    open(welcome());
    wait(Backoff::kGood);
    answer(0, GoingAway{1ms, "an update"});
    lose();
    EXPECT_LE(*m_mailbox.dialAt(), m_now.mono + limits::kBackoffFirst) << "that was a good session";
}

TEST_F(MailboxTest, givesUpASessionOnWhichNoAnswerComes) {
    open(welcome());
    wait(10min);
    EXPECT_FALSE(event<Disconnect>()) << "nobody owes an answer";
    m_mailbox.deposit(1, deposit({1}));
    take<Deposit>();
    wait(limits::kRelayAnswer - 1s);
    answer(0, Hint{Box::Heads, 0});
    answer(9, Deposited{m_now.wall + 1h, {}, {}});
    EXPECT_FALSE(event<Disconnect>());
    EXPECT_EQ(m_mailbox.nextTimeout(m_now), m_now.mono + 1s);
    wait(1s);
    EXPECT_TRUE(event<Disconnect>()) << "whatever else the relay said";
    expectSilence();
}

TEST_F(MailboxTest, waitsForARelayThatAnswersOneAfterTheOther) {
    open(welcome(40));
    const auto pull = take<Pull>();
    for (DepositCounter counter = 1; counter <= 3; ++counter) {
        m_mailbox.deposit(counter, deposit({1}));
        take<Deposit>();
    }
    for (DepositCounter counter = 1; counter <= 3; ++counter) {
        wait(limits::kRelayAnswer - 1s);
        answer(counter, Deposited{m_now.wall + 1h, {}, {}});
        answer(pull.request, Pulled{{item(counter)}, false, 0});
        EXPECT_FALSE(event<Disconnect>()) << counter;
    }
    wait(limits::kRelayAnswer - 1s);
    EXPECT_FALSE(event<Disconnect>());
    wait(1s);
    EXPECT_TRUE(event<Disconnect>()) << "the pull is not over";
}

TEST_F(MailboxTest, aRelayThatLeavesOwesTheEnd) {
    open(welcome());
    answer(0, GoingAway{1s, "an update"});
    wait(limits::kRelayAnswer - 1s);
    answer(0, GoingAway{1s, "an update"});
    answer(0, Hint{Box::Heads, 0});
    EXPECT_FALSE(event<Disconnect>());
    wait(1s);
    EXPECT_TRUE(event<Disconnect>());
}

TEST_F(MailboxTest, endsWithARelayThatSendsNonsense) {
    const auto tryFrame = [this](auto prepare, std::uint64_t request, Message message) {
        lose();
        wait(10min);
        open(welcome(5));
        while (m_mailbox.nextEvent()) {
        }
        prepare();
        answer(request, std::move(message));
        return event<Disconnect>().has_value();
    };
    const auto nothing = [] {};
    connect();
    EXPECT_TRUE(tryFrame(nothing, 0, Deposit{deposit({1})})) << "a device's message";
    EXPECT_TRUE(
        tryFrame([this] { m_mailbox.deposit(1, deposit({1})); }, 1, Deposited{{}, {{1, Reason::Full}}, {}}))
        << "a recipient that there is not";
    std::uint64_t pull = 0;
    const auto pulling = [&] {
        std::optional<Frame> frame;
        while ((frame = m_mailbox.nextMessage(m_now)) && !std::holds_alternative<Pull>(frame->message)) {
        }
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
        5,
        {filled<DeviceId>(2)},
        expires,
        {{filled<DeviceId>(1), Reason::Full}, {filled<DeviceId>(3), Reason::OldPrekey}}};
    EXPECT_EQ(event<DepositChanged>(), expected);
    answer(5, Deposited{expires, {}, {}});
    EXPECT_FALSE(event<DepositChanged>()) << "the answer came twice";
}

TEST_F(MailboxTest, believesAnExpiryOnlyWithinTheRelaysLife) {
    struct Case {
        const char* name;
        milliseconds told, life, believed;
    };
    const Case cases[] = {
        {"within", 1h, 48h, 1h},
        {"gone by", -1h, 48h, limits::kHeldLeast},
        {"none", milliseconds(-1'700'000'000'000), 0h, limits::kHeldLeast},
        {"a clock that is ahead", 50h, 48h, 50h},
        {"beyond the relay's own life", 24h * 365, 48h, 72h},
        {"a life without end", 24h * 365 * 1000, 24h * 365 * 1000, limits::kRelayLifeMost + 24h},
    };
    DepositCounter counter = 0;
    for (const Case& one : cases) {
        Welcome relay = welcome();
        relay.life = std::chrono::duration_cast<std::chrono::seconds>(one.life);
        open(relay);
        m_mailbox.deposit(++counter, deposit({1}));
        take<Deposit>();
        answer(counter, Deposited{m_now.wall + one.told, {}, {}});
        const auto changed = event<DepositChanged>();
        ASSERT_TRUE(changed) << one.name;
        EXPECT_EQ(changed->expires, m_now.wall + one.believed) << one.name;
        wait(one.believed - 1ms);
        EXPECT_FALSE(event<DepositChanged>()) << one.name;
        wait(1ms);
        EXPECT_TRUE(event<DepositChanged>()) << one.name;
        lose();
        wait(10min);
    }
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

TEST_F(MailboxTest, sendsOneAloneWhereThereWasNoRoomForTheLast) {
    const auto refuse = [this](DepositCounter counter, Reason reason) {
        answer(counter, Deposited{{}, {}, Refusal{reason, {}, 5s}});
    };
    open(welcome());
    for (DepositCounter counter = 1; counter <= 3; ++counter) m_mailbox.deposit(counter, deposit({1}));
    for (DepositCounter counter = 1; counter <= 3; ++counter) take<Deposit>();
    for (DepositCounter counter = 1; counter <= 3; ++counter) {
        refuse(counter, Reason::Storage);
        EXPECT_EQ(event<Trouble>()->refusal.reason, Reason::Storage) << "a person may have to know";
    }
    for (int i = 0; i < 3; ++i) {
        wait(5s);
        EXPECT_EQ(take<Deposit>().request, 1U);
        expectSilence();
        refuse(1, i == 2 ? Reason::TooFast : Reason::Storage);
        expectSilence();
        EXPECT_EQ(event<Trouble>().has_value(), i != 2) << "to go at the relay's pace is none";
    }
    wait(5s);
    take<Deposit>();
    answer(1, Deposited{m_now.wall + 1h, {}, {}});
    EXPECT_EQ(take<Deposit>().request, 2U);
    EXPECT_EQ(take<Deposit>().request, 3U);
    refuse(2, Reason::Storage);
    lose();
    wait(10min);
    open(welcome());
    EXPECT_EQ(take<Deposit>().request, 2U);
    EXPECT_EQ(take<Deposit>().request, 3U) << "another session, another answer";
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

}  // namespace
}  // namespace landline::mailbox
