#include "p2p/wire/entry.h"

#include "p2p/base/limits.h"
#include "tests/support/seeded_random.h"

#include <gtest/gtest.h>

namespace landline::wire {
namespace {

const EntryRef kRef{*DeviceId::from(Bytes(32, 9)), 4};
const Hash128 kSalt = *Hash128::from(Bytes(16, 1));

TEST(Payload, everyContentComesBack) {
    const TransferId transfer = *TransferId::from(Bytes(16, 5));
    const Content contents[] = {Text{"hello 你好", {}}, Text{"re", kRef},         Edit{kRef, "new"},
                                Delete{kRef},          Reaction{kRef, "👍", true}, FileOffer{transfer, "a.txt", 5, "text/plain", 77}};
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
