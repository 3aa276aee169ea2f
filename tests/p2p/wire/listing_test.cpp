#include "p2p/wire/listing.h"

#include "p2p/base/limits.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstring>

namespace landline::wire {
namespace {

ListingItem file(std::string path, std::uint64_t size = 1) {
    return {std::move(path), size, 1'700'000'000'123, false, false};
}
ListingItem folder(std::string path) {
    return {std::move(path), 0, 1'700'000'000'123, false, true};
}
Expected<Listing> roundTrip(std::vector<ListingItem> items) {
    return parseListing(encodeListing({std::move(items)}));
}

TEST(Listing, bringsEveryItemAsItWas) {
    std::vector<ListingItem> items{folder("照片"), folder("照片/空"), file("照片/a b.jpg", 0),
                                   file("照片/big", 1ULL << 40)};
    items.back().executable = true;
    items.front().modified = -5;
    const auto listing = roundTrip(items);
    ASSERT_TRUE(listing);
    EXPECT_EQ(listing->items, items);
    EXPECT_EQ(listing->contentBytes(), 1ULL << 40);
}

TEST(Listing, refusesPathsThatLeadElsewhere) {
    const std::string deep = [] {
        std::string path = "a";
        for (std::size_t i = 0; i < limits::kListingDepth; ++i) path += "/a";
        return path;
    }();
    for (const std::string& path :
         {std::string(), std::string("/etc/passwd"), std::string(".."), std::string("../x"), std::string("."),
          std::string("x/"), std::string("x//y"), std::string("x/../../y"), std::string("x/./y"),
          std::string("a\0b", 3), std::string(limits::kFileNameBytes + 1, 'x'), deep}) {
        EXPECT_FALSE(roundTrip({folder("x"), file(path)})) << path.size() << ' ' << path;
    }
}

TEST(Listing, refusesItemsThatDoNotFitTogether) {
    EXPECT_FALSE(roundTrip({file("a"), file("a")}));
    EXPECT_FALSE(roundTrip({file("a/b")}));
    EXPECT_FALSE(roundTrip({file("a"), file("a/b")}));
    EXPECT_FALSE(roundTrip({file("a/b"), folder("a")}));
    ListingItem heavy = folder("a");
    heavy.size = 1;
    EXPECT_FALSE(roundTrip({heavy}));
}

TEST(Listing, refusesSizesThatOverflow) {
    EXPECT_FALSE(roundTrip({file("a", 1ULL << 63)}));
    EXPECT_FALSE(roundTrip({file("a", limits::kOfferBytes), file("b")}));
    EXPECT_FALSE(roundTrip({file("a", limits::kOfferBytes), file("b", UINT64_MAX)}));
    EXPECT_TRUE(roundTrip({file("a", limits::kOfferBytes)}));
}

TEST(Listing, refusesTooManyItems) {
    std::vector<ListingItem> items;
    for (std::size_t i = 0; i <= limits::kListingItems; ++i) items.push_back(file(std::to_string(i), 0));
    EXPECT_EQ(roundTrip(items).error().code, ErrorCode::TooLarge);
    items.pop_back();
    EXPECT_TRUE(roundTrip(items));
}

TEST(Listing, refusesMillionsOfEmptyItemsBeforeItHoldsThem) {
    Bytes bytes;
    for (std::size_t i = 0; i < 2'000'000; ++i) append(bytes, Bytes{0x0A, 0x00});
    EXPECT_EQ(parseListing(bytes).error().code, ErrorCode::TooLarge);
    EXPECT_EQ(parseListing(Bytes(limits::kListingBytes + 1)).error().code, ErrorCode::TooLarge);
}

/// Paths of 16 letters that the standard library's hash of strings (MurmurHash64A with a fixed seed, in libstdc++) makes
/// one number of: the second eight bytes undo what the first eight did.
std::vector<ListingItem> filesOfOneHash(std::size_t count) {
    constexpr std::uint64_t kFactor = 0xC6A4A7935BD1E995;
    constexpr std::uint64_t kSeed = 0xC70F6907;
    std::uint64_t inverse = kFactor;
    for (int i = 0; i < 6; ++i) inverse *= 2 - kFactor * inverse;
    const auto mix = [](std::uint64_t block) {
        block *= kFactor;
        return (block ^ (block >> 47)) * kFactor;
    };
    const auto unmix = [&](std::uint64_t block) {
        block *= inverse;
        return (block ^ (block >> 47)) * inverse;
    };
    const std::uint64_t target = 0x1234567890ABCDEF;
    std::vector<ListingItem> files;
    for (std::uint64_t number = 0; files.size() < count; ++number) {
        char path[17] = {};
        for (std::size_t i = 0; i < 8; ++i) path[i] = static_cast<char>('a' + ((number >> (4 * i)) & 15));
        std::uint64_t first = 0;
        std::memcpy(&first, path, 8);
        const std::uint64_t state = ((kSeed ^ (16 * kFactor)) ^ mix(first)) * kFactor;
        const std::uint64_t second = unmix(state ^ target);
        std::memcpy(path + 8, &second, 8);
        const bool isPlain =
            std::all_of(path + 8, path + 16, [](char c) { return c > ' ' && c < 127 && c != '/'; });
        if (isPlain) files.push_back(file(std::string(path, 16), 0));
    }
    return files;
}

TEST(Listing, isReadAsFastWhateverItsPathsAre) {
    using Clock = std::chrono::steady_clock;
    constexpr std::size_t kCount = 50'000;
    const auto timeToRead = [](std::vector<ListingItem> items) {
        const Bytes bytes = encodeListing({std::move(items)});
        const auto before = Clock::now();
        EXPECT_TRUE(parseListing(bytes));
        return Clock::now() - before;
    };
    std::vector<ListingItem> ordinary;
    for (std::size_t i = 0; i < kCount; ++i)
        ordinary.push_back(file(std::to_string(10'000'000'000'000'000 + i), 0));
    const auto chosen = filesOfOneHash(kCount);
    EXPECT_LT(timeToRead(chosen), 10 * timeToRead(ordinary) + std::chrono::milliseconds(500));
}

TEST(Listing, refusesWhatIsCutOrDamaged) {
    const Bytes whole = encodeListing({{folder("照片"), file("照片/a", 7)}});
    for (std::size_t length = 1; length < whole.size(); ++length) {
        const auto cut = parseListing(ByteView(whole).first(length));
        EXPECT_TRUE(!cut || cut->items.size() < 2) << length;
    }
    Bytes noUtf8 = encodeListing({{file("abc")}});
    noUtf8[4] = 0xFF;
    EXPECT_FALSE(parseListing(noUtf8));
    EXPECT_FALSE(parseListing(Bytes{0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F}));
    EXPECT_FALSE(parseListing(Bytes{0x0A, 0x05, 0x0A, 0x01}));
    EXPECT_FALSE(parseListing(Bytes{0x0A, 0x02, 0x0A, 0x05, 'a', 'b', 'c', 'd', 'e'}));
}

TEST(Listing, toleratesFieldsOfANewerVersion) {
    Bytes bytes = encodeListing({{file("a")}});
    append(bytes, Bytes{0x92, 0x3F, 0x01, 'x'});
    const auto listing = parseListing(bytes);
    ASSERT_TRUE(listing);
    EXPECT_EQ(listing->items, std::vector<ListingItem>{file("a")});
}

}  // namespace
}  // namespace landline::wire
