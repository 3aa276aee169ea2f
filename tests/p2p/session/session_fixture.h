#pragma once

#include "tests/p2p/session/raw_peer.h"

#include <gtest/gtest.h>

namespace landline::session {

/// Two parties, and a lone session whose other end the test plays.
class SessionTest : public ::testing::Test {
protected:
    struct Lone {
        std::unique_ptr<Session> session;
        std::optional<Opened> opened;
        std::vector<wire::Message> received;
        std::optional<Ended> ended;

        void takeEvents() {
            while (auto event = session->nextEvent()) {
                EXPECT_FALSE(ended) << "an event came after the last one";
                if (auto* one = std::get_if<Opened>(&*event)) opened = std::move(*one);
                if (auto* one = std::get_if<Received>(&*event)) received.push_back(std::move(one->message));
                if (auto* one = std::get_if<Ended>(&*event)) ended = std::move(*one);
            }
        }
        [[nodiscard]] ErrorCode errorCode() {
            takeEvents();
            EXPECT_TRUE(ended && ended->error);
            return ended && ended->error ? ended->error->code : ErrorCode::Internal;
        }
        [[nodiscard]] std::string errorText() {
            takeEvents();
            return ended && ended->error ? ended->error->text : std::string();
        }
    };

    Lone lone(Role role, ExpectedParty expected = {}, wire::Purpose purpose = wire::Purpose::Conversation,
              wire::Suite suite = wire::Suite::ChaChaPoly) {
        Lone result;
        result.session = std::make_unique<Session>(role, purpose, suite, m_ada.local, expected, std::nullopt,
                                                   m_ada.random, m_now);
        return result;
    }
    /// A session in Open whose other end is `peer` (of the other role).
    Lone opened(test::RawPeer& peer, Role role = Role::Responder) {
        Lone result = lone(role);
        peer.shake(*result.session, m_now);
        if (role == Role::Dialler) (void)peer.read(*result.session);
        peer.send(*result.session, peer.hello(), m_now);
        if (role == Role::Responder) (void)peer.read(*result.session);
        result.takeEvents();
        EXPECT_TRUE(result.session->isOpen());
        return result;
    }
    static wire::Profile profile(std::string status) {
        return {"Ada", wire::Presence::Online, std::move(status)};
    }

    MonoTime m_now{std::chrono::hours(1)};
    test::TestParty m_ada{1, "Ada"};
    test::TestParty m_bo{2, "Bo"};
};

}  // namespace landline::session
