// What a LedgerStore keeps beside the mailboxes: accounts, invites, tokens, prekeys and heads.
#include "p2p/base/limits.h"
#include "relay/store/ledger_store.h"

#include <algorithm>

namespace landline::relay {

// Heads ---------------------------------------------------------------------------------------------------------

HeadsAnswer LedgerStore::putHeads(const HeadsDeposit& deposit, WallTime now) {
    // Slots are bounded by themselves and take nothing of a share.
    const Permit permitted = permit(deposit.sender, 0, deposit.recipient);
    if (permitted.placed != Placed::Stored) return {permitted.placed, false, {}};
    if (deposit.body.size() > limits::kHeadsSlotBytes) return {Placed::TooLarge, false, {}};
    const WallTime expires = expiryOf(deposit.notAfter, now);
    if (expires <= now) return {Placed::Expired, false, {}};
    Account& account = *permitted.account;
    const auto held = m_ledger->heads(account.row.id, deposit.sender);
    if (held && held->counter > deposit.counter) return {Placed::Stored, true, held->expires};
    if (held && held->counter == deposit.counter && held->body == deposit.body)
        return {Placed::Stored, false, held->expires};
    if (!held && m_ledger->countHeads(account.row.id) >= limits::kHeadsSlots)
        return {Placed::QuotaExceeded, false, {}};
    touch(account);
    m_ledger->putHeads(
        {account.row.id, deposit.sender, ++account.headsVersion, deposit.counter, expires, deposit.body});
    return {Placed::Stored, false, expires};
}

HeadsPullAnswer LedgerStore::pullHeads(const HeadsPull& request, WallTime now) {
    HeadsPullAnswer answer;
    answer.epoch = m_book.meta.epoch;
    Account* account = nullptr;
    answer.result = check(request.device, request.epoch.isZero() ? answer.epoch : request.epoch, account);
    if (answer.result != MailboxResult::Done) return answer;
    const std::size_t most = std::clamp(request.maxBytes, limits::kHeadsSlotBytes, limits::kPullBytes);
    std::uint64_t seen = request.after;
    for (HeadsRow& row : m_ledger->headsAfter(account->row.id, request.after, most)) {
        seen = row.version;
        if (row.expires > now) answer.slots.push_back({row.version, row.sender, std::move(row.body)});
    }
    answer.more = seen < account->headsVersion && !m_ledger->headsAfter(account->row.id, seen, 1).empty();
    return answer;
}

ChangeAnswer LedgerStore::acknowledgeHeads(const HeadsAck& request) {
    Account* account = nullptr;
    const MailboxResult result = check(request.device, request.epoch, account);
    if (result != MailboxResult::Done) return {result};
    if (request.version > account->headsVersion) return {MailboxResult::Ahead};
    // Versions are never given twice: the last one must be on the disk before slots that had it are gone.
    touch(*account);
    m_ledger->removeHeadsUpTo(account->row.id, request.version);
    return {};
}

// Prekeys -------------------------------------------------------------------------------------------------------

ChangeAnswer LedgerStore::publishPrekeys(const PublishPrekeys& request) {
    Account* const account = active(request.device);
    if (!account) return {MailboxResult::NoAccount};
    if (request.bytes.size() > limits::kPrekeysBytes) return {MailboxResult::TooLarge};
    if (request.number == 0) return {MailboxResult::Stale};
    if (const auto held = m_ledger->prekeys(account->row.id)) {
        if (held->number > request.number) return {MailboxResult::Stale};
        if (held->number == request.number)
            return {held->bytes == request.bytes ? MailboxResult::Done : MailboxResult::Conflict};
    }
    m_changed = true;
    m_ledger->putPrekeys(account->row.id, {request.number, request.bytes});
    return {};
}

PrekeysAnswer LedgerStore::fetchPrekeys(const FetchPrekeys& request) {
    PrekeysAnswer answer;
    const Permit permitted = permit(request.asker, 0, request.of);
    answer.placed = permitted.placed;
    if (permitted.placed != Placed::Stored) return answer;
    if (auto held = m_ledger->prekeys(permitted.account->row.id)) {
        answer.number = held->number;
        answer.bytes = std::move(held->bytes);
    }
    return answer;
}

// Accounts and invites ------------------------------------------------------------------------------------------

ChangeAnswer LedgerStore::addInvite(const AddInvite& invite) {
    if (invite.quotaClass.size() > limits::kQuotaClassBytes) return {MailboxResult::TooLarge};
    if (m_book.invites.contains(invite.hash)) return {MailboxResult::Conflict};
    m_changed = true;
    const InviteRow row{invite.hash, invite.uses, invite.expires, invite.quotaClass};
    m_book.invites[invite.hash] = row;
    m_ledger->putInvite(row);
    return {};
}

ChangeAnswer LedgerStore::removeInvite(const RemoveInvite& invite) {
    if (m_book.invites.erase(invite.hash) == 0) return {MailboxResult::Unknown};
    m_changed = true;
    m_ledger->removeInvite(invite.hash);
    return {};
}

JoinAnswer LedgerStore::join(const Join& request, WallTime now) {
    if (const Account* const account = m_book.account(request.device))
        return {account->row.revoked ? Joined::Revoked : Joined::Done};
    const auto invite = m_book.invites.find(request.invite);
    if (invite == m_book.invites.end()) return {Joined::UnknownInvite};
    InviteRow& row = invite->second;
    if (row.expires <= now) return {Joined::InviteExpired};
    // Used up it stays until it expires, so that it can be told from one that never was.
    if (row.left == 0) return {Joined::InviteUsedUp};
    m_changed = true;
    --row.left;
    m_ledger->putInvite(row);
    Account& account = m_book.addAccount({m_book.nextAccount(), request.device, row.quotaClass, now, false});
    applyQuota(account);
    m_ledger->putAccount(account.row);
    return {};
}

ChangeAnswer LedgerStore::revoke(const Revoke& request) {
    Account* const account = m_book.account(request.device);
    if (!account) return {MailboxResult::NoAccount};
    if (account->row.revoked != request.reinstate) return {};
    touch(*account);
    account->row.revoked = !request.reinstate;
    m_ledger->putAccount(account->row);
    if (request.reinstate) return {};
    Mailbox& mailbox = account->mailbox;
    while (mailbox.freed() < mailbox.last())
        if (const Slot slot = mailbox.takeFirst(); slot.deposit != 0) letGo(slot);
    freeRest(kFreedAtOnce);
    std::erase_if(m_book.tokens, [&](const auto& token) {
        if (token.second.owner != account->row.id) return false;
        m_ledger->removeToken(token.second.id);
        return true;
    });
    account->tokens = 0;
    m_ledger->removeHeadsUpTo(account->row.id, account->headsVersion);
    m_ledger->removePrekeys(account->row.id);
    return {};
}

AccountsAnswer LedgerStore::accounts(const ListAccounts& request) {
    std::vector<const Account*> sorted;
    for (const auto& [id, account] : m_book.accounts)
        if (request.after.isZero() || account.row.device > request.after) sorted.push_back(&account);
    const auto most = static_cast<std::ptrdiff_t>(std::min(request.most, sorted.size()));
    std::partial_sort(
        sorted.begin(), sorted.begin() + most, sorted.end(),
        [](const Account* one, const Account* other) { return one->row.device < other->row.device; });
    AccountsAnswer answer;
    for (const Account* const account : std::span(sorted).first(static_cast<std::size_t>(most)))
        answer.accounts.push_back({account->row.device, account->row.quotaClass, account->row.joined,
                                   account->row.revoked, account->mailbox.usage().items,
                                   account->mailbox.usage().bytes, account->mailbox.last()});
    return answer;
}

// Tokens --------------------------------------------------------------------------------------------------------

ChangeAnswer LedgerStore::addToken(const AddToken& request) {
    Account* const owner = active(request.owner);
    if (!owner) return {MailboxResult::NoAccount};
    if (const auto held = m_book.tokens.find(request.hash); held != m_book.tokens.end())
        return {held->second.owner == owner->row.id && held->second.share == request.share
                    ? MailboxResult::Done
                    : MailboxResult::Conflict};
    if (owner->tokens >= limits::kTokensPerDevice) return {MailboxResult::TooMany};
    m_changed = true;
    const TokenRow row{m_book.nextToken, owner->row.id, request.hash, request.share};
    m_book.addToken(row);
    m_ledger->putToken(row);
    return {};
}

ChangeAnswer LedgerStore::removeToken(const RemoveToken& request) {
    Account* const owner = active(request.owner);
    if (!owner) return {MailboxResult::NoAccount};
    const auto held = m_book.tokens.find(request.hash);
    if (held == m_book.tokens.end() || held->second.owner != owner->row.id) return {MailboxResult::Unknown};
    m_changed = true;
    m_ledger->removeToken(held->second.id);
    m_book.tokens.erase(held);
    --owner->tokens;
    return {};
}

}  // namespace landline::relay
