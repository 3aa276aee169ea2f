#include "p2p/identity/contact_link.h"

#include "p2p/base/limits.h"
#include "tests/support/seeded_random.h"

#include <gtest/gtest.h>

namespace landline::identity {
namespace {

ContactLink makeLink(std::uint64_t seed = 1) {
    initCrypto();
    test::SeededRandom random(seed);
    const auto person = SigningKey::generate(random);
    const auto keys = DeviceKeys::generate(random);
    return {Certificate::issue(person, keys, fromUnixMillis(1)),
            "Anna & 安娜 100%",
            {"10.1.2.3:47474", "[2001:db8::1]:5"},
            {}};
}

TEST(ContactLink, comesBackAsItWasMade) {
    const ContactLink made = makeLink();
    const std::string text = encodeContactLink(made);
    EXPECT_EQ(text.rfind("landline://contact/", 0), 0U);
    EXPECT_LE(text.size(), limits::kContactLinkBytes);
    for (const char c : text) EXPECT_TRUE(c > ' ' && c < 0x7F) << c;
    const auto read = parseContactLink(text);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->certificate, made.certificate);
    EXPECT_EQ(read->name, made.name);
    EXPECT_EQ(read->addresses, made.addresses);
}

TEST(ContactLink, passesOverWhatItDoesNotKnow) {
    const auto read = parseContactLink(encodeContactLink(makeLink()) + "&relay=somewhere&flag");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->addresses.size(), 2U);
    EXPECT_TRUE(read->relays.empty()) << "of a form that is not known";
}

TEST(ContactLink, carriesRelaysWithTheirTokens) {
    ContactLink link = makeLink();
    test::SeededRandom random(7);
    for (std::size_t i = 0; i < limits::kRelaysPerContact + 2; ++i)
        link.relays.push_back({{"[2001:db8::1]", 4747, random.make<NoiseKey>(), {}}, random.make<RelayToken>()});
    const std::string text = encodeContactLink(link);
    EXPECT_LE(text.size(), limits::kContactLinkBytes);
    const auto read = parseContactLink(text);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->addresses, link.addresses);
    link.relays.resize(limits::kRelaysPerContact);
    EXPECT_EQ(read->relays, link.relays);
}

TEST(ContactLink, takesFewAddressesAndCleansTheName) {
    ContactLink link = makeLink();
    link.name = "An\u202Ena\n";
    link.addresses.assign(limits::kCandidatesPerPeer + 5, "10.0.0.1:1");
    const auto read = parseContactLink(encodeContactLink(link));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->name, "Anna");
    EXPECT_EQ(read->addresses.size(), limits::kCandidatesPerPeer);
}

TEST(ContactLink, refusesWhatIsNone) {
    const std::string good = encodeContactLink(makeLink());
    const std::string forged = [&] {
        std::string text = good;
        char& c = text[60];
        c = c == 'A' ? 'B' : 'A';
        return text;
    }();
    const struct {
        const char* name;
        std::string text;
        ErrorCode code;
    } cases[] = {
        {"nothing", "", ErrorCode::Malformed},
        {"another link", "https://example.org/", ErrorCode::Malformed},
        {"no certificate", "landline://contact/?name=x", ErrorCode::Malformed},
        {"cut short", good.substr(0, 200), ErrorCode::Malformed},
        {"not base64", "landline://contact/" + std::string(311, '!'), ErrorCode::Malformed},
        {"a changed certificate", forged, ErrorCode::BadSignature},
        {"a broken escape", good + "%4", ErrorCode::Malformed},
        {"no UTF-8", good + "&at=%FF", ErrorCode::Malformed},
        {"too long", good + std::string(limits::kContactLinkBytes, 'x'), ErrorCode::TooLarge},
    };
    for (const auto& one : cases) {
        const auto read = parseContactLink(one.text);
        ASSERT_FALSE(read) << one.name;
        EXPECT_EQ(read.error().code, one.code) << one.name;
        EXPECT_FALSE(read.error().text.empty()) << one.name;
    }
}

}  // namespace
}  // namespace landline::identity
