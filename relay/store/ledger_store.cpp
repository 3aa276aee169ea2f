#include "relay/store/ledger_store.h"

#include "p2p/base/limits.h"

#include <sodium.h>

#include <algorithm>
#include <array>

namespace landline::relay {

namespace {

/// Of recipients and body: SipHash, which nobody but the sender could want to collide, and only to its own harm.
std::uint64_t fingerprintOf(const Deposit& deposit) {
    static_assert(crypto_shorthash_BYTES == sizeof(std::uint64_t));
    std::array<std::uint8_t, crypto_shorthash_KEYBYTES> key{};
    std::array<std::uint8_t, crypto_shorthash_BYTES> digest{};
    crypto_shorthash(digest.data(), deposit.body.data(), deposit.body.size(), key.data());
    for (const Recipient& recipient : deposit.recipients) {
        std::copy(digest.begin(), digest.end(), key.begin());
        crypto_shorthash(digest.data(), recipient.device.data(), recipient.device.size(), key.data());
    }
    return loadBe64(digest.data());
}

Placement placementOf(const ItemRow& item) {
    return {item.placed, item.number};
}

}  // namespace

Expected<std::unique_ptr<LedgerStore>> LedgerStore::open(std::unique_ptr<Ledger> ledger, Random& random,
                                                         bool* isDamaged) {
    std::unique_ptr<LedgerStore> store(new LedgerStore(std::move(ledger)));
    if (auto loaded = store->load(); !loaded) {
        if (isDamaged) *isDamaged = store->isDamaged();
        return Unexpected(loaded.error());
    }
    if (store->epoch().isZero()) {
        store->startEpoch(random);
        if (auto committed = store->commit(); !committed) return Unexpected(committed.error());
    }
    return store;
}

Expected<void> LedgerStore::load() {
    m_book = {};
    m_touched.clear();
    m_rest = {};
    m_changed = false;
    m_isLoaded = false;
    const auto agrees = m_book.load(*m_ledger);
    if (!agrees) return Unexpected(agrees.error());
    if (!*agrees) {
        m_isDamaged = true;
        return Unexpected(
            ErrorCode::Disk,
            "The relay's database contradicts itself. It has to be set aside and a new one begun.");
    }
    for (auto& [id, account] : m_book.accounts) applyQuota(account);
    m_isLoaded = true;
    return {};
}

void LedgerStore::startEpoch(Random& random) {
    m_changed = true;
    m_book.meta.epoch = random.make<Epoch>();
    m_ledger->putMeta(m_book.meta);
}

void LedgerStore::keepTime(WallTime now) {
    m_changed = true;
    m_book.meta.keptTime = now;
    m_ledger->putMeta(m_book.meta);
}

void LedgerStore::setQuotas(std::map<std::string, Quota> classes, const Quota& otherwise) {
    m_quotas = std::move(classes);
    m_quota = otherwise;
    for (auto& [id, account] : m_book.accounts) applyQuota(account);
}

void LedgerStore::applyQuota(Account& account) const {
    const auto found = m_quotas.find(account.row.quotaClass);
    account.quota = found == m_quotas.end() ? m_quota : found->second;
}

Account* LedgerStore::active(const DeviceId& device) {
    Account* const account = m_book.account(device);
    return account && !account->row.revoked ? account : nullptr;
}

bool LedgerStore::hasAccount(const DeviceId& device) const {
    const auto found = m_book.accountOf.find(device);
    return found != m_book.accountOf.end() && !found->second->row.revoked;
}

MailboxResult LedgerStore::check(const DeviceId& device, const Epoch& epoch, Account*& account) {
    account = active(device);
    if (!account) return MailboxResult::NoAccount;
    return epoch == m_book.meta.epoch ? MailboxResult::Done : MailboxResult::WrongEpoch;
}

WallTime LedgerStore::expiryOf(WallTime notAfter, WallTime now) const {
    const WallTime longest = now + limits::kMailboxTime;
    return notAfter == WallTime{} ? longest : std::min(notAfter, longest);
}

LedgerStore::Permit LedgerStore::permit(const DeviceId& by, LocalId sender, const Recipient& recipient) {
    if (recipient.token) {
        const auto token = m_book.tokens.find(*recipient.token);
        if (token == m_book.tokens.end()) return {Placed::NotPermitted, nullptr, 0, {}};
        Account* const owner = m_book.account(token->second.owner);
        if (!owner || owner->row.device != recipient.device) return {Placed::NotPermitted, nullptr, 0, {}};
        return {Placed::Stored, owner, token->second.id, token->second.share};
    }
    if (!active(by)) return {Placed::NotPermitted, nullptr, 0, {}};
    Account* const account = active(recipient.device);
    if (!account) return {Placed::UnknownRecipient, nullptr, 0, {}};
    return {Placed::Stored,
            account,
            kSenderShare | sender,
            {account->quota.senderBytes, account->quota.senderItems}};
}

DepositAnswer LedgerStore::deposit(const Deposit& deposit, WallTime now) {
    ++m_figures.deposits;
    const auto refuse = [this](DepositResult result) {
        ++m_figures.refused;
        return DepositAnswer{result, false, {}, {}};
    };
    if (deposit.recipients.empty() || deposit.recipients.size() > limits::kDepositRecipients)
        return refuse(DepositResult::TooManyRecipients);
    const std::uint64_t fingerprint = fingerprintOf(deposit);
    Sender* const known = m_book.sender(deposit.sender);
    if (deposit.counter <= (known ? known->highest : 0)) return repeatOf(known, deposit, fingerprint);
    if (m_book.heldItems + deposit.recipients.size() > limits::kRelayItems ||
        (!known && m_book.senders.size() >= limits::kRelaySenders))
        return refuse(DepositResult::RelayFull);

    DepositRow row;
    row.id = m_book.nextDeposit;
    row.sender = known ? known->id : m_book.nextSender();
    row.counter = deposit.counter;
    row.fingerprint = fingerprint;
    row.expires = expiryOf(deposit.notAfter, now);
    row.size = static_cast<std::uint32_t>(std::min<std::size_t>(deposit.body.size(), UINT32_MAX));
    std::uint32_t holders = 0;
    DepositAnswer answer;
    for (const Recipient& recipient : deposit.recipients) {
        Permit permitted = permit(deposit.sender, row.sender, recipient);
        if (permitted.placed == Placed::Stored && row.expires <= now) permitted.placed = Placed::Expired;
        row.items.push_back(place(permitted, row.id, deposit.body.size()));
        answer.placements.push_back(placementOf(row.items.back()));
        if (row.items.back().placed == Placed::Stored) ++holders;
    }
    m_figures.stored += holders;
    m_figures.refused += row.items.size() - holders;
    if (holders == 0) return answer;
    answer.expires = row.expires;
    if (holders > 1) m_book.shared[row.id] = holders;
    record(std::move(row), deposit);
    return answer;
}

/// The answer to a counter that is not above all others of its sender.
DepositAnswer LedgerStore::repeatOf(Sender* sender, const Deposit& deposit, std::uint64_t fingerprint) {
    const Sender::Remembered* const entry = sender ? sender->find(deposit.counter) : nullptr;
    const auto row = entry ? m_ledger->deposit(entry->deposit) : std::nullopt;
    if (!row) {
        if (entry) m_ledger->failDamaged();
        ++m_figures.refused;
        return {DepositResult::StaleCounter, false, {}, {}};
    }
    if (row->fingerprint != fingerprint || row->items.size() != deposit.recipients.size()) {
        ++m_figures.refused;
        return {DepositResult::CounterReused, false, {}, {}};
    }
    ++m_figures.repeats;
    DepositAnswer answer{DepositResult::Done, true, row->expires, {}};
    for (const ItemRow& item : row->items) answer.placements.push_back(placementOf(item));
    return answer;
}

ItemRow LedgerStore::place(const Permit& permit, DepositId id, std::size_t size) {
    if (permit.placed != Placed::Stored) return {permit.placed, 0, 0, 0};
    Account& account = *permit.account;
    const Quota& quota = account.quota;
    if (size > limits::kDepositBytes || size > quota.bytes || size > permit.limit.bytes)
        return {Placed::TooLarge, 0, 0, 0};
    const auto fits = [size](const Usage& used, std::uint64_t bytes, std::uint32_t items) {
        return used.bytes + size <= bytes && used.items < items;
    };
    Mailbox& mailbox = account.mailbox;
    if (mailbox.last() - mailbox.freed() >= limits::kMailboxSpan ||
        !fits(mailbox.usage(), quota.bytes, quota.items) ||
        !fits(mailbox.usageOf(permit.share), permit.limit.bytes, permit.limit.items))
        return {Placed::QuotaExceeded, 0, 0, 0};
    m_changed = true;
    ++m_book.heldItems;
    m_book.heldBytes += size;
    const MailNumber number = mailbox.append({id, static_cast<std::uint32_t>(size), permit.share});
    return {Placed::Stored, account.row.id, number, permit.share};
}

void LedgerStore::record(DepositRow row, const Deposit& deposit) {
    Sender* sender = m_book.sender(deposit.sender);
    if (!sender) {
        const SenderRow added{row.sender, deposit.sender, 0, row.expires};
        m_ledger->putSender(added);
        sender = &m_book.addSender(added);
    }
    sender->highest = deposit.counter;
    sender->until = std::max(sender->until, row.expires);
    sender->remember(deposit.counter, row.id);
    m_ledger->addDeposit(row);
    m_ledger->addBody(row.id, row.expires, deposit.body);
    ++m_book.nextDeposit;
    ++m_book.rows;
}

std::optional<MailItem> LedgerStore::readItem(MailNumber number, const Slot& slot, WallTime now) {
    auto body = m_ledger->body(slot.deposit);
    if (!body) {
        m_ledger->failDamaged();
        return std::nullopt;
    }
    if (body->expires <= now) return std::nullopt;
    return MailItem{number, body->expires, std::move(body->bytes)};
}

PullAnswer LedgerStore::pull(const PullRequest& request, WallTime now) {
    PullAnswer answer;
    answer.epoch = m_book.meta.epoch;
    Account* account = nullptr;
    answer.result = check(request.device, request.epoch.isZero() ? answer.epoch : request.epoch, account);
    if (!account) return answer;
    const Mailbox& mailbox = account->mailbox;
    answer.freed = mailbox.freed();
    answer.last = mailbox.last();
    answer.next = answer.freed + 1;
    if (answer.result != MailboxResult::Done) return answer;
    if (request.from > answer.last + 1) {
        answer.result = MailboxResult::Ahead;
        return answer;
    }
    const std::size_t maxItems = std::clamp<std::size_t>(request.maxItems, 1, limits::kPullItems);
    const std::size_t maxBytes = std::min(request.maxBytes, limits::kPullBytes);
    std::size_t bytes = 0;
    MailNumber number = std::max(request.from, answer.freed + 1);
    for (; number <= answer.last && answer.items.size() < maxItems && !m_ledger->failed(); ++number) {
        const Slot* const slot = mailbox.slot(number);
        if (!slot) continue;
        // One is always given, so that the reader gets on.
        if (!answer.items.empty() && bytes + slot->size > maxBytes) break;
        auto item = readItem(number, *slot, now);
        if (!item) continue;
        bytes += slot->size;
        answer.items.push_back(std::move(*item));
    }
    answer.next = number;
    m_figures.pulled += answer.items.size();
    return answer;
}

AckAnswer LedgerStore::acknowledge(const AckRequest& request) {
    AckAnswer answer;
    answer.epoch = m_book.meta.epoch;
    Account* account = nullptr;
    answer.result = check(request.device, request.epoch, account);
    if (!account) return answer;
    Mailbox& mailbox = account->mailbox;
    answer.last = mailbox.last();
    if (answer.result == MailboxResult::Done && request.upTo > answer.last)
        answer.result = MailboxResult::Ahead;
    if (answer.result == MailboxResult::Done && request.upTo > mailbox.freed()) {
        touch(*account);
        while (mailbox.freed() < request.upTo) {
            const Slot slot = mailbox.takeFirst();
            if (slot.deposit == 0) continue;
            ++m_figures.acknowledged;
            letGo(slot);
        }
        freeRest(kFreedAtOnce);
    }
    answer.freed = mailbox.freed();
    return answer;
}

Expected<void> LedgerStore::commit() {
    if (!m_isLoaded) {
        m_ledger->rollback();
        auto loaded = load();
        return loaded ? Unexpected(ErrorCode::Disk, "The relay's database could not be read for a moment.")
                      : loaded;
    }
    if (!m_changed && !m_ledger->failed()) return m_ledger->commit();
    writeTouched();
    if (!m_rest.empty()) freeRest(kFreedAtOnce / 4);
    auto committed = m_ledger->commit();
    if (!committed) {
        ++m_figures.failedCommits;
        // What memory holds is ahead of the ledger.
        (void)load();
        return committed;
    }
    ++m_figures.commits;
    m_changed = false;
    return {};
}

void LedgerStore::rollback() {
    m_ledger->rollback();
    if (m_changed) (void)load();
}

void LedgerStore::touch(Account& account) {
    m_changed = true;
    if (account.isTouched) return;
    account.isTouched = true;
    m_touched.push_back(&account);
}

void LedgerStore::writeTouched() {
    for (Account* const account : m_touched) {
        account->isTouched = false;
        m_ledger->putMailbox(
            {account->row.id, account->mailbox.freed(), account->mailbox.last(), account->headsVersion});
    }
    m_touched.clear();
}

StoreFigures LedgerStore::figures() const {
    StoreFigures figures = m_figures;
    figures.accounts = m_book.accounts.size();
    figures.tokens = m_book.tokens.size();
    figures.invites = m_book.invites.size();
    figures.senders = m_book.senders.size();
    figures.heldItems = m_book.heldItems;
    figures.heldBytes = m_book.heldBytes;
    figures.diskBytes = m_ledger->diskBytes();
    return figures;
}

}  // namespace landline::relay
