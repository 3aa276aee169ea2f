#pragma once

#include "tests/p2p/timeline/sync_pair.h"

#include <string>

namespace landline::timeline {

/// What tests of the sync engine share: a pair of sides and a few looks at it.
class SyncTest : public ::testing::Test {
protected:
    wire::Text text(const std::string& text) { return {text, {}}; }
    void expectSame() {
        const auto heads = pair.a.store().heads(pair.id);
        const auto others = pair.b.store().heads(pair.id);
        ASSERT_EQ(heads.size(), others.size());
        for (std::size_t i = 0; i < heads.size(); ++i) {
            EXPECT_EQ(heads[i].number, others[i].number);
            EXPECT_EQ(heads[i].hash, others[i].hash);
        }
    }
    wire::AuthorHead lastRecord(SyncSide& side) {
        return side.recorded.empty() ? wire::AuthorHead{} : side.recorded.back();
    }
    DeviceId deviceA() { return pair.a.writer().device(); }
    DeviceId deviceB() { return pair.b.writer().device(); }

    SyncPair pair;
};

}  // namespace landline::timeline
