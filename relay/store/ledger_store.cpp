#include "relay/store/ledger_store.h"

#include "p2p/base/limits.h"

#include <algorithm>

namespace landline::relay {

Epoch drawEpoch(Random& random) {
    Epoch epoch = 0;
    while (epoch == 0) epoch = random.next64();
    return epoch;
}

Expected<std::unique_ptr<LedgerStore>> LedgerStore::open(std::unique_ptr<Ledger> ledger, Random& random,
                                                         bool* isDamaged) {
    std::unique_ptr<LedgerStore> store(new LedgerStore(std::move(ledger)));
    if (auto loaded = store->load(); !loaded) {
        if (isDamaged) *isDamaged = store->isDamaged();
        return Unexpected(loaded.error());
    }
    if (store->epoch() == 0) {
        store->startEpoch(random);
        if (auto committed = store->commit(); !committed) return Unexpected(committed.error());
    }
    return store;
}

Expected<void> LedgerStore::load() {
    m_book = {};
    m_touched.clear();
    m_rest = {};
    m_forgetting.clear();
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
    const Epoch before = m_book.meta.epoch;
    while (m_book.meta.epoch == before) m_book.meta.epoch = drawEpoch(random);
    m_book.meta.keptTime = {};
    m_ledger->putMeta(m_book.meta);
}

void LedgerStore::keepTime(WallTime now) {
    m_changed = true;
    m_book.meta.keptTime = now;
    m_ledger->putMeta(m_book.meta);
}

void LedgerStore::setRules(StoreRules rules) {
    m_rules = std::move(rules);
    for (auto& [id, account] : m_book.accounts) applyQuota(account);
}

void LedgerStore::applyQuota(Account& account) const {
    const auto found = m_rules.quotas.find(account.row.quotaClass);
    account.quota = found == m_rules.quotas.end() ? m_rules.quota : found->second;
}

Account* LedgerStore::active(const DeviceId& device) {
    Account* const account = m_book.account(device);
    return account && !account->row.revoked ? account : nullptr;
}

Expected<void> LedgerStore::commit() {
    if (!m_isLoaded) {
        m_ledger->rollback();
        auto loaded = load();
        return loaded ? Unexpected(ErrorCode::Disk, "The relay's database could not be read for a moment.")
                      : loaded;
    }
    if (!m_changed) {
        auto read = m_ledger->commit();
        if (!read) ++m_figures.failedCommits;
        return read;
    }
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
            {account->row.id, account->mailbox.freed(), account->mailbox.last(), account->lastHeads});
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
