#include "p2p/wire/messages.h"

#include "p2p/base/limits.h"

#include <gtest/gtest.h>

#include <set>

namespace landline::wire {
namespace {

using namespace relay;
using std::chrono::milliseconds;
using std::chrono::seconds;

template <class Id>
Id filled(std::uint8_t byte) {
    Id id;
    for (std::uint8_t& each : id.span()) each = byte;
    return id;
}

const DeviceId kDevice = filled<DeviceId>(1);
const Addressee kOther{filled<DeviceId>(2), filled<RelayToken>(3)};
const PrekeyId kPrekey = filled<PrekeyId>(4);
const Bytes kSealBytes(limits::kSeal, 5);

Recipient recipient(std::uint8_t device) {
    return {{filled<DeviceId>(device), {}}, kPrekey, kSealBytes};
}
Item item(MailboxNumber number) {
    return {number, kPrekey, kSealBytes, Bytes(20, 6)};
}

Bytes encoded(relay::Message message, std::uint64_t request = 7) {
    return encodeMessage(Frame{request, std::move(message)});
}
bool isRead(relay::Message message, std::uint64_t request = 7) {
    return decodeMessage(encoded(std::move(message), request)).ok();
}

TEST(RelayMessages, everyKindComesBack) {
    Welcome welcome;
    welcome.hasAccount = true;
    welcome.epoch = 0xFEDCBA9876543210;
    welcome.life = seconds(14 * 86400);
    welcome.quota = 100;
    welcome.used = 50;
    welcome.freed = 3;
    welcome.highest = 9;
    welcome.highestHeads = 4;
    welcome.prekey = kPrekey;
    welcome.tokens = filled<Hash128>(8);
    welcome.spread = milliseconds(5000);
    welcome.hasDirectory = true;
    Welcome guest;
    guest.epoch = 1;
    const Refusal refusal{Reason::Busy, "later", milliseconds(1500)};
    const relay::Message messages[] = {
        relay::Hello{},
        relay::Hello{filled<RelayInvite>(9), kOther, true},
        welcome,
        guest,
        Refused{refusal},
        GoingAway{milliseconds(2500), "an update"},
        Done{},
        Deposit{5, Box::Messages, {recipient(1), {kOther, kPrekey, kSealBytes}}, Bytes(528, 7)},
        Deposit{5, Box::Heads, {recipient(1)}, Bytes(1, 7)},
        Deposited{fromUnixMillis(1'700'000'000'000), {}, {}},
        Deposited{{}, {{0, Reason::Full}, {3, Reason::NoMailbox}}, refusal},
        Hint{Box::Heads, 3},
        Hint{Box::Messages, 9},
        Pull{Box::Messages, 4, 1000},
        Pull{Box::Heads, 0, 0},
        Pulled{{item(4), item(6)}, true, 6},
        Pulled{},
        Acknowledge{5, Box::Heads, 6},
        Acknowledged{17},
        PublishPrekey{Bytes(145, 1)},
        PrekeyPublished{7, 8},
        FetchPrekeys{{kOther, {kDevice, {}}}},
        Prekeys{{{Bytes(145, 1), Reason::Unknown}, {{}, Reason::NoPrekey}}},
        SetTokens{{{filled<RelayToken>(1), 5}, {filled<RelayToken>(2), 0}}},
        SetTokens{},
        Watch{{kOther}},
        relay::Presence{{{kDevice, true}, {kOther.device, false}}},
        List{"landline://contact/x"},
        List{},
        Browse{4},
        Listed{{"a", "b"}, 6},
        Unknown{}};
    std::set<std::size_t> kinds;
    for (const relay::Message& message : messages) {
        const auto decoded = decodeMessage(encoded(message));
        ASSERT_TRUE(decoded) << message.index() << decoded.error().text;
        EXPECT_EQ(*decoded, wire::Message(Frame{7, message})) << message.index();
        kinds.insert(message.index());
    }
    EXPECT_EQ(kinds.size(), std::variant_size_v<relay::Message>) << "a kind is not in the list above";
}

TEST(RelayMessages, theLargestDepositAndItsDeliveryFitAFrame) {
    const Bytes body(limits::kEnvelopeBody, 9);
    EXPECT_LE(encoded(Deposit{~0ULL, Box::Heads, {{kOther, kPrekey, kSealBytes}, recipient(3)}, body}, ~0ULL)
                  .size(),
              limits::kFramePlaintext);
    EXPECT_LE(encoded(Pulled{{{~0ULL, kPrekey, kSealBytes, body}}, true, ~0ULL}, ~0ULL).size(),
              limits::kFramePlaintext);
    std::vector<Recipient> many;
    for (int i = 0; i < int(limits::kRecipientsPerDeposit); ++i) {
        many.push_back({kOther, kPrekey, kSealBytes});
        many.back().to.device.data()[1] = static_cast<std::uint8_t>(i);
    }
    EXPECT_LE(encoded(Deposit{~0ULL, Box::Messages, many, Bytes(528, 7)}).size(), limits::kFramePlaintext);
    EXPECT_TRUE(isRead(Deposit{1, Box::Messages, many, Bytes(528, 7)}));
    std::vector<Token> tokens(limits::kTokensPerDevice, {kOther.token.value(), ~0ULL});
    EXPECT_LE(encoded(SetTokens{tokens}).size(), limits::kFramePlaintext);
    EXPECT_LE(encoded(Watch{std::vector<Addressee>(limits::kPresenceWatches, kOther)}).size(),
              limits::kFramePlaintext);
    EXPECT_LE(encoded(Listed{std::vector<std::string>(limits::kLinksPerListed,
                                                      std::string(limits::kContactLinkBytes, 'x')),
                             ~0ULL})
                  .size(),
              limits::kFramePlaintext);
}

TEST(RelayMessages, refusesPartsOverTheirLimits) {
    EXPECT_FALSE(isRead(Deposit{1, Box::Messages, {recipient(1)}, Bytes(limits::kEnvelopeBody + 1)}));
    EXPECT_FALSE(isRead(FetchPrekeys{std::vector<Addressee>(limits::kPrekeysPerFetch + 1, kOther)}));
    EXPECT_FALSE(isRead(Prekeys{std::vector<Prekeys::One>(limits::kPrekeysPerFetch + 1)}));
    EXPECT_FALSE(isRead(SetTokens{std::vector<Token>(limits::kTokensPerDevice + 1)}));
    EXPECT_FALSE(isRead(Watch{std::vector<Addressee>(limits::kPresenceWatches + 1, kOther)}));
    EXPECT_FALSE(isRead(relay::Presence{std::vector<relay::Presence::One>(limits::kPresenceWatches + 1)}));
    EXPECT_FALSE(isRead(List{std::string(limits::kContactLinkBytes + 1, 'x')}));
    EXPECT_FALSE(isRead(Listed{{std::string(limits::kContactLinkBytes + 1, 'x')}, 0}));
    EXPECT_FALSE(isRead(Listed{std::vector<std::string>(limits::kLinksPerListed + 1), 0}));
    Pulled pulled;
    for (std::size_t i = 0; i < limits::kItemsPerPulled + 1; ++i)
        pulled.items.push_back({i + 1, kPrekey, kSealBytes, Bytes(1)});
    EXPECT_FALSE(isRead(pulled));
}

TEST(RelayMessages, refusesWhatContradictsItself) {
    EXPECT_FALSE(isRead(Deposit{1, Box::Messages, {}, Bytes(1)})) << "no recipient";
    EXPECT_FALSE(isRead(Deposit{1, Box::Messages, {recipient(1)}, {}})) << "no body";
    EXPECT_FALSE(isRead(Deposit{1, Box::Messages, {recipient(1), recipient(2), recipient(1)}, Bytes(1)}))
        << "one twice";
    EXPECT_FALSE(isRead(Deposit{1, Box::Messages, {{kOther, kPrekey, Bytes(limits::kSeal - 1)}}, Bytes(1)}));
    EXPECT_FALSE(isRead(Deposited{{}, {{2, Reason::Full}, {2, Reason::Full}}, {}})) << "one failure twice";
    EXPECT_FALSE(isRead(Pulled{{item(4), item(4)}, false, 0})) << "one number twice";
    EXPECT_FALSE(isRead(Pulled{{item(0)}, false, 0})) << "no number";
    EXPECT_FALSE(isRead(Pulled{{item(4)}, true, 3})) << "beyond the highest";
    constexpr MailboxNumber kNoNumber = MailboxNumber(1) << 63;
    EXPECT_TRUE(isRead(Pulled{{}, true, kNoNumber - 1}));
    EXPECT_FALSE(isRead(Pulled{{}, true, kNoNumber})) << "beyond all numbers";
    EXPECT_FALSE(isRead(Pulled{{item(kNoNumber)}, false, 0})) << "beyond all numbers";
    EXPECT_FALSE(isRead(Hint{Box::Messages, kNoNumber}, 0)) << "beyond all numbers";
    Welcome welcome;
    EXPECT_FALSE(isRead(welcome)) << "no epoch";
    welcome.epoch = 1;
    welcome.freed = 2;
    welcome.highest = 1;
    EXPECT_FALSE(isRead(welcome)) << "freed what was never given";
}

TEST(RelayMessages, aRequestNeedsANumberAndOthersDoNot) {
    EXPECT_FALSE(isRead(relay::Hello{}, 0));
    EXPECT_FALSE(isRead(Deposit{1, Box::Messages, {recipient(1)}, Bytes(1)}, 0));
    EXPECT_FALSE(isRead(Pull{}, 0));
    EXPECT_TRUE(isRead(Hint{Box::Messages, 1}, 0));
    EXPECT_TRUE(isRead(GoingAway{}, 0));
    EXPECT_TRUE(isRead(relay::Presence{}, 0));
}

TEST(RelayMessages, aRequestOfANewerVersionKeepsItsNumberAndAnUnknownReasonIsUnknown) {
    // Frame.relay (40) with request 9 and a member 200 of a newer version.
    const Bytes newer{0xC2, 0x02, 0x05, 0x08, 0x09, 0xC2, 0x0C, 0x00};
    EXPECT_EQ(decodeMessage(newer).value(), wire::Message(Frame{9, Unknown{}}));
    const auto refused = decodeMessage(encoded(Refused{{static_cast<Reason>(999), {}, {}}}));
    EXPECT_EQ(std::get<Refused>(std::get<Frame>(*refused).message).refusal.reason, Reason::Unknown);
}

TEST(RelayMessages, timesThatARelayNamesAreBounded) {
    const auto refused = decodeMessage(encoded(Refused{{Reason::Busy, {}, milliseconds::max()}}));
    EXPECT_LT(std::get<Refused>(std::get<Frame>(*refused).message).refusal.retryAfter,
              std::chrono::hours(24 * 365 * 100));
    const auto deposited = decodeMessage(encoded(Deposited{fromUnixMillis(INT64_MAX), {}, {}}));
    EXPECT_LT(toUnixMillis(std::get<Deposited>(std::get<Frame>(*deposited).message).expires), INT64_MAX / 2);
}

TEST(RelayMessages, tokensAreComparedByTheirSetAndShares) {
    const Token a{filled<RelayToken>(1), 10};
    const Token b{filled<RelayToken>(2), 20};
    EXPECT_EQ(tokensDigest({}), Hash128());
    EXPECT_EQ(tokensDigest({a, b}), tokensDigest({b, a}));
    EXPECT_NE(tokensDigest({a, b}), tokensDigest({a}));
    EXPECT_NE(tokensDigest({a}), tokensDigest({{a.token, 11}}));
    EXPECT_FALSE(tokensDigest({a}).isZero());
}

TEST(RelayMessages, everyReasonHasASentenceOfItsOwn) {
    std::set<std::string> sentences;
    for (std::uint32_t i = 0; i <= std::uint32_t(Reason::Unsupported); ++i)
        sentences.insert(sentenceOf(static_cast<Reason>(i)));
    EXPECT_EQ(sentences.size(), std::size_t(Reason::Unsupported) + 1);
}

TEST(RelayMessages, aProfileCarriesRelays) {
    const Profile profile{
        "Ann", wire::Presence::Online, "", {{{"landline://relay.example:4747/k", filled<RelayToken>(1)}}, false}};
    EXPECT_EQ(decodeMessage(encodeMessage(profile)).value(), wire::Message(profile));
    Profile many = profile;
    many.told.relays.assign(limits::kRelaysPerContact + 1, profile.told.relays[0]);
    EXPECT_FALSE(decodeMessage(encodeMessage(many)));
}

}  // namespace
}  // namespace landline::wire
