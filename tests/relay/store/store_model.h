#pragma once

#include "p2p/base/limits.h"
#include "relay/store/ledger.h"
#include "tests/relay/store/store_contract.h"

#include <deque>

/// A MailboxStore under random work beside the simplest thing that keeps the same rules. Part of the contract: instantiate
/// MailboxAgreement as well.
namespace landline::relay {

/// Mailboxes, heads, tokens and answers as plain maps; copied for each commit.
struct StoreModel {
    struct Item {
        wr::Item item;
        WallTime expires;
        std::string share;

        std::uint64_t size() const { return sizeOfBody(item.body.size()); }
    };
    /// One that was taken back and comes again is another: what it brought before does not count against it.
    struct Token {
        std::uint64_t share = 0;
        std::uint64_t life = 0;
    };
    struct Mails {
        std::map<MailNumber, Item> items;
        MailNumber freed = 0;
        MailNumber last = 0;
        std::map<DeviceId, Item> heads;  ///< by depositor
        MailNumber lastHeads = 0;
        std::map<RelayToken, Token> tokens;
    };
    /// What a mailbox, or a share of it, holds. What has expired may be there still, or be swept.
    struct Held {
        Usage most;
        Usage least;

        void add(const Item& one, WallTime latest) {
            most.bytes += one.size();
            ++most.items;
            if (one.expires <= latest) return;
            least.bytes += one.size();
            ++least.items;
        }
    };
    std::map<DeviceId, Mails> boxes;
    std::map<DeviceId, std::deque<std::pair<Deposit, DepositAnswer>>> answered;
    WallTime latest{};  ///< that it ever was, though the clock may have been turned back since
    Quota quota;
    std::uint64_t tokenLives = 0;

    /// Once a sender was silent for a life it may be forgotten with all its answers.
    bool mayBeForgotten(const DeviceId& sender) {
        const auto& known = answered[sender];
        return std::all_of(known.begin(), known.end(),
                           [this](const auto& one) { return one.second.told.expires <= latest; });
    }

    Held held(const Mails& box, const std::string* share, bool isOfHeadsAlone,
              const DeviceId* replaced) const {
        Held sum;
        for (const auto& [sender, item] : box.heads)
            if ((!share || item.share == *share) && (!replaced || sender != *replaced)) sum.add(item, latest);
        if (isOfHeadsAlone) return sum;
        for (const auto& [number, item] : box.items)
            if (!share || item.share == *share) sum.add(item, latest);
        return sum;
    }

    /// Whether the store did with this recipient what it had to, or one of the things that it may do; takes that over.
    void take(const Deposit& deposit, std::size_t at, std::optional<Reason> refused, WallTime expires,
              DepositAnswer& expected) {
        const wr::Recipient& to = deposit.content.recipients[at];
        const auto found = boxes.find(to.to.device);
        const auto refuse = [&](Reason reason) {
            expected.told.failures.push_back({static_cast<std::uint32_t>(at), reason});
        };
        if (found == boxes.end() || (to.to.token && !found->second.tokens.contains(*to.to.token)))
            return refuse(Reason::NoMailbox);
        Mails& box = found->second;
        std::uint64_t shareBytes = quota.senderBytes;
        std::string share = "device " + toHex(deposit.from.device.view());
        if (to.to.token) {
            const Token& token = box.tokens[*to.to.token];
            if (token.share != 0) shareBytes = token.share;
            share = "token " + std::to_string(token.life);
        }
        Item item{{0, to.prekey, to.seal, deposit.content.body}, expires, std::move(share)};
        const bool isHeads = deposit.content.box == Box::Heads;
        const DeviceId* const replaced = isHeads ? &deposit.from.device : nullptr;
        const Held all = held(box, nullptr, isHeads, replaced);
        const Held own = held(box, &item.share, isHeads, replaced);
        const auto fits = [&](const Usage& inAll, const Usage& inShare) {
            return inAll.bytes + item.size() <= (isHeads ? quota.senderBytes : quota.bytes) &&
                   inAll.items < (isHeads ? limits::kHeadsSlots : quota.items) &&
                   inShare.bytes + item.size() <= shareBytes &&
                   inShare.items < (isHeads ? limits::kHeadsPerToken : quota.senderItems);
        };
        const bool mayFit = fits(all.least, own.least);
        const bool mayBeFull = !fits(all.most, own.most);
        if (mayBeFull && (!mayFit || refused == Reason::Full)) return refuse(Reason::Full);
        item.item.number = isHeads ? ++box.lastHeads : ++box.last;
        expected.placed.push_back({to.to.device, deposit.content.box, item.item.number});
        if (isHeads)
            box.heads[deposit.from.device] = std::move(item);
        else
            box.items[item.item.number] = std::move(item);
    }
    /// The answer that is right, or one of those that are.
    DepositAnswer deposit(const Deposit& deposit, const DepositAnswer& given, WallTime expires) {
        DepositAnswer expected;
        for (std::size_t at = 0; at < deposit.content.recipients.size(); ++at) {
            std::optional<Reason> refused;
            for (const auto& failure : given.told.failures)
                if (failure.recipient == at) refused = failure.reason;
            take(deposit, at, refused, expires, expected);
        }
        if (expected.placed.empty()) return expected;
        expected.told.expires = expires;
        auto& known = answered[deposit.from.device];
        if (mayBeForgotten(deposit.from.device)) known.clear();
        known.emplace_back(deposit, expected);
        if (known.size() > limits::kRememberedDeposits) known.pop_front();
        return expected;
    }
    void acknowledge(const DeviceId& device, MailNumber upTo) {
        Mails& box = boxes[device];
        box.freed = std::max(box.freed, upTo);
        box.items.erase(box.items.begin(), box.items.upper_bound(upTo));
    }
    void acknowledgeHeads(const DeviceId& device, MailNumber upTo) {
        std::erase_if(boxes[device].heads,
                      [upTo](const auto& one) { return one.second.item.number <= upTo; });
    }
};

class MailboxAgreement : public ::testing::TestWithParam<StoreMaker> {
protected:
    /// A mailbox with a small quota is full now and then.
    void begin(std::uint64_t seed, const Quota& quota);
    MailboxStore& store() { return under->store(); }
    const DeviceId& any() { return devices[ask->random.below(devices.size())]; }
    const DeviceId& anyBody() {
        return ask->random.below(3) == 0 ? guests[ask->random.below(guests.size())] : any();
    }

    void deposit();
    void repeat();
    void compare(const DeviceId& device);
    void compareHeads(const DeviceId& device);
    void acknowledge();
    void setTokens();
    void commit();
    void loseTransaction(bool restarts);
    void setLife(std::chrono::seconds changed);
    void moveClock(std::chrono::minutes by);
    void step();

    std::unique_ptr<Asker> ask;
    std::unique_ptr<StoreUnderTest> under;
    StoreModel model;
    StoreModel committed;
    std::vector<DeviceId> devices;
    std::vector<DeviceId> guests;  ///< they have no mailbox
    std::vector<RelayToken> tokens;
    std::chrono::seconds life = limits::kDepositLife;
    DeviceId nobody;
};

}  // namespace landline::relay
