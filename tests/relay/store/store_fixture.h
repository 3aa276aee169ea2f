#pragma once

#include "p2p/envelope/prekey.h"
#include "relay/store/mailbox_store.h"
#include "tests/support/seeded_random.h"

#include <gtest/gtest.h>

#include <set>

namespace landline::relay {

namespace wr = wire::relay;

/// Devices and what they ask of a store, for its tests. All members are of one person, so that they need no tokens among
/// themselves; anybody else is a person of its own. Each sender counts its deposits.
class Asker {
public:
    explicit Asker(std::uint64_t seed = 11) : random(seed) {}

    DeviceId device() { return random.make<DeviceId>(); }
    /// A device with a mailbox of that class, and a prekey.
    DeviceId member(MailboxStore& store, const std::string& quotaClass = {}) {
        const DeviceId made = device();
        members.insert(made);
        EXPECT_FALSE(join(store, partyOf(made), quotaClass).refused);
        EXPECT_FALSE(store.publishPrekey({made, prekeyOf(made)}).refused);
        epoch = store.epoch();
        return made;
    }
    AdmitAnswer join(MailboxStore& store, const Party& who, const std::string& quotaClass = {}) {
        const auto invite = random.make<RelayInvite>();
        EXPECT_FALSE(store.addInvite({hashOf(invite), 1, now + std::chrono::hours(1), quotaClass}).refused);
        return store.admit({who, invite, {}, false}, true, now);
    }
    Party partyOf(const DeviceId& of) const {
        const auto person = PersonId::from(of.view()).value();
        return {of, members.contains(of) ? PersonId{} : person};
    }
    /// In form; the store does not look at signatures.
    static Bytes prekeyOf(const DeviceId& of) {
        Bytes bytes(envelope::Prekey::kBytes);
        bytes[0] = 1;
        std::copy(of.view().begin(), of.view().end(), bytes.begin() + 33);
        return bytes;
    }
    static PrekeyId prekeyIdOf(const DeviceId& of) { return envelope::Prekey::idIn(prekeyOf(of)).value(); }
    Bytes body(std::size_t size = 40) {
        Bytes made(size);
        random.fill(made);
        return made;
    }
    wr::Recipient to(const DeviceId& of, std::optional<RelayToken> token = {}) {
        return {{of, token}, prekeyIdOf(of), body(limits::kSeal)};
    }
    Deposit make(const DeviceId& from, const std::vector<DeviceId>& recipients, Bytes bytes) {
        Deposit made{partyOf(from), ++counters[from], {epoch, Box::Messages, {}, std::move(bytes)}};
        for (const DeviceId& of : recipients) made.content.recipients.push_back(to(of));
        return made;
    }
    Deposit make(const DeviceId& from, const std::vector<DeviceId>& recipients) { return make(from, recipients, body()); }

    test::SeededRandom random;
    WallTime now = fromUnixMillis(1'700'000'000'000);
    Epoch epoch = 0;
    std::set<DeviceId> members;
    std::map<DeviceId, DepositCounter> counters;
};

/// What a body of so many bytes takes of a quota.
constexpr std::uint64_t sizeOfBody(std::size_t bytes) {
    return bytes + limits::kSeal;
}

inline std::vector<MailNumber> numbersOf(const PullAnswer& answer) {
    std::vector<MailNumber> numbers;
    for (const wr::Item& item : answer.items) numbers.push_back(item.number);
    return numbers;
}
/// Of the placements.
inline std::vector<MailNumber> numbersOf(const DepositAnswer& answer) {
    std::vector<MailNumber> numbers;
    for (const Placement& one : answer.placed) numbers.push_back(one.number);
    return numbers;
}

/// For all recipients; a repeat as well.
inline bool isStored(const DepositAnswer& answer) {
    return !answer.told.refusal && answer.told.failures.empty();
}

}  // namespace landline::relay
