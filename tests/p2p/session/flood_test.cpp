// Frames that a session answers or passes over by itself, so that its owner cannot count them.
#include "tests/p2p/session/session_fixture.h"

namespace landline::session {
namespace {

using test::RawPeer;

TEST_F(SessionTest, pingsOfAPeerThatDoesNotReadDoNotGrowItsMemory) {
    RawPeer peer(Role::Dialler, m_bo);
    Lone end = opened(peer);
    while (end.session->canSend()) end.session->send(wire::FileChunk{0, Bytes(60'000, 1)}, m_now);
    const std::size_t before = end.session->outgoingBytes();
    for (std::uint64_t i = 0; i < limits::kOwnFrames; ++i) peer.send(*end.session, wire::Ping{i}, m_now);
    EXPECT_EQ(end.session->outgoingBytes(), before);
    EXPECT_TRUE(end.session->isOpen());
}

TEST_F(SessionTest, endsWhoFloodsItWithFramesThatNobodyCounts) {
    const wire::Message floods[] = {wire::Ping{1}, wire::Pong{1}, wire::Rekey{}};
    for (const wire::Message& one : floods) {
        RawPeer peer(Role::Dialler, m_bo);
        Lone end = opened(peer);
        const auto send = [&] {
            peer.send(*end.session, one, m_now);
            if (std::holds_alternative<wire::Rekey>(one)) peer.rekeySending();
        };
        for (std::size_t i = 0; i < limits::kOwnFrames; ++i) send();
        EXPECT_TRUE(end.session->isOpen()) << one.index();
        m_now += limits::kKeepalive;
        for (std::size_t i = 0; i < limits::kOwnFrames; ++i) send();
        EXPECT_TRUE(end.session->isOpen()) << "what is long ago does not count: " << one.index();
        send();
        EXPECT_FALSE(end.session->isOpen()) << one.index();
        EXPECT_EQ(end.errorCode(), ErrorCode::ProtocolViolation);
    }
}

TEST_F(SessionTest, aRelayEndsWhoFloodsItWithFramesItDoesNotKnow) {
    for (const bool isRelay : {false, true}) {
        test::PairOptions options;
        if (isRelay) options.purpose = options.listener = wire::Purpose::Relay;
        test::SessionPair pair(m_ada, m_bo, options);
        pair.exchange();
        ASSERT_TRUE(pair.bothOpen());
        for (std::size_t i = 0; i <= limits::kOwnFrames; ++i) pair.send(Role::Dialler, wire::UnknownFrame{});
        pair.exchange();
        EXPECT_EQ(pair.bothOpen(), !isRelay);
    }
}

}  // namespace
}  // namespace landline::session
