// How a LedgerStore gives back what nobody needs any more: bodies, answers, senders.
#include "p2p/base/limits.h"
#include "relay/store/ledger_store.h"

#include <algorithm>

namespace landline::relay {

namespace {

/// Rows that are no longer needed, below which a pass waits for its time.
constexpr std::uint64_t kIdleRows = 20'000;
constexpr LocalId kAllAccounts = UINT32_MAX;
/// What looking through the heads of one mailbox counts for.
constexpr std::size_t kRowsPerAccount = 8;

}  // namespace

/// One mailbox less holds what lay in the slot, which was taken out of it.
void LedgerStore::letGo(const Slot& slot) {
    --m_book.heldItems;
    m_book.heldBytes -= slot.size;
    if (const auto shared = m_book.shared.find(slot.deposit); shared != m_book.shared.end()) {
        if (--shared->second > 0) return;
        m_book.shared.erase(shared);
    }
    if (!m_rest.empty() && m_rest.back().last + 1 == slot.deposit)
        m_rest.back().last = slot.deposit;
    else
        m_rest.push_back({slot.deposit, slot.deposit});
}

void LedgerStore::freeRest(std::size_t most) {
    while (most > 0 && !m_rest.empty()) {
        Rest& rest = m_rest.front();
        const DepositId last = std::min<DepositId>(rest.last, rest.first + most - 1);
        m_ledger->removeBodies(rest.first, last);
        most -= last - rest.first + 1;
        rest.first = last + 1;
        if (rest.first > rest.last) m_rest.popFront();
    }
    m_changed = true;
}

bool LedgerStore::wantsSweep() const {
    // Each sender's last answers are remembered; with few held that is what is left.
    const std::uint64_t needed =
        m_book.heldItems +
        std::min<std::uint64_t>(m_book.rows / 2, m_book.senders.size() * limits::kRememberedDeposits);
    return m_book.rows > 2 * needed + kIdleRows;
}

bool LedgerStore::sweep(WallTime now, std::size_t rows) {
    if (!m_rest.empty()) {
        freeRest(rows);
        return true;
    }
    if (m_sweptTo == 0 && m_sweptAccounts == 0) m_passBegan = now;
    if (m_sweptAccounts != kAllAccounts) {
        sweepAccounts(now, rows / kRowsPerAccount + 1);
        return true;
    }
    const std::vector<DepositRow> found = m_ledger->deposits(m_sweptTo, rows);
    for (const DepositRow& row : found) {
        m_sweptTo = row.id;
        if (!sweepRow(row, now)) continue;
        m_changed = true;
        m_ledger->removeBodies(row.id, row.id);
        m_ledger->removeDeposit(row.id);
        --m_book.rows;
        if (Sender* const sender = m_book.sender(row.sender)) --sender->rows;
    }
    writeForgetting();
    if (found.size() == rows) return true;
    // Rows that have expired since the pass began may still be there.
    forgetSenders(m_passBegan, rows);
    if (m_sweptSenders != 0) return true;
    forgetInvites();
    m_sweptTo = 0;
    m_sweptAccounts = 0;
    return false;
}

/// An invite is remembered for a while after its end, so that who comes late is told so.
void LedgerStore::forgetInvites() {
    std::erase_if(m_book.invites, [this](const auto& entry) {
        // Not the sum: an invite may be good for as long as there are numbers.
        if (entry.second.expires > m_passBegan - limits::kDepositLife) return false;
        m_changed = true;
        m_ledger->removeInvite(entry.first);
        return true;
    });
}

/// Nobody loses anything by its end: it has never held or named anything, and whose it was gets another one. Where an invite is
/// needed that would not be so.
bool LedgerStore::isUnused(const Account& account, WallTime now) const {
    const AccountRow& row = account.row;
    if (!m_rules.isOpen || row.revoked || !row.quotaClass.empty() || account.isTouched) return false;
    if (account.prekey || !account.tokens.empty() || account.link != 0) return false;
    if (account.mailbox.last() != 0 || account.lastHeads != 0) return false;
    return std::max(row.joined, row.seen) + std::max(m_rules.life, limits::kDepositLife) <= now;
}

void LedgerStore::sweepAccounts(WallTime now, std::size_t most) {
    auto next = m_book.accounts.upper_bound(m_sweptAccounts);
    for (; most > 0 && next != m_book.accounts.end(); --most) {
        Account& account = next->second;
        m_sweptAccounts = next->first;
        ++next;
        freeHeads(account, [now](const HeadsPlace& place) { return place.expires <= now; });
        if (!isUnused(account, now)) continue;
        m_changed = true;
        m_ledger->removeAccount(account.row.id);
        m_book.removeAccount(account.row.id);
    }
    if (next == m_book.accounts.end()) m_sweptAccounts = kAllAccounts;
}

/// True if the row is needed no longer.
bool LedgerStore::sweepRow(const DepositRow& row, WallTime now) {
    bool isHeld = false;
    for (const ItemRow& item : row.items) {
        if (item.refused || row.box == Box::Heads) continue;
        Account* const account = m_book.account(item.account);
        const Slot* const found = account ? account->mailbox.slot(item.number) : nullptr;
        if (!found || found->deposit != row.id) continue;
        // What goes, goes in the order of the numbers, though the operator may have shortened the time meanwhile.
        if (row.expires > now || item.number != account->mailbox.freed() + 1) {
            isHeld = true;
            continue;
        }
        touch(*account);
        letGo(account->mailbox.takeFirst());
        ++m_figures.expired;
    }
    if (isHeld) return false;
    Sender* const sender = m_book.sender(row.sender);
    if (!sender) return true;
    // The last answers are remembered until the sender itself is forgotten.
    if (sender->until > now && sender->find(row.counter)) return false;
    if (sender->until <= now) sender->forget(row.counter);
    m_forgetting.push_back(sender->id);
    return true;
}

/// Rows are going: what they alone say of their senders is written down with them.
void LedgerStore::writeForgetting() {
    std::sort(m_forgetting.begin(), m_forgetting.end());
    m_forgetting.erase(std::unique(m_forgetting.begin(), m_forgetting.end()), m_forgetting.end());
    for (const LocalId id : m_forgetting)
        if (const Sender* const sender = m_book.sender(id))
            m_ledger->putSender({sender->id, sender->device, sender->forgotten, sender->until, sender->guestOf});
    m_forgetting.clear();
}

/// A sender is forgotten when its last deposit has expired: it has been silent for as long as its deposits live. Not while a
/// row names it, though: one may outlive its time, held behind another.
void LedgerStore::forgetSenders(WallTime now, std::size_t most) {
    auto next = m_book.senders.upper_bound(m_sweptSenders);
    for (; most > 0 && next != m_book.senders.end(); --most) {
        const Sender& sender = next->second;
        ++next;
        m_sweptSenders = sender.id;
        if (sender.rows > 0 || sender.until > now) continue;
        m_changed = true;
        m_ledger->removeSender(sender.id);
        m_book.removeSender(sender.id);
    }
    if (next == m_book.senders.end()) m_sweptSenders = 0;
}

}  // namespace landline::relay
