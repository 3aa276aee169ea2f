#include "relay/store/mailbox_book.h"

#include "p2p/base/limits.h"
#include "p2p/envelope/prekey.h"

#include <algorithm>

namespace landline::relay {

Usage Mailbox::usageOf(std::uint32_t share) const {
    const auto found = m_shares.find(share);
    return found == m_shares.end() ? Usage{} : found->second;
}

const Slot* Mailbox::slot(MailNumber number) const {
    if (number <= m_freed || number > last()) return nullptr;
    return &m_slots[number - m_freed - 1];
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
    discharge(first);
    return first;
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

Usage HeadsBox::usageOf(std::uint32_t share) const {
    Usage usage;
    for (const HeadsPlace& place : m_places) {
        if (place.share != share) continue;
        usage.bytes += place.size;
        ++usage.items;
    }
    return usage;
}

const HeadsPlace* HeadsBox::of(const DeviceId& sender) const {
    const auto found = std::find_if(m_places.begin(), m_places.end(), [&](const auto& one) { return one.sender == sender; });
    return found == m_places.end() ? nullptr : &*found;
}

void HeadsBox::add(const HeadsPlace& place) {
    m_places.push_back(place);
    m_usage.bytes += place.size;
    ++m_usage.items;
}

void HeadsBox::remove(const DeviceId& sender) {
    const auto found = std::find_if(m_places.begin(), m_places.end(), [&](const auto& one) { return one.sender == sender; });
    if (found == m_places.end()) return;
    m_usage.bytes -= found->size;
    --m_usage.items;
    m_places.erase(found);
}

const Sender::Remembered* Sender::find(DepositCounter counter) {
    const auto found = std::lower_bound(
        remembered.begin(), remembered.end(), counter,
        [](const Remembered& entry, DepositCounter wanted) { return entry.counter < wanted; });
    return found == remembered.end() || found->counter != counter ? nullptr : found;
}

bool Sender::isTooOld(DepositCounter counter) const {
    return counter <= forgotten ||
           (remembered.size() >= limits::kRememberedDeposits && counter < remembered[0].counter);
}

void Sender::remember(DepositCounter counter, DepositId deposit) {
    remembered.push_back({counter, deposit});
    // Counters grow, but for those that were refused as a whole and come again.
    for (auto at = remembered.end() - 1; at != remembered.begin() && (at - 1)->counter > at->counter; --at)
        std::swap(*at, *(at - 1));
    if (remembered.size() > limits::kRememberedDeposits) forget(remembered.front().counter);
}

void Sender::forget(DepositCounter counter) {
    forgotten = std::max(forgotten, counter);
    while (!remembered.empty() && remembered.front().counter <= counter) remembered.popFront();
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
    accountOf[added.row.who.device] = &added;
    accountsOf[added.row.who.person].push_back(&added);
    return added;
}

void MailboxBook::removeAccount(LocalId id) {
    const auto found = accounts.find(id);
    if (found == accounts.end()) return;
    const Party& who = found->second.row.who;
    const auto ofPerson = accountsOf.find(who.person);
    std::erase(ofPerson->second, &found->second);
    if (ofPerson->second.empty()) accountsOf.erase(ofPerson);
    accountOf.erase(who.device);
    accounts.erase(found);
}

Sender& MailboxBook::addSender(const SenderRow& row) {
    Sender& added = senders[row.id];
    added.id = row.id;
    added.device = row.device;
    added.forgotten = row.forgotten;
    added.until = row.until;
    added.guestOf = row.guestOf;
    if (row.guestOf != 0) ++guestsOf[row.guestOf];
    keepFree(row.guestOf);
    senderOf[row.device] = &added;
    return added;
}

void MailboxBook::removeSender(LocalId id) {
    const auto found = senders.find(id);
    if (found == senders.end()) return;
    if (const auto guests = guestsOf.find(found->second.guestOf); guests != guestsOf.end() && --guests->second == 0)
        guestsOf.erase(guests);
    senderOf.erase(found->second.device);
    senders.erase(found);
}

std::uint32_t MailboxBook::guests(std::uint32_t of) const {
    const auto found = guestsOf.find(of);
    return found == guestsOf.end() ? 0 : found->second;
}

void MailboxBook::addHeads(Account& account, const HeadsPlace& place) {
    account.heads.add(place);
    ++heldItems;
    heldBytes += place.size;
}

void MailboxBook::removeHeads(Account& account, const DeviceId& sender) {
    const HeadsPlace* const place = account.heads.of(sender);
    if (!place) return;
    --heldItems;
    heldBytes -= place->size;
    account.heads.remove(sender);
}

/// A token's number that something in the ledger names is given to no other.
void MailboxBook::keepFree(std::uint32_t share) {
    if (share >= nextToken && share < tokensEnd) nextToken = share + 1;
}

bool MailboxBook::hasTokens(std::uint64_t count) {
    if (nextToken + count <= tokensEnd) return true;
    std::vector<LocalId> named{0, kSenderShare};
    for (const auto& [hash, row] : tokens) named.push_back(row.id);
    for (const auto& [share, guests] : guestsOf) named.push_back(share);
    for (const auto& [id, account] : accounts) {
        for (const auto& [share, usage] : account.mailbox.shares()) named.push_back(share);
        for (const HeadsPlace& place : account.heads.places()) named.push_back(place.share);
    }
    std::erase_if(named, [](LocalId share) { return share > kSenderShare; });
    std::sort(named.begin(), named.end());
    std::size_t longest = 1;  // the stretch before it
    for (std::size_t at = 2; at < named.size(); ++at)
        if (named[at] - named[at - 1] > named[longest] - named[longest - 1]) longest = at;
    if (named[longest - 1] + 1 + count > named[longest]) return false;
    nextToken = named[longest - 1] + 1;
    tokensEnd = named[longest];
    return true;
}

void MailboxBook::addToken(const TokenRow& row) {
    keepFree(row.id);
    if (Account* const owner = account(row.owner)) owner->tokens.push_back(row.hash);
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
            owner->lastHeads = row.lastHeads;
        } else if (row.freed != 0 || row.last != 0 || row.lastHeads != 0) {
            // One of zeros, which an account that was forgotten may have left, says nothing of whoever gets its number.
            agrees = false;
        }
    };
    reader.sender = [&](const SenderRow& row) { addSender(row); };
    reader.token = [&](const TokenRow& row) { addToken(row); };
    reader.invite = [&](InviteRow row) { invites[row.hash] = std::move(row); };
    reader.prekey = [&](LocalId id, const Bytes& bytes) {
        Account* const owner = account(id);
        const auto prekey = envelope::Prekey::idIn(bytes);
        if (owner && prekey)
            owner->prekey = prekey;
        else
            agrees = false;
    };
    reader.link = [&](const LinkRow& row) {
        nextLink = std::max(nextLink, row.number + 1);
        if (Account* const owner = account(row.account)) owner->link = row.number;
    };
    reader.heads = [&](LocalId id, const HeadsPlace& place) { agrees = loadHeads(id, place) && agrees; };
    reader.deposit = [&](const DepositRow& row) { agrees = loadDeposit(row) && agrees; };
    if (auto read = ledger.readAll(reader); !read) return Unexpected(read.error());
    for (const MailboxRow& row : mailboxes)
        if (Account* const owner = account(row.account)) agrees = owner->mailbox.last() >= row.last && agrees;
    return agrees;
}

bool MailboxBook::loadHeads(LocalId id, const HeadsPlace& place) {
    Account* const owner = account(id);
    if (!owner || place.number > owner->lastHeads) return false;
    if (!owner->heads.places().empty() && owner->heads.places().back().number >= place.number) return false;
    keepFree(place.share);
    addHeads(*owner, place);
    return true;
}

bool MailboxBook::loadDeposit(const DepositRow& row) {
    ++rows;
    nextDeposit = std::max(nextDeposit, row.id + 1);
    Sender* const by = sender(row.sender);
    if (!by || by->find(row.counter)) return false;
    ++by->rows;
    by->until = std::max(by->until, row.expires);
    if (row.counter > by->forgotten) by->remember(row.counter, row.id);
    std::uint32_t holders = 0;
    for (std::size_t at = 0; at < row.items.size(); ++at) {
        const ItemRow& item = row.items[at];
        if (item.refused) continue;
        Account* const owner = account(item.account);
        if (!owner) return false;
        keepFree(item.share);
        if (row.box == Box::Heads || item.number <= owner->mailbox.freed()) continue;
        if (owner->mailbox.last() != item.number - 1) return false;
        owner->mailbox.append(Slot{row.id, row.size & kMostSlotSize, static_cast<std::uint32_t>(at) & kMostRecipient, item.share});
        ++holders;
    }
    if (holders > 1) shared[row.id] = holders;
    heldItems += holders;
    heldBytes += std::uint64_t{holders} * row.size;
    return true;
}

}  // namespace landline::relay
