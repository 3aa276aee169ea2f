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
        wr::Item item;
        WallTime expires;
    };
    struct Mails {
        std::map<MailNumber, Item> items;
        MailNumber freed = 0;
        MailNumber last = 0;
    };
    std::map<DeviceId, Mails> boxes;
    std::map<DeviceId, std::deque<std::pair<Deposit, DepositAnswer>>> answered;

    DepositAnswer deposit(const Deposit& deposit, WallTime now) {
        DepositAnswer answer;
        answer.told.expires = now + limits::kDepositLife;
        for (std::size_t at = 0; at < deposit.content.recipients.size(); ++at) {
            const wr::Recipient& recipient = deposit.content.recipients[at];
            const auto box = boxes.find(recipient.to.device);
            if (box == boxes.end()) {
                answer.told.failures.push_back({static_cast<std::uint32_t>(at), Reason::NoMailbox});
                continue;
            }
            const MailNumber number = ++box->second.last;
            box->second.items[number] = {{number, recipient.prekey, recipient.seal, deposit.content.body},
                                         answer.told.expires};
            answer.placed.push_back({recipient.to.device, Box::Messages, number});
        }
        auto& known = answered[deposit.from.device];
        known.emplace_back(deposit, answer);
        if (known.size() > limits::kRememberedDeposits) known.pop_front();
        return answer;
    }
    void acknowledge(const DeviceId& device, MailNumber upTo) {
        Mails& box = boxes[device];
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
        // A device may be named once.
        if (ask->random.below(4) == 0) to.push_back(nobody);
        for (const DeviceId& device : devices)
            if (ask->random.below(4) == 0 && device != to[0]) to.push_back(device);
        Deposit made = ask->make(any(), to, ask->body(ask->random.below(300)));
        // A number skipped now and then, as where nothing was stored.
        if (ask->random.below(10) == 0) ++ask->counters[made.from.device];
        EXPECT_EQ(store().deposit(made, ask->now), model.deposit(made, ask->now));
    }
    void repeat() {
        auto& known = model.answered[any()];
        if (known.empty()) return;
        const auto& [deposit, answer] = known[ask->random.below(known.size())];
        // Once the sender was silent for a life it may be forgotten with all its answers.
        if (known.back().second.told.expires <= ask->now) return;
        const DepositAnswer again = store().deposit(deposit, ask->now);
        EXPECT_TRUE(again.repeated);
        EXPECT_EQ(again.told, answer.told);
    }
    void compare(const DeviceId& device) {
        const StoreModel::Mails& box = model.boxes[device];
        std::vector<wr::Item> expected;
        for (const auto& [number, held] : box.items)
            if (held.expires > ask->now) expected.push_back(held.item);
        std::vector<wr::Item> got;
        for (MailNumber next = 1; true;) {
            const PullAnswer answer = store().pull({device, Box::Messages, next, ask->random.below(3000)}, ask->now);
            ASSERT_FALSE(answer.refused);
            ASSERT_EQ(answer.highest, box.last);
            ASSERT_TRUE(!answer.more || !answer.items.empty());
            got.insert(got.end(), answer.items.begin(), answer.items.end());
            if (!answer.more) break;
            next = answer.items.back().number + 1;
        }
        EXPECT_EQ(got, expected);
    }
    void acknowledge() {
        const DeviceId& device = any();
        const StoreModel::Mails& box = model.boxes[device];
        if (box.last == box.freed) return;
        const MailNumber upTo = box.freed + 1 + ask->random.below(box.last - box.freed);
        EXPECT_FALSE(store().acknowledge({device, {store().epoch(), Box::Messages, upTo}}).refused);
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
