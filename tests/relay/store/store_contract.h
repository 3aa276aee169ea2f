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
    MailboxContract()
        : under(GetParam()()),
          alice(ask.member(store())),
          bob(ask.member(store())),
          carol(ask.member(store())) {
        commit();
    }
    MailboxStore& store() { return under->store(); }
    void commit() { ASSERT_TRUE(store().commit()); }
    void restart() {
        commit();
        under->restart();
    }
    DepositAnswer put(const Deposit& deposit) { return store().deposit(deposit, ask.now); }
    Placed placed(const Deposit& deposit) {
        const DepositAnswer answer = put(deposit);
        EXPECT_EQ(answer.result, DepositResult::Done);
        return answer.placements.empty() ? Placed::UnknownRecipient : answer.placements[0].placed;
    }
    Deposit toBob() { return ask.make(alice, {bob}); }
    PullAnswer pull(const DeviceId& device, MailNumber from = 1, std::size_t items = 100) {
        return store().pull({device, store().epoch(), from, items, 1 << 20}, ask.now);
    }
    AckAnswer acknowledge(const DeviceId& device, MailNumber upTo) {
        return store().acknowledge({device, store().epoch(), upTo});
    }
    TokenHash token(const DeviceId& owner, TokenShare share = {}) {
        const auto hash = ask.random.make<TokenHash>();
        EXPECT_EQ(store().addToken({owner, hash, share}).result, MailboxResult::Done);
        return hash;
    }
    Deposit with(const TokenHash& hash, const DeviceId& from, const DeviceId& to, Bytes bytes) {
        Deposit made = ask.make(from, {to}, std::move(bytes));
        made.recipients[0].token = hash;
        return made;
    }
    void sweepAll() {
        while (store().sweep(ask.now, 64)) commit();
        commit();
    }

    Asker ask;
    std::unique_ptr<StoreUnderTest> under;
    DeviceId alice;
    DeviceId bob;
    DeviceId carol;
};

}  // namespace landline::relay
