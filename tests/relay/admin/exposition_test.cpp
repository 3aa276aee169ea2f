#include "relay/admin/exposition.h"

#include <gtest/gtest.h>

namespace landline::relay {
namespace {

TEST(Exposition, writesHelpTypeAndValue) {
    const std::vector<Metric> metrics{
        {"landline_clients", "Clients that are here.", Metric::Kind::Gauge, 3},
        {"landline_refused_total", "Refusals.", Metric::Kind::Counter, 12345678901234},
        {"landline_stored_total", "Items.", Metric::Kind::Counter, 0},
        {"landline_commit_seconds", "Of the last commit.", Metric::Kind::Gauge, 0.00025},
    };
    EXPECT_EQ(exposition(metrics),
              "# HELP landline_clients Clients that are here.\n"
              "# TYPE landline_clients gauge\n"
              "landline_clients 3\n"
              "# HELP landline_refused_total Refusals.\n"
              "# TYPE landline_refused_total counter\n"
              "landline_refused_total 12345678901234\n"
              "# HELP landline_stored_total Items.\n"
              "# TYPE landline_stored_total counter\n"
              "landline_stored_total 0\n"
              "# HELP landline_commit_seconds Of the last commit.\n"
              "# TYPE landline_commit_seconds gauge\n"
              "landline_commit_seconds 0.00025\n");
}

TEST(Exposition, escapesWhatWouldEndALine) {
    const std::string text = exposition({{"x", "one\ntwo \\ \"three\"", Metric::Kind::Gauge, 1}});
    EXPECT_EQ(text, "# HELP x one\\ntwo \\\\ \"three\"\n# TYPE x gauge\nx 1\n");
}

}  // namespace
}  // namespace landline::relay
