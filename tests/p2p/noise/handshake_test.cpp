#include "p2p/noise/handshake_state.h"

#include "p2p/base/limits.h"
#include "tests/support/seeded_random.h"

#include <gtest/gtest.h>

namespace landline::noise {
namespace {

class Handshake : public ::testing::Test {
protected:
    HandshakeState initiator(const Pattern& pattern = kPatternXX, std::string_view prologue = "prologue") {
        return {pattern,       Cipher::ChaChaPoly, Role::Initiator, viewOf(prologue),
                m_ada.clone(), m_bo.publicKey,     m_random};
    }
    HandshakeState responder(const Pattern& pattern = kPatternXX, std::string_view prologue = "prologue") {
        return {pattern, Cipher::ChaChaPoly, Role::Responder, viewOf(prologue), m_bo.clone(), {}, m_random};
    }
    static Bytes written(HandshakeState& state, std::string_view payload = {}) {
        auto message = state.writeMessage(viewOf(payload));
        EXPECT_TRUE(message);
        return message ? *std::move(message) : Bytes();
    }
    /// Both sides of XX, finished.
    void finish(HandshakeState& from, HandshakeState& to) {
        ASSERT_TRUE(to.readMessage(written(from)));
        ASSERT_TRUE(from.readMessage(written(to)));
        ASSERT_TRUE(to.readMessage(written(from)));
    }

    test::SeededRandom m_random{7};
    KeyPair m_ada = KeyPair::generate(m_random);
    KeyPair m_bo = KeyPair::generate(m_random);
};

Bytes boxOf(std::string_view text) {
    Bytes box = toBytes(viewOf(text));
    box.resize(box.size() + Aead::kTagBytes);
    return box;
}

TEST_F(Handshake, bothSidesLearnTheOthersKeyAndAgree) {
    HandshakeState ada = initiator();
    HandshakeState bo = responder();
    finish(ada, bo);
    EXPECT_EQ(ada.remoteStatic(), m_bo.publicKey);
    EXPECT_EQ(bo.remoteStatic(), m_ada.publicKey);
    auto one = std::move(ada).intoTransport();
    auto two = std::move(bo).intoTransport();
    ASSERT_TRUE(one && two);
    EXPECT_EQ(one->handshakeHash(), two->handshakeHash());
    Bytes box = boxOf("hello");
    ASSERT_TRUE(one->seal(box));
    const auto text = two->open(box);
    ASSERT_TRUE(text);
    EXPECT_EQ(toString(*text), "hello");
}

TEST_F(Handshake, doesNotKnowTheOthersKeyBeforeItWasRead) {
    EXPECT_FALSE(initiator().remoteStatic());
    EXPECT_EQ(initiator(kPatternX).remoteStatic(), m_bo.publicKey);
}

TEST_F(Handshake, refusesToActOutOfTurn) {
    HandshakeState ada = initiator();
    HandshakeState bo = responder();
    EXPECT_FALSE(bo.writeMessage({}));
    EXPECT_FALSE(ada.readMessage(Bytes(32)));
    finish(ada, bo);
    EXPECT_FALSE(bo.writeMessage({}));
    EXPECT_FALSE(ada.writeMessage({}));
    EXPECT_FALSE(ada.readMessage(Bytes(32)));
}

TEST_F(Handshake, becomesATransportOnlyWhenFinishedAndOnce) {
    HandshakeState early = initiator();
    EXPECT_FALSE(std::move(early).intoTransport());
    HandshakeState ada = initiator();
    HandshakeState bo = responder();
    finish(ada, bo);
    EXPECT_TRUE(std::move(ada).intoTransport());
    EXPECT_FALSE(std::move(ada).intoTransport());
}

TEST_F(Handshake, refusesEveryTruncationAndChangeOfTheResponse) {
    HandshakeState first = initiator();
    HandshakeState bo = responder();
    ASSERT_TRUE(bo.readMessage(written(first)));
    const Bytes response = written(bo, "payload");
    for (std::size_t i = 0; i < response.size(); ++i) {
        // The same ephemeral key each time, so that only the change is to blame.
        test::SeededRandom repeated(7);
        (void)KeyPair::generate(repeated);
        (void)KeyPair::generate(repeated);
        for (const bool cut : {true, false}) {
            test::SeededRandom random = repeated;
            HandshakeState ada(kPatternXX, Cipher::ChaChaPoly, Role::Initiator, viewOf("prologue"),
                               m_ada.clone(), {}, random);
            (void)written(ada);
            Bytes changed = response;
            if (cut) changed.resize(i);
            // In X25519 the top bit of a public key counts for nothing, but it is hashed.
            else
                changed[i] ^= 0x80;
            EXPECT_FALSE(ada.readMessage(changed)) << i << (cut ? " cut" : " changed");
            EXPECT_FALSE(ada.readMessage(response)) << "an error is final";
        }
    }
    test::SeededRandom repeated(7);
    (void)KeyPair::generate(repeated);
    (void)KeyPair::generate(repeated);
    HandshakeState ada(kPatternXX, Cipher::ChaChaPoly, Role::Initiator, viewOf("prologue"), m_ada.clone(), {},
                       repeated);
    (void)written(ada);
    const auto payload = ada.readMessage(response);
    ASSERT_TRUE(payload) << "unchanged it must pass, or the loop above shows nothing";
    EXPECT_EQ(toString(*payload), "payload");
}

TEST_F(Handshake, refusesKeysOfLowOrder) {
    // Two of the points whose product with any secret is zero: 0 and 1.
    for (const std::uint8_t low : Bytes{0, 1}) {
        Bytes message(32);
        message[0] = low;
        HandshakeState bo = responder();
        ASSERT_TRUE(bo.readMessage(message));
        const auto answer = bo.writeMessage({});
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().code, ErrorCode::WrongKey);
    }
}

TEST_F(Handshake, failsWhenPrologueDiffers) {
    HandshakeState ada = initiator(kPatternXX, "one");
    HandshakeState bo = responder(kPatternXX, "two");
    ASSERT_TRUE(bo.readMessage(written(ada)));
    EXPECT_FALSE(ada.readMessage(written(bo)));
}

TEST_F(Handshake, refusesMessagesOverTheLimit) {
    HandshakeState ada = initiator();
    const Bytes large(limits::kNoiseMessage);
    EXPECT_EQ(ada.writeMessage(large).error().code, ErrorCode::TooLarge);
    EXPECT_TRUE(ada.writeMessage(ByteView(large).first(large.size() - 32))) << "the limit itself is allowed";
    HandshakeState bo = responder();
    EXPECT_EQ(bo.readMessage(Bytes(limits::kNoiseMessage + 1)).error().code, ErrorCode::TooLarge);
}

TEST_F(Handshake, oneWayPatternCarriesOneWayOnly) {
    HandshakeState ada = initiator(kPatternX);
    HandshakeState bo = responder(kPatternX);
    const auto payload = bo.readMessage(written(ada, "sealed"));
    ASSERT_TRUE(payload);
    EXPECT_EQ(toString(*payload), "sealed");
    EXPECT_EQ(bo.remoteStatic(), m_ada.publicKey);
    auto sender = std::move(ada).intoTransport();
    auto recipient = std::move(bo).intoTransport();
    ASSERT_TRUE(sender && recipient);
    Bytes box = boxOf("more");
    EXPECT_FALSE(recipient->seal(box));
    EXPECT_FALSE(sender->open(box));
    ASSERT_TRUE(sender->seal(box));
    EXPECT_TRUE(recipient->open(box));
}

TEST_F(Handshake, sealedForAnotherCannotBeOpened) {
    const KeyPair eve = KeyPair::generate(m_random);
    HandshakeState ada = initiator(kPatternX);
    HandshakeState other(kPatternX, Cipher::ChaChaPoly, Role::Responder, viewOf("prologue"), eve.clone(), {},
                         m_random);
    EXPECT_FALSE(other.readMessage(written(ada, "sealed")));
}

TEST_F(Handshake, transportKeepsTheLimitAndTheDirectionsKeys) {
    HandshakeState ada = initiator();
    HandshakeState bo = responder();
    finish(ada, bo);
    auto one = std::move(ada).intoTransport();
    auto two = std::move(bo).intoTransport();
    ASSERT_TRUE(one && two);
    Bytes over(limits::kNoiseMessage + 1);
    EXPECT_EQ(one->seal(over).error().code, ErrorCode::TooLarge);
    EXPECT_EQ(one->open(over).error().code, ErrorCode::TooLarge);

    one->rekeySending();
    Bytes forth = boxOf("forth");
    ASSERT_TRUE(one->seal(forth));
    Bytes copy = forth;
    EXPECT_FALSE(two->open(copy)) << "the old key";
    two->rekeyReceiving();
    EXPECT_TRUE(two->open(forth));
    Bytes back = boxOf("back");
    ASSERT_TRUE(two->seal(back));
    EXPECT_TRUE(one->open(back)) << "the other direction still has its first key";
}

}  // namespace
}  // namespace landline::noise
