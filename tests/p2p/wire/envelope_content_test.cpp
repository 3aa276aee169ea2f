#include "p2p/wire/envelope_content.h"

#include "p2p/base/limits.h"

#include <gtest/gtest.h>

namespace landline::wire {
namespace {

const ConversationId kConversation = *ConversationId::from(Bytes(32, 1));
const DeviceId kAuthor = *DeviceId::from(Bytes(32, 2));
const Signature kSignature = *Signature::from(Bytes(64, 3));
const SignedEntry kEntry{Bytes{1, 2}, kSignature, Bytes{3}, {}};

EnvelopeContent full() {
    SignedEntry erased = kEntry;
    erased.payload.clear();
    erased.erasure = ErasureProof{Bytes{1}, kSignature, Bytes{2}, Bytes{3}};
    return {Bytes(233, 4),
            "Ann",
            {{{"landline://relay.example:4747/k", *RelayToken::from(Bytes(16, 5))}}, false},
            {{kConversation, kAuthor, 7, {kEntry, erased}}, {kConversation, kAuthor, 20, {kEntry}}},
            {{Bytes{9, 9}, kSignature}},
            12,
            {{kConversation, kAuthor, {kEntry, kEntry}}}};
}

TEST(EnvelopeContent, comesBack) {
    EnvelopeContent none;
    none.told.areNone = true;
    for (const EnvelopeContent& content : {full(), none, EnvelopeContent{}}) {
        const auto parsed = parseEnvelopeContent(encodeEnvelopeContent(content));
        ASSERT_TRUE(parsed) << parsed.error().text;
        EXPECT_EQ(*parsed, content);
    }
}

TEST(EnvelopeContent, theLargestEntryFits) {
    const SignedEntry largest{Bytes(limits::kEntryHeader), kSignature, Bytes(limits::kEntryPayload), {}};
    EnvelopeContent content = full();
    content.entries = {{kConversation, kAuthor, ~0ULL, {largest}}};
    content.name = std::string(limits::kNameBytes, 'x');
    content.edition = ~0ULL;
    content.forks.clear();
    EXPECT_LE(encodeEnvelopeContent(content).size() + 4, limits::kEnvelopeContent);
    const SignedEntry erased{
        Bytes(limits::kEntryHeader),
        kSignature,
        {},
        ErasureProof{Bytes(limits::kEntryHeader), kSignature, Bytes(limits::kEntryPayload), Bytes(233)}};
    content.entries = {{kConversation, kAuthor, ~0ULL, {erased}}};
    EXPECT_LE(encodeEnvelopeContent(content).size() + 4, limits::kEnvelopeContent);
}

TEST(EnvelopeContent, refusesWhatIsOverALimitOrBroken) {
    EnvelopeContent content = full();
    content.entries.assign(limits::kEntriesPerEnvelope + 1,
                           {kConversation, kAuthor, 1, {SignedEntry{{}, kSignature, {}, {}}}});
    EXPECT_FALSE(parseEnvelopeContent(encodeEnvelopeContent(content)));
    content = full();
    content.entries[0].entries.clear();
    EXPECT_FALSE(parseEnvelopeContent(encodeEnvelopeContent(content)));
    content = full();
    content.heads.assign(limits::kHeadsPerEnvelope + 1, content.heads[0]);
    EXPECT_FALSE(parseEnvelopeContent(encodeEnvelopeContent(content)));
    content = full();
    content.told.relays.assign(limits::kRelaysPerContact + 1, content.told.relays[0]);
    EXPECT_FALSE(parseEnvelopeContent(encodeEnvelopeContent(content)));
    content = full();
    content.name = std::string(limits::kNameBytes + 1, 'x');
    EXPECT_FALSE(parseEnvelopeContent(encodeEnvelopeContent(content)));
    content = full();
    content.told.areNone = true;
    EXPECT_FALSE(parseEnvelopeContent(encodeEnvelopeContent(content))) << "it names a relay and none";
    content = full();
    content.forks.assign(limits::kForksPerEnvelope + 1, content.forks[0]);
    EXPECT_FALSE(parseEnvelopeContent(encodeEnvelopeContent(content)));
    content = full();
    content.forks[0].headers.assign(limits::kForkHeaders + 1, kEntry);
    EXPECT_FALSE(parseEnvelopeContent(encodeEnvelopeContent(content)));
    EXPECT_FALSE(parseEnvelopeContent(Bytes{0xFF}));
    EXPECT_EQ(parseEnvelopeContent(Bytes(limits::kEnvelopeContent + 1)).error().code, ErrorCode::TooLarge);
}

TEST(HeadsStatement, comesBackAndIsBounded) {
    const AuthorHead head{kAuthor, 0, {}, 5, *Hash128::from(Bytes(16, 4)), 2};
    HeadsStatement statement{kAuthor, 12, {{kConversation, {head}, true}}, 3};
    EXPECT_EQ(parseHeadsStatement(encodeHeadsStatement(statement)).value(), statement);
    statement.heads.assign(limits::kConversationsPerDigest + 1, {kConversation, {}, true});
    EXPECT_FALSE(parseHeadsStatement(encodeHeadsStatement(statement)));
    EXPECT_FALSE(parseHeadsStatement(Bytes{0xFF}));
    EXPECT_FALSE(parseHeadsStatement({})) << "it names no device";
}

}  // namespace
}  // namespace landline::wire
