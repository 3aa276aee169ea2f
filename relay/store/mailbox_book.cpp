#include "relay/store/mailbox_book.h"

#include "p2p/base/limits.h"

#include <algorithm>

namespace landline::relay {

Usage Mailbox::usageOf(std::uint32_t share) const {
    const auto found = m_shares.find(share);
    return found == m_shares.end() ? Usage{} : found->second;
}

const Slot* Mailbox::slot(MailNumber number) const {
    if (number <= m_freed || number > last()) return nullptr;
    const Slot& found = m_slots[number - m_freed - 1];
    return found.deposit == 0 ? nullptr : &found;
}

MailNumber Mailbox::append(const Slot& slot) {
    m_slots.push_back(slot);
    charge(slot);
    return last();
}

Slot Mailbox::takeFirst() {
    const Slot first = m_slots.front();
    m_slots.popFront();
    ++m_freed;
    if (first.deposit != 0) discharge(first);
    return first;
}

void Mailbox::expire(MailNumber number) {
    Slot& slot = m_slots[number - m_freed - 1];
    discharge(slot);
    slot = {};
    while (!m_slots.empty() && m_slots.front().deposit == 0) {
        m_slots.popFront();
        ++m_freed;
    }
}

bool Mailbox::skipTo(MailNumber number) {
    if (m_slots.empty()) {
        m_freed = std::max(m_freed, number);
        return true;
    }
    if (number > m_freed && number - m_freed > limits::kMailboxSpan) return false;
    while (last() < number) m_slots.push_back({});
    return true;
}

void Mailbox::charge(const Slot& slot) {
    for (Usage* const usage : {&m_usage, &m_shares[slot.share]}) {
        usage->bytes += slot.size;
        ++usage->items;
    }
}

void Mailbox::discharge(const Slot& slot) {
    const auto share = m_shares.find(slot.share);
    for (Usage* const usage : {&m_usage, &share->second}) {
        usage->bytes -= slot.size;
        --usage->items;
    }
    if (share->second.items == 0) m_shares.erase(share);
}

Sender::Remembered* Sender::find(std::uint64_t counter) {
    const auto found = std::lower_bound(
        remembered.begin(), remembered.end(), counter,
        [](const Remembered& entry, std::uint64_t wanted) { return entry.counter < wanted; });
    if (found == remembered.end() || found->counter != counter || found->deposit == 0) return nullptr;
    return found;
}

void Sender::remember(std::uint64_t counter, DepositId deposit) {
    remembered.push_back({counter, deposit});
    if (remembered.size() > limits::kRememberedDeposits) remembered.popFront();
}

void Sender::forget(std::uint64_t counter) {
    if (Remembered* const entry = find(counter)) entry->deposit = 0;
    while (!remembered.empty() && remembered.front().deposit == 0) remembered.popFront();
}

Account* MailboxBook::account(const DeviceId& device) {
    const auto found = accountOf.find(device);
    return found == accountOf.end() ? nullptr : found->second;
}

Account* MailboxBook::account(LocalId id) {
    const auto found = accounts.find(id);
    return found == accounts.end() ? nullptr : &found->second;
}

Sender* MailboxBook::sender(const DeviceId& device) {
    const auto found = senderOf.find(device);
    return found == senderOf.end() ? nullptr : found->second;
}

Sender* MailboxBook::sender(LocalId id) {
    const auto found = senders.find(id);
    return found == senders.end() ? nullptr : &found->second;
}

Account& MailboxBook::addAccount(AccountRow row) {
    Account& added = accounts[row.id];
    added.row = std::move(row);
    accountOf[added.row.device] = &added;
    return added;
}

Sender& MailboxBook::addSender(const SenderRow& row) {
    Sender& added = senders[row.id];
    added.id = row.id;
    added.device = row.device;
    added.highest = row.highest;
    added.until = row.until;
    senderOf[row.device] = &added;
    return added;
}

void MailboxBook::addToken(const TokenRow& row) {
    nextToken = std::max(nextToken, row.id + 1);
    if (Account* const owner = account(row.owner)) ++owner->tokens;
    tokens[row.hash] = row;
}

Expected<bool> MailboxBook::load(Ledger& ledger) {
    bool agrees = true;
    std::vector<MailboxRow> mailboxes;
    LedgerReader reader;
    reader.meta = [&](const MetaRow& row) { meta = row; };
    reader.account = [&](AccountRow row) { addAccount(std::move(row)); };
    reader.mailbox = [&](const MailboxRow& row) {
        mailboxes.push_back(row);
        if (Account* const owner = account(row.account)) {
            owner->mailbox.beginAt(row.freed);
            owner->headsVersion = row.headsVersion;
        } else {
            agrees = false;
        }
    };
    reader.sender = [&](const SenderRow& row) { addSender(row); };
    reader.token = [&](const TokenRow& row) { addToken(row); };
    reader.invite = [&](InviteRow row) { invites[row.hash] = std::move(row); };
    reader.deposit = [&](const DepositRow& row) { agrees = loadDeposit(row) && agrees; };
    if (auto read = ledger.readAll(reader); !read) return Unexpected(read.error());
    for (const MailboxRow& row : mailboxes)
        if (Account* const owner = account(row.account)) agrees = owner->mailbox.skipTo(row.last) && agrees;
    return agrees;
}

bool MailboxBook::loadDeposit(const DepositRow& row) {
    ++rows;
    if (row.id < nextDeposit) return false;
    nextDeposit = row.id + 1;
    Sender* const by = sender(row.sender);
    if (!by || (!by->remembered.empty() && by->remembered.back().counter >= row.counter)) return false;
    by->highest = std::max(by->highest, row.counter);
    by->until = std::max(by->until, row.expires);
    by->remember(row.counter, row.id);
    std::uint32_t holders = 0;
    for (const ItemRow& item : row.items) {
        if (item.placed != Placed::Stored) continue;
        Account* const owner = account(item.account);
        if (!owner) return false;
        if (!(item.share & kSenderShare)) nextToken = std::max(nextToken, item.share + 1);
        if (item.number <= owner->mailbox.freed()) continue;
        if (!owner->mailbox.skipTo(item.number - 1) || owner->mailbox.last() != item.number - 1) return false;
        owner->mailbox.append({row.id, row.size, item.share});
        ++holders;
    }
    if (holders > 1) shared[row.id] = holders;
    heldItems += holders;
    heldBytes += std::uint64_t{holders} * row.size;
    return true;
}

}  // namespace landline::relay
