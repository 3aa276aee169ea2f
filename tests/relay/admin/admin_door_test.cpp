#include "relay/admin/admin_door.h"

#include "tests/support/seeded_random.h"

#include <gtest/gtest.h>

namespace landline::relay {
namespace {

struct Door : ::testing::Test {
    static std::string nameIn(const AdminDoor::Visit& visit) {
        return visit.path.substr(7, visit.path.size() - 8);
    }

    test::SeededRandom random{4};
    AdminDoor door{random};
    MonoTime now{};
};

TEST_F(Door, aTicketIsGoodOnceAndSoon) {
    const std::string ticket = door.makeTicket(now);
    EXPECT_FALSE(door.enter({}, now));
    EXPECT_FALSE(door.enter(ticket.substr(1), now));
    EXPECT_TRUE(door.enter(ticket, now + AdminDoor::kTicketLife - Duration(1)));
    EXPECT_FALSE(door.enter(ticket, now));
    const std::string late = door.makeTicket(now);
    EXPECT_FALSE(door.enter(late, now + AdminDoor::kTicketLife));
    EXPECT_FALSE(door.enter(late, now));
}

TEST_F(Door, aVisitNeedsItsPathAndItsCookieAndEnds) {
    const auto one = *door.enter(door.makeTicket(now), now);
    const auto other = *door.enter(door.makeTicket(now), now);
    EXPECT_TRUE(door.mayLook(nameIn(one), one.cookie, now));
    EXPECT_TRUE(door.mayLook(nameIn(one), one.cookie, now)) << "more than once";
    EXPECT_FALSE(door.mayLook(nameIn(one), other.cookie, now));
    EXPECT_FALSE(door.mayLook(nameIn(other), one.cookie, now));
    EXPECT_FALSE(door.mayLook({}, {}, now));
    EXPECT_FALSE(door.mayLook(nameIn(one), one.cookie, now + AdminDoor::kVisitLife));
}

TEST_F(Door, keepsFewAndLetsTheOldestGo) {
    std::vector<std::string> tickets;
    for (std::size_t i = 0; i <= AdminDoor::kMost; ++i) tickets.push_back(door.makeTicket(now));
    EXPECT_FALSE(door.enter(tickets.front(), now));
    std::vector<AdminDoor::Visit> visits;
    for (std::size_t i = 1; i < tickets.size(); ++i) visits.push_back(*door.enter(tickets[i], now));
    visits.push_back(*door.enter(door.makeTicket(now), now));
    EXPECT_FALSE(door.mayLook(nameIn(visits[0]), visits[0].cookie, now));
    EXPECT_TRUE(door.mayLook(nameIn(visits[1]), visits[1].cookie, now));
}

}  // namespace
}  // namespace landline::relay
