#pragma once

#include "p2p/base/limits.h"
#include "tests/relay/store/store_contract.h"

#include <deque>

/// A MailboxStore under random work beside the simplest thing that keeps the same rules. Part of the contract: instantiate
/// MailboxAgreement as well.
namespace landline::relay {

/// Mailboxes and answers as plain maps; copied for each commit.
struct StoreModel {
    struct Item {
        Bytes body;
        WallTime expires;
    };
    struct Box {
        std::map<MailNumber, Item> items;
        MailNumber freed = 0;
        MailNumber last = 0;
    };
    std::map<DeviceId, Box> boxes;
    std::map<DeviceId, std::deque<std::pair<Deposit, DepositAnswer>>> answered;

    DepositAnswer deposit(const Deposit& deposit, WallTime now) {
        DepositAnswer answer;
        answer.expires = std::min(deposit.notAfter, now + limits::kMailboxTime);
        for (const Recipient& recipient : deposit.recipients) {
            const auto box = boxes.find(recipient.device);
            if (box == boxes.end()) {
                answer.placements.push_back({Placed::UnknownRecipient, 0});
                continue;
            }
            box->second.items[++box->second.last] = {deposit.body, answer.expires};
            answer.placements.push_back({Placed::Stored, box->second.last});
        }
        auto& known = answered[deposit.sender];
        known.emplace_back(deposit, answer);
        if (known.size() > limits::kRememberedDeposits) known.pop_front();
        return answer;
    }
    void acknowledge(const DeviceId& device, MailNumber upTo) {
        Box& box = boxes[device];
        box.freed = std::max(box.freed, upTo);
        box.items.erase(box.items.begin(), box.items.upper_bound(upTo));
    }
};

class MailboxAgreement : public ::testing::TestWithParam<StoreMaker> {
protected:
    void begin(std::uint64_t seed) {
        ask = std::make_unique<Asker>(seed);
        under = GetParam()();
        model = {};
        devices.clear();
        for (int i = 0; i < 4; ++i) {
            devices.push_back(ask->member(store()));
            model.boxes[devices.back()];
        }
        nobody = ask->device();
        ASSERT_TRUE(store().commit());
        committed = model;
    }
    MailboxStore& store() { return under->store(); }
    const DeviceId& any() { return devices[ask->random.below(devices.size())]; }

    void deposit() {
        std::vector<DeviceId> to = {any()};
        while (ask->random.below(4) == 0) to.push_back(ask->random.below(8) == 0 ? nobody : any());
        Deposit made = ask->make(any(), to, ask->body(ask->random.below(300)));
        made.notAfter = ask->now + std::chrono::hours(1 + ask->random.below(500));
        // A number skipped now and then, as where nothing was stored.
        if (ask->random.below(10) == 0) ++ask->counters[made.sender];
        EXPECT_EQ(store().deposit(made, ask->now), model.deposit(made, ask->now));
    }
    void repeat() {
        auto& known = model.answered[any()];
        if (known.empty()) return;
        const auto& [deposit, answer] = known[ask->random.below(known.size())];
        const DepositAnswer again = store().deposit(deposit, ask->now);
        if (answer.expires <= ask->now && again.result == DepositResult::StaleCounter) return;
        EXPECT_TRUE(again.repeated);
        EXPECT_EQ(again.placements, answer.placements);
        EXPECT_EQ(again.expires, answer.expires);
    }
    void compare(const DeviceId& device) {
        const StoreModel::Box& box = model.boxes[device];
        std::vector<MailItem> expected;
        for (const auto& [number, item] : box.items)
            if (item.expires > ask->now) expected.push_back({number, item.expires, item.body});
        std::vector<MailItem> got;
        for (MailNumber next = 1; true;) {
            const PullAnswer answer = store().pull(
                {device, store().epoch(), next, 1 + ask->random.below(50), ask->random.below(3000)},
                ask->now);
            ASSERT_EQ(answer.result, MailboxResult::Done);
            ASSERT_EQ(answer.last, box.last);
            ASSERT_GE(answer.freed, box.freed);
            got.insert(got.end(), answer.items.begin(), answer.items.end());
            next = answer.next;
            if (next > answer.last) break;
        }
        EXPECT_EQ(got, expected);
    }
    void acknowledge() {
        const DeviceId& device = any();
        const StoreModel::Box& box = model.boxes[device];
        if (box.last == box.freed) return;
        const MailNumber upTo = box.freed + 1 + ask->random.below(box.last - box.freed);
        EXPECT_EQ(store().acknowledge({device, store().epoch(), upTo}).result, MailboxResult::Done);
        model.acknowledge(device, upTo);
    }
    void commit() {
        ASSERT_TRUE(store().commit());
        committed = model;
    }
    void loseTransaction(bool restarts) {
        if (restarts)
            under->restart();
        else
            store().rollback();
        model = committed;
    }
    void step() {
        switch (ask->random.below(16)) {
            case 0:
                return commit();
            case 1:
                return acknowledge();
            case 2:
                return repeat();
            case 3:
                return compare(any());
            case 4:
                store().sweep(ask->now, 1 + ask->random.below(40));
                return;
            case 5:
                ask->now += std::chrono::minutes(ask->random.below(300));
                return;
            case 6:
                if (ask->random.below(10) == 0) loseTransaction(ask->random.below(2) == 0);
                return;
            case 7:
                store().tidy();
                return;
            default:
                return deposit();
        }
    }

    std::unique_ptr<Asker> ask;
    std::unique_ptr<StoreUnderTest> under;
    StoreModel model;
    StoreModel committed;
    std::vector<DeviceId> devices;
    DeviceId nobody;
};

}  // namespace landline::relay
