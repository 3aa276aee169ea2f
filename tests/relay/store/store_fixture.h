#pragma once

#include "p2p/base/hash.h"
#include "relay/store/mailbox_store.h"
#include "tests/support/seeded_random.h"

#include <gtest/gtest.h>

namespace landline::relay {

/// Devices and what they ask of a store, for its tests. Each sender counts its deposits.
class Asker {
public:
    explicit Asker(std::uint64_t seed = 11) : random(seed) {}

    DeviceId device() { return random.make<DeviceId>(); }
    /// A device with an account of that class.
    DeviceId member(MailboxStore& store, const std::string& quotaClass = {}) {
        const DeviceId made = device();
        const auto invite = random.make<InviteHash>();
        EXPECT_EQ(store.addInvite({invite, 1, now + std::chrono::hours(1), quotaClass}).result,
                  MailboxResult::Done);
        EXPECT_EQ(store.join({made, invite}, now).joined, Joined::Done);
        return made;
    }
    Bytes body(std::size_t size = 40) {
        Bytes made(size);
        random.fill(made);
        return made;
    }
    Deposit make(const DeviceId& from, const std::vector<DeviceId>& to, Bytes bytes) {
        Deposit made;
        made.sender = from;
        made.counter = ++counters[from];
        for (const DeviceId& device : to) made.recipients.push_back({device, std::nullopt});
        made.body = std::move(bytes);
        return made;
    }
    Deposit make(const DeviceId& from, const std::vector<DeviceId>& to) { return make(from, to, body()); }

    test::SeededRandom random;
    WallTime now = fromUnixMillis(1'700'000'000'000);
    std::map<DeviceId, std::uint64_t> counters;
};

inline std::vector<MailNumber> numbersOf(const PullAnswer& answer) {
    std::vector<MailNumber> numbers;
    for (const MailItem& item : answer.items) numbers.push_back(item.number);
    return numbers;
}

inline bool isStored(const DepositAnswer& answer) {
    return answer.result == DepositResult::Done && !answer.placements.empty() &&
           answer.placements[0].placed == Placed::Stored;
}

}  // namespace landline::relay
