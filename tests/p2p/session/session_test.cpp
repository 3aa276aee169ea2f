#include "p2p/session/session.h"

#include "tests/p2p/session/session_fixture.h"

namespace landline::session {
namespace {

using test::RawPeer;
using test::SessionPair;
using test::TestParty;
using wire::CloseReason;
using namespace std::chrono_literals;

// --- Messages ------------------------------------------------------------------------------------

TEST_F(SessionTest, carriesMessagesInOrderUnderAnyFragmentation) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        test::SeededRandom random(seed);
        SessionPair pair(m_ada, m_bo, {.longestFragment = 1 + random.below(5000), .seed = seed});
        pair.exchange();
        ASSERT_TRUE(pair.bothOpen());
        std::vector<wire::Message> sent[2];
        for (int i = 0; i < 30; ++i) {
            const Role from = random.below(2) == 0 ? Role::Dialler : Role::Responder;
            Bytes data(random.below(3) == 0 ? random.below(65000) : random.below(200));
            random.fill(data);
            sent[from == Role::Dialler].emplace_back(wire::FileChunk{random.next64(), std::move(data)});
            pair.send(from, sent[from == Role::Dialler].back());
            for (auto rounds = random.below(4); rounds > 0; --rounds) pair.carry(Role::Dialler);
        }
        pair.exchange();
        EXPECT_EQ(pair.received(Role::Responder), sent[1]) << "seed " << seed;
        EXPECT_EQ(pair.received(Role::Dialler), sent[0]) << "seed " << seed;
    }
}

TEST_F(SessionTest, carriesTheLargestFrame) {
    SessionPair pair(m_ada, m_bo);
    pair.exchange();
    wire::FileChunk chunk{0, Bytes(limits::kFramePlaintext - 8, 1)};
    while (wire::encodeMessage(chunk).size() > limits::kFramePlaintext) chunk.data.pop_back();
    while (wire::encodeMessage(chunk).size() < limits::kFramePlaintext) chunk.data.push_back(2);
    ASSERT_EQ(wire::encodeMessage(chunk).size(), limits::kFramePlaintext);
    pair.send(Role::Dialler, chunk);
    pair.exchange();
    ASSERT_EQ(pair.received(Role::Responder).size(), 1U);
    EXPECT_EQ(pair.received(Role::Responder)[0], wire::Message(chunk));
}

TEST_F(SessionTest, ignoresFramesAndFieldsOfNewerMinorVersions) {
    RawPeer peer(Role::Dialler, m_bo);
    Lone end = lone(Role::Responder);
    peer.shake(*end.session, m_now);
    // The hello with field 50 (a varint) inside its message: the length of the outer field grows by three.
    Bytes hello = wire::encodeMessage(peer.hello());
    ASSERT_GE(hello[1], 0x80) << "a two-byte length, or the patch below is wrong";
    const unsigned length = (hello[1] & 0x7fU) + (unsigned(hello[2]) << 7) + 3;
    hello[1] = static_cast<std::uint8_t>(0x80U | (length & 0x7fU));
    hello[2] = static_cast<std::uint8_t>(length >> 7);
    append(hello, Bytes{0x90, 0x03, 0x01});
    peer.sendPlain(*end.session, hello, m_now);
    end.takeEvents();
    ASSERT_TRUE(end.opened) << end.errorText();
    peer.sendPlain(*end.session, Bytes{0xa2, 0x06, 0x01, 0x00}, m_now);  // field 100, one byte
    peer.sendPlain(*end.session, Bytes{}, m_now);
    peer.send(*end.session, profile("after"), m_now);
    end.takeEvents();
    EXPECT_FALSE(end.ended);
    EXPECT_EQ(end.received, std::vector<wire::Message>{profile("after")});
}

TEST_F(SessionTest, answersPingsAndKeepsThemToItself) {
    RawPeer peer(Role::Dialler, m_bo);
    Lone end = opened(peer);
    peer.send(*end.session, wire::Ping{42}, m_now);
    peer.send(*end.session, wire::Pong{1}, m_now);
    const auto said = peer.read(*end.session);
    EXPECT_EQ(said, std::vector<wire::Message>{wire::Pong{42}});
    end.takeEvents();
    EXPECT_TRUE(end.received.empty());
}

TEST_F(SessionTest, endsOnBadFramesAndSaysSo) {
    struct Case {
        const char* what;
        std::function<void(RawPeer&, Session&)> act;
        ErrorCode code;
    };
    const Case cases[] = {
        {"an empty frame",
         [this](RawPeer&, Session& s) {
             s.receive(Bytes{0, 0}, m_now);
         },
         ErrorCode::Malformed},
        {"a frame shorter than a tag",
         [this](RawPeer&, Session& s) { RawPeer::sendFrame(s, Bytes(15), m_now); }, ErrorCode::Malformed},
        {"garbage", [this](RawPeer&, Session& s) { RawPeer::sendFrame(s, Bytes(100, 9), m_now); },
         ErrorCode::BadSignature},
        {"a frame twice",
         [this](RawPeer& peer, Session& s) {
             const Bytes box = peer.sealed(wire::encodeMessage(profile("x")));
             RawPeer::sendFrame(s, box, m_now);
             RawPeer::sendFrame(s, box, m_now);
         },
         ErrorCode::BadSignature},
        {"a missing frame",
         [this](RawPeer& peer, Session& s) {
             (void)peer.sealed(wire::encodeMessage(profile("x")));
             peer.send(s, profile("y"), m_now);
         },
         ErrorCode::BadSignature},
        {"no Protobuf",
         [this](RawPeer& peer, Session& s) {
             peer.sendPlain(s, Bytes{0xff, 0xff}, m_now);
         },
         ErrorCode::Malformed},
        {"a second hello", [this](RawPeer& peer, Session& s) { peer.send(s, peer.hello(), m_now); },
         ErrorCode::ProtocolViolation},
        {"a new key without marker",
         [this](RawPeer& peer, Session& s) {
             peer.rekeySending();
             peer.send(s, profile("x"), m_now);
         },
         ErrorCode::BadSignature},
    };
    for (const Case& one : cases) {
        RawPeer peer(Role::Dialler, m_bo);
        Lone end = opened(peer);
        one.act(peer, *end.session);
        EXPECT_EQ(end.errorCode(), one.code) << one.what;
        const auto said = peer.read(*end.session);
        ASSERT_EQ(said.size(), 1U) << one.what;
        EXPECT_EQ(std::get<wire::Close>(said[0]).reason, CloseReason::Violation) << one.what;
        EXPECT_TRUE(end.session->isFinished()) << one.what;
    }
}

TEST_F(SessionTest, aFlippedBitEndsTheSessionAndDeliversNothing) {
    std::size_t length = 1;
    for (std::size_t position = 0; position < length; ++position) {
        SessionPair pair(m_ada, m_bo);
        pair.exchange();
        ASSERT_TRUE(pair.bothOpen());
        pair.send(Role::Dialler, profile("something to change"));
        length = pair.dialler().outgoing().size();
        pair.wire = [position](Role from, Bytes& bytes) {
            if (from == Role::Dialler && position < bytes.size()) bytes[position] ^= 1;
        };
        pair.carry(Role::Dialler);
        pair.wire = {};
        // A changed length may make the session wait for more: the next frames then cannot fit.
        for (int i = 0; i < 10 && pair.dialler().isOpen(); ++i) {
            pair.send(Role::Dialler, wire::FileChunk{0, Bytes(60000)});
            pair.exchange();
        }
        EXPECT_TRUE(pair.ended(Role::Responder)) << position;
        EXPECT_TRUE(pair.received(Role::Responder).empty()) << position;
    }
}

// --- Memory --------------------------------------------------------------------------------------

TEST_F(SessionTest, asksItsOwnerToWaitWhenTheSocketDoesNotTake) {
    SessionPair pair(m_ada, m_bo);
    pair.exchange();
    pair.setStalled(Role::Dialler, true);
    int frames = 0;
    while (pair.dialler().canSend()) {
        pair.send(Role::Dialler, wire::FileChunk{0, Bytes(60000)});
        ASSERT_LT(++frames, 100);
    }
    EXPECT_GE(pair.dialler().outgoing().size(), limits::kSessionOutgoing);
    EXPECT_LT(pair.dialler().outgoing().size(), limits::kSessionOutgoing + limits::kNoiseMessage + 2);
    pair.setStalled(Role::Dialler, false);
    pair.exchange();
    EXPECT_TRUE(pair.dialler().canSend());
    EXPECT_EQ(pair.received(Role::Responder).size(), std::size_t(frames));
}

// --- Time ----------------------------------------------------------------------------------------

TEST_F(SessionTest, idleSessionsStayOpenForHoursOnPingsAlone) {
    SessionPair pair(m_ada, m_bo);
    pair.elapse(5h);
    ASSERT_TRUE(pair.bothOpen());
    pair.send(Role::Dialler, profile("still here"));
    pair.exchange();
    EXPECT_EQ(pair.received(Role::Responder).size(), 1U);
}

TEST_F(SessionTest, sendsNoPingWhileBytesArrive) {
    RawPeer peer(Role::Dialler, m_bo);
    Lone end = opened(peer);
    for (int i = 0; i < 20; ++i) {
        m_now += 10s;
        end.session->advance(m_now);
        peer.send(*end.session, profile("chat"), m_now);
    }
    EXPECT_TRUE(peer.read(*end.session).empty());
    m_now += limits::kKeepalive;
    end.session->advance(m_now);
    const auto said = peer.read(*end.session);
    ASSERT_EQ(said.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<wire::Ping>(said[0]));
}

TEST_F(SessionTest, noticesAHalfOpenConnection) {
    for (const Role silent : {Role::Dialler, Role::Responder}) {
        SessionPair pair(m_ada, m_bo);
        pair.exchange();
        pair.setStalled(silent, true);
        const Role deserted = silent == Role::Dialler ? Role::Responder : Role::Dialler;
        pair.elapse(limits::kKeepalive + limits::kKeepaliveAnswer - 1ms);
        EXPECT_FALSE(pair.ended(deserted));
        pair.elapse(1ms);
        ASSERT_TRUE(pair.ended(deserted));
        EXPECT_EQ(pair.ended(deserted)->error->code, ErrorCode::Timeout);
        EXPECT_TRUE(pair.at(deserted).isFinished());
        EXPECT_TRUE(pair.at(deserted).outgoing().empty());
    }
}

TEST_F(SessionTest, pingsFirstWhenTimeHasLeapt) {
    // After sleep the other side gets its chance to answer before the session is given up.
    RawPeer peer(Role::Dialler, m_bo);
    Lone end = opened(peer);
    m_now += 3h;
    end.session->advance(m_now);
    end.takeEvents();
    EXPECT_FALSE(end.ended);
    EXPECT_FALSE(peer.read(*end.session).empty());
    peer.send(*end.session, wire::Pong{}, m_now + 1s);
    end.session->advance(m_now + limits::kKeepaliveAnswer);
    EXPECT_TRUE(end.session->isOpen());
}

TEST_F(SessionTest, changesItsKeyEveryHour) {
    RawPeer peer(Role::Dialler, m_bo);
    Lone end = opened(peer);
    int markers = 0;
    for (int minute = 1; minute <= 150; ++minute) {
        for (int i = 0; i < 4; ++i) {
            m_now += 15s;
            peer.send(*end.session, wire::Pong{}, m_now);
            end.session->advance(m_now);
        }
        end.session->send(profile("at " + std::to_string(minute)), m_now);
        for (const wire::Message& message : peer.read(*end.session))
            markers += std::holds_alternative<wire::Rekey>(message) ? 1 : 0;
    }
    EXPECT_EQ(markers, 2);
    EXPECT_TRUE(end.session->isOpen());
}

TEST_F(SessionTest, markerIsTheLastFrameUnderTheOldKey) {
    m_ada.local.rekeyBytes = 1000;
    RawPeer peer(Role::Dialler, m_bo);
    Lone end = opened(peer);
    for (int i = 0; i < 30; ++i) end.session->send(profile("text number " + std::to_string(i)), m_now);
    // A reader that goes on with the old key fails at the frame behind the marker.
    EXPECT_THROW((void)peer.read(*end.session, false), std::runtime_error);
}

TEST_F(SessionTest, changesKeysByBytesInBothDirectionsByThemselves) {
    m_ada.local.rekeyBytes = 10'000;
    m_bo.local.rekeyBytes = 3'000;
    SessionPair pair(m_ada, m_bo, {.longestFragment = 700});
    pair.exchange();
    for (int i = 0; i < 300; ++i) {
        pair.send(Role::Dialler, wire::FileChunk{std::uint64_t(i), Bytes(900, 1)});
        pair.send(Role::Responder, wire::FileChunk{std::uint64_t(i), Bytes(400, 2)});
        if (i % 7 == 0) pair.exchange();
    }
    pair.exchange();
    ASSERT_TRUE(pair.bothOpen());
    EXPECT_EQ(pair.received(Role::Responder).size(), 300U);
    EXPECT_EQ(pair.received(Role::Dialler).size(), 300U);
}

TEST_F(SessionTest, endsAfterItsLifetimeToBeDialledAnew) {
    SessionPair pair(m_ada, m_bo);
    pair.elapse(limits::kSessionLifetime - 1s);
    ASSERT_TRUE(pair.bothOpen());
    pair.elapse(1s);
    for (const Role role : {Role::Dialler, Role::Responder}) {
        ASSERT_TRUE(pair.ended(role));
        EXPECT_EQ(pair.ended(role)->reason, CloseReason::Renew);
        EXPECT_FALSE(pair.ended(role)->error);
        EXPECT_TRUE(pair.at(role).isFinished());
    }
}

// --- End -----------------------------------------------------------------------------------------

TEST_F(SessionTest, closeSendsWhatWasQueuedFirst) {
    SessionPair pair(m_ada, m_bo, {.longestFragment = 9000});
    pair.exchange();
    for (int i = 0; i < 50; ++i) pair.send(Role::Dialler, wire::FileChunk{std::uint64_t(i), Bytes(60000)});
    pair.dialler().close(CloseReason::Goodbye, "", pair.now());
    EXPECT_FALSE(pair.dialler().isFinished());
    pair.send(Role::Dialler, profile("too late"));
    pair.exchange();
    EXPECT_EQ(pair.received(Role::Responder).size(), 50U);
    EXPECT_TRUE(pair.dialler().isFinished());
    ASSERT_TRUE(pair.ended(Role::Responder));
    EXPECT_EQ(pair.ended(Role::Responder)->reason, CloseReason::Goodbye);
    EXPECT_TRUE(pair.ended(Role::Responder)->byPeer);
    EXPECT_FALSE(pair.ended(Role::Responder)->error);
    EXPECT_FALSE(pair.ended(Role::Dialler)->byPeer);
}

TEST_F(SessionTest, givesUpDrainingAfterAWhile) {
    SessionPair pair(m_ada, m_bo);
    pair.exchange();
    pair.setStalled(Role::Dialler, true);
    pair.dialler().close(CloseReason::Goodbye, "", pair.now());
    pair.elapse(limits::kDrain - 1ms);
    EXPECT_FALSE(pair.dialler().isFinished());
    pair.elapse(1ms);
    EXPECT_TRUE(pair.dialler().isFinished());
    EXPECT_TRUE(pair.dialler().outgoing().empty());
    EXPECT_FALSE(pair.dialler().nextTimeout());
}

TEST_F(SessionTest, tellsBothEndsWhyInSentences) {
    struct Case {
        CloseReason reason;
        bool isError;
        ErrorCode code;
    };
    const Case cases[] = {
        {CloseReason::Unknown, true, ErrorCode::Closed},
        {CloseReason::Goodbye, false, {}},
        {CloseReason::Superseded, false, {}},
        {CloseReason::Renew, false, {}},
        {CloseReason::Idle, false, {}},
        {CloseReason::Violation, true, ErrorCode::ProtocolViolation},
        {CloseReason::Version, true, ErrorCode::VersionMismatch},
        {CloseReason::NotWelcome, true, ErrorCode::NotPermitted},
        {CloseReason::Storage, true, ErrorCode::Disk},
    };
    for (const Case& one : cases) {
        SessionPair pair(m_ada, m_bo);
        pair.exchange();
        pair.responder().close(one.reason, "", pair.now());
        pair.exchange();
        for (const Role role : {Role::Dialler, Role::Responder}) {
            const auto& ended = pair.ended(role);
            ASSERT_TRUE(ended);
            EXPECT_EQ(ended->reason, one.reason);
            ASSERT_EQ(ended->error.has_value(), one.isError) << int(one.reason);
            if (!one.isError) continue;
            EXPECT_EQ(ended->error->code, one.code);
            EXPECT_EQ(ended->error->text.back(), '.') << ended->error->text;
        }
    }
}

TEST_F(SessionTest, quotesThePeersWordsWithoutTheirControlCharacters) {
    SessionPair pair(m_ada, m_bo);
    pair.exchange();
    pair.responder().close(CloseReason::Unknown, "be\x1b[31mware\u202E", pair.now());
    pair.exchange();
    const std::string text = pair.ended(Role::Dialler)->error->text;
    EXPECT_NE(text.find("“be[31mware”"), std::string::npos) << text;
}

TEST_F(SessionTest, cutsLongReasonsSoThatTheyFitBeforeTheHello) {
    RawPeer peer(Role::Dialler, m_bo);
    Lone end = lone(Role::Responder);
    peer.shake(*end.session, m_now);
    std::string text = "a";
    for (int i = 0; i < 1000; ++i) text += "漢";
    end.session->close(CloseReason::Unknown, text, m_now);
    EXPECT_LE(end.session->outgoing().size(), limits::kHandshakeFrame + wire::FrameBuffer::kHeaderBytes);
    const auto said = peer.read(*end.session);
    ASSERT_EQ(said.size(), 1U);
    EXPECT_EQ(std::get<wire::Close>(said[0]).text, text.substr(0, 511));
}

TEST_F(SessionTest, reportsALostConnectionOnceInEveryState) {
    for (int carried = 0; carried < 4; ++carried) {
        SessionPair pair(m_ada, m_bo);
        for (int i = 0; i < carried; ++i) pair.carry(i % 2 == 0 ? Role::Dialler : Role::Responder);
        for (const Role role : {Role::Dialler, Role::Responder}) {
            pair.at(role).transportClosed("the network is unreachable");
            pair.at(role).transportClosed("again");
            EXPECT_TRUE(pair.at(role).isFinished());
            EXPECT_TRUE(pair.at(role).outgoing().empty());
        }
        pair.elapse(1s);
        for (const Role role : {Role::Dialler, Role::Responder}) {
            ASSERT_TRUE(pair.ended(role));
            EXPECT_EQ(pair.ended(role)->error->code, ErrorCode::Closed);
            EXPECT_NE(pair.ended(role)->error->text.find("the network is unreachable"), std::string::npos);
        }
    }
}

TEST_F(SessionTest, aRelayIsToldNeitherNameNorPort) {
    test::PairOptions options;
    options.purpose = options.listener = wire::Purpose::Relay;
    m_ada.local.listenPort = 4711;
    test::SessionPair pair(m_ada, m_bo, options);
    pair.exchange();
    ASSERT_TRUE(pair.bothOpen());
    EXPECT_EQ(pair.opened(Role::Responder)->hello.name, "");
    EXPECT_EQ(pair.opened(Role::Responder)->hello.listenPort, 0);
    EXPECT_EQ(pair.opened(Role::Responder)->certificate, m_ada.certificate);
}

TEST_F(SessionTest, relayMessagesAndOthersDoNotMix) {
    const wire::Message forRelay = wire::relay::Frame{1, wire::relay::Done{}};
    const wire::Message forOthers = profile("x");
    for (const wire::Purpose purpose : {wire::Purpose::Conversation, wire::Purpose::Relay}) {
        test::PairOptions options;
        options.purpose = options.listener = purpose;
        const bool isRelay = purpose == wire::Purpose::Relay;
        test::SessionPair pair(m_ada, m_bo, options);
        pair.exchange();
        ASSERT_TRUE(pair.bothOpen());
        pair.send(Role::Dialler, isRelay ? forRelay : forOthers);
        pair.exchange();
        EXPECT_EQ(pair.received(Role::Responder).size(), 1U);
        pair.send(Role::Dialler, isRelay ? forOthers : forRelay);
        pair.exchange();
        EXPECT_EQ(pair.received(Role::Responder).size(), 1U);
        ASSERT_TRUE(pair.ended(Role::Responder));
        EXPECT_EQ(pair.ended(Role::Responder)->reason, CloseReason::Violation);
    }
}

TEST_F(SessionTest, closedIsFinal) {
    RawPeer peer(Role::Dialler, m_bo);
    Lone end = opened(peer);
    RawPeer::sendFrame(*end.session, Bytes(100, 9), m_now);
    end.takeEvents();
    ASSERT_TRUE(end.ended);
    end.session->consumeOutgoing(end.session->outgoing().size());
    for (int i = 0; i < 3; ++i) {
        m_now += 1h;
        end.session->receive(Bytes(5000, 1), m_now);
        end.session->advance(m_now);
        end.session->send(profile("x"), m_now);
        end.session->close(CloseReason::Goodbye, "", m_now);
        end.session->transportClosed("gone");
        EXPECT_TRUE(end.session->isFinished());
        EXPECT_FALSE(end.session->canSend());
        EXPECT_TRUE(end.session->outgoing().empty());
        EXPECT_FALSE(end.session->nextEvent());
        EXPECT_FALSE(end.session->nextTimeout());
    }
}

}  // namespace
}  // namespace landline::session
