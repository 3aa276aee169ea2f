#include "p2p/wire/entry.h"

#include "p2p/base/limits.h"
#include "tests/support/seeded_random.h"

#include <gtest/gtest.h>

namespace landline::wire {
namespace {

const EntryRef kRef{*DeviceId::from(Bytes(32, 9)), 4};
const Hash128 kSalt = *Hash128::from(Bytes(16, 1));
const ListingRef kListing{3, 100, *ChunkDigest::from(Bytes(32, 6))};

TEST(Payload, everyContentComesBack) {
    const TransferId transfer = *TransferId::from(Bytes(16, 5));
    const Content contents[] = {Text{"hello 你好", {}},
                                Text{"re", kRef},
                                Edit{kRef, "new"},
                                Delete{kRef},
                                Reaction{kRef, "👍", true},
                                FileOffer{transfer, "a.txt", 5, "text/plain", 77, {}},
                                FileOffer{transfer, "photos", limits::kOfferBytes, "", 77, kListing}};
    for (const Content& content : contents) {
        const auto parsed = parsePayload(kindOf(content), encodePayload(content, kSalt));
        ASSERT_TRUE(parsed) << parsed.error().text;
        EXPECT_EQ(*parsed, content);
    }
}

TEST(Payload, unknownKindIsKeptAsUnknown) {
    const auto parsed = parsePayload(99, encodePayload(UnknownContent{99}, kSalt));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, Content(UnknownContent{99}));
}

TEST(Payload, refusesContentOfAnotherKindThanTheHeaderSays) {
    EXPECT_FALSE(parsePayload(std::uint32_t(ContentKind::Edit), encodePayload(Text{"x", {}}, kSalt)));
}

TEST(Payload, refusesInvalidUtf8) {
    Bytes bytes = encodePayload(Text{"abc", {}}, kSalt);
    bytes.back() = 0xFF;
    EXPECT_FALSE(parsePayload(std::uint32_t(ContentKind::Text), bytes));
}

TEST(Payload, refusesOverLimitAndReferencesToNothing) {
    EXPECT_EQ(parsePayload(2, Bytes(limits::kEntryPayload + 1)).error().code, ErrorCode::TooLarge);
    const Content nowhere = Delete{{kRef.author, 0}};
    EXPECT_FALSE(parsePayload(kindOf(nowhere), encodePayload(nowhere, kSalt)));
    const Content silent = Reaction{kRef, "", false};
    EXPECT_FALSE(parsePayload(kindOf(silent), encodePayload(silent, kSalt)));
}

TEST(Payload, refusesOffersOfMoreThanThereCanBe) {
    const auto isRead = [](const FileOffer& offer) {
        return parsePayload(kindOf(offer), encodePayload(offer, kSalt)).ok();
    };
    FileOffer offer{*TransferId::from(Bytes(16, 5)), "photos", 5, "", 77, {}};
    for (const std::uint64_t size : {limits::kOfferBytes + 1, std::uint64_t(1) << 63, UINT64_MAX}) {
        offer.size = size;
        EXPECT_FALSE(isRead(offer)) << size;
    }
    offer.size = 5;
    for (const std::string& name :
         {std::string(300, 'x'), std::string("a\xff"), std::string("\xed\xa0\x80")}) {
        offer.name = name;
        EXPECT_FALSE(isRead(offer)) << name;
    }
    offer.name = "photos";
    offer.listing = kListing;
    EXPECT_TRUE(isRead(offer));
    for (const std::uint32_t items : {0U, 200'001U, UINT32_MAX}) {
        offer.listing->items = items;
        EXPECT_FALSE(isRead(offer)) << items;
    }
    offer.listing = kListing;
    for (const std::uint64_t bytes :
         {std::uint64_t(0), limits::kListingBytes + std::uint64_t(1), UINT64_MAX}) {
        offer.listing->bytes = bytes;
        EXPECT_FALSE(isRead(offer)) << bytes;
    }
}

TEST(Payload, anOfferOfOneKindIsNotTakenForTheOther) {
    const FileOffer file{*TransferId::from(Bytes(16, 5)), "a.txt", 5, "", 77, {}};
    FileOffer bundle = file;
    bundle.listing = kListing;
    EXPECT_FALSE(parsePayload(kindOf(bundle), encodePayload(file, kSalt)));
    EXPECT_FALSE(parsePayload(kindOf(file), encodePayload(bundle, kSalt)));
}

TEST(EntryHeader, comesBackAndNeedsItsIds) {
    EntryHeader header;
    header.conversation = *ConversationId::from(Bytes(32, 1));
    header.author = kRef.author;
    header.number = 2;
    header.previous = *Hash256::from(Bytes(32, 3));
    header.clock = 1ULL << 60;
    header.kind = 2;
    header.payloadHash = *Hash256::from(Bytes(32, 4));
    EXPECT_EQ(parseEntryHeader(encodeEntryHeader(header)).value(), header);
    header.number = 0;
    EXPECT_FALSE(parseEntryHeader(encodeEntryHeader(header)));
    EXPECT_FALSE(parseEntryHeader(Bytes{}));
    EXPECT_FALSE(parseEntryHeader(Bytes(limits::kEntryHeader + 1)));
}

}  // namespace
}  // namespace landline::wire
