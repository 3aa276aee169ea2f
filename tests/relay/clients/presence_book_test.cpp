// Who watches whom, and what that costs.
#include "relay/clients/presence_book.h"

#include "p2p/base/limits.h"
#include "tests/support/seeded_random.h"

#include <gtest/gtest.h>

#include <ctime>

namespace landline::relay {
namespace {

std::vector<Addressee> somebody(std::size_t count) {
    test::SeededRandom random(7);
    std::vector<Addressee> devices;
    for (std::size_t at = 0; at < count; ++at) devices.push_back({random.make<DeviceId>(), random.make<RelayToken>()});
    return devices;
}

TEST(PresenceBook, whatAGuestMakesUpIsNotKept) {
    PresenceBook book;
    const std::vector<Addressee> devices = somebody(256);
    std::vector<bool> good(devices.size(), false);
    good[3] = true;
    const auto told = book.watch(1, true, devices, good);
    ASSERT_TRUE(told);
    EXPECT_EQ(told->devices.size(), devices.size()) << "it hears of all that they are offline";
    EXPECT_EQ(book.watches(), 1U);
    book.come(9, devices[3].device, true);
    book.come(10, devices[4].device, true);
    EXPECT_EQ(book.takeChanges().size(), 1U);
    // A member may watch with a token before its owner has told the relay of it.
    (void)book.watch(2, false, devices, good);
    EXPECT_EQ(book.watches(), 1U + devices.size());
    book.setTokens(devices[4].device, {*devices[4].token});
    const auto changes = book.takeChanges();
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes[0].watcher, 2U);
    EXPECT_TRUE(changes[0].online);
    book.unwatch(1);
    book.unwatch(2);
    EXPECT_EQ(book.watches(), 0U);
}

TEST(PresenceBook, guestsLeaveWatchesForOthers) {
    PresenceBook book;
    const std::vector<Addressee> devices = somebody(limits::kPresenceWatches);
    const std::vector<bool> good(devices.size(), true);
    ClientId guest = 1;
    while (book.watch(guest, true, devices, good)) ASSERT_LE(++guest, limits::kRelayWatches);
    EXPECT_LE(book.watches(), limits::kRelayWatches / 4);
    EXPECT_GT(book.watches(), limits::kRelayWatches / 5);
    EXPECT_TRUE(book.watch(1'000'000, false, devices, good));
    book.unwatch(1);
    EXPECT_TRUE(book.watch(guest, true, devices, good)) << "one that left has made room";
    EXPECT_FALSE(book.watch(guest + 1, true, devices, good));
}

/// The time of this thread that `leaving` clients take to go where `all` watch the same devices.
double secondsToLeave(std::size_t leaving, std::size_t all) {
    PresenceBook book;
    const std::vector<Addressee> devices = somebody(32);
    const std::vector<bool> good(devices.size(), true);
    for (ClientId client = 1; client <= all; ++client) (void)book.watch(client, false, devices, good);
    const std::clock_t begin = std::clock();
    for (ClientId client = 1; client <= leaving; ++client) book.unwatch(client);
    return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

TEST(PresenceBook, toLeaveCostsTheSameHoweverManyWatch) {
    // Looked for among all watchers it would be thirty times as much.
    double ratio = 1e9;
    for (int turn = 0; turn < 5 && ratio > 8; ++turn)
        ratio = secondsToLeave(1'000, 30'000) / std::max(secondsToLeave(1'000, 1'000), 1e-6);
    EXPECT_LE(ratio, 8);
}

}  // namespace
}  // namespace landline::relay
