// Who may use a mailbox, and how much of it.
#include "tests/relay/store/store_contract.h"

namespace landline::relay {

using std::chrono::hours;

namespace {

Quota quotaOf(std::uint64_t bytes, std::uint32_t items) {
    return {bytes, items, bytes, items};
}

}  // namespace

// Quotas and tokens --------------------------------------------------------------------------------------------------

TEST_P(MailboxContract, aFullMailboxRefusesUntilSomethingIsFreed) {
    rules.quotas = {{"small", quotaOf(3 * sizeOfBody(10), 3)}};
    setRules(rules);
    const DeviceId small = ask.member(store(), "small");
    EXPECT_EQ(welcome(small).quota, 3 * sizeOfBody(10));
    const auto toSmall = [&](std::size_t bytes) { return fate(ask.make(alice, {small}, ask.body(bytes))); };
    EXPECT_EQ(toSmall(3 * sizeOfBody(10)), Reason::Full) << "it would never fit";
    for (int i = 0; i < 3; ++i) EXPECT_EQ(toSmall(1), std::nullopt);
    EXPECT_EQ(toSmall(1), Reason::Full) << "by items";
    EXPECT_EQ(fate(toBob()), std::nullopt) << "nobody else is touched";
    EXPECT_FALSE(acknowledge(small, 1).refused);
    EXPECT_EQ(toSmall(29), Reason::Full) << "by bytes";
    EXPECT_EQ(toSmall(28), std::nullopt);
    EXPECT_FALSE(acknowledge(small, 2).refused);
    restart();
    EXPECT_EQ(toSmall(30), Reason::Full);
    // Quotas may change while it runs.
    rules.quotas = {};
    setRules(rules);
    EXPECT_EQ(toSmall(30), std::nullopt);
}

TEST_P(MailboxContract, oneSenderCannotFillAMailboxForTheOthers) {
    rules.quota = {1 << 20, 10, 2 * sizeOfBody(40), 2};
    setRules(rules);
    const auto fateOf = [&](const DeviceId& from, std::size_t bytes) { return fate(ask.make(from, {bob}, ask.body(bytes))); };
    EXPECT_EQ(fateOf(alice, 40), std::nullopt);
    EXPECT_EQ(fateOf(alice, 41), Reason::Full);
    EXPECT_EQ(fateOf(alice, 40), std::nullopt);
    EXPECT_EQ(fateOf(alice, 1), Reason::Full);
    EXPECT_EQ(fateOf(carol, 1), std::nullopt);
    EXPECT_FALSE(acknowledge(bob, 1).refused);
    EXPECT_EQ(fateOf(alice, 1), std::nullopt);
}

TEST_P(MailboxContract, theRelayAsAWholeHoldsNoMoreThanItMay) {
    rules.bytes = sizeOfBody(40);
    setRules(rules);
    EXPECT_EQ(fate(toBob()), std::nullopt);
    const DepositAnswer full = put(toBob());
    ASSERT_TRUE(full.told.refusal);
    EXPECT_EQ(full.told.refusal->reason, Reason::Storage);
    EXPECT_GT(full.told.refusal->retryAfter.count(), 0);
    EXPECT_FALSE(acknowledge(bob, 1).refused);
    EXPECT_EQ(fate(toBob()), std::nullopt);
}

TEST_P(MailboxContract, aTokenPermitsDepositsIntoItsMailboxAlone) {
    const DeviceId stranger = ask.device();
    const auto token = ask.random.make<RelayToken>();
    const auto other = ask.random.make<RelayToken>();
    EXPECT_EQ(fate(ask.make(stranger, {bob})), Reason::NoMailbox);
    EXPECT_EQ(fate(with(token, stranger, bob, ask.body())), Reason::NoMailbox);
    EXPECT_FALSE(store().setTokens({bob, {{token, 0}, {other, 0}}}).refused);
    EXPECT_FALSE(store().setTokens({carol, {{token, 0}}}).refused) << "others may have the same";
    restart();
    EXPECT_EQ(welcome(bob).tokens, wr::tokensDigest({{other, 0}, {token, 0}}));
    EXPECT_EQ(store().figures().tokens, 3u);
    EXPECT_EQ(fate(with(token, stranger, bob, ask.body())), std::nullopt);
    EXPECT_EQ(fate(with(other, stranger, carol, ask.body())), Reason::NoMailbox);
    const std::vector<bool> good = {true, false, false, false};
    EXPECT_EQ(store().checkTokens({ask.partyOf(stranger),
                                   {{bob, token}, {bob, {}}, {carol, other}, {stranger, {}}}}).good,
              good);
    EXPECT_FALSE(store().setTokens({bob, {{other, 7}}}).refused);
    restart();
    EXPECT_EQ(fate(with(token, stranger, bob, ask.body())), Reason::NoMailbox);
    EXPECT_EQ(numbersOf(pull(bob)), std::vector<MailNumber>{1}) << "what came before stays";
    EXPECT_EQ(store().figures().tokens, 2u);
    EXPECT_FALSE(store().setTokens({bob, {}}).refused);
    EXPECT_TRUE(welcome(bob).tokens.isZero());
}

TEST_P(MailboxContract, eachTokenHasItsShare) {
    const auto narrow = ask.random.make<RelayToken>();
    const auto wide = ask.random.make<RelayToken>();
    const std::vector<wr::Token> tokens = {{narrow, 2 * sizeOfBody(40)}, {wide, 0}};
    EXPECT_FALSE(store().setTokens({bob, tokens}).refused);
    const auto fateOf = [&](const RelayToken& token, std::size_t bytes) {
        return fate(with(token, ask.device(), bob, ask.body(bytes)));
    };
    EXPECT_EQ(fateOf(narrow, 40), std::nullopt);
    EXPECT_EQ(fateOf(narrow, 41), Reason::Full);
    EXPECT_EQ(fateOf(narrow, 40), std::nullopt);
    EXPECT_EQ(fateOf(narrow, 1), Reason::Full) << "whoever brings it";
    EXPECT_EQ(fateOf(wide, 1000), std::nullopt);
    restart();
    EXPECT_EQ(fateOf(narrow, 1), Reason::Full);
    // What a token that is gone has left behind does not count against the next one.
    EXPECT_FALSE(store().setTokens({bob, {}}).refused);
    EXPECT_FALSE(store().setTokens({bob, tokens}).refused);
    EXPECT_EQ(fateOf(narrow, 40), std::nullopt);
}

TEST_P(MailboxContract, sendersWithoutAMailboxLeaveRoomForThoseWithOne) {
    rules.senders = 4;
    setRules(rules);
    const auto token = ask.random.make<RelayToken>();
    EXPECT_FALSE(store().setTokens({bob, {{token, 0}}}).refused);
    const DeviceId guest = ask.device();
    EXPECT_EQ(fate(with(token, guest, bob, ask.body())), std::nullopt);
    for (int i = 0; i < 2; ++i) EXPECT_EQ(fate(with(token, ask.device(), bob, ask.body())), std::nullopt);
    EXPECT_EQ(fate(with(token, ask.device(), bob, ask.body())), Reason::Storage);
    EXPECT_EQ(fate(with(token, guest, bob, ask.body())), std::nullopt) << "who is remembered already";
    EXPECT_EQ(fate(toBob()), std::nullopt) << "who has a mailbox";
    EXPECT_EQ(fate(ask.make(carol, {bob})), Reason::Storage);
}

TEST_P(MailboxContract, tokensAreAsManyAsTheProtocolAllows) {
    std::vector<wr::Token> tokens;
    for (std::size_t i = 0; i < limits::kTokensPerDevice; ++i) tokens.push_back({ask.random.make<RelayToken>(), 0});
    EXPECT_FALSE(store().setTokens({bob, tokens}).refused);
    tokens.push_back({ask.random.make<RelayToken>(), 0});
    EXPECT_EQ(store().setTokens({bob, tokens}).refused, Reason::TooMany);
}

TEST_P(MailboxContract, aRevokedDeviceDoesNotComeBackAsTheNinth) {
    const DeviceId revoked = ask.member(store());
    EXPECT_FALSE(store().revoke({revoked}).refused);
    std::vector<DeviceId> devices = {alice, bob, carol};
    while (devices.size() < limits::kDevicesPerAccount) devices.push_back(ask.member(store()));
    const auto invite = ask.random.make<RelayInvite>();
    EXPECT_FALSE(store().addInvite({hashOf(invite), 1, ask.now + hours(1), {}}).refused);
    const Admit back{ask.partyOf(revoked), invite, {}, false};
    EXPECT_EQ(store().admit(back, true, ask.now).refused, Reason::TooMany);
    EXPECT_FALSE(store().revoke({devices.back()}).refused);
    EXPECT_FALSE(store().admit(back, true, ask.now).refused) << "the invite was not used up";
}

// Prekeys ------------------------------------------------------------------------------------------------------------

TEST_P(MailboxContract, onlyWhatIsSealedToThePublishedPrekeyIsTaken) {
    const Bytes next = Asker::prekeyOf(ask.device());
    EXPECT_EQ(fate(toBob()), std::nullopt);
    EXPECT_EQ(welcome(bob).prekey, Asker::prekeyIdOf(bob));
    const PublishAnswer published = store().publishPrekey({bob, next});
    EXPECT_EQ(published.told.highest, 1u);
    EXPECT_EQ(published.told.highestHeads, 0u);
    for (int round = 0; round < 2; ++round) {
        EXPECT_EQ(fate(toBob()), Reason::OldPrekey);
        EXPECT_EQ(fate(heads(alice)), Reason::OldPrekey);
        restart();
    }
    Deposit sealed = toBob();
    sealed.content.recipients[0].prekey = *envelope::Prekey::idIn(next);
    EXPECT_EQ(fate(sealed), std::nullopt);
    EXPECT_EQ(store().publishPrekey({bob, {1, 2}}).refused, Reason::Invalid);
    const auto told = store().fetchPrekeys({ask.partyOf(alice), {{bob, {}}, {ask.device(), {}}}}).told.prekeys;
    EXPECT_EQ(told.at(0).prekey, next);
    EXPECT_EQ(told.at(1).reason, Reason::NoMailbox);
    EXPECT_EQ(store().fetchPrekeys({ask.partyOf(ask.device()), {{bob, {}}}}).told.prekeys.at(0).reason, Reason::NoMailbox);
}

TEST_P(MailboxContract, withoutAPrekeyNothingIsTaken) {
    const DeviceId silent = ask.device();
    ask.members.insert(silent);
    EXPECT_FALSE(ask.join(store(), ask.partyOf(silent)).refused);
    EXPECT_EQ(fate(ask.make(alice, {silent})), Reason::NoPrekey);
    EXPECT_EQ(store().fetchPrekeys({ask.partyOf(alice), {{silent, {}}}}).told.prekeys.at(0).reason, Reason::NoPrekey);
}

// Who may come -------------------------------------------------------------------------------------------------------

TEST_P(MailboxContract, anInviteHasUsesAndAnEnd) {
    const auto invite = ask.random.make<RelayInvite>();
    const auto join = [&](const DeviceId& device) {
        return store().admit({ask.partyOf(device), invite, {}, false}, true, ask.now).refused;
    };
    EXPECT_EQ(join(ask.device()), Reason::BadInvite);
    EXPECT_FALSE(store().addInvite({hashOf(invite), 2, ask.now + hours(1), "friends"}).refused);
    EXPECT_EQ(store().addInvite({hashOf(invite), 9, ask.now, ""}).refused, Reason::Invalid);
    EXPECT_EQ(store().addInvite({ask.random.make<InviteHash>(), 1, ask.now, std::string(100, 'x')}).refused, Reason::Invalid);
    const DeviceId first = ask.device();
    EXPECT_EQ(join(first), std::nullopt);
    restart();
    EXPECT_EQ(join(first), std::nullopt) << "again: no use is taken";
    ask.now += hours(1);
    EXPECT_EQ(join(ask.device()), Reason::InviteExpired);
    EXPECT_EQ(join(first), std::nullopt);
    ask.now -= hours(1);
    EXPECT_EQ(join(ask.device()), std::nullopt);
    restart();
    EXPECT_EQ(join(ask.device()), Reason::InviteUsed);
    sweepAll();
    EXPECT_EQ(join(ask.device()), Reason::InviteUsed);
    EXPECT_FALSE(store().removeInvite({hashOf(invite)}).refused);
    EXPECT_EQ(store().removeInvite({hashOf(invite)}).refused, Reason::BadInvite);
    restart();
    EXPECT_EQ(join(ask.device()), Reason::BadInvite);
}

TEST_P(MailboxContract, anInviteIsForgottenLongAfterItsEnd) {
    const auto invite = ask.random.make<RelayInvite>();
    EXPECT_FALSE(store().addInvite({hashOf(invite), 1, ask.now + hours(1), ""}).refused);
    ask.now += limits::kDepositLife;
    sweepAll();
    EXPECT_GT(store().figures().invites, 0u);
    ask.now += hours(1);
    sweepAll();
    restart();
    EXPECT_EQ(store().figures().invites, 0u);
}

TEST_P(MailboxContract, anInviteWithoutEndIsNotForgotten) {
    const auto invite = ask.random.make<RelayInvite>();
    EXPECT_FALSE(store().addInvite({hashOf(invite), 1, WallTime::max(), ""}).refused);
    sweepAll();
    restart();
    sweepAll();
    EXPECT_FALSE(store().admit({ask.partyOf(ask.device()), invite, {}, false}, true, ask.now).refused);
}

TEST_P(MailboxContract, devicesOfAPersonWithAnAccountGetMailboxesUpToTheLimit) {
    const DeviceId first = ask.device();
    const PersonId person = ask.partyOf(first).person;
    const auto come = [&] { return store().admit({{ask.device(), person}, {}, {}, false}, true, ask.now); };
    EXPECT_EQ(come().refused, Reason::NoAccount);
    EXPECT_FALSE(ask.join(store(), {first, person}, "friends").refused);
    for (std::size_t i = 1; i < limits::kDevicesPerAccount; ++i) {
        EXPECT_FALSE(come().refused);
        restart();
    }
    EXPECT_EQ(come().refused, Reason::TooMany);
    EXPECT_EQ(ask.join(store(), {ask.device(), person}).refused, Reason::TooMany);
    EXPECT_FALSE(store().revoke({first}).refused);
    EXPECT_FALSE(come().refused) << "one place was left";
    EXPECT_EQ(store().admit({{alice, person}, {}, {}, false}, true, ask.now).refused, Reason::NoAccount)
        << "a device belongs to one person for ever";
}

TEST_P(MailboxContract, aGuestNeedsAGoodPass) {
    const auto token = ask.random.make<RelayToken>();
    EXPECT_FALSE(store().setTokens({bob, {{token, 0}}}).refused);
    const Party guest = ask.partyOf(ask.device());
    const auto come = [&](const Addressee& pass) { return store().admit({guest, {}, pass, false}, true, ask.now); };
    const AdmitAnswer in = come({bob, token});
    EXPECT_FALSE(in.refused);
    EXPECT_FALSE(in.welcome.hasAccount);
    EXPECT_EQ(in.welcome.epoch, store().epoch());
    EXPECT_EQ(come({carol, token}).refused, Reason::NoAccount);
    EXPECT_EQ(come({bob, {}}).refused, Reason::NoAccount);
    EXPECT_EQ(store().admit({guest, {}, {}, true}, false, ask.now).refused, Reason::Storage) << "where there is no space";
    EXPECT_TRUE(store().admit({guest, {}, {}, true}, true, ask.now).welcome.hasAccount) << "where the relay is open";
}

TEST_P(MailboxContract, thoseWhomNobodyInvitedLeavePlaces) {
    rules.senders = 5;
    store().setRules(rules);
    const auto come = [&] { return store().admit({ask.partyOf(ask.device()), {}, {}, true}, true, ask.now); };
    EXPECT_EQ(come().refused, Reason::Storage) << "three of five are taken";
    EXPECT_FALSE(ask.join(store(), ask.partyOf(ask.device())).refused);
    rules.senders = 8;
    store().setRules(rules);
    EXPECT_TRUE(come().isNewcomer);
    EXPECT_TRUE(come().isNewcomer);
    EXPECT_EQ(come().refused, Reason::Storage);
}

TEST_P(MailboxContract, aRevokedDeviceHasNothingMore) {
    put(toBob());
    put(toBob());
    put(heads(alice));
    const auto token = ask.random.make<RelayToken>();
    EXPECT_FALSE(store().setTokens({bob, {{token, 0}}}).refused);
    EXPECT_FALSE(store().listLink({bob, "link"}).refused);
    EXPECT_FALSE(store().revoke({bob}).refused);
    EXPECT_EQ(store().revoke({ask.device()}).refused, Reason::NoMailbox);
    for (int round = 0; round < 2; ++round) {
        EXPECT_EQ(store().admit({ask.partyOf(bob), {}, {}, true}, true, ask.now).refused, Reason::Revoked);
        EXPECT_EQ(pull(bob).refused, Reason::NoAccount);
        EXPECT_EQ(fate(ask.make(alice, {bob})), Reason::NoMailbox);
        EXPECT_EQ(fate(with(token, ask.device(), bob, {1})), Reason::NoMailbox);
        EXPECT_EQ(store().figures().heldItems, 0u);
        EXPECT_EQ(store().figures().tokens, 0u);
        EXPECT_TRUE(store().browseLinks({}).told.links.empty());
        restart();
    }
    EXPECT_FALSE(ask.join(store(), ask.partyOf(bob)).refused) << "a new invite lets it in again";
    EXPECT_FALSE(store().revoke({bob}).refused);
    EXPECT_FALSE(store().revoke({bob, true}).refused) << "and so does the operator";
    restart();
    EXPECT_EQ(fate(toBob()), Reason::NoPrekey);
    EXPECT_FALSE(store().publishPrekey({bob, Asker::prekeyOf(bob)}).refused);
    EXPECT_EQ(numbersOf(put(toBob())), std::vector<MailNumber>{3}) << "numbers are never given again";
    EXPECT_TRUE(pullHeads().items.empty());
}

TEST_P(MailboxContract, theGuestsOfOneTokenAreBounded) {
    const auto token = ask.random.make<RelayToken>();
    const auto another = ask.random.make<RelayToken>();
    EXPECT_FALSE(store().setTokens({bob, {{token, 0}, {another, 0}}}).refused);
    const auto from = [&](const DeviceId& guest, const RelayToken& by) { return fate(with(by, guest, bob, {1})); };
    const DeviceId first = ask.device();
    EXPECT_FALSE(from(first, token));
    for (std::size_t i = 1; i < limits::kGuestsPerToken; ++i) EXPECT_FALSE(from(ask.device(), token));
    for (int round = 0; round < 2; ++round) {
        EXPECT_EQ(from(ask.device(), token), Reason::Full);
        EXPECT_FALSE(from(first, token)) << "who was there goes on";
        EXPECT_FALSE(from(carol, token)) << "and who has a mailbox here is no guest";
        EXPECT_FALSE(from(ask.device(), another));
        restart();
    }
    ask.now += limits::kDepositLife;
    sweepAll();
    sweepAll();
    EXPECT_EQ(store().figures().senders, 0u);
    EXPECT_FALSE(from(ask.device(), token)) << "those that are forgotten leave their place";
}

TEST_P(MailboxContract, anAccountTellsWhenItsDeviceWasThereLast) {
    const auto infoOfBob = [&] {
        for (const AccountInfo& info : store().accounts({}).accounts)
            if (info.who.device == bob) return info;
        return AccountInfo{};
    };
    const WallTime joined = infoOfBob().seen;
    EXPECT_EQ(joined, infoOfBob().joined);
    ask.now += limits::kSeenStep - std::chrono::seconds(1);
    welcome(bob);
    EXPECT_EQ(infoOfBob().seen, joined) << "to the hour";
    ask.now += std::chrono::seconds(1);
    EXPECT_FALSE(store().admit({ask.partyOf(bob), {}, {}, false}, false, ask.now).refused);
    EXPECT_EQ(infoOfBob().seen, joined) << "on a full disk nothing is written for it";
    welcome(bob);
    restart();
    EXPECT_EQ(infoOfBob().seen, ask.now);
    EXPECT_EQ(infoOfBob().quota, rules.quota.bytes);
}

TEST_P(MailboxContract, invitesThatStillLetSomebodyInAreListed) {
    const auto invite = [&](int afterHours, std::uint32_t uses) {
        const auto made = ask.random.make<RelayInvite>();
        EXPECT_FALSE(store().addInvite({hashOf(made), uses, ask.now + std::chrono::hours(afterHours), "friends"}).refused);
        return made;
    };
    invite(3, 7);
    invite(1, 1);
    const auto used = invite(9, 1);
    EXPECT_FALSE(store().admit({ask.partyOf(ask.device()), used, {}, false}, true, ask.now).refused);
    restart();
    const auto all = store().invites({}, ask.now).invites;
    ASSERT_EQ(all.size(), 2u) << "one is used up, as are those of the members";
    EXPECT_EQ(all[0].left, 1u);
    EXPECT_EQ(all[1].left, 7u);
    EXPECT_EQ(all[1].expires, ask.now + std::chrono::hours(3));
    EXPECT_EQ(all[1].quotaClass, "friends");
    EXPECT_EQ(store().invites({1}, ask.now).invites.size(), 1u);
    EXPECT_EQ(store().invites({}, ask.now + std::chrono::hours(1)).invites.size(), 1u) << "what has ended is left out";
}

TEST_P(MailboxContract, accountsAreListedInPages) {
    put(toBob());
    commit();
    std::vector<AccountInfo> all;
    for (DeviceId after; true; after = all.back().who.device) {
        const auto page = store().accounts({after, 2}).accounts;
        all.insert(all.end(), page.begin(), page.end());
        if (page.size() < 2) break;
    }
    ASSERT_EQ(all.size(), 3u);
    EXPECT_TRUE(std::is_sorted(all.begin(), all.end(),
                               [](const auto& a, const auto& b) { return a.who.device < b.who.device; }));
    for (const AccountInfo& info : all) {
        EXPECT_EQ(info.items, info.who.device == bob ? 1u : 0u);
        EXPECT_EQ(info.joined, ask.now);
    }
}

// Directory ----------------------------------------------------------------------------------------------------------

TEST_P(MailboxContract, theDirectoryIsReadInPagesAndHasOnePlaceForEachDevice) {
    std::vector<DeviceId> devices;
    for (std::size_t i = 0; i <= limits::kLinksPerListed; ++i) {
        devices.push_back(ask.device());
        EXPECT_FALSE(ask.join(store(), ask.partyOf(devices.back())).refused);
        EXPECT_FALSE(store().listLink({devices.back(), "link" + std::to_string(i)}).refused);
    }
    EXPECT_FALSE(store().listLink({devices[0], "again"}).refused);
    EXPECT_FALSE(store().listLink({devices[1], ""}).refused);
    EXPECT_EQ(store().listLink({devices[2], std::string(limits::kContactLinkBytes + 1, 'x')}).refused, Reason::TooLarge);
    restart();
    std::vector<std::string> all = store().browseLinks({}).told.links;
    EXPECT_EQ(store().browseLinks({}).told.next, 0u);
    EXPECT_EQ(all.size(), limits::kLinksPerListed);
    EXPECT_EQ(all.back(), "again");
    EXPECT_FALSE(store().listLink({devices[1], "back"}).refused);
    const wr::Listed first = store().browseLinks({}).told;
    ASSERT_NE(first.next, 0u);
    EXPECT_EQ(store().browseLinks({first.next}).told.links, std::vector<std::string>{"back"});
}

// Transactions -------------------------------------------------------------------------------------------------------

TEST_P(MailboxContract, whatWasNotCommittedNeverWas) {
    put(toBob());
    commit();
    const Deposit lost = toBob();
    const Epoch epoch = store().epoch();
    put(lost);
    EXPECT_FALSE(acknowledge(bob, 1).refused);
    EXPECT_FALSE(store().setTokens({bob, {{ask.random.make<RelayToken>(), 0}}}).refused);
    const DeviceId late = ask.member(store());
    store().startEpoch(ask.random);
    for (int way = 0; way < 2; ++way) {
        if (way == 0)
            store().rollback();
        else
            crash();
        EXPECT_EQ(store().epoch(), epoch);
        EXPECT_EQ(pull(late).refused, Reason::NoAccount);
        EXPECT_EQ(store().figures().tokens, 0u);
        EXPECT_EQ(numbersOf(pull(bob)), std::vector<MailNumber>{1});
        const DepositAnswer answer = put(lost);
        EXPECT_FALSE(answer.repeated);
        EXPECT_EQ(numbersOf(answer), std::vector<MailNumber>{2});
        store().rollback();
        put(lost);
    }
}

TEST_P(MailboxContract, anOpenRelayForgetsAccountsThatWereNeverUsed) {
    const auto come = [this] {
        const Party who{ask.random.make<DeviceId>(), ask.random.make<PersonId>()};
        EXPECT_TRUE(store().admit({who, {}, {}, true}, true, ask.now).isNewcomer);
        return who;
    };
    const auto knows = [this](const Party& who) { return !store().admit({who, {}, {}, false}, true, ask.now).refused; };
    const Party used = come();
    const Party idle = come();
    const Party asking = come();
    const Party pardoned = come();
    EXPECT_FALSE(store().setTokens({used.device, {{ask.random.make<RelayToken>(), 0}}}).refused);
    // What says that nothing was freed leaves a row of its own.
    for (const Box box : {Box::Heads, Box::Messages}) EXPECT_FALSE(acknowledge(asking.device, 0, box).refused);
    EXPECT_FALSE(store().revoke({pardoned.device}).refused);
    EXPECT_FALSE(store().revoke({pardoned.device, true}).refused);
    restart();
    const auto all = store().figures().accounts;
    ask.now += limits::kDepositLife;
    sweepAll();
    EXPECT_EQ(store().figures().accounts, all) << "elsewhere who has none needs an invite";
    StoreRules open = rules;
    open.isOpen = true;
    setRules(open);
    const Party late = come();
    sweepAll();
    EXPECT_EQ(store().figures().accounts, all - 2) << "three gone, one come";
    restart();
    EXPECT_EQ(store().epoch(), ask.epoch) << "what they left contradicts nothing";
    for (const Party& gone : {idle, asking, pardoned}) EXPECT_FALSE(knows(gone));
    EXPECT_TRUE(knows(used));
    EXPECT_TRUE(knows(late)) << "the last one: no other has the number of one that is gone";
    EXPECT_EQ(store().figures().accounts, all - 2);
    EXPECT_TRUE(store().admit({idle, {}, {}, true}, true, ask.now).isNewcomer);
}

}  // namespace landline::relay
