#include "tests/p2p/mailbox/mailbox_fixture.h"

namespace landline::mailbox {
namespace {

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
        for (std::size_t bytes = 0; bytes + limits::kEnvelopeBody < limits::kPullBytes;
             bytes += limits::kEnvelopeBody + 200)
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

TEST_F(MailboxTest, drainedIsOnlyWhatWasCommittedToo) {
    m_mailbox.restore(Box::Messages, {kEpoch, 3});
    open(welcome(20, 20));
    EXPECT_EQ(m_mailbox.drained()->messages, 3U) << "whatever the relay says";
    answer(take<Pull>().request, Pulled{{}, true, 20});
    EXPECT_EQ(event<Arrived>()->missed, 17U);
    EXPECT_EQ(m_mailbox.drained()->messages, 3U);
    m_mailbox.committed(Box::Messages, {kEpoch, 20});
    EXPECT_EQ(event<Drained>()->messages, 20U);
    expectSilence();
}

TEST_F(MailboxTest, oneWordOfARelayCountsAsSoMuchLostOnly) {
    open(welcome());
    answer(0, Hint{Box::Messages, 1});
    constexpr MailboxNumber kHighest = std::numeric_limits<std::int64_t>::max();
    answer(take<Pull>().request, Pulled{{}, true, kHighest});
    const auto arrived = event<Arrived>();
    EXPECT_EQ(arrived->missed, limits::kMissedMost);
    EXPECT_EQ(arrived->through, kHighest);
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

TEST_F(MailboxTest, tellsOfTokensThatTheRelayHasAndOfNoOthers) {
    const std::vector<Token> tokens{{filled<RelayToken>(1), 0}, {filled<RelayToken>(2), 0}};
    m_mailbox.setTokens(tokens);
    EXPECT_FALSE(event<TokensConfirmed>()) << "there is no session";
    open(welcome());
    EXPECT_FALSE(event<TokensConfirmed>());
    const auto set = take<SetTokens>();
    answer(set.request, Done{});
    EXPECT_EQ(event<TokensConfirmed>()->tokens, tokensDigest(tokens));
    // Also those that it had all along.
    lose();
    Welcome there = welcome();
    there.tokens = tokensDigest(tokens);
    open(there);
    ASSERT_TRUE(std::holds_alternative<Entered>(*m_mailbox.nextEvent()));
    EXPECT_EQ(event<TokensConfirmed>()->tokens, tokensDigest(tokens));
    // Back to the list of before, while another is under way that may come after it.
    m_mailbox.setTokens({tokens[0]});
    const auto other = take<SetTokens>();
    m_mailbox.setTokens(tokens);
    EXPECT_FALSE(event<TokensConfirmed>()) << "another list may be in its place";
    answer(other.request, Done{});
    EXPECT_FALSE(event<TokensConfirmed>());
    answer(take<SetTokens>().request, Done{});
    EXPECT_EQ(event<TokensConfirmed>()->tokens, tokensDigest(tokens));
    // None are a list like any other.
    m_mailbox.setTokens({});
    answer(take<SetTokens>().request, Done{});
    EXPECT_TRUE(event<TokensConfirmed>()->tokens.isZero());
}

TEST_F(MailboxTest, aGuestHasNoTokensToTellOf) {
    Welcome guest = welcome();
    guest.hasAccount = false;
    open(guest);
    EXPECT_FALSE(event<TokensConfirmed>());
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
