#include "p2p/identity/relay_url.h"

#include "p2p/base/limits.h"
#include "tests/support/seeded_random.h"

#include <gtest/gtest.h>

namespace landline::identity {
namespace {

RelayUrl makeUrl(std::string host = "relay.example.org") {
    test::SeededRandom random(3);
    return {std::move(host), 4747, random.make<NoiseKey>(), random.make<RelayInvite>()};
}

TEST(RelayUrl, comesBackAsItWasMade) {
    for (const char* host :
         {"relay.example.org", "10.1.2.3", "[2001:db8::1]", "[::ffff:10.0.0.1]", "a_b-c", "contact"}) {
        RelayUrl url = makeUrl(host);
        EXPECT_EQ(parseRelayUrl(formatRelayUrl(url)).value(), url) << host;
        url.invite.reset();
        EXPECT_EQ(parseRelayUrl(formatRelayUrl(url)).value(), url) << host;
    }
    EXPECT_EQ(makeUrl("[::1]").address(), "[::1]:4747");
}

TEST(RelayUrl, passesOverSpaceAndFieldsOfNewerVersions) {
    const RelayUrl url = makeUrl();
    EXPECT_EQ(
        parseRelayUrl(std::string(" \n").append(formatRelayUrl(url)).append("&more=1&flag\r\n")).value(),
        url);
}

TEST(RelayUrl, refusesWhatIsNone) {
    const std::string good = formatRelayUrl(makeUrl());
    const std::string key = good.substr(good.find('/', 12) + 1, 43);
    const auto with = [&](std::string address) { return "landline://" + std::move(address) + "/" + key; };
    ASSERT_TRUE(parseRelayUrl(with("h:1")));
    const struct {
        const char* name;
        std::string text;
        ErrorCode code;
    } cases[] = {
        {"nothing", "", ErrorCode::Malformed},
        {"another scheme", "https://relay.example.org:1/" + key, ErrorCode::Malformed},
        {"a contact link", "landline://contact/" + key, ErrorCode::Malformed},
        {"no port", with("relay.example.org"), ErrorCode::Malformed},
        {"port 0", with("h:0"), ErrorCode::Malformed},
        {"a port too high", with("h:65536"), ErrorCode::Malformed},
        {"a negative port", with("h:-1"), ErrorCode::Malformed},
        {"no host", with(":1"), ErrorCode::Malformed},
        {"a host with a space", with("a b:1"), ErrorCode::Malformed},
        {"IPv6 without brackets", with("::1:5"), ErrorCode::Malformed},
        {"brackets around a name", with("[abc]:5"), ErrorCode::Malformed},
        {"a long host", with(std::string(254, 'h') + ":1"), ErrorCode::Malformed},
        {"no key", "landline://h:1", ErrorCode::Malformed},
        {"a short key", "landline://h:1/" + key.substr(1), ErrorCode::Malformed},
        {"a long key", "landline://h:1/A" + key, ErrorCode::Malformed},
        {"a key of other letters", "landline://h:1/" + std::string(43, '!'), ErrorCode::Malformed},
        {"something behind the key", "landline://h:1/" + key + "/x", ErrorCode::Malformed},
        {"half an invite", "landline://h:1/" + key + "?invite=AAAA", ErrorCode::Malformed},
        {"too long", with("h:1") + "?" + std::string(limits::kRelayUrlBytes, 'x'), ErrorCode::TooLarge},
    };
    for (const auto& one : cases) {
        const auto read = parseRelayUrl(one.text);
        ASSERT_FALSE(read) << one.name;
        EXPECT_EQ(read.error().code, one.code) << one.name;
        EXPECT_FALSE(read.error().text.empty()) << one.name;
    }
}

TEST(RelayGrant, comesBackAndRefusesWhatIsNone) {
    test::SeededRandom random(4);
    RelayGrant grant{makeUrl("[2001:db8::1]"), random.make<RelayToken>()};
    grant.relay.invite.reset();
    const std::string text = formatRelayGrant(grant);
    EXPECT_EQ(parseRelayGrant(text), grant);
    EXPECT_EQ(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:[]/"),
              std::string::npos);
    for (std::size_t length = 0; length < text.size(); ++length)
        EXPECT_FALSE(parseRelayGrant(text.substr(0, length)));
    EXPECT_FALSE(parseRelayGrant(text + "/x"));
}

}  // namespace
}  // namespace landline::identity
