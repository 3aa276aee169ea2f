// What a LedgerStore keeps beside the mailboxes' content: accounts, invites, prekeys, tokens, the directory.
#include "p2p/base/hash.h"
#include "p2p/base/limits.h"
#include "p2p/envelope/prekey.h"
#include "relay/store/ledger_store.h"

#include <algorithm>

namespace landline::relay {

TokenHash hashOf(const DeviceId& device, const RelayToken& token) {
    return TokenHash::from(sha256({device.view(), token.view()}).view()).value();
}

InviteHash hashOf(const RelayInvite& invite) {
    return InviteHash::from(sha256(invite.view()).view()).value();
}

// Who may come -------------------------------------------------------------------------------------------------------

std::optional<Reason> LedgerStore::faultOf(const RelayInvite& invite, WallTime now) const {
    const auto found = m_book.invites.find(hashOf(invite));
    if (found == m_book.invites.end()) return Reason::BadInvite;
    if (found->second.expires <= now) return Reason::InviteExpired;
    // Used up it stays until it expires, so that it can be told from one that never was.
    if (found->second.left == 0) return Reason::InviteUsed;
    return std::nullopt;
}

void LedgerStore::use(const RelayInvite& invite) {
    InviteRow& row = m_book.invites.find(hashOf(invite))->second;
    m_changed = true;
    --row.left;
    m_ledger->putInvite(row);
}

Account& LedgerStore::addAccount(const Party& who, std::string quotaClass, WallTime now) {
    m_changed = true;
    Account& account = m_book.addAccount({m_book.nextAccount(), who, std::move(quotaClass), now, false, {}, now});
    applyQuota(account);
    m_ledger->putAccount(account.row);
    return account;
}

/// In the order of PROTOCOL.md, "Who may come".
AdmitAnswer LedgerStore::admit(const Admit& request, bool mayGrow, WallTime now) {
    const auto refuse = [](Reason reason) { return AdmitAnswer{reason, false, {}}; };
    const auto ofPerson = m_book.accountsOf.find(request.who.person);
    std::vector<const Account*> others;
    if (ofPerson != m_book.accountsOf.end())
        std::copy_if(ofPerson->second.begin(), ofPerson->second.end(), std::back_inserter(others),
                     [](const Account* one) { return !one->row.revoked; });
    if (Account* const account = m_book.account(request.who.device)) {
        if (account->row.who.person != request.who.person) return refuse(Reason::NoAccount);
        if (!account->row.revoked) {
            if (mayGrow) see(*account, now);
            return welcome(*account);
        }
        if (!request.invite || faultOf(*request.invite, now)) return refuse(Reason::Revoked);
        if (others.size() >= limits::kDevicesPerAccount) return refuse(Reason::TooMany);
        if (!mayGrow) return refuse(Reason::Storage);
        use(*request.invite);
        account->row.revoked = false;
        account->row.seen = now;
        m_ledger->putAccount(account->row);
        return welcome(*account);
    }
    std::optional<std::string> quotaClass;
    bool isNewcomer = false;
    if (request.invite) {
        if (const auto fault = faultOf(*request.invite, now)) return refuse(*fault);
        quotaClass = m_book.invites.find(hashOf(*request.invite))->second.quotaClass;
    } else if (!others.empty()) {
        quotaClass = others.front()->row.quotaClass;
    } else if (request.pass && request.pass->token && permit(request.who, 0, *request.pass).account) {
        AdmitAnswer guest;
        guest.welcome.epoch = m_book.meta.epoch;
        guest.welcome.life = m_rules.life;
        return guest;
    } else if (request.isOpen) {
        quotaClass.emplace();
        isNewcomer = true;
    }
    if (!quotaClass) return refuse(Reason::NoAccount);
    if (others.size() >= limits::kDevicesPerAccount) return refuse(Reason::TooMany);
    // Those whom nobody has invited leave places for those who were, and for further devices.
    const std::size_t most = isNewcomer ? m_rules.senders / 4 * 3 : m_rules.senders;
    if (!mayGrow || m_book.accounts.size() >= most) return refuse(Reason::Storage);
    if (request.invite) use(*request.invite);
    AdmitAnswer answer = welcome(addAccount(request.who, *std::move(quotaClass), now));
    answer.isNewcomer = isNewcomer;
    return answer;
}

/// For the operator, who looks for mailboxes that nobody uses: a row is written at most once an hour.
void LedgerStore::see(Account& account, WallTime now) {
    if (now - account.row.seen < limits::kSeenStep) return;
    m_changed = true;
    account.row.seen = now;
    m_ledger->putAccount(account.row);
}

AdmitAnswer LedgerStore::welcome(Account& account) {
    AdmitAnswer answer;
    wire::relay::Welcome& told = answer.welcome;
    told.hasAccount = true;
    told.epoch = m_book.meta.epoch;
    told.life = m_rules.life;
    told.quota = account.quota.bytes;
    told.used = usageOf(account).bytes;
    told.freed = account.mailbox.freed();
    told.highest = account.mailbox.last();
    told.highestHeads = account.lastHeads;
    told.prekey = account.prekey;
    told.tokens = account.row.tokens;
    return answer;
}

ChangeAnswer LedgerStore::addInvite(const AddInvite& invite) {
    if (invite.quotaClass.size() > limits::kQuotaClassBytes || m_book.invites.contains(invite.hash))
        return {Reason::Invalid};
    m_changed = true;
    const InviteRow row{invite.hash, invite.uses, invite.expires, invite.quotaClass};
    m_book.invites[invite.hash] = row;
    m_ledger->putInvite(row);
    return {};
}

ChangeAnswer LedgerStore::removeInvite(const RemoveInvite& invite) {
    if (m_book.invites.erase(invite.hash) == 0) return {Reason::BadInvite};
    m_changed = true;
    m_ledger->removeInvite(invite.hash);
    return {};
}

ChangeAnswer LedgerStore::revoke(const Revoke& request) {
    Account* const account = m_book.account(request.device);
    if (!account) return {Reason::NoMailbox};
    if (account->row.revoked != request.reinstate) return {};
    m_changed = true;
    account->row.revoked = !request.reinstate;
    if (!request.reinstate) {
        freeMessages(*account, account->mailbox.last());
        for (const TokenHash& hash : std::exchange(account->tokens, {})) {
            m_ledger->removeToken(m_book.tokens[hash].id);
            m_book.tokens.erase(hash);
        }
        account->row.tokens = {};
        freeHeads(*account, [](const HeadsPlace&) { return true; });
        m_ledger->removePrekey(account->row.id);
        account->prekey.reset();
        takeFromDirectory(*account);
    }
    m_ledger->putAccount(account->row);
    return {};
}

AccountsAnswer LedgerStore::accounts(const ListAccounts& request) {
    const auto deviceOf = [](const Account* account) { return account->row.who.device; };
    std::vector<const Account*> sorted;
    for (const auto& [id, account] : m_book.accounts)
        if (request.after.isZero() || deviceOf(&account) > request.after) sorted.push_back(&account);
    const auto most = static_cast<std::ptrdiff_t>(std::min(request.most, sorted.size()));
    std::partial_sort(sorted.begin(), sorted.begin() + most, sorted.end(),
                      [&](const Account* one, const Account* other) { return deviceOf(one) < deviceOf(other); });
    AccountsAnswer answer;
    for (const Account* const account : std::span(sorted).first(static_cast<std::size_t>(most))) {
        const Usage used = usageOf(*account);
        answer.accounts.push_back({account->row.who, account->row.quotaClass, account->row.joined, account->row.seen,
                                   account->row.revoked, used.items, used.bytes, account->quota.bytes,
                                   account->mailbox.last()});
    }
    return answer;
}

InvitesAnswer LedgerStore::invites(const ListInvites& request, WallTime now) {
    InvitesAnswer answer;
    for (const auto& [hash, row] : m_book.invites)
        if (row.left > 0 && row.expires > now) answer.invites.push_back({hash, row.left, row.expires, row.quotaClass});
    std::sort(answer.invites.begin(), answer.invites.end(),
              [](const InviteInfo& one, const InviteInfo& other) { return one.expires < other.expires; });
    if (answer.invites.size() > request.most) answer.invites.resize(request.most);
    return answer;
}

// Prekeys ------------------------------------------------------------------------------------------------------------

PublishAnswer LedgerStore::publishPrekey(const PublishPrekey& request) {
    PublishAnswer answer;
    Account* const account = active(request.device);
    const auto id = envelope::Prekey::idIn(request.prekey);
    if (!account)
        answer.refused = Reason::NoAccount;
    else if (!id)
        answer.refused = Reason::Invalid;
    if (answer.refused) return answer;
    m_changed = true;
    account->prekey = id;
    m_ledger->putPrekey(account->row.id, request.prekey);
    answer.told = {account->mailbox.last(), account->lastHeads};
    return answer;
}

PrekeysAnswer LedgerStore::fetchPrekeys(const FetchPrekeys& request) {
    PrekeysAnswer answer;
    for (const Addressee& one : request.of) {
        const Account* const account = permit(request.asker, 0, one).account;
        wire::relay::Prekeys::One& told = answer.told.prekeys.emplace_back();
        told.reason = account ? Reason::NoPrekey : Reason::NoMailbox;
        if (!account || !account->prekey) continue;
        if (auto held = m_ledger->prekey(account->row.id)) told = {*std::move(held), Reason::Unknown};
    }
    return answer;
}

// Tokens -------------------------------------------------------------------------------------------------------------

ChangeAnswer LedgerStore::setTokens(const SetTokens& request) {
    Account* const account = active(request.device);
    if (!account) return {Reason::NoAccount};
    if (request.tokens.size() > limits::kTokensPerDevice) return {Reason::TooMany};
    std::map<TokenHash, std::uint64_t> wanted;
    ChangeAnswer answer;
    answer.tokens.emplace().device = request.device;
    for (const wire::relay::Token& one : request.tokens) {
        wanted[hashOf(request.device, one.token)] = one.share;
        answer.tokens->now.push_back(one.token);
    }
    const auto isNew = [this](const auto& one) { return !m_book.tokens.contains(one.first); };
    const auto added = static_cast<std::uint64_t>(std::count_if(wanted.begin(), wanted.end(), isNew));
    if (!m_book.hasTokens(added)) return {Reason::Storage};
    m_changed = true;
    std::erase_if(account->tokens, [&](const TokenHash& hash) {
        if (wanted.contains(hash)) return false;
        m_ledger->removeToken(m_book.tokens[hash].id);
        m_book.tokens.erase(hash);
        return true;
    });
    for (const auto& [hash, share] : wanted) {
        const auto held = m_book.tokens.find(hash);
        if (held != m_book.tokens.end() && held->second.share == share) continue;
        if (held == m_book.tokens.end())
            m_book.addToken({m_book.nextToken, account->row.id, hash, share});
        else
            held->second.share = share;
        m_ledger->putToken(m_book.tokens[hash]);
    }
    account->row.tokens = wire::relay::tokensDigest(request.tokens);
    m_ledger->putAccount(account->row);
    return answer;
}

CheckAnswer LedgerStore::checkTokens(const CheckTokens& request) {
    CheckAnswer answer{request.of, {}};
    for (const Addressee& one : request.of) answer.good.push_back(permit(request.asker, 0, one).account != nullptr);
    return answer;
}

// Directory ----------------------------------------------------------------------------------------------------------

void LedgerStore::takeFromDirectory(Account& account) {
    if (account.link == 0) return;
    m_changed = true;
    m_ledger->removeLink(std::exchange(account.link, 0));
}

ChangeAnswer LedgerStore::listLink(const ListLink& request) {
    Account* const account = active(request.device);
    if (!account) return {Reason::NoAccount};
    if (request.link.size() > limits::kContactLinkBytes) return {Reason::TooLarge};
    takeFromDirectory(*account);
    if (request.link.empty()) return {};
    m_changed = true;
    account->link = m_book.nextLink++;
    m_ledger->putLink({account->link, account->row.id, request.link});
    return {};
}

BrowseAnswer LedgerStore::browseLinks(const BrowseLinks& request) {
    BrowseAnswer answer;
    std::vector<LinkRow> rows = m_ledger->linksAfter(request.after, limits::kLinksPerListed + 1);
    if (rows.size() > limits::kLinksPerListed) {
        rows.pop_back();
        answer.told.next = rows.back().number;
    }
    for (LinkRow& row : rows) answer.told.links.push_back(std::move(row.link));
    return answer;
}

}  // namespace landline::relay
