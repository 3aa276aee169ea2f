#include "p2p/noise/aead.h"
#include "tests/p2p/session/session_fixture.h"

namespace landline::session {
namespace {

using test::RawPeer;
using test::SessionPair;
using test::TestParty;
using wire::CloseReason;
using wire::Preface;
using wire::Purpose;
using wire::Suite;
using namespace std::chrono_literals;

wire::TransferId someTransfer() {
    return wire::TransferId::from(Bytes(16, 7)).value();
}

TEST_F(SessionTest, opensWithBothSidesProven) {
    SessionPair pair(m_ada, m_bo, {.expected = {m_bo.device(), m_bo.noiseKey()}});
    pair.exchange();
    ASSERT_TRUE(pair.bothOpen());
    EXPECT_EQ(pair.opened(Role::Dialler)->certificate, m_bo.certificate);
    EXPECT_EQ(pair.opened(Role::Responder)->certificate, m_ada.certificate);
    EXPECT_EQ(pair.opened(Role::Responder)->hello.name, "Ada");
    EXPECT_EQ(pair.opened(Role::Responder)->hello.listenPort, 4000);
    EXPECT_TRUE(pair.dialler().isAuthenticated());
    EXPECT_TRUE(pair.responder().isAuthenticated());
    EXPECT_EQ(pair.responder().purpose(), Purpose::Conversation);
}

// --- Preface -------------------------------------------------------------------------------------

TEST_F(SessionTest, leavesForeignProgramsWithoutAnswer) {
    const std::string_view greetings[] = {"GET / HTTP/1.1\r\n\r\n", "SSH-2.0-x\r\n", "LNDM\x01\x01\x01\x01",
                                          std::string_view("\0\0\0\0\0\0\0\0", 8)};
    for (const std::string_view greeting : greetings) {
        for (const Role role : {Role::Dialler, Role::Responder}) {
            Lone end = lone(role);
            end.session->receive(viewOf(greeting), m_now);
            EXPECT_EQ(end.errorCode(), ErrorCode::Malformed);
            EXPECT_TRUE(end.session->isFinished());
            EXPECT_TRUE(end.session->outgoing().empty());
        }
    }
}

TEST_F(SessionTest, namesBothVersionsToBothEnds) {
    Lone responder = lone(Role::Responder);
    responder.session->receive(Preface{9, Purpose::Conversation, Suite::ChaChaPoly}.encode(), m_now);
    EXPECT_EQ(responder.errorCode(), ErrorCode::VersionMismatch);
    EXPECT_NE(responder.errorText().find("version 9"), std::string::npos);
    EXPECT_NE(responder.errorText().find("version 1"), std::string::npos);
    EXPECT_EQ(responder.ended->reason, CloseReason::Version);
    const Preface answer = Preface::parse(responder.session->outgoing()).value();
    EXPECT_EQ(answer.purpose, Purpose::Refused);
    EXPECT_EQ(answer.major, wire::kMajorVersion);
    EXPECT_FALSE(responder.session->isFinished()) << "the answer has to go out first";
    responder.session->consumeOutgoing(Preface::kBytes);
    EXPECT_TRUE(responder.session->isFinished());

    Lone dialler = lone(Role::Dialler);
    dialler.session->receive(Preface{9, Purpose::Refused, Suite::ChaChaPoly}.encode(), m_now);
    EXPECT_EQ(dialler.errorCode(), ErrorCode::VersionMismatch);
    EXPECT_NE(dialler.errorText().find("version 9"), std::string::npos);
}

TEST_F(SessionTest, refusesPurposesAndSuitesThatDoNotFit) {
    struct Case {
        Purpose listener;
        Purpose purpose;
        Suite suite;
        bool accepted;
    };
    const bool aes = noise::aesGcmAvailable();
    const auto chacha = Suite::ChaChaPoly;
    const Case cases[] = {
        {Purpose::Conversation, Purpose::Conversation, chacha, true},
        {Purpose::Conversation, Purpose::Bulk, chacha, true},
        {Purpose::Conversation, Purpose::Bulk, Suite::AesGcm, aes},
        {Purpose::Conversation, Purpose::Conversation, Suite::AesGcm, false},
        {Purpose::Conversation, Purpose::Relay, chacha, false},
        {Purpose::Conversation, Purpose::Refused, chacha, false},
        {Purpose::Conversation, static_cast<Purpose>(77), chacha, false},
        {Purpose::Conversation, Purpose::Bulk, static_cast<Suite>(3), false},
        {Purpose::Relay, Purpose::Relay, chacha, true},
        {Purpose::Relay, Purpose::Relay, Suite::AesGcm, false},
        {Purpose::Relay, Purpose::Conversation, chacha, false},
    };
    m_ada.local.hasAes = true;
    for (const Case& one : cases) {
        Lone end = lone(Role::Responder, {}, one.listener);
        end.session->receive(Preface{wire::kMajorVersion, one.purpose, one.suite}.encode(), m_now);
        const Preface answer = Preface::parse(end.session->outgoing()).value();
        EXPECT_EQ(answer.purpose, one.accepted ? one.purpose : Purpose::Refused) << int(one.purpose);
        if (!one.accepted) {
            EXPECT_EQ(end.errorCode(), ErrorCode::NotPermitted);
        }
    }
}

TEST_F(SessionTest, refusesAesWhereTheHardwareLacksIt) {
    m_ada.local.hasAes = false;
    Lone end = lone(Role::Responder);
    end.session->receive(Preface{wire::kMajorVersion, Purpose::Bulk, Suite::AesGcm}.encode(), m_now);
    EXPECT_EQ(end.errorCode(), ErrorCode::NotPermitted);
}

TEST_F(SessionTest, diallerUnderstandsRefusalAndRejectsOtherAnswers) {
    Lone refused = lone(Role::Dialler);
    refused.session->receive(Preface{wire::kMajorVersion, Purpose::Refused, Suite::ChaChaPoly}.encode(),
                             m_now);
    EXPECT_EQ(refused.errorCode(), ErrorCode::NotPermitted);
    Lone other = lone(Role::Dialler);
    other.session->receive(Preface{wire::kMajorVersion, Purpose::Bulk, Suite::ChaChaPoly}.encode(), m_now);
    EXPECT_EQ(other.errorCode(), ErrorCode::ProtocolViolation);
}

TEST_F(SessionTest, bulkOpensInAesAndNamesItsTransfer) {
    if (!noise::aesGcmAvailable()) GTEST_SKIP() << "no AES instructions";
    m_bo.local.hasAes = true;
    SessionPair pair(m_ada, m_bo,
                     {.purpose = Purpose::Bulk, .suite = Suite::AesGcm, .transfer = someTransfer()});
    pair.exchange();
    ASSERT_TRUE(pair.bothOpen());
    EXPECT_EQ(pair.responder().purpose(), Purpose::Bulk);
    EXPECT_EQ(pair.opened(Role::Responder)->hello.transfer, someTransfer());
    pair.send(Role::Responder, wire::FileChunk{5, Bytes(60000, 3)});
    pair.exchange();
    ASSERT_EQ(pair.received(Role::Dialler).size(), 1U);
}

TEST_F(SessionTest, refusesBulkWithoutTransfer) {
    SessionPair pair(m_ada, m_bo, {.purpose = Purpose::Bulk});
    pair.exchange();
    EXPECT_FALSE(pair.responder().isAuthenticated());
    EXPECT_EQ(pair.ended(Role::Responder)->error->code, ErrorCode::ProtocolViolation);
}

// --- Keys and certificates -----------------------------------------------------------------------

TEST_F(SessionTest, impostorLearnsNothingOfTheDialler) {
    TestParty expected(3);
    SessionPair pair(m_ada, m_bo, {.expected = {expected.device(), expected.noiseKey()}});
    std::size_t sent = 0;
    pair.wire = [&sent](Role from, Bytes& bytes) {
        if (from == Role::Dialler) sent += bytes.size();
    };
    pair.exchange();
    EXPECT_EQ(pair.ended(Role::Dialler)->error->code, ErrorCode::WrongKey);
    EXPECT_TRUE(pair.dialler().isFinished());
    EXPECT_EQ(sent, Preface::kBytes + 2U + 32U)
        << "preface and ephemeral key, nothing of the dialler's identity";
    EXPECT_FALSE(pair.opened(Role::Responder));
}

TEST_F(SessionTest, refusesAnotherDeviceThanExpected) {
    TestParty expected(3);
    SessionPair pair(m_ada, m_bo, {.expected = {expected.device(), std::nullopt}});
    pair.exchange();
    EXPECT_EQ(pair.ended(Role::Dialler)->error->code, ErrorCode::WrongKey);
    EXPECT_FALSE(pair.dialler().isAuthenticated());
    ASSERT_TRUE(pair.ended(Role::Responder));
    EXPECT_TRUE(pair.ended(Role::Responder)->byPeer);
}

TEST_F(SessionTest, refusesHellosThatDoNotProveTheirSender) {
    TestParty other(3);
    const wire::Hello honest = RawPeer(Role::Dialler, m_bo).hello();
    const auto with = [&honest](auto change) {
        wire::Hello hello = honest;
        change(hello);
        return hello;
    };
    struct Case {
        const char* what;
        wire::Hello hello;
        ErrorCode code;
    };
    const Case cases[] = {
        {"somebody else's certificate", with([&](auto& h) { h.certificate = other.certificate.encoded(); }),
         ErrorCode::WrongKey},
        {"a changed certificate", with([](auto& h) { h.certificate[100] ^= 1; }), ErrorCode::BadSignature},
        {"a cut certificate", with([](auto& h) { h.certificate.resize(232); }), ErrorCode::Malformed},
        {"no certificate", with([](auto& h) { h.certificate.clear(); }), ErrorCode::Malformed},
        {"a version below its own", with([](auto& h) { h.highestMajor = 0; }), ErrorCode::Malformed},
    };
    for (const Case& one : cases) {
        for (const Role role : {Role::Dialler, Role::Responder}) {
            RawPeer peer(role == Role::Dialler ? Role::Responder : Role::Dialler, m_bo);
            Lone end = lone(role);
            peer.shake(*end.session, m_now);
            peer.send(*end.session, one.hello, m_now);
            EXPECT_EQ(end.errorCode(), one.code) << one.what;
            EXPECT_FALSE(end.opened) << one.what;
            EXPECT_FALSE(end.session->isAuthenticated());
            const auto said = peer.read(*end.session);
            ASSERT_FALSE(said.empty());
            EXPECT_EQ(std::get<wire::Close>(said.back()).reason, CloseReason::Violation) << one.what;
        }
    }
}

TEST_F(SessionTest, responderTellsNothingToWhomItDoesNotAccept) {
    RawPeer peer(Role::Dialler, m_bo);
    Lone end = lone(Role::Responder);
    peer.shake(*end.session, m_now);
    EXPECT_TRUE(end.session->outgoing().empty()) << "no hello before the dialler's";
    wire::Hello hello = peer.hello();
    hello.certificate.clear();
    peer.send(*end.session, hello, m_now);
    const auto said = peer.read(*end.session);
    ASSERT_EQ(said.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<wire::Close>(said[0]));
}

TEST_F(SessionTest, refusesAnythingButAHelloFirst) {
    const wire::Message firsts[] = {profile("x"), wire::Ping{1}, wire::Rekey{}, wire::UnknownFrame{}};
    for (const wire::Message& first : firsts) {
        RawPeer peer(Role::Dialler, m_bo);
        Lone end = lone(Role::Responder);
        peer.shake(*end.session, m_now);
        peer.send(*end.session, first, m_now);
        EXPECT_EQ(end.errorCode(), ErrorCode::ProtocolViolation);
    }
}

TEST_F(SessionTest, refusesDataInsideTheHandshake) {
    RawPeer peer(Role::Dialler, m_bo);
    Lone end = lone(Role::Responder);
    peer.open(*end.session, m_now, viewOf("early"));
    EXPECT_EQ(end.errorCode(), ErrorCode::ProtocolViolation);
}

TEST_F(SessionTest, showsNamesWithoutControlCharacters) {
    m_bo.local.name = "B\u202Eo\x07 \n x";
    SessionPair pair(m_ada, m_bo);
    pair.exchange();
    ASSERT_TRUE(pair.opened(Role::Dialler));
    EXPECT_EQ(pair.opened(Role::Dialler)->hello.name, "Bo x");
}

// --- Version rule, oneself, clones ---------------------------------------------------------------

TEST_F(SessionTest, closesWhereBothCouldSpeakANewerVersion) {
    m_ada.local.highestMajor = 2;
    {
        SessionPair pair(m_ada, m_bo);
        pair.exchange();
        EXPECT_TRUE(pair.bothOpen()) << "only one side could";
    }
    m_bo.local.highestMajor = 3;
    SessionPair pair(m_ada, m_bo);
    pair.exchange();
    for (const Role role : {Role::Dialler, Role::Responder}) {
        ASSERT_TRUE(pair.ended(role));
        EXPECT_EQ(pair.ended(role)->reason, CloseReason::Version);
        EXPECT_EQ(pair.ended(role)->error->code, ErrorCode::VersionMismatch);
        EXPECT_FALSE(pair.opened(role));
    }
}

TEST_F(SessionTest, endsQuietlyWithItself) {
    SessionPair pair(m_ada, m_ada);
    pair.exchange();
    for (const Role role : {Role::Dialler, Role::Responder}) {
        ASSERT_TRUE(pair.ended(role));
        EXPECT_EQ(pair.ended(role)->reason, CloseReason::Goodbye);
        EXPECT_FALSE(pair.ended(role)->error);
        EXPECT_FALSE(pair.opened(role));
    }
}

TEST_F(SessionTest, noticesAnotherProgramWithItsKey) {
    TestParty copy(1);
    copy.local.instance = 99;
    SessionPair pair(m_ada, copy);
    pair.exchange();
    for (const Role role : {Role::Dialler, Role::Responder}) {
        ASSERT_TRUE(pair.ended(role));
        EXPECT_EQ(pair.ended(role)->reason, CloseReason::Clone);
        EXPECT_TRUE(pair.ended(role)->error);
    }
}

TEST_F(SessionTest, takesNobodysWordForAClone) {
    for (const Role role : {Role::Dialler, Role::Responder}) {
        for (const bool saysHello : {false, true}) {
            RawPeer peer(role == Role::Dialler ? Role::Responder : Role::Dialler, m_bo);
            Lone end = saysHello ? opened(peer, role) : lone(role);
            if (!saysHello) peer.shake(*end.session, m_now);
            peer.send(*end.session, wire::Close{CloseReason::Clone, "You are a copy."}, m_now);
            end.takeEvents();
            ASSERT_TRUE(end.ended);
            EXPECT_EQ(end.ended->reason, CloseReason::Unknown);
            EXPECT_TRUE(end.ended->byPeer);
            EXPECT_EQ(end.errorCode(), ErrorCode::Closed);
        }
    }
}

// --- Limits --------------------------------------------------------------------------------------

TEST_F(SessionTest, refusesLargeFramesAtTheirHeaderBeforeTheOtherSideIsProven) {
    const Bytes header{0x04, 0x01};  // 1025 bytes, of which none came yet
    {
        RawPeer peer(Role::Dialler, m_bo);
        Lone end = lone(Role::Responder);
        end.session->receive(Preface{}.encode(), m_now);
        end.session->receive(header, m_now);
        EXPECT_EQ(end.errorCode(), ErrorCode::TooLarge);
        EXPECT_TRUE(end.session->isFinished());
    }
    for (const Role role : {Role::Dialler, Role::Responder}) {
        RawPeer peer(role == Role::Dialler ? Role::Responder : Role::Dialler, m_bo);
        Lone end = lone(role);
        peer.shake(*end.session, m_now);
        end.session->receive(header, m_now);
        EXPECT_EQ(end.errorCode(), ErrorCode::TooLarge);
    }
}

TEST_F(SessionTest, endsSlowHandshakes) {
    // One byte a second, enough for the preface but never for the handshake.
    Lone end = lone(Role::Responder);
    RawPeer peer(Role::Dialler, m_bo);
    const auto preface = Preface{}.encode();
    const MonoTime start = m_now;
    for (std::size_t i = 0; i < preface.size(); ++i) {
        m_now += 1s;
        end.session->receive(ByteView(preface).subspan(i, 1), m_now);
        end.session->advance(m_now);
    }
    ASSERT_FALSE(end.session->isFinished());
    EXPECT_EQ(end.session->nextTimeout(), start + limits::kHandshakeTimeout);
    m_now = start + limits::kHandshakeTimeout;
    end.session->advance(m_now);
    EXPECT_EQ(end.errorCode(), ErrorCode::Timeout);
    EXPECT_TRUE(end.session->isFinished());
    EXPECT_FALSE(end.session->nextTimeout());
}

TEST_F(SessionTest, endsWhenOneSideFallsSilentInAnyStateBeforeOpen) {
    // After `carried` pieces of bytes both links go down; each side must give up by itself.
    for (int carried = 0; carried < 4; ++carried) {
        SessionPair pair(m_ada, m_bo);
        for (int i = 0; i < carried; ++i) pair.carry(i % 2 == 0 ? Role::Dialler : Role::Responder);
        pair.setStalled(Role::Dialler, true);
        pair.setStalled(Role::Responder, true);
        pair.elapse(limits::kHandshakeTimeout);
        for (const Role role : {Role::Dialler, Role::Responder}) {
            if (pair.at(role).isOpen()) continue;
            ASSERT_TRUE(pair.ended(role)) << carried;
            EXPECT_EQ(pair.ended(role)->error->code, ErrorCode::Timeout);
        }
        pair.elapse(limits::kKeepalive + limits::kKeepaliveAnswer);
        EXPECT_TRUE(pair.dialler().isFinished() && pair.responder().isFinished()) << carried;
    }
}

/// Flips one bit of one byte in what `from` sends and lets the pair run; true if either side opened.
bool survivesFlip(TestParty& ada, TestParty& bo, Role from, std::size_t position, bool& reached) {
    SessionPair pair(ada, bo);
    std::size_t at = 0;
    pair.wire = [&](Role side, Bytes& bytes) {
        if (side != from) return;
        if (position >= at && position < at + bytes.size()) {
            bytes[position - at] ^= 0x40;
            reached = true;
        }
        at += bytes.size();
    };
    pair.exchange();
    pair.elapse(limits::kHandshakeTimeout + limits::kDrain);
    return pair.bothOpen();
}

TEST_F(SessionTest, aFlippedBitAnywhereInTheHandshakeNeverOpens) {
    constexpr std::size_t kReservedByte = 7;  // of the answer, which nothing is derived from
    for (const Role from : {Role::Dialler, Role::Responder}) {
        std::size_t position = 0;
        for (;; ++position) {
            bool reached = false;
            const bool opened = survivesFlip(m_ada, m_bo, from, position, reached);
            if (!reached) break;
            if (from == Role::Responder && position == kReservedByte) continue;
            EXPECT_FALSE(opened) << "byte " << position;
        }
        EXPECT_GT(position, 350U) << "the whole handshake and hello were tried";
    }
}

}  // namespace
}  // namespace landline::session
