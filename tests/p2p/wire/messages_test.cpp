#include "p2p/wire/messages.h"

#include "p2p/base/limits.h"

#include <gtest/gtest.h>

namespace landline::wire {
namespace {

const ConversationId kChat = *ConversationId::from(Bytes(32, 1));
const DeviceId kWriter = *DeviceId::from(Bytes(32, 2));
const TransferId kTransfer = *TransferId::from(Bytes(16, 3));
const ChunkDigest kDigest = *ChunkDigest::from(Bytes(32, 7));
const Hash128 kHash = *Hash128::from(Bytes(16, 4));
const SignedEntry kSentEntry{Bytes{1, 2}, *Signature::from(Bytes(64, 5)), Bytes{3}, {}};
const SignedEntry kErased{Bytes{1, 2}, *Signature::from(Bytes(64, 5)), {},
                          ErasureProof{Bytes{1}, *Signature::from(Bytes(64, 6)), Bytes{2}, Bytes{3}}};

TEST(Messages, everyKindComesBack) {
    AuthorHead head;
    head.author = kWriter;
    head.baseNumber = 2;
    head.baseHash = *Hash256::from(Bytes(32, 8));
    head.number = 7;
    head.hash = kHash;
    head.read = 3;
    const Message messages[] = {
        Hello{Bytes{1}, 1, 2, 3, 4, true, "Ann", kTransfer}, Hello{}, Ping{5}, Pong{6}, Rekey{},
        Close{CloseReason::Violation, "why"}, HeadsDigest{{{kChat, kHash}}},
        Heads{kChat, {head, AuthorHead{kWriter, 0, {}, 0, {}, 0}}, true},
        Entries{kChat, kWriter, 9, {kSentEntry, kErased}}, ForkEvidence{kChat, kWriter, {kSentEntry}},
        Typing{kChat, true}, Profile{"Ann", Presence::Busy, "in a meeting"},
        Profile{"Ann", Presence::Away, "", {{{"landline://relay.example:4747/k", *RelayToken::from(Bytes(16, 5))}}, false}, 7},
        Profile{"Ann", Presence::Away, "", {{}, true}, 8}, DialBack{kHash},
        DialBack{kHash, kTransfer},
        FileRequest{kTransfer, 1, 2}, FileChunk{3, Bytes{4, 5}},
        FileRefused{kTransfer, FileRefusal::Changed, "it changed"}, FileCancel{kTransfer},
        FileRequest{kTransfer, 0, 7, true}, FileSkip{3, 1ULL << 40, ItemFailure::Changed},
        FileCheck{kTransfer, 5, 2 * limits::kFileChunk - 1, {kDigest, kDigest}}, FileChecked{5, Bytes{2}}};
    for (const Message& message : messages) {
        const auto decoded = decodeMessage(encodeMessage(message));
        ASSERT_TRUE(decoded) << message.index() << decoded.error().text;
        EXPECT_EQ(*decoded, message) << message.index();
    }
}

TEST(Messages, unknownFrameIsToleratedAndGarbageIsNot) {
    // Field 1000 with an empty message: a kind of a newer version.
    EXPECT_EQ(decodeMessage(Bytes{0xC2, 0x3E, 0x00}).value(), Message(UnknownFrame{}));
    EXPECT_FALSE(decodeMessage(Bytes{0xFF, 0xFF, 0xFF}));
    EXPECT_FALSE(decodeMessage(Bytes(limits::kFramePlaintext + 1)));
}

TEST(Messages, refusesListsAndNamesOverTheirLimits) {
    Heads heads{kChat, std::vector<AuthorHead>(limits::kHeadsPerMessage + 1, AuthorHead{kWriter, 0, {}, 0, {}, 0}), true};
    EXPECT_FALSE(decodeMessage(encodeMessage(heads)));
    Entries entries{kChat, kWriter, 1, std::vector<SignedEntry>(limits::kEntriesPerMessage + 1, kSentEntry)};
    EXPECT_FALSE(decodeMessage(encodeMessage(entries)));
    Hello hello;
    hello.name = std::string(limits::kNameBytes + 1, 'x');
    EXPECT_FALSE(decodeMessage(encodeMessage(hello)));
    Profile profile{"a", Presence::Online, std::string(limits::kStatusTextBytes + 1, 'x')};
    EXPECT_FALSE(decodeMessage(encodeMessage(profile)));
}

TEST(Messages, refusesHeadsBelowTheirBaseAndEntriesFromZero) {
    AuthorHead head{kWriter, 5, *Hash256::from(Bytes(32, 1)), 4, kHash, 0};
    EXPECT_FALSE(decodeMessage(encodeMessage(Heads{kChat, {head}, false})));
    EXPECT_FALSE(decodeMessage(encodeMessage(Entries{kChat, kWriter, 0, {kSentEntry}})));
}

TEST(Messages, refusesChecksWithoutADigestForEachPiece) {
    constexpr std::uint64_t kPiece = limits::kFileChunk;
    const auto isRead = [](std::uint64_t length, std::size_t digests) {
        const FileCheck check{kTransfer, 0, length, std::vector<ChunkDigest>(digests, kDigest)};
        return decodeMessage(encodeMessage(check)).ok();
    };
    EXPECT_TRUE(isRead(1, 1));
    EXPECT_TRUE(isRead(limits::kFileCheckPieces * kPiece, limits::kFileCheckPieces));
    const std::pair<std::uint64_t, std::size_t> wrong[] = {
        {0, 0}, {0, 1}, {kPiece + 1, 1}, {kPiece, 2}, {UINT64_MAX, 1},
        {limits::kFileCheckPieces * kPiece + 1, limits::kFileCheckPieces + 1}};
    for (const auto& [length, digests] : wrong) EXPECT_FALSE(isRead(length, digests)) << length << ' ' << digests;
    EXPECT_FALSE(decodeMessage(encodeMessage(FileChecked{0, Bytes(limits::kFileCheckPieces / 8 + 1)})));
}

TEST(Messages, erasureProofComesBack) {
    EXPECT_EQ(parseErasureProof(encodeErasureProof(*kErased.erasure)).value(), *kErased.erasure);
}

TEST(Chunk, isWrittenAsProtobufWritesIt) {
    for (const std::uint64_t offset : {std::uint64_t(0), std::uint64_t(1), std::uint64_t(127),
                                       std::uint64_t(128), std::uint64_t(1) << 40, ~std::uint64_t(0)}) {
        for (const std::size_t bytes : {1U, 100U, 117U, 127U, 128U, 16'000U, 16'384U, 61'440U}) {
            const FileChunk chunk{offset, Bytes(bytes, 5)};
            Bytes ours;
            appendChunkHead(ours, offset, bytes);
            append(ours, chunk.data);
            EXPECT_EQ(ours, encodeMessage(chunk)) << offset << ", " << bytes;
        }
    }
}

TEST(Chunk, isFoundWhereItsDataLies) {
    Bytes frame = encodeMessage(FileChunk{300, Bytes{1, 2, 3}});
    const auto found = findChunk(frame);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->offset, 300U);
    EXPECT_EQ(toBytes(found->data), (Bytes{1, 2, 3}));
    EXPECT_EQ(found->data.data() + 3, frame.data() + frame.size());
}

TEST(Chunk, isNotFoundInAnythingElse) {
    const std::vector<Message> others{FileSkip{1, 2, {}}, FileChunk{1, {}}, FileChunk{}, Ping{1},
                                      UnknownFrame{}};
    for (const Message& other : others) {
        Bytes frame = encodeMessage(other);
        EXPECT_FALSE(findChunk(frame));
    }
    // Whatever of a chunk is missing, or stands behind it, or has become another byte: it is left to Protobuf, or means
    // the same to both.
    const Bytes frame = encodeMessage(FileChunk{300, Bytes(200, 1)});
    for (std::size_t length = 0; length < frame.size(); ++length) {
        Bytes cut(frame.begin(), frame.begin() + std::ptrdiff_t(length));
        EXPECT_FALSE(findChunk(cut)) << length;
    }
    Bytes longer = frame;
    longer.push_back(0);
    EXPECT_FALSE(findChunk(longer));
    for (std::size_t at = 0; at < 16; ++at) {
        for (unsigned value = 0; value < 256; ++value) {
            Bytes changed = frame;
            changed[at] = static_cast<std::uint8_t>(value);
            const auto found = findChunk(changed);
            if (!found) continue;
            const auto decoded = decodeMessage(changed);
            ASSERT_TRUE(decoded) << at << ", " << value;
            EXPECT_EQ(*decoded, Message(FileChunk{found->offset, toBytes(found->data)}))
                << at << ", " << value;
        }
    }
}

}  // namespace
}  // namespace landline::wire
