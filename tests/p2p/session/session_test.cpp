#include "p2p/session/session.h"

#include "tests/support/session_pair.h"

#include <gtest/gtest.h>

namespace landline::session {
namespace {

using test::PairOptions;
using test::SessionPair;
using test::TestParty;
using wire::CloseReason;

class SessionTest : public ::testing::Test {
protected:
    TestParty m_ada{1, "Ada"};
    TestParty m_bo{2, "Bo"};
};

wire::Profile profile(std::string status) {
    return {"Ada", wire::Presence::Online, std::move(status)};
}

TEST_F(SessionTest, opensAndCarriesMessagesBothWays) {
    SessionPair pair(m_ada, m_bo, {.expected = {m_bo.device(), m_bo.noiseKey()}});
    pair.exchange();
    ASSERT_TRUE(pair.bothOpen());
    EXPECT_EQ(pair.opened(Role::Dialler)->certificate, m_bo.certificate);
    EXPECT_EQ(pair.opened(Role::Responder)->certificate, m_ada.certificate);
    EXPECT_EQ(pair.opened(Role::Responder)->hello.name, "Ada");
    EXPECT_EQ(pair.opened(Role::Responder)->hello.listenPort, 4000);
    EXPECT_TRUE(pair.dialler().isAuthenticated());

    for (int i = 0; i < 20; ++i) pair.send(Role::Dialler, profile("out " + std::to_string(i)));
    pair.send(Role::Responder, profile("back"));
    pair.exchange();
    ASSERT_EQ(pair.received(Role::Responder).size(), 20U);
    EXPECT_EQ(pair.received(Role::Responder)[19], wire::Message(profile("out 19")));
    ASSERT_EQ(pair.received(Role::Dialler).size(), 1U);
}

}  // namespace
}  // namespace landline::session
