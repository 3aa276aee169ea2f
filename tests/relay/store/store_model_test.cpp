#include "tests/relay/store/store_model.h"

namespace landline::relay {

void MailboxAgreement::begin(std::uint64_t seed, const Quota& quota) {
    ask = std::make_unique<Asker>(seed);
    under = GetParam()();
    model = {};
    model.latest = ask->now;
    model.quota = quota;
    devices.clear();
    guests.clear();
    tokens.clear();
    setLife(limits::kDepositLife);
    for (int i = 0; i < 4; ++i) {
        devices.push_back(ask->member(store()));
        model.boxes[devices.back()];
    }
    for (int i = 0; i < 12; ++i) guests.push_back(ask->device());
    for (int i = 0; i < 4; ++i) tokens.push_back(ask->random.make<RelayToken>());
    nobody = ask->device();
    ASSERT_TRUE(store().commit());
    committed = model;
}

void MailboxAgreement::deposit() {
    const DeviceId& from = anyBody();
    std::vector<DeviceId> to = {any()};
    // A device may be named once.
    if (ask->random.below(4) == 0) to.push_back(nobody);
    for (const DeviceId& device : devices)
        if (ask->random.below(4) == 0 && device != to[0]) to.push_back(device);
    Deposit made = ask->make(from, to, ask->body(ask->random.below(300)));
    if (ask->random.below(4) == 0) made.content.box = Box::Heads;
    for (wr::Recipient& recipient : made.content.recipients)
        if (!ask->members.contains(from) || ask->random.below(3) == 0)
            recipient.to.token = tokens[ask->random.below(tokens.size())];
    // A number skipped now and then, as where nothing was stored.
    if (ask->random.below(10) == 0) ++ask->counters[made.from.device];
    const DepositAnswer answer = store().deposit(made, ask->now);
    EXPECT_EQ(answer, model.deposit(made, answer, ask->now + life));
}

void MailboxAgreement::repeat() {
    const DeviceId& sender = anyBody();
    if (model.mayBeForgotten(sender)) return;
    const auto& known = model.answered[sender];
    const auto& [deposit, answer] = known[ask->random.below(known.size())];
    const DepositAnswer again = store().deposit(deposit, ask->now);
    EXPECT_TRUE(again.repeated);
    EXPECT_EQ(again.told, answer.told);
}

void MailboxAgreement::compare(const DeviceId& device) {
    const StoreModel::Mails& box = model.boxes[device];
    std::vector<wr::Item> got;
    for (MailNumber next = 1; true;) {
        const PullAnswer answer =
            store().pull({device, Box::Messages, next, ask->random.below(3000)}, ask->now);
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
    compareHeads(device);
}

void MailboxAgreement::compareHeads(const DeviceId& device) {
    const StoreModel::Mails& box = model.boxes[device];
    std::vector<wr::Item> got;
    for (MailNumber next = 1; true;) {
        const PullAnswer answer = store().pull({device, Box::Heads, next, ask->random.below(1500)}, ask->now);
        ASSERT_FALSE(answer.refused);
        ASSERT_EQ(answer.highest, box.lastHeads);
        ASSERT_TRUE(!answer.more || !answer.items.empty());
        got.insert(got.end(), answer.items.begin(), answer.items.end());
        if (!answer.more) break;
        next = answer.items.back().number + 1;
    }
    std::map<MailNumber, StoreModel::Item> expected;
    for (const auto& [sender, held] : box.heads) expected[held.item.number] = held;
    std::size_t at = 0;
    for (const auto& [number, held] : expected) {
        const bool isGiven = at < got.size() && got[at] == held.item;
        if (isGiven) ++at;
        EXPECT_TRUE(!isGiven || held.expires > ask->now) << "heads " << number << " have expired";
        EXPECT_TRUE(isGiven || held.expires <= model.latest) << "heads " << number << " are missing";
    }
    EXPECT_EQ(at, got.size());
}

void MailboxAgreement::acknowledge() {
    const DeviceId& device = any();
    const StoreModel::Mails& box = model.boxes[device];
    if (box.lastHeads > 0 && ask->random.below(3) == 0) {
        const MailNumber upTo = ask->random.below(box.lastHeads + 1);
        EXPECT_FALSE(store().acknowledge({device, {store().epoch(), Box::Heads, upTo}}).refused);
        return model.acknowledgeHeads(device, upTo);
    }
    // Also what was freed before, and nothing at all.
    const MailNumber upTo = box.freed - std::min<MailNumber>(box.freed, 1) + ask->random.below(box.last - box.freed + 2);
    if (upTo > box.last) return;
    EXPECT_FALSE(store().acknowledge({device, {store().epoch(), Box::Messages, upTo}}).refused);
    model.acknowledge(device, upTo);
}

void MailboxAgreement::setTokens() {
    const DeviceId& device = any();
    std::vector<wr::Token> wanted;
    for (const RelayToken& token : tokens)
        if (ask->random.below(4) != 0) wanted.push_back({token, ask->random.below(2) == 0 ? 0U : 1200U});
    EXPECT_FALSE(store().setTokens({device, wanted}).refused);
    auto before = std::exchange(model.boxes[device].tokens, {});
    for (const wr::Token& one : wanted) {
        const auto held = before.find(one.token);
        model.boxes[device].tokens[one.token] = {
            one.share, held == before.end() ? ++model.tokenLives : held->second.life};
    }
}

void MailboxAgreement::commit() {
    ASSERT_TRUE(store().commit());
    committed = model;
}

void MailboxAgreement::loseTransaction(bool restarts) {
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

void MailboxAgreement::setLife(std::chrono::seconds changed) {
    life = changed;
    StoreRules rules;
    rules.life = life;
    rules.quota = model.quota;
    store().setRules(rules);
}

void MailboxAgreement::moveClock(std::chrono::minutes by) {
    ask->now += by;
    model.latest = std::max(model.latest, ask->now);
}

void MailboxAgreement::step() {
    switch (ask->random.below(17)) {
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
            if (ask->random.below(2) == 0)
                return setLife(std::chrono::hours(ask->random.below(2) == 0 ? 1 : 100));
            return moveClock(-std::chrono::minutes(static_cast<int>(ask->random.below(55))));
        case 9:
            return setTokens();
        default:
            return deposit();
    }
}

TEST_P(MailboxAgreement, randomWorkWithRestartsAgreesWithAModel) {
    for (std::uint64_t seed = 1; seed <= 16; ++seed) {
        SCOPED_TRACE(seed);
        // Every other one is full most of the time.
        begin(seed, seed % 2 == 0 ? Quota{6'000, 20, 2'500, 10} : Quota{});
        for (int i = 0; i < 1500 && !HasFailure(); ++i) step();
        commit();
        under->restart();
        for (const DeviceId& device : devices) compare(device);
        if (HasFailure()) return;
    }
}

TEST_P(MailboxAgreement, whatIsHeldReturnsToNothing) {
    begin(99, Quota{});
    setTokens();
    for (int i = 0; i < 500; ++i) deposit();
    commit();
    EXPECT_GT(store().figures().heldItems, 0u);
    for (const DeviceId& device : devices) {
        const StoreModel::Mails& box = model.boxes[device];
        EXPECT_FALSE(store().acknowledge({device, {store().epoch(), Box::Messages, box.last}}).refused);
        EXPECT_EQ(store().acknowledge({device, {store().epoch(), Box::Heads, box.lastHeads}}).used, 0u);
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
