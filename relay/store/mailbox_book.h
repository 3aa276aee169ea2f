#pragma once

#include "relay/store/ledger.h"
#include "relay/store/sliding_vector.h"

#include <map>
#include <unordered_map>

namespace landline::relay {

/// What is held under one number of a mailbox; `deposit` 0: nothing any more (it has expired).
struct Slot {
    DepositId deposit = 0;
    std::uint32_t size = 0;
    std::uint32_t share = 0;
};
struct Usage {
    std::uint64_t bytes = 0;
    std::uint32_t items = 0;
};

/// The numbers of one mailbox that are not freed yet.
class Mailbox {
public:
    [[nodiscard]] MailNumber freed() const { return m_freed; }
    [[nodiscard]] MailNumber last() const { return m_freed + m_slots.size(); }
    [[nodiscard]] const Usage& usage() const { return m_usage; }
    [[nodiscard]] Usage usageOf(std::uint32_t share) const;
    /// Null if the number is freed or not given yet, or what it held has expired.
    [[nodiscard]] const Slot* slot(MailNumber number) const;

    MailNumber append(const Slot& slot);
    /// Frees the lowest number and gives what it held.
    Slot takeFirst();
    /// Leaves the number without anything; frees what then lies empty at the front.
    void expire(MailNumber number);
    /// As read from the ledger: begins after `freed`; numbers up to `number` that hold nothing. False if those are more than
    /// there can be.
    void beginAt(MailNumber freed) { m_freed = freed; }
    [[nodiscard]] bool skipTo(MailNumber number);

private:
    void charge(const Slot& slot);
    void discharge(const Slot& slot);

    MailNumber m_freed = 0;
    SlidingVector<Slot> m_slots;
    Usage m_usage;
    std::unordered_map<std::uint32_t, Usage> m_shares;
};

struct Account {
    AccountRow row;
    Mailbox mailbox;
    Quota quota;
    std::uint64_t headsVersion = 0;
    std::uint32_t tokens = 0;
    bool isTouched = false;  ///< its MailboxRow is to be written
};
struct Sender {
    struct Remembered {
        std::uint64_t counter = 0;
        DepositId deposit = 0;  ///< 0: forgotten
    };
    LocalId id = 0;
    DeviceId device;
    std::uint64_t highest = 0;
    WallTime until{};
    SlidingVector<Remembered> remembered;  ///< by counter

    /// Null if it is not remembered.
    [[nodiscard]] Remembered* find(std::uint64_t counter);
    void remember(std::uint64_t counter, DepositId deposit);
    void forget(std::uint64_t counter);
};

/// What a LedgerStore keeps in memory: all but the bodies. 16 bytes for each item held and for each answer remembered,
/// some 300 for a device. Read from the ledger when the store opens, and again after a transaction that failed.
struct MailboxBook {
    MetaRow meta;
    std::map<LocalId, Account> accounts;
    std::unordered_map<DeviceId, Account*> accountOf;
    std::map<LocalId, Sender> senders;
    std::unordered_map<DeviceId, Sender*> senderOf;
    std::unordered_map<TokenHash, TokenRow> tokens;
    std::unordered_map<InviteHash, InviteRow> invites;
    /// Bodies that several mailboxes hold, and how many still do.
    std::unordered_map<DepositId, std::uint32_t> shared;
    DepositId nextDeposit = 1;
    LocalId nextToken = 1;
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
    Sender& addSender(const SenderRow& row);
    void addToken(const TokenRow& row);

    /// False if the ledger contradicts itself.
    [[nodiscard]] Expected<bool> load(Ledger& ledger);

private:
    [[nodiscard]] bool loadDeposit(const DepositRow& row);
};

}  // namespace landline::relay
