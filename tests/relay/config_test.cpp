#include "relay/config.h"
#include "relay/config_values.h"

#include <gtest/gtest.h>

namespace landline::relay {
namespace {

struct Case {
    const char* text;
    std::size_t line;
    const char* says;
};

TEST(RelayConfig, namesEveryErrorWithItsLine) {
    const Case cases[] = {
        {"lisen = 0.0.0.0:1", 1, "did you mean \"listen\"?"},
        {"\n\nfrobnicate = 1", 3, "there is no setting \"frobnicate\"."},
        {"clients", 1, "is not \"name = value\""},
        {"clients = many", 1, "\"many\" is not a whole number from 1 to 1000000."},
        {"clients = 0", 1, "whole number"},
        {"clients = 99999999999999999999999", 1, "whole number"},
        {"clients = 5\nclients = 6", 2, "a second time"},
        {"listen = 0.0.0.0", 1, "is not HOST:PORT"},
        {"listen = 0.0.0.0:0", 1, "is not HOST:PORT"},
        {"listen = ::1:47475", 1, "is not HOST:PORT"},
        {"listen = [::1:47475", 1, "is not HOST:PORT"},
        {"listen = a:1, a:1", 1, "named twice"},
        {"listen = a:1,", 1, "is not HOST:PORT"},
        {"time-to-live = 14", 1, "a time from 1 h to 30 days"},
        {"time-to-live = 31 days", 1, "a time from 1 h to 30 days"},
        {"time-to-live = 99999999999999999 days", 1, "a time from"},
        {"store-size = 64", 1, "a size such as 64 MiB"},
        {"store-size = 64 MB", 1, "a size such as 64 MiB"},
        {"store-size = 18446744073709551615 TiB", 1, "a size such as 64 MiB"},
        {"quota = 64 MiB", 1, "a size and a number of messages"},
        {"quota = 64 MiB, 0 messages", 1, "whole number"},
        {"quota.Big = 1 GiB, 5 messages", 1, "small letters"},
        {"quota. = 1 GiB, 5 messages", 1, "small letters"},
        {"directory = yes", 1, "neither \"on\" nor \"off\""},
        {"metrics = 0.0.0.0:9100", 1, "for this machine only"},
        {"metrics = 127.example.org:9100", 1, "for this machine only"},
        {"metrics = 127.0.1:9100", 1, "for this machine only"},
        {"folder =", 1, "a folder is missing"},
    };
    for (const Case& one : cases) {
        const ParsedConfig parsed = parseConfig(one.text);
        ASSERT_EQ(parsed.errors.size(), 1U) << one.text;
        EXPECT_EQ(parsed.errors[0].line, one.line) << one.text;
        EXPECT_NE(parsed.errors[0].text.find(one.says), std::string::npos)
            << one.text << " gave: " << parsed.errors[0].text;
    }
    EXPECT_EQ(parseConfig("a = 1\nclients = x\nb\n").errors.size(), 3U);
}

TEST(RelayConfig, readsWhatOperatorsWrite) {
    const ParsedConfig parsed = parseConfig(
        "# a comment\r\n"
        "listen = [::]:4000, 10.0.0.1:4001   # and another\r\n"
        "public=relay.example.org:443\n"
        "\ttime-to-live = 1 day\n"
        "quota = 1GiB , 500 messages\n"
        "quota.staff = 2 GiB, 7 messages\n"
        "open = on\n"
        "directory = on\n"
        "metrics = 127.0.0.1:9100");
    ASSERT_TRUE(parsed.errors.empty()) << parsed.errors[0].text;
    const RelayConfig& config = parsed.config;
    EXPECT_EQ(config.listen, (std::vector<HostPort>{{"::", 4000}, {"10.0.0.1", 4001}}));
    EXPECT_EQ(config.publicAddress, (HostPort{"relay.example.org", 443}));
    EXPECT_EQ(config.timeToLive, std::chrono::hours(24));
    EXPECT_EQ(config.quota.bytes, 1ULL << 30);
    EXPECT_EQ(config.quota.items, 500U);
    EXPECT_EQ(config.quota.senderItems, 250U);
    EXPECT_EQ(config.quotaClasses.at("staff").bytes, 2ULL << 30);
    EXPECT_TRUE(config.open);
    EXPECT_FALSE(RelayConfig().open) << "an operator's choice";
    EXPECT_TRUE(config.directory);
    EXPECT_EQ(config.metrics, (HostPort{"127.0.0.1", 9100}));
    EXPECT_EQ(config.clients, RelayConfig().clients);
}

TEST(RelayConfig, aCommentBeginsWithTheLineOrAfterABlank) {
    const auto folder = [](const char* text) { return parseConfig(text).config.folder; };
    EXPECT_EQ(folder("folder = /srv/relay#2"), "/srv/relay#2");
    EXPECT_EQ(folder("folder = /srv/relay#2 # the second"), "/srv/relay#2");
    EXPECT_EQ(folder("folder = /srv/relay\t#2"), "/srv/relay");
    EXPECT_EQ(folder("#folder = /srv/relay"), RelayConfig().folder);
    EXPECT_EQ(folder(" # folder = /srv/relay"), RelayConfig().folder);
}

TEST(RelayConfig, writesWhatItReads) {
    RelayConfig config;
    config.listen = {{"::1", 5}, {"localhost", 6}};
    config.publicAddress = {"2001:db8::1", 7};
    config.folder = "/var/lib/landline";
    config.timeToLive = std::chrono::seconds(3 * 3600 + 60);
    config.quota = Quota{5ULL << 40, 8, 5ULL << 39, 4};
    config.quotaClasses["small"] = Quota{1024, 2, 512, 1};
    config.storeBytes = 3 << 20;
    config.clients = 9;
    config.unauthenticated = 10;
    config.backlog = 11;
    config.handshakesPerAddress = 12;
    config.requestsPerDevice = 13;
    config.open = true;
    config.directory = true;
    config.logAddresses = true;
    config.metrics = {"::1", 14};
    const ParsedConfig again = parseConfig(configText(config));
    ASSERT_TRUE(again.errors.empty()) << again.errors[0].text;
    EXPECT_EQ(again.config, config);
    // The file of the defaults sets nothing, and nothing in it is wrong once it is no comment any more.
    std::string all = configText(RelayConfig());
    EXPECT_EQ(parseConfig(all).config, RelayConfig());
    for (std::size_t at = 0; (at = all.find("\n#", at)) != std::string::npos;)
        if (const bool isSetting = all[at + 2] != ' '; isSetting)
            all.erase(at + 1, 1);
        else
            ++at;
    const ParsedConfig uncommented = parseConfig(all);
    EXPECT_TRUE(uncommented.errors.empty()) << uncommented.errors[0].text << all;
}

TEST(RelayConfig, tellsWhatNeedsAStart) {
    RelayConfig other;
    EXPECT_TRUE(needRestart(RelayConfig(), other).empty());
    other.clients = 5;
    other.quota.items = 4;
    EXPECT_TRUE(needRestart(RelayConfig(), other).empty());
    other.listen = {{"::", 9}};
    other.backlog = 3;
    EXPECT_EQ(needRestart(RelayConfig(), other), (std::vector<std::string>{"listen", "backlog"}));
}

TEST(RelayConfig, sizesAndTimesGoBothWays) {
    for (const std::uint64_t bytes : {1024ULL, 1536ULL << 10, 1ULL << 40, (1ULL << 40) + 1024})
        EXPECT_EQ(values::size(values::sizeText(bytes)).value(), bytes);
    for (const int time : {3600, 3660, 86'400, 2 * 86'400, 30 * 86'400}) {
        const std::chrono::seconds wanted(time);
        EXPECT_EQ(values::time(values::timeText(wanted), std::chrono::seconds(1), std::chrono::hours(9999)).value(),
                  wanted);
    }
    EXPECT_EQ(values::timeText(std::chrono::hours(24)), "1 day");
    EXPECT_EQ(values::timeText(std::chrono::hours(48)), "2 days");
}

}  // namespace
}  // namespace landline::relay
