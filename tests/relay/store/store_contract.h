#pragma once

#include "p2p/base/limits.h"
#include "tests/relay/store/store_fixture.h"

#include <functional>
#include <memory>

/// What every MailboxStore must keep, whatever is beneath it. The tests are in store_contract_test.cpp and
/// store_contract_rights_test.cpp; a source of the same program instantiates them with a function that makes the store:
///
///     INSTANTIATE_TEST_SUITE_P(Memory, MailboxContract, ::testing::Values(StoreMaker(makeMemoryStore)));
///
/// and MailboxAgreement (store_model.h) as well.
namespace landline::relay {

/// A store under test, empty at first.
class StoreUnderTest {
public:
    virtual ~StoreUnderTest() = default;
    virtual MailboxStore& store() = 0;
    /// The program ends without a word and starts again: what was not committed is gone.
    virtual void restart() = 0;
};
using StoreMaker = std::function<std::unique_ptr<StoreUnderTest>()>;

class MailboxContract : public ::testing::TestWithParam<StoreMaker> {
protected:
    MailboxContract() : under(GetParam()()) {
        store().setRules(rules);
        alice = ask.member(store());
        bob = ask.member(store());
        carol = ask.member(store());
        commit();
    }
    MailboxStore& store() { return under->store(); }
    void commit() { ASSERT_TRUE(store().commit()); }
    void restart() {
        commit();
        crash();
    }
    void crash() {
        under->restart();
        store().setRules(rules);
    }
    void setRules(StoreRules changed) {
        rules = std::move(changed);
        store().setRules(rules);
    }
    DepositAnswer put(const Deposit& deposit) { return store().deposit(deposit, ask.now); }
    /// What became of it at its first recipient, or as a whole.
    std::optional<Reason> fate(const Deposit& deposit) {
        const DepositAnswer answer = put(deposit);
        if (answer.told.refusal) return answer.told.refusal->reason;
        return answer.told.failures.empty() ? std::nullopt : std::optional(answer.told.failures[0].reason);
    }
    Deposit toBob(std::size_t bytes = 40) { return ask.make(alice, {bob}, ask.body(bytes)); }
    Deposit heads(const DeviceId& from, std::size_t bytes = 40) {
        Deposit made = ask.make(from, {bob}, ask.body(bytes));
        made.content.box = Box::Heads;
        return made;
    }
    PullAnswer pull(const DeviceId& device, MailNumber from = 1, std::size_t bytes = limits::kPullBytes) {
        return store().pull({device, Box::Messages, from, bytes}, ask.now);
    }
    PullAnswer pullHeads(MailNumber from = 1, std::size_t bytes = limits::kPullBytes) {
        return store().pull({bob, Box::Heads, from, bytes}, ask.now);
    }
    AckAnswer acknowledge(const DeviceId& device, MailNumber through, Box box = Box::Messages) {
        return store().acknowledge({device, {ask.epoch, box, through}});
    }
    wr::Welcome welcome(const DeviceId& device) { return store().admit({ask.partyOf(device), {}, {}, false}, true, ask.now).welcome; }
    Deposit with(const RelayToken& token, const DeviceId& from, const DeviceId& to, Bytes bytes) {
        Deposit made = ask.make(from, {}, std::move(bytes));
        made.content.recipients.push_back(ask.to(to, token));
        return made;
    }
    void sweepAll() {
        while (store().sweep(ask.now, 64)) commit();
        commit();
    }

    Asker ask;
    StoreRules rules;
    std::unique_ptr<StoreUnderTest> under;
    DeviceId alice;
    DeviceId bob;
    DeviceId carol;
};

}  // namespace landline::relay
