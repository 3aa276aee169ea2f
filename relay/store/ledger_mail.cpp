// How a LedgerStore keeps what is left in mailboxes and gives it out.
#include "p2p/base/limits.h"
#include "relay/store/ledger_store.h"

#include <algorithm>

namespace landline::relay {

namespace {

Bytes sealedOf(const wire::relay::Recipient& recipient) {
    Bytes sealed = toBytes(recipient.prekey.view());
    append(sealed, recipient.seal);
    return sealed;
}

wire::relay::Item itemOf(MailNumber number, const Bytes& sealed, Bytes body) {
    const ByteView view(sealed);
    return {number, PrekeyId::from(view.first(PrekeyId::kSize)).value(), toBytes(view.subspan(PrekeyId::kSize)),
            std::move(body)};
}

bool fits(const Usage& used, std::size_t size, std::uint64_t bytes, std::uint32_t items) {
    return used.bytes + size <= bytes && used.items < items;
}

}  // namespace

LedgerStore::Permit LedgerStore::permit(const Party& by, LocalId sender, const Addressee& to) {
    Account* const account = active(to.device);
    if (!account) return {};
    const Quota& quota = account->quota;
    if (!to.token) {
        if (account->row.who.person != by.person) return {};
        return {account, kSenderShare | sender, quota.senderBytes, quota.senderItems};
    }
    const auto token = m_book.tokens.find(hashOf(to.device, *to.token));
    if (token == m_book.tokens.end()) return {};
    const std::uint64_t share = token->second.share;
    return {account, token->second.id, share == 0 ? quota.senderBytes : share, quota.senderItems};
}

// Deposits -----------------------------------------------------------------------------------------------------------

std::optional<Reason> LedgerStore::faultOf(const Deposit& deposit, Sender* sender) {
    // Who has a token has as many devices as it likes, each of which is remembered for a life.
    const std::size_t senders = active(deposit.from.device) ? m_rules.senders : m_rules.senders - m_rules.senders / 4;
    if (sender && sender->isTooOld(deposit.counter)) return Reason::OldCounter;
    if (m_book.heldItems + deposit.content.recipients.size() > limits::kRelayItems ||
        m_book.heldBytes + deposit.content.body.size() > m_rules.bytes ||
        (!sender && m_book.senders.size() >= senders))
        return Reason::Storage;
    return std::nullopt;
}

DepositAnswer LedgerStore::deposit(const Deposit& deposit, WallTime now) {
    ++m_figures.deposits;
    const auto refuse = [this](Reason reason) {
        ++m_figures.refused;
        const std::chrono::milliseconds later(wire::relay::isPassing(reason) ? 10'000 : 0);
        return DepositAnswer{{{}, {}, wire::relay::Refusal{reason, {}, later}}, false, {}};
    };
    if (deposit.content.epoch != m_book.meta.epoch) return refuse(Reason::OtherEpoch);
    Sender* const known = m_book.sender(deposit.from.device);
    if (const Sender::Remembered* const entry = known ? known->find(deposit.counter) : nullptr) return repeatOf(*entry);
    if (const auto fault = faultOf(deposit, known)) return refuse(*fault);

    DepositRow row;
    row.id = m_book.nextDeposit;
    row.sender = known ? known->id : m_book.nextSender();
    row.counter = deposit.counter;
    row.box = deposit.content.box;
    row.expires = now + m_rules.life;
    row.size = static_cast<std::uint32_t>(deposit.content.body.size() + limits::kSeal);
    DepositAnswer answer;
    for (std::size_t at = 0; at < deposit.content.recipients.size(); ++at) {
        row.items.push_back(place(deposit, at, row));
        const ItemRow& item = row.items.back();
        if (item.refused)
            answer.told.failures.push_back({static_cast<std::uint32_t>(at), *item.refused});
        else
            answer.placed.push_back({deposit.content.recipients[at].to.device, row.box, item.number});
    }
    m_figures.stored += answer.placed.size();
    m_figures.refused += answer.told.failures.size();
    if (answer.placed.empty()) return answer;
    answer.told.expires = row.expires;
    if (row.box == Box::Messages && answer.placed.size() > 1)
        m_book.shared[row.id] = static_cast<std::uint32_t>(answer.placed.size());
    record(std::move(row), deposit);
    return answer;
}

DepositAnswer LedgerStore::repeatOf(const Sender::Remembered& entry) {
    ++m_figures.repeats;
    DepositAnswer answer;
    answer.repeated = true;
    const auto row = m_ledger->deposit(entry.deposit);
    if (!row) {
        m_ledger->failDamaged();
        return answer;
    }
    answer.told.expires = row->expires;
    for (std::size_t at = 0; at < row->items.size(); ++at)
        if (row->items[at].refused)
            answer.told.failures.push_back({static_cast<std::uint32_t>(at), *row->items[at].refused});
    return answer;
}

ItemRow LedgerStore::place(const Deposit& deposit, std::size_t recipient, const DepositRow& row) {
    const wire::relay::Recipient& to = deposit.content.recipients[recipient];
    const Permit permitted = permit(deposit.from, row.sender, to.to);
    if (!permitted.account) return {Reason::NoMailbox, 0, 0, 0};
    Account& account = *permitted.account;
    if (!account.prekey) return {Reason::NoPrekey, 0, 0, 0};
    if (*account.prekey != to.prekey) return {Reason::OldPrekey, 0, 0, 0};
    if (row.box == Box::Heads) return placeHeads(deposit, recipient, row, permitted);
    Mailbox& mailbox = account.mailbox;
    if (!fits(mailbox.usage(), row.size, account.quota.bytes, account.quota.items) ||
        !fits(mailbox.usageOf(permitted.share), row.size, permitted.bytes, permitted.items))
        return {Reason::Full, 0, 0, 0};
    m_changed = true;
    ++m_book.heldItems;
    m_book.heldBytes += row.size;
    const MailNumber number =
        mailbox.append(Slot{row.id, row.size & kMostSlotSize, static_cast<std::uint32_t>(recipient) & kMostRecipient, permitted.share});
    return {std::nullopt, account.row.id, number, permitted.share};
}

/// Heads take places of their own, so that they reach a mailbox that is full of messages.
ItemRow LedgerStore::placeHeads(const Deposit& deposit, std::size_t recipient, const DepositRow& row,
                                const Permit& permitted) {
    Account& account = *permitted.account;
    const Usage& used = headsOf(account);
    const bool isNew = !m_ledger->hasHeads(account.row.id, deposit.from.device);
    if (used.bytes + row.size > account.quota.senderBytes || (isNew && used.items >= limits::kHeadsSlots))
        return {Reason::Full, 0, 0, 0};
    touch(account);
    m_ledger->putHeads({account.row.id, deposit.from.device, ++account.lastHeads, row.expires,
                        sealedOf(deposit.content.recipients[recipient]), deposit.content.body});
    account.heads.reset();
    return {std::nullopt, account.row.id, account.lastHeads, permitted.share};
}

void LedgerStore::record(DepositRow row, const Deposit& deposit) {
    Sender* sender = m_book.sender(deposit.from.device);
    if (!sender) {
        const SenderRow added{row.sender, deposit.from.device, 0, row.expires};
        m_ledger->putSender(added);
        sender = &m_book.addSender(added);
    }
    m_changed = true;
    sender->until = std::max(sender->until, row.expires);
    sender->remember(deposit.counter, row.id);
    ++sender->rows;
    m_ledger->addDeposit(row);
    if (row.box == Box::Messages) {
        Bytes sealed;
        sealed.reserve(deposit.content.recipients.size() * kSealed);
        for (const auto& recipient : deposit.content.recipients) append(sealed, sealedOf(recipient));
        m_ledger->addBody(row.id, row.expires, sealed, deposit.content.body);
    }
    ++m_book.nextDeposit;
    ++m_book.rows;
}

// Reading one's own mailbox ------------------------------------------------------------------------------------------

Usage& LedgerStore::headsOf(Account& account) {
    if (!account.heads) account.heads = m_ledger->headsUsage(account.row.id);
    return *account.heads;
}

std::uint64_t LedgerStore::usedBy(Account& account) {
    return account.mailbox.usage().bytes + headsOf(account).bytes;
}

PullAnswer LedgerStore::pull(const PullRequest& request, WallTime now) {
    PullAnswer answer;
    Account* const account = active(request.device);
    if (!account) {
        answer.refused = Reason::NoAccount;
        return answer;
    }
    if (request.box == Box::Heads) return pullHeads(*account, request, now);
    const Mailbox& mailbox = account->mailbox;
    answer.highest = mailbox.last();
    std::size_t bytes = 0;
    MailNumber number = std::max(request.from, mailbox.freed() + 1);
    for (; number <= answer.highest && answer.items.size() < limits::kItemsPerPulled && !m_ledger->failed(); ++number) {
        const Slot* const slot = mailbox.slot(number);
        if (!slot) break;
        // One is always given, so that the reader gets on.
        if (!answer.items.empty() && bytes + slot->size > request.bytes) break;
        // Only what is first may be left out. Nobody waits for the disk to read what is not given.
        if (answer.items.empty() && m_ledger->bodyExpires(slot->deposit).value_or(WallTime::max()) <= now) continue;
        auto held = m_ledger->body(slot->deposit, slot->recipient);
        if (!held || held->sealed.size() != kSealed) {
            m_ledger->failDamaged();
            return answer;
        }
        bytes += slot->size;
        answer.items.push_back(itemOf(number, held->sealed, std::move(held->body)));
    }
    answer.more = number <= answer.highest;
    m_figures.pulled += answer.items.size();
    return answer;
}

PullAnswer LedgerStore::pullHeads(Account& account, const PullRequest& request, WallTime now) {
    PullAnswer answer;
    answer.highest = account.lastHeads;
    MailNumber seen = request.from;
    for (HeadsRow& row : m_ledger->headsFrom(account.row.id, request.from, request.bytes, now)) {
        seen = row.number + 1;
        if (row.sealed.size() != kSealed) m_ledger->failDamaged();
        if (row.sealed.size() == kSealed)
            answer.items.push_back(itemOf(row.number, row.sealed, std::move(row.body)));
    }
    answer.more = seen > request.from && !m_ledger->headsFrom(account.row.id, seen, 0, now).empty();
    m_figures.pulled += answer.items.size();
    return answer;
}

AckAnswer LedgerStore::acknowledge(const AckRequest& request) {
    AckAnswer answer;
    Account* const account = active(request.device);
    const bool isHeads = request.content.box == Box::Heads;
    const MailNumber through = request.content.through;
    if (!account) {
        answer.refused = Reason::NoAccount;
        return answer;
    }
    if (request.content.epoch != m_book.meta.epoch)
        answer.refused = Reason::OtherEpoch;
    else if (through > (isHeads ? account->lastHeads : account->mailbox.last()))
        answer.refused = Reason::Future;
    if (answer.refused) return answer;
    if (isHeads) {
        // Numbers are never given twice: the last one must be on the disk before what had it is gone.
        touch(*account);
        m_ledger->removeHeadsUpTo(account->row.id, through);
        account->heads.reset();
    } else if (through > account->mailbox.freed()) {
        freeMessages(*account, through);
    }
    answer.used = usedBy(*account);
    return answer;
}

void LedgerStore::freeMessages(Account& account, MailNumber through) {
    touch(account);
    Mailbox& mailbox = account.mailbox;
    while (mailbox.freed() < through) {
        letGo(mailbox.takeFirst());
        ++m_figures.acknowledged;
    }
    freeRest(kFreedAtOnce);
}

}  // namespace landline::relay
