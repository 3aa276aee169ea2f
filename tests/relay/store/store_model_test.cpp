#include "tests/relay/store/store_model.h"

namespace landline::relay {

TEST_P(MailboxAgreement, randomWorkWithRestartsAgreesWithAModel) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        SCOPED_TRACE(seed);
        begin(seed);
        for (int i = 0; i < 1500 && !HasFailure(); ++i) step();
        commit();
        under->restart();
        for (const DeviceId& device : devices) compare(device);
        if (HasFailure()) return;
    }
}

TEST_P(MailboxAgreement, whatIsHeldReturnsToNothing) {
    begin(99);
    for (int i = 0; i < 500; ++i) deposit();
    commit();
    for (const DeviceId& device : devices) {
        EXPECT_FALSE(store().acknowledge({device, {store().epoch(), Box::Messages, model.boxes[device].last}}).refused);
        model.acknowledge(device, model.boxes[device].last);
    }
    commit();
    EXPECT_EQ(store().figures().heldItems, 0u);
    EXPECT_EQ(store().figures().heldBytes, 0u);
    ask->now += std::chrono::hours(600);
    for (int passes = 0; passes < 2; ++passes)
        while (store().sweep(ask->now, 30)) commit();
    commit();
    EXPECT_EQ(store().figures().senders, 0u);
}

}  // namespace landline::relay
