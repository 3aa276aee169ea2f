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
    WallTime latest{};  ///< that it ever was, though the clock may have been turned back since

    /// Once a sender was silent for a life it may be forgotten with all its answers.
    bool mayBeForgotten(const DeviceId& sender) {
        const auto& known = answered[sender];
        return std::all_of(known.begin(), known.end(),
                           [this](const auto& one) { return one.second.told.expires <= latest; });
    }

    DepositAnswer deposit(const Deposit& deposit, WallTime now, std::chrono::seconds life) {
        DepositAnswer answer;
        answer.told.expires = now + life;
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
        if (mayBeForgotten(deposit.from.device)) known.clear();
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
        model.latest = ask->now;
        life = limits::kDepositLife;
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
        EXPECT_EQ(store().deposit(made, ask->now), model.deposit(made, ask->now, life));
    }
    void repeat() {
        const DeviceId& sender = any();
        if (model.mayBeForgotten(sender)) return;
        const auto& known = model.answered[sender];
        const auto& [deposit, answer] = known[ask->random.below(known.size())];
        const DepositAnswer again = store().deposit(deposit, ask->now);
        EXPECT_TRUE(again.repeated);
        EXPECT_EQ(again.told, answer.told);
    }
    void compare(const DeviceId& device) {
        const StoreModel::Mails& box = model.boxes[device];
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
        // What goes, goes in the order of the numbers: what has expired may stay for as long as something lies before it.
        bool isFirst = true;
        bool maySweep = true;
        std::size_t at = 0;
        for (const auto& [number, held] : box.items) {
            const bool isOver = held.expires <= ask->now;
            isFirst = isFirst && isOver;
            maySweep = maySweep && held.expires <= model.latest;
            const bool isGiven = at < got.size() && got[at] == held.item;
            if (isGiven) ++at;
            EXPECT_TRUE(!isGiven || !isFirst) << number << " has expired";
            EXPECT_TRUE(isGiven || isOver || maySweep) << number << " is missing";
        }
        EXPECT_EQ(at, got.size());
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
        if (restarts) {
            under->restart();
            setLife(life);
        } else {
            store().rollback();
        }
        const WallTime latest = model.latest;
        model = committed;
        model.latest = latest;
    }
    void setLife(std::chrono::seconds changed) {
        life = changed;
        StoreRules rules;
        rules.life = life;
        store().setRules(rules);
    }
    void moveClock(std::chrono::minutes by) {
        ask->now += by;
        model.latest = std::max(model.latest, ask->now);
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
                return moveClock(std::chrono::minutes(static_cast<int>(ask->random.below(300))));
            case 6:
                if (ask->random.below(10) == 0) loseTransaction(ask->random.below(2) == 0);
                return;
            case 7:
                store().tidy();
                return;
            case 8:
                // The operator changes it, and a clock is set right.
                if (ask->random.below(2) == 0) return setLife(std::chrono::hours(ask->random.below(2) == 0 ? 1 : 100));
                return moveClock(-std::chrono::minutes(static_cast<int>(ask->random.below(55))));
            default:
                return deposit();
        }
    }

    std::unique_ptr<Asker> ask;
    std::unique_ptr<StoreUnderTest> under;
    StoreModel model;
    StoreModel committed;
    std::vector<DeviceId> devices;
    std::chrono::seconds life = limits::kDepositLife;
    DeviceId nobody;
};

}  // namespace landline::relay
