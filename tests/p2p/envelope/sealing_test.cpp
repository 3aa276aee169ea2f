#include "p2p/envelope/sealing.h"

#include "p2p/base/limits.h"
#include "p2p/envelope/packing.h"
#include "tests/p2p/envelope/raw_envelope.h"
#include "tests/support/seeded_random.h"

#include <gtest/gtest.h>

#include <set>

namespace landline::envelope {
namespace {

class Sealing : public ::testing::Test {
protected:
    static wire::EnvelopeContent saying(std::size_t bytes) {
        const wire::SignedEntry entry{Bytes{1, 2}, Signature(), Bytes(bytes, 0xEE), {}};
        return {{}, {}, {}, {{ConversationId(), DeviceId(), 1, {entry}}}, {}};
    }
    /// One whose encoding has exactly so many bytes.
    static wire::EnvelopeContent ofLength(std::size_t bytes) {
        const auto encoded = [](std::size_t payload) {
            return wire::encodeEnvelopeContent(saying(payload)).size();
        };
        std::size_t payload = bytes - encoded(0);
        while (encoded(payload) > bytes) --payload;
        EXPECT_EQ(encoded(payload), bytes);
        return saying(payload);
    }
    Sealed sealed(const wire::EnvelopeContent& content) {
        const NoiseKey to[] = {m_prekey.publicKey};
        return envelope::seal(content, to, m_depositor, m_random).value();
    }
    ErrorCode failureOf(ByteView seal, Bytes body) const {
        const auto opened = open(seal, std::move(body), m_prekey);
        EXPECT_FALSE(opened);
        EXPECT_FALSE(opened.error().text.empty());
        return opened.error().code;
    }
    /// What opening an envelope gives whose padded content and payload are these.
    Expected<Opened> openedRaw(ByteView padded, ByteView payload) {
        const auto raw = test::rawEnvelope(padded, payload, m_key, m_prekey.publicKey, m_depositor, m_random);
        return open(raw.seal, raw.body, m_prekey);
    }

    test::SeededRandom m_random{1};
    identity::NoiseKeyPair m_depositor = identity::NoiseKeyPair::generate(m_random);
    noise::KeyPair m_prekey = noise::KeyPair::generate(m_random);
    noise::KeyPair m_otherPrekey = noise::KeyPair::generate(m_random);
    Secret<32> m_key = m_otherPrekey.secret.clone();
};

TEST_F(Sealing, opensForItsRecipientAndNamesItsDepositor) {
    const wire::EnvelopeContent content = saying(100);
    const Sealed one = sealed(content);
    ASSERT_EQ(one.seals.size(), 1U);
    EXPECT_EQ(one.seals[0].size(), limits::kSeal);
    const auto opened = open(one.seals[0], one.body, m_prekey);
    ASSERT_TRUE(opened) << opened.error().text;
    EXPECT_EQ(opened->content, content);
    EXPECT_EQ(opened->depositor, m_depositor.publicKey);
}

TEST_F(Sealing, isWhatTheProtocolSays) {
    Secret<32> key;
    test::SeededRandom first(7);
    first.fill(key.span());
    const Bytes content = wire::encodeEnvelopeContent(saying(10));
    Bytes padded;
    appendBe32(padded, static_cast<std::uint32_t>(content.size()));
    append(padded, content);
    padded.resize(512);
    const auto raw = test::rawEnvelope(padded, key.view(), key, m_prekey.publicKey, m_depositor, first);
    test::SeededRandom second(7);
    const NoiseKey to[] = {m_prekey.publicKey};
    const Sealed ours = envelope::seal(saying(10), to, m_depositor, second).value();
    EXPECT_EQ(toHex(ours.body), toHex(raw.body));
    EXPECT_EQ(toHex(ours.seals[0]), toHex(raw.seal));
}

TEST_F(Sealing, oneBodyServesManyRecipientsAndEachSealOnlyItsOwn) {
    std::vector<noise::KeyPair> pairs;
    std::vector<NoiseKey> keys;
    for (int i = 0; i < 20; ++i) {
        pairs.push_back(noise::KeyPair::generate(m_random));
        keys.push_back(pairs.back().publicKey);
    }
    const wire::EnvelopeContent content = saying(3000);
    const auto many = envelope::seal(content, keys, m_depositor, m_random);
    ASSERT_TRUE(many);
    ASSERT_EQ(many->seals.size(), keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
        EXPECT_EQ(open(many->seals[i], many->body, pairs[i]).value().content, content) << i;
        const auto others = open(many->seals[i], many->body, pairs[(i + 1) % pairs.size()]);
        ASSERT_FALSE(others);
        EXPECT_EQ(others.error().code, ErrorCode::BadSignature);
    }
}

TEST_F(Sealing, aRecipientCannotGiveAnotherBodyUnderTheSameSeals) {
    // Both recipients know the body key, so either could encrypt something else with it.
    const NoiseKey keys[] = {m_prekey.publicKey, m_otherPrekey.publicKey};
    test::SeededRandom random(5);
    Secret<32> bodyKey;
    test::SeededRandom(5).fill(bodyKey.span());
    const Sealed both = envelope::seal(saying(10), keys, m_depositor, random).value();
    const Bytes padded(512, 0);
    const auto forged =
        test::rawEnvelope(padded, bodyKey.view(), bodyKey, m_prekey.publicKey, m_depositor, random);
    EXPECT_EQ(failureOf(both.seals[0], forged.body), ErrorCode::BadSignature);
}

TEST_F(Sealing, noByteCanBeChanged) {
    const Sealed one = sealed(saying(100));
    for (std::size_t at = 0; at < one.seals[0].size(); ++at) {
        Bytes seal = one.seals[0];
        seal[at] ^= 0x10;
        EXPECT_EQ(failureOf(seal, one.body), ErrorCode::BadSignature) << at;
    }
    for (std::size_t at = 0; at < one.body.size(); ++at) {
        Bytes body = one.body;
        body[at] ^= 0x01;
        EXPECT_EQ(failureOf(one.seals[0], body), ErrorCode::BadSignature) << at;
    }
}

TEST_F(Sealing, lengthsThatNoneHasAreRefusedBeforeAnythingIsComputed) {
    const Sealed one = sealed(saying(100));
    Bytes seal = one.seals[0];
    seal.pop_back();
    EXPECT_EQ(failureOf(seal, one.body), ErrorCode::Malformed);
    EXPECT_EQ(failureOf({}, one.body), ErrorCode::Malformed);
    for (const std::size_t length : {std::size_t(0), std::size_t(16), one.body.size() - 1,
                                     one.body.size() + 1, limits::kEnvelopeBody + 1}) {
        Bytes body = one.body;
        body.resize(length);
        EXPECT_EQ(failureOf(one.seals[0], body), ErrorCode::Malformed) << length;
    }
}

TEST_F(Sealing, aPrekeyThatIsGoneOrNoneOpensNothing) {
    const Sealed one = sealed(saying(100));
    EXPECT_EQ(open(one.seals[0], one.body, m_otherPrekey).error().code, ErrorCode::BadSignature);
    const NoiseKey noKey[] = {NoiseKey()};  // of low order
    EXPECT_EQ(envelope::seal(saying(1), noKey, m_depositor, m_random).error().code, ErrorCode::WrongKey);
}

TEST_F(Sealing, whatItHoldsShowsInItsLengthOnlyAsAClass) {
    const std::size_t classes[] = {512, 1024, 2048, 4096, 8192, 16384, 32768, 64512};
    std::size_t lowest = 200;
    for (const std::size_t one : classes) {
        for (const std::size_t content : {lowest, lowest + 1, (lowest + one - 4) / 2, one - 5, one - 4}) {
            EXPECT_EQ(bodyBytes(content), one + 16) << content;
            if (one > 32768) continue;  // a larger payload is no entry's
            EXPECT_EQ(sealed(ofLength(content)).body.size(), one + 16) << content;
        }
        lowest = one - 3;
    }
    EXPECT_EQ(classes[7] - 4, kMostContent);
    EXPECT_EQ(bodyBytes(0), 512U + 16);
}

TEST_F(Sealing, theSameContentLooksAnotherEachTime) {
    std::set<Bytes> seen;
    for (int i = 0; i < 5; ++i) {
        const Sealed one = sealed(saying(10));
        EXPECT_TRUE(seen.insert(one.body).second);
        EXPECT_TRUE(seen.insert(one.seals[0]).second);
    }
}

TEST_F(Sealing, aDepositorThatPadsWronglyIsRefused) {
    const auto codeOf = [this](ByteView padded) {
        const auto opened = openedRaw(padded, m_key.view());
        return opened ? ErrorCode::Internal : opened.error().code;
    };
    Bytes padded(512, 0);
    EXPECT_TRUE(openedRaw(padded, m_key.view())) << "an empty content";
    padded[511] = 1;
    EXPECT_EQ(codeOf(padded), ErrorCode::Malformed) << "padding that is not zero";
    padded.assign(1024, 0);
    EXPECT_EQ(codeOf(padded), ErrorCode::Malformed) << "a larger class than it needs";
    padded.assign(512, 0);
    storeBe32(padded.data(), 509);
    EXPECT_EQ(codeOf(padded), ErrorCode::Malformed) << "a length beyond the end";
    storeBe32(padded.data(), 0xFFFFFFFF);
    EXPECT_EQ(codeOf(padded), ErrorCode::Malformed) << "a length beyond any";
    padded.assign(512, 0);
    storeBe32(padded.data(), 3);
    padded[4] = 0xFF;
    EXPECT_EQ(codeOf(padded), ErrorCode::Malformed) << "a content that cannot be read";
    const auto shortKey = openedRaw(Bytes(512, 0), m_key.view().first(31));
    ASSERT_FALSE(shortKey);
    EXPECT_EQ(shortKey.error().code, ErrorCode::Malformed) << "a seal of another length";
}

TEST_F(Sealing, whatDoesNotFitIsNotSealed) {
    const NoiseKey to[] = {m_prekey.publicKey};
    wire::EnvelopeContent content = saying(limits::kEntryPayload);
    content.entries.push_back(content.entries[0]);
    EXPECT_EQ(envelope::seal(content, to, m_depositor, m_random).error().code, ErrorCode::TooLarge);
}

TEST_F(Sealing, headsAreBelievedFromTheirDeviceAlone) {
    const auto device = identity::DeviceKeys::generate(m_random);
    const auto other = identity::DeviceKeys::generate(m_random);
    const wire::HeadsStatement statement{device.id(), 4, {{ConversationId(), {}, true}}, 0};
    const wire::SignedHeads heads = signHeads(statement, device.signing);
    EXPECT_EQ(verifiedHeads(heads).value(), statement);
    EXPECT_EQ(verifiedHeads(signHeads(statement, other.signing)).error().code, ErrorCode::BadSignature);
    wire::SignedHeads changed = heads;
    changed.statement.push_back(0);
    EXPECT_FALSE(verifiedHeads(changed));
    const Signature forEntry = device.signing.sign(identity::context::kEntry, heads.statement);
    EXPECT_EQ(verifiedHeads({heads.statement, forEntry}).error().code, ErrorCode::BadSignature);
}

// --- Packing --------------------------------------------------------------------------------------------------

wire::SignedEntry entryOf(std::size_t payload) {
    return {Bytes(150, 1), Signature(), Bytes(payload, 2), {}};
}

TEST(Packing, joinsRunsAndBeginsNewOnesAtGapsAndOtherAuthors) {
    const auto author = *DeviceId::from(Bytes(32, 1));
    const auto other = *DeviceId::from(Bytes(32, 2));
    const ConversationId conversation;
    Packing packing;
    for (const EntryNumber number : {4, 5, 7})
        EXPECT_TRUE(packing.add(conversation, author, number, entryOf(1)));
    EXPECT_TRUE(packing.add(conversation, other, 8, entryOf(1)));
    EXPECT_EQ(packing.entries(), 4U);
    const auto content = packing.take();
    ASSERT_EQ(content.entries.size(), 3U);
    EXPECT_EQ(content.entries[0].entries.size(), 2U);
    EXPECT_EQ(content.entries[1].first, 7U);
    EXPECT_EQ(content.entries[2].author, other);
}

TEST(Packing, stopsBeforeAnEnvelopeIsTooLargeToSeal) {
    test::SeededRandom random(3);
    const auto keys = identity::NoiseKeyPair::generate(random);
    const NoiseKey to[] = {keys.publicKey};
    for (const std::size_t payload :
         {std::size_t(0), std::size_t(1), std::size_t(900), std::size_t(20'000), limits::kEntryPayload}) {
        wire::SignedEntry entry = entryOf(payload);
        if (payload == 20'000) {
            entry.payload.clear();
            entry.erasure = wire::ErasureProof{Bytes(1024), Signature(), Bytes(payload), Bytes(233)};
        }
        Packing packing(
            {Bytes(233),
             std::string(limits::kNameBytes, 'x'),
             {std::vector<wire::RelayAccess>(limits::kRelaysPerContact, {std::string(120, 'u'), {}}), false},
             {},
             {},
             ~0ULL});
        EntryNumber number = 0;
        while (packing.add({}, {}, ++number * (payload % 2 + 1), entry)) {
        }
        EXPECT_GE(packing.entries(), 1U) << payload;
        EXPECT_LE(packing.entries(), limits::kEntriesPerEnvelope);
        const wire::EnvelopeContent content = packing.take();
        ASSERT_TRUE(envelope::seal(content, to, keys, random)) << payload;
        EXPECT_TRUE(wire::parseEnvelopeContent(wire::encodeEnvelopeContent(content))) << payload;
    }
}

}  // namespace
}  // namespace landline::envelope
