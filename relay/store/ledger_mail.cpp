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
        return {account, kSenderShare | sender, kSenderShare | account->row.id, quota.senderBytes, quota.senderItems};
    }
    const auto token = m_book.tokens.find(hashOf(to.device, *to.token));
    if (token == m_book.tokens.end()) return {};
    const std::uint64_t share = token->second.share;
    const LocalId id = token->second.id;
    return {account, id, id, share == 0 ? quota.senderBytes : share, quota.senderItems};
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
    std::uint32_t guestOf = 0;
    const bool isNewGuest = !known && !active(deposit.from.device);
    for (std::size_t at = 0; at < deposit.content.recipients.size(); ++at) {
        row.items.push_back(place(deposit, at, row, isNewGuest ? &guestOf : nullptr));
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
    record(std::move(row), deposit, guestOf);
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

ItemRow LedgerStore::place(const Deposit& deposit, std::size_t recipient, const DepositRow& row, std::uint32_t* guestOf) {
    const wire::relay::Recipient& to = deposit.content.recipients[recipient];
    const Permit permitted = permit(deposit.from, row.sender, to.to);
    if (!permitted.account) return {Reason::NoMailbox, 0, 0, 0};
    Account& account = *permitted.account;
    if (!account.prekey) return {Reason::NoPrekey, 0, 0, 0};
    if (*account.prekey != to.prekey) return {Reason::OldPrekey, 0, 0, 0};
    // Who has a token has as many devices as it likes. The first mailbox that takes something stands for the new one.
    const bool isFirst = guestOf && *guestOf == 0;
    if (isFirst && m_book.guests(permitted.guestOf) >= limits::kGuestsPerToken) return {Reason::Full, 0, 0, 0};
    ItemRow placed = row.box == Box::Heads ? placeHeads(deposit, recipient, row, permitted)
                                           : placeMessage(recipient, row, permitted);
    if (isFirst && !placed.refused) *guestOf = permitted.guestOf;
    return placed;
}

ItemRow LedgerStore::placeMessage(std::size_t recipient, const DepositRow& row, const Permit& permitted) {
    Account& account = *permitted.account;
    if (!fits(usageOf(account), row.size, account.quota.bytes, account.quota.items) ||
        !fits(usageOf(account, permitted.share), row.size, permitted.bytes, permitted.items))
        return {Reason::Full, 0, 0, 0};
    m_changed = true;
    ++m_book.heldItems;
    m_book.heldBytes += row.size;
    const MailNumber number = account.mailbox.append(
        Slot{row.id, row.size & kMostSlotSize, static_cast<std::uint32_t>(recipient) & kMostRecipient, permitted.share});
    return {std::nullopt, account.row.id, number, permitted.share};
}

/// Heads count against what messages may hold, and not the other way round, so that they reach a mailbox that is full of
/// messages: they have bounds of their own.
ItemRow LedgerStore::placeHeads(const Deposit& deposit, std::size_t recipient, const DepositRow& row,
                                const Permit& permitted) {
    Account& account = *permitted.account;
    const DeviceId& sender = deposit.from.device;
    Usage all = account.heads.usage();
    Usage ofShare = account.heads.usageOf(permitted.share);
    if (const HeadsPlace* const before = account.heads.of(sender)) {
        for (Usage* const usage : {&all, &ofShare}) {
            if (usage == &ofShare && before->share != permitted.share) continue;
            usage->bytes -= before->size;
            --usage->items;
        }
    }
    if (!fits(all, row.size, account.quota.senderBytes, limits::kHeadsSlots) ||
        !fits(ofShare, row.size, permitted.bytes, limits::kHeadsPerToken))
        return {Reason::Full, 0, 0, 0};
    touch(account);
    const HeadsPlace place{++account.lastHeads, row.expires, sender, row.size, permitted.share};
    m_book.removeHeads(account, sender);
    m_book.addHeads(account, place);
    m_ledger->putHeads({account.row.id, place, sealedOf(deposit.content.recipients[recipient]), deposit.content.body});
    return {std::nullopt, account.row.id, place.number, permitted.share};
}

void LedgerStore::record(DepositRow row, const Deposit& deposit, std::uint32_t guestOf) {
    Sender* sender = m_book.sender(deposit.from.device);
    if (!sender) {
        const SenderRow added{row.sender, deposit.from.device, 0, row.expires, guestOf};
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

Usage LedgerStore::usageOf(const Account& account) {
    return {account.mailbox.usage().bytes + account.heads.usage().bytes,
            account.mailbox.usage().items + account.heads.usage().items};
}

Usage LedgerStore::usageOf(const Account& account, std::uint32_t share) {
    const Usage messages = account.mailbox.usageOf(share);
    const Usage heads = account.heads.usageOf(share);
    return {messages.bytes + heads.bytes, messages.items + heads.items};
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
    std::size_t left = kLookedAtOnce;
    if (request.mayFree) expireFirst(*account, now);
    MailNumber number = std::max(request.from, mailbox.freed() + 1);
    for (; number <= answer.highest && answer.items.size() < limits::kItemsPerPulled && !m_ledger->failed(); ++number) {
        const Slot* const slot = mailbox.slot(number);
        if (!slot) break;
        // One is always given, so that the reader gets on.
        if (!answer.items.empty() && bytes + slot->size > request.bytes) break;
        // Only what is first may be left out. Nobody waits for the disk to read what is not given.
        if (answer.items.empty()) {
            if (left == 0) break;
            --left;
            if (hasExpired(*slot, now)) continue;
        }
        auto held = m_ledger->body(slot->deposit, slot->recipient);
        if (!held || held->sealed.size() != kSealed) {
            m_ledger->failDamaged();
            return answer;
        }
        bytes += slot->size;
        answer.items.push_back(itemOf(number, held->sealed, std::move(held->body)));
    }
    answer.more = number <= answer.highest;
    answer.next = number;
    m_figures.pulled += answer.items.size();
    return answer;
}

bool LedgerStore::hasExpired(const Slot& slot, WallTime now) {
    return m_ledger->bodyExpires(slot.deposit).value_or(WallTime::max()) <= now;
}

/// Frees what the sweep would, so that no later pull looks at it again. Counts what it looks at by itself: what is read may
/// begin far behind it, and a reader who is given nothing and sent nowhere would take all that is left for expired.
void LedgerStore::expireFirst(Account& account, WallTime now) {
    Mailbox& mailbox = account.mailbox;
    for (std::size_t left = kLookedAtOnce; left > 0 && !m_ledger->failed(); --left) {
        const Slot* const first = mailbox.slot(mailbox.freed() + 1);
        if (!first || !hasExpired(*first, now)) return;
        touch(account);
        letGo(mailbox.takeFirst());
        ++m_figures.expired;
    }
}

PullAnswer LedgerStore::pullHeads(Account& account, const PullRequest& request, WallTime now) {
    PullAnswer answer;
    answer.highest = account.lastHeads;
    std::size_t bytes = 0;
    for (const HeadsPlace& place : account.heads.places()) {
        if (place.number < request.from || place.expires <= now) continue;
        bytes += place.size;
        const bool isFull = bytes > request.bytes || answer.items.size() >= limits::kItemsPerPulled;
        answer.more = !answer.items.empty() && isFull;
        if (answer.more) break;
        auto row = m_ledger->heads(account.row.id, place.sender);
        if (!row || row->sealed.size() != kSealed || row->place.number != place.number) {
            m_ledger->failDamaged();
            return answer;
        }
        answer.items.push_back(itemOf(place.number, row->sealed, std::move(row->body)));
    }
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
        const auto isToGo = [through](const HeadsPlace& place) { return place.number <= through; };
        // Numbers are never given twice: the last one must be on the disk before what had it is gone.
        if (std::ranges::any_of(account->heads.places(), isToGo)) touch(*account);
        freeHeads(*account, isToGo);
    } else if (through > account->mailbox.freed()) {
        freeMessages(*account, through);
    }
    answer.used = usageOf(*account).bytes;
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

void LedgerStore::freeHeads(Account& account, const std::function<bool(const HeadsPlace&)>& isToGo) {
    std::vector<DeviceId> senders;
    for (const HeadsPlace& place : account.heads.places())
        if (isToGo(place)) senders.push_back(place.sender);
    for (const DeviceId& sender : senders) {
        m_changed = true;
        m_ledger->removeHeads(account.row.id, sender);
        m_book.removeHeads(account, sender);
    }
}

}  // namespace landline::relay
