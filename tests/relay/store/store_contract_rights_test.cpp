// The rest of the contract: quotas, tokens, heads, prekeys, accounts, transactions.
#include "tests/relay/store/store_contract.h"

#include <algorithm>

namespace landline::relay {

// Quotas and tokens ---------------------------------------------------------------------------------------------

TEST_P(MailboxContract, aFullMailboxRefusesUntilSomethingIsFreed) {
    store().setQuotas({{"small", {1000, 3, 1000, 3}}}, {});
    const DeviceId small = ask.member(store(), "small");
    for (int i = 0; i < 3; ++i) EXPECT_EQ(placed(ask.make(alice, {small}, ask.body(10))), Placed::Stored);
    EXPECT_EQ(placed(ask.make(alice, {small}, ask.body(10))), Placed::QuotaExceeded) << "by items";
    EXPECT_EQ(placed(toBob()), Placed::Stored) << "nobody else is touched";
    acknowledge(small, 1);
    EXPECT_EQ(placed(ask.make(alice, {small}, ask.body(980))), Placed::Stored);
    acknowledge(small, 2);
    EXPECT_EQ(placed(ask.make(alice, {small}, ask.body(11))), Placed::QuotaExceeded) << "by bytes";
    EXPECT_EQ(placed(ask.make(alice, {small}, ask.body(1001))), Placed::TooLarge) << "it would never fit";
    commit();
    under->restart();
    store().setQuotas({{"small", {1000, 3, 1000, 3}}}, {});
    EXPECT_EQ(placed(ask.make(alice, {small}, ask.body(11))), Placed::QuotaExceeded);
    // Quotas may change while it runs.
    store().setQuotas({{"small", {2000, 3, 2000, 3}}}, {});
    EXPECT_EQ(placed(ask.make(alice, {small}, ask.body(11))), Placed::Stored);
    store().setQuotas({}, {});
    EXPECT_EQ(placed(ask.make(alice, {small}, ask.body(1001))), Placed::Stored);
}

TEST_P(MailboxContract, oneSenderCannotFillAMailboxForTheOthers) {
    store().setQuotas({}, {1000, 10, 100, 2});
    EXPECT_EQ(placed(ask.make(alice, {bob}, ask.body(40))), Placed::Stored);
    EXPECT_EQ(placed(ask.make(alice, {bob}, ask.body(70))), Placed::QuotaExceeded);
    EXPECT_EQ(placed(ask.make(alice, {bob}, ask.body(40))), Placed::Stored);
    EXPECT_EQ(placed(ask.make(alice, {bob}, ask.body(1))), Placed::QuotaExceeded);
    EXPECT_EQ(placed(ask.make(carol, {bob}, ask.body(1))), Placed::Stored);
    EXPECT_EQ(placed(ask.make(alice, {carol}, ask.body(1))), Placed::Stored);
    acknowledge(bob, 1);
    EXPECT_EQ(placed(ask.make(alice, {bob}, ask.body(1))), Placed::Stored);
}

TEST_P(MailboxContract, aTokenPermitsDepositsIntoItsMailboxAlone) {
    const DeviceId stranger = ask.device();
    EXPECT_EQ(placed(ask.make(stranger, {bob})), Placed::NotPermitted);
    EXPECT_EQ(placed(ask.make(stranger, {ask.device()})), Placed::NotPermitted)
        << "who has an account is not told";
    const TokenHash hash = token(bob);
    restart();
    EXPECT_EQ(placed(with(hash, stranger, bob, ask.body())), Placed::Stored);
    EXPECT_EQ(placed(with(hash, stranger, carol, ask.body())), Placed::NotPermitted);
    EXPECT_EQ(placed(with(ask.random.make<TokenHash>(), alice, bob, ask.body())), Placed::NotPermitted);
    EXPECT_EQ(store().removeToken({carol, hash}).result, MailboxResult::Unknown);
    EXPECT_EQ(store().removeToken({bob, hash}).result, MailboxResult::Done);
    EXPECT_EQ(store().removeToken({bob, hash}).result, MailboxResult::Unknown);
    restart();
    EXPECT_EQ(placed(with(hash, stranger, bob, ask.body())), Placed::NotPermitted);
    EXPECT_EQ(numbersOf(pull(bob)), (std::vector<MailNumber>{1})) << "what came before stays";
}

TEST_P(MailboxContract, eachTokenHasItsShare) {
    const DeviceId stranger = ask.device();
    const TokenHash one = token(bob, {100, 2});
    const TokenHash other = token(bob, {100, 2});
    EXPECT_EQ(placed(with(one, stranger, bob, ask.body(90))), Placed::Stored);
    EXPECT_EQ(placed(with(one, stranger, bob, ask.body(11))), Placed::QuotaExceeded);
    EXPECT_EQ(placed(with(one, stranger, bob, ask.body(101))), Placed::TooLarge);
    EXPECT_EQ(placed(with(one, ask.device(), bob, ask.body(10))), Placed::Stored);
    EXPECT_EQ(placed(with(one, ask.device(), bob, ask.body(0))), Placed::QuotaExceeded);
    EXPECT_EQ(placed(with(other, stranger, bob, ask.body(90))), Placed::Stored);
    restart();
    EXPECT_EQ(placed(with(one, stranger, bob, ask.body(0))), Placed::QuotaExceeded);
    // What a removed token has left behind does not count against the next one.
    store().removeToken({bob, one});
    store().removeToken({bob, other});
    restart();
    const TokenHash next = token(bob, {100, 2});
    EXPECT_EQ(placed(with(next, stranger, bob, ask.body(100))), Placed::Stored);
    acknowledge(bob, 3);
    EXPECT_EQ(placed(with(next, stranger, bob, ask.body(1))), Placed::QuotaExceeded);
    acknowledge(bob, 4);
    EXPECT_EQ(placed(with(next, stranger, bob, ask.body(1))), Placed::Stored);
}

TEST_P(MailboxContract, aTokenBelongsToOneDevice) {
    const TokenHash hash = token(bob, {100, 2});
    EXPECT_EQ(store().addToken({bob, hash, {100, 2}}).result, MailboxResult::Done);
    EXPECT_EQ(store().addToken({bob, hash, {200, 2}}).result, MailboxResult::Conflict);
    EXPECT_EQ(store().addToken({carol, hash, {100, 2}}).result, MailboxResult::Conflict);
    EXPECT_EQ(store().addToken({ask.device(), ask.random.make<TokenHash>(), {}}).result,
              MailboxResult::NoAccount);
    EXPECT_EQ(store().figures().tokens, 1u);
}

// Heads ---------------------------------------------------------------------------------------------------------

TEST_P(MailboxContract, headsOfOneDepositorReplaceEachOther) {
    const auto heads = [&](const DeviceId& from, std::uint64_t counter, Bytes bytes) {
        return store().putHeads({from, counter, {bob, std::nullopt}, std::move(bytes), {}}, ask.now);
    };
    const auto read = [&](std::uint64_t after) {
        return store().pullHeads({bob, store().epoch(), after, 1 << 20}, ask.now);
    };
    EXPECT_EQ(heads(alice, 1, {1}).placed, Placed::Stored);
    EXPECT_EQ(heads(carol, 1, {2}).placed, Placed::Stored);
    EXPECT_EQ(heads(alice, 3, {3}).expires, ask.now + limits::kMailboxTime);
    EXPECT_TRUE(heads(alice, 2, {4}).superseded);
    restart();
    auto slots = read(0).slots;
    ASSERT_EQ(slots.size(), 2u);
    EXPECT_EQ(slots[0].sender, carol);
    EXPECT_EQ(slots[0].body, Bytes{2});
    EXPECT_EQ(slots[1].body, Bytes{3});
    EXPECT_LT(slots[0].version, slots[1].version);
    EXPECT_EQ(read(slots[0].version).slots.size(), 1u);
    // What was replaced after it was read stays.
    EXPECT_EQ(heads(carol, 2, {5}).placed, Placed::Stored);
    EXPECT_EQ(store().acknowledgeHeads({bob, store().epoch(), slots[1].version}).result, MailboxResult::Done);
    restart();
    const auto left = read(0).slots;
    ASSERT_EQ(left.size(), 1u);
    EXPECT_EQ(left[0].body, Bytes{5});
    EXPECT_GT(left[0].version, slots[1].version);
    store().acknowledgeHeads({bob, store().epoch(), left[0].version});
    restart();
    EXPECT_EQ(heads(carol, 3, {6}).placed, Placed::Stored);
    EXPECT_GT(read(0).slots.at(0).version, left[0].version) << "versions are never given again";
}

TEST_P(MailboxContract, headsAreBoundedPermittedAndExpire) {
    HeadsDeposit deposit{ask.device(), 1, {bob, std::nullopt}, {1}, {}};
    EXPECT_EQ(store().putHeads(deposit, ask.now).placed, Placed::NotPermitted);
    deposit.recipient.token = token(bob);
    EXPECT_EQ(store().putHeads(deposit, ask.now).placed, Placed::Stored);
    deposit.body = Bytes(limits::kHeadsSlotBytes + 1);
    EXPECT_EQ(store().putHeads(deposit, ask.now).placed, Placed::TooLarge);
    commit();
    const Epoch epoch = store().epoch();
    EXPECT_EQ(store().pullHeads({carol, epoch, 0, 100}, ask.now).slots.size(), 0u);
    EXPECT_EQ(store().pullHeads({ask.device(), epoch, 0, 100}, ask.now).result, MailboxResult::NoAccount);
    EXPECT_EQ(store().pullHeads({bob, ask.random.make<Epoch>(), 0, 100}, ask.now).result,
              MailboxResult::WrongEpoch);
    EXPECT_EQ(store().acknowledgeHeads({bob, epoch, 7}).result, MailboxResult::Ahead);
    EXPECT_EQ(store().pullHeads({bob, epoch, 0, 100}, ask.now).slots.size(), 1u);
    ask.now += limits::kMailboxTime;
    EXPECT_EQ(store().pullHeads({bob, epoch, 0, 100}, ask.now).slots.size(), 0u);
    sweepAll();
    EXPECT_EQ(store().pullHeads({bob, epoch, 0, 100}, ask.now - limits::kMailboxTime).slots.size(), 0u);
}

TEST_P(MailboxContract, headsComeInPieces) {
    for (int i = 0; i < 5; ++i) {
        const DeviceId sender = ask.member(store());
        store().putHeads({sender, 1, {bob, std::nullopt}, Bytes(limits::kHeadsSlotBytes), {}}, ask.now);
    }
    commit();
    std::uint64_t after = 0;
    int pieces = 0;
    std::size_t slots = 0;
    for (bool more = true; more; ++pieces) {
        const auto answer = store().pullHeads({bob, {}, after, 2 * limits::kHeadsSlotBytes}, ask.now);
        ASSERT_FALSE(answer.slots.empty());
        slots += answer.slots.size();
        after = answer.slots.back().version;
        more = answer.more;
    }
    EXPECT_EQ(pieces, 3);
    EXPECT_EQ(slots, 5u);
}

// Prekeys, accounts ---------------------------------------------------------------------------------------------

TEST_P(MailboxContract, theNewestPrekeysAreHeld) {
    const auto publish = [&](std::uint64_t number, Bytes bytes) {
        return store().publishPrekeys({bob, number, std::move(bytes)}).result;
    };
    const auto fetch = [&](const DeviceId& asker) {
        return store().fetchPrekeys({asker, {bob, std::nullopt}});
    };
    EXPECT_EQ(fetch(alice).number, 0u);
    EXPECT_EQ(publish(0, {1}), MailboxResult::Stale);
    EXPECT_EQ(publish(2, {1, 2}), MailboxResult::Done);
    EXPECT_EQ(publish(2, {1, 2}), MailboxResult::Done);
    EXPECT_EQ(publish(2, {9}), MailboxResult::Conflict);
    EXPECT_EQ(publish(1, {9}), MailboxResult::Stale);
    restart();
    EXPECT_EQ(fetch(alice).bytes, (Bytes{1, 2}));
    EXPECT_EQ(publish(5, {5}), MailboxResult::Done);
    restart();
    EXPECT_EQ(fetch(alice).number, 5u);
    EXPECT_EQ(publish(6, Bytes(limits::kPrekeysBytes + 1)), MailboxResult::TooLarge);
    const DeviceId stranger = ask.device();
    EXPECT_EQ(fetch(stranger).placed, Placed::NotPermitted);
    EXPECT_EQ(store().fetchPrekeys({stranger, {bob, token(bob)}}).bytes, Bytes{5});
    EXPECT_EQ(store().publishPrekeys({stranger, 1, {1}}).result, MailboxResult::NoAccount);
}

TEST_P(MailboxContract, anInviteHasUsesAndAnEnd) {
    const auto invite = ask.random.make<InviteHash>();
    const auto join = [&](const DeviceId& device) { return store().join({device, invite}, ask.now).joined; };
    EXPECT_EQ(join(ask.device()), Joined::UnknownInvite);
    EXPECT_EQ(store().addInvite({invite, 2, ask.now + std::chrono::hours(1), "friends"}).result,
              MailboxResult::Done);
    EXPECT_EQ(store().addInvite({invite, 9, ask.now, ""}).result, MailboxResult::Conflict);
    EXPECT_EQ(store().addInvite({ask.random.make<InviteHash>(), 1, ask.now, std::string(100, 'x')}).result,
              MailboxResult::TooLarge);
    const DeviceId first = ask.device();
    EXPECT_EQ(join(first), Joined::Done);
    restart();
    EXPECT_EQ(join(first), Joined::Done) << "again: no use is taken";
    ask.now += std::chrono::hours(1);
    EXPECT_EQ(join(ask.device()), Joined::InviteExpired);
    EXPECT_EQ(join(first), Joined::Done);
    ask.now -= std::chrono::hours(1);
    EXPECT_EQ(join(ask.device()), Joined::Done);
    restart();
    EXPECT_EQ(join(ask.device()), Joined::InviteUsedUp);
    sweepAll();
    EXPECT_EQ(join(ask.device()), Joined::InviteUsedUp);
    EXPECT_EQ(store().removeInvite({invite}).result, MailboxResult::Done);
    EXPECT_EQ(store().removeInvite({invite}).result, MailboxResult::Unknown);
    restart();
    EXPECT_EQ(join(ask.device()), Joined::UnknownInvite);
}

TEST_P(MailboxContract, anInviteIsForgottenLongAfterItsEnd) {
    const auto invite = ask.random.make<InviteHash>();
    EXPECT_EQ(store().addInvite({invite, 1, ask.now + std::chrono::hours(1), ""}).result,
              MailboxResult::Done);
    ask.now += limits::kMailboxTime;
    sweepAll();
    EXPECT_EQ(store().join({ask.device(), invite}, ask.now).joined, Joined::InviteExpired);
    ask.now += std::chrono::hours(1);
    sweepAll();
    restart();
    EXPECT_EQ(store().join({ask.device(), invite}, ask.now).joined, Joined::UnknownInvite);
    EXPECT_EQ(store().figures().invites, 0u);
}

TEST_P(MailboxContract, aRevokedDeviceHasNothingMore) {
    put(toBob());
    put(toBob());
    const TokenHash hash = token(bob);
    store().publishPrekeys({bob, 1, {1}});
    store().putHeads({alice, 1, {bob, std::nullopt}, {1}, {}}, ask.now);
    EXPECT_EQ(store().revoke({bob}).result, MailboxResult::Done);
    EXPECT_EQ(store().revoke({ask.device()}).result, MailboxResult::NoAccount);
    for (int round = 0; round < 2; ++round) {
        EXPECT_FALSE(store().hasAccount(bob));
        EXPECT_EQ(pull(bob).result, MailboxResult::NoAccount);
        EXPECT_EQ(placed(ask.make(alice, {bob})), Placed::UnknownRecipient);
        EXPECT_EQ(placed(with(hash, alice, bob, {})), Placed::NotPermitted);
        EXPECT_EQ(placed(ask.make(bob, {alice})), Placed::NotPermitted);
        EXPECT_EQ(store().figures().heldItems, 0u);
        restart();
    }
    const auto invite = ask.random.make<InviteHash>();
    store().addInvite({invite, 1, ask.now + std::chrono::hours(1), ""});
    EXPECT_EQ(store().join({bob, invite}, ask.now).joined, Joined::Revoked);
    EXPECT_EQ(store().revoke({bob, true}).result, MailboxResult::Done);
    restart();
    EXPECT_EQ(put(toBob()).placements[0].number, 3u) << "numbers are never given again";
    EXPECT_EQ(store().fetchPrekeys({alice, {bob, std::nullopt}}).number, 0u);
    EXPECT_TRUE(store().pullHeads({bob, {}, 0, 1000}, ask.now).slots.empty());
}

TEST_P(MailboxContract, accountsAreListedInPages) {
    put(toBob());
    commit();
    std::vector<AccountInfo> all;
    for (DeviceId after; true; after = all.back().device) {
        const auto page = store().accounts({after, 2}).accounts;
        all.insert(all.end(), page.begin(), page.end());
        if (page.size() < 2) break;
    }
    ASSERT_EQ(all.size(), 3u);
    EXPECT_TRUE(std::is_sorted(all.begin(), all.end(),
                               [](const auto& a, const auto& b) { return a.device < b.device; }));
    for (const AccountInfo& info : all) {
        EXPECT_EQ(info.items, info.device == bob ? 1u : 0u);
        EXPECT_EQ(info.joined, ask.now);
    }
}

// Transactions --------------------------------------------------------------------------------------------------

TEST_P(MailboxContract, whatWasNotCommittedNeverWas) {
    put(toBob());
    commit();
    const Deposit lost = toBob();
    put(lost);
    acknowledge(bob, 1);
    token(bob);
    const DeviceId late = ask.member(store());
    store().startEpoch(ask.random);
    for (int way = 0; way < 2; ++way) {
        if (way == 0)
            store().rollback();
        else
            under->restart();
        EXPECT_FALSE(store().hasAccount(late));
        EXPECT_EQ(store().figures().tokens, 0u);
        EXPECT_EQ(numbersOf(pull(bob)), (std::vector<MailNumber>{1}));
        const DepositAnswer answer = put(lost);
        EXPECT_FALSE(answer.repeated);
        EXPECT_EQ(answer.placements[0].number, 2u);
        store().rollback();
        put(lost);
    }
}

}  // namespace landline::relay
