#pragma once

#include "p2p/base/sliding_vector.h"
#include "relay/store/ledger.h"

#include <map>
#include <unordered_map>

namespace landline::relay {

/// What is held under one number of a mailbox.
struct Slot {
    DepositId deposit = 0;
    std::uint32_t size : 24 = 0;
    std::uint32_t recipient : 8 = 0;  ///< its index in the deposit
    std::uint32_t share = 0;
};

inline constexpr std::uint32_t kMostSlotSize = 0xFFFFFF;
inline constexpr std::uint32_t kMostRecipient = 0xFF;
static_assert(limits::kEnvelopeBody + limits::kSeal <= kMostSlotSize && limits::kRecipientsPerDeposit <= kMostRecipient + 1);

/// The numbers of one mailbox that are not freed yet.
class Mailbox {
public:
    [[nodiscard]] MailNumber freed() const { return m_freed; }
    [[nodiscard]] MailNumber last() const { return m_freed + m_slots.size(); }
    [[nodiscard]] const Usage& usage() const { return m_usage; }
    [[nodiscard]] Usage usageOf(std::uint32_t share) const;
    /// Of all that is held.
    [[nodiscard]] const std::unordered_map<std::uint32_t, Usage>& shares() const { return m_shares; }
    /// Null if the number is freed or not given yet.
    [[nodiscard]] const Slot* slot(MailNumber number) const;

    MailNumber append(const Slot& slot);
    /// Frees the lowest number and gives what it held.
    Slot takeFirst();
    /// As read from the ledger: begins after `freed`.
    void beginAt(MailNumber freed) { m_freed = freed; }

private:
    void charge(const Slot& slot);
    void discharge(const Slot& slot);

    MailNumber m_freed = 0;
    SlidingVector<Slot> m_slots;
    Usage m_usage;
    std::unordered_map<std::uint32_t, Usage> m_shares;
};

/// The heads that a mailbox holds, one place for each depositor, by number. There are few of them in most mailboxes, and
/// kHeadsSlots at most: what is asked of them is counted.
class HeadsBox {
public:
    [[nodiscard]] const std::vector<HeadsPlace>& places() const { return m_places; }
    [[nodiscard]] const Usage& usage() const { return m_usage; }
    [[nodiscard]] Usage usageOf(std::uint32_t share) const;
    /// Null if it has none here.
    [[nodiscard]] const HeadsPlace* of(const DeviceId& sender) const;

    /// Its number is the highest so far, and its sender has none here.
    void add(const HeadsPlace& place);
    void remove(const DeviceId& sender);

private:
    std::vector<HeadsPlace> m_places;
    Usage m_usage;
};

struct Account {
    AccountRow row;
    Mailbox mailbox;
    Quota quota;
    MailNumber lastHeads = 0;
    HeadsBox heads;
    std::optional<PrekeyId> prekey;
    std::uint64_t link = 0;  ///< its number in the directory; 0: not in it
    std::vector<TokenHash> tokens;
    bool isTouched = false;  ///< its MailboxRow is to be written
};
struct Sender {
    struct Remembered {
        DepositCounter counter = 0;
        DepositId deposit = 0;
    };
    LocalId id = 0;
    DeviceId device;
    DepositCounter forgotten = 0;  ///< the highest
    WallTime until{};
    std::uint32_t guestOf = 0;
    SlidingVector<Remembered> remembered;  ///< by counter
    std::uint64_t rows = 0;                ///< of its deposits in the ledger, remembered or held

    /// Null if it is not remembered.
    [[nodiscard]] const Remembered* find(DepositCounter counter);
    /// Forgotten, or lower than all of as many as are remembered: it would be forgotten at once.
    [[nodiscard]] bool isTooOld(DepositCounter counter) const;
    void remember(DepositCounter counter, DepositId deposit);
    /// This one and all lower ones.
    void forget(DepositCounter counter);
};

/// What a LedgerStore keeps in memory: all but bodies, heads, prekeys and links themselves. 16 bytes for each item held and for
/// each answer remembered, 56 for each place of heads, some 300 for a device. Read from the ledger when the store opens, and again after a transaction that failed.
struct MailboxBook {
    MetaRow meta;
    std::map<LocalId, Account> accounts;
    std::unordered_map<DeviceId, Account*> accountOf;
    std::unordered_map<PersonId, std::vector<Account*>> accountsOf;
    std::map<LocalId, Sender> senders;
    std::unordered_map<DeviceId, Sender*> senderOf;
    std::unordered_map<TokenHash, TokenRow> tokens;
    std::unordered_map<InviteHash, InviteRow> invites;
    std::unordered_map<std::uint32_t, std::uint32_t> guestsOf;  ///< senders, by SenderRow::guestOf
    /// Bodies that several mailboxes hold, and how many still do.
    std::unordered_map<DepositId, std::uint32_t> shared;
    DepositId nextDeposit = 1;
    LocalId nextToken = 1;
    LocalId tokensEnd = kSenderShare;  ///< from nextToken to here nothing names a number
    std::uint64_t nextLink = 1;
    std::uint64_t heldItems = 0;
    std::uint64_t heldBytes = 0;
    std::uint64_t rows = 0;  ///< deposits in the ledger

    [[nodiscard]] Account* account(const DeviceId& device);
    [[nodiscard]] Account* account(LocalId id);
    [[nodiscard]] Sender* sender(const DeviceId& device);
    [[nodiscard]] Sender* sender(LocalId id);
    [[nodiscard]] LocalId nextAccount() const { return accounts.empty() ? 1 : accounts.rbegin()->first + 1; }
    [[nodiscard]] LocalId nextSender() const { return senders.empty() ? 1 : senders.rbegin()->first + 1; }
    Account& addAccount(AccountRow row);
    /// Of one that has nothing and that nothing names.
    void removeAccount(LocalId id);
    Sender& addSender(const SenderRow& row);
    void removeSender(LocalId id);
    [[nodiscard]] std::uint32_t guests(std::uint32_t of) const;
    void addHeads(Account& account, const HeadsPlace& place);
    void removeHeads(Account& account, const DeviceId& sender);
    void addToken(const TokenRow& row);
    /// Whether so many new tokens can have numbers from nextToken on, behind all that are named or, once those are used up, between
    /// them. Looks at everything then, once for the longest stretch that there is.
    [[nodiscard]] bool hasTokens(std::uint64_t count);

    /// False if the ledger contradicts itself.
    [[nodiscard]] Expected<bool> load(Ledger& ledger);

private:
    [[nodiscard]] bool loadDeposit(const DepositRow& row);
    [[nodiscard]] bool loadHeads(LocalId id, const HeadsPlace& place);
    void keepFree(std::uint32_t share);
};

}  // namespace landline::relay
