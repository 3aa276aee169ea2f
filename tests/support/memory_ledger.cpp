#include "tests/support/memory_ledger.h"

#include "relay/store/ledger_store.h"

#include <algorithm>

namespace landline::test {

using namespace relay;

namespace {

template <class Map>
std::optional<typename Map::mapped_type> find(const Map& map, const typename Map::key_type& key) {
    const auto found = map.find(key);
    if (found == map.end()) return std::nullopt;
    return found->second;
}

}  // namespace

template <class Map>
void MemoryLedger::put(Map MemoryDisk::*table, const typename Map::key_type& key,
                       std::optional<typename Map::mapped_type> row) {
    if (m_disk->isDamaged) failDamaged();
    if (m_error) return;
    Map& map = (*m_disk).*table;
    m_undo.push_back([&map, key, old = find(map, key)] {
        if (old)
            map[key] = *old;
        else
            map.erase(key);
    });
    if (row)
        map[key] = std::move(*row);
    else
        map.erase(key);
}

Expected<void> MemoryLedger::readAll(const LedgerReader& reader) {
    if (m_disk->isDamaged) {
        m_isDamaged = true;
        return Unexpected(ErrorCode::Disk, "The disk in memory is damaged.");
    }
    ++m_disk->reads;
    if (m_disk->meta) reader.meta(*m_disk->meta);
    for (const auto& [id, row] : m_disk->accounts) reader.account(row);
    for (const auto& [id, row] : m_disk->mailboxes) reader.mailbox(row);
    for (const auto& [id, row] : m_disk->senders) reader.sender(row);
    for (const auto& [id, row] : m_disk->tokens) reader.token(row);
    for (const auto& [id, row] : m_disk->invites) reader.invite(row);
    for (const auto& [id, bytes] : m_disk->prekeys) reader.prekey(id, bytes);
    for (const auto& [id, row] : m_disk->links) reader.link(row);
    std::map<std::pair<LocalId, MailNumber>, HeadsPlace> heads;
    for (const auto& [key, row] : m_disk->heads) heads[{row.account, row.place.number}] = row.place;
    for (const auto& [key, place] : heads) reader.heads(key.first, place);
    for (const auto& [id, row] : m_disk->deposits) reader.deposit(row);
    return {};
}

void MemoryLedger::putMeta(const MetaRow& row) {
    m_undo.push_back([this, old = m_disk->meta] { m_disk->meta = old; });
    m_disk->meta = row;
}
void MemoryLedger::putAccount(const AccountRow& row) {
    put(&MemoryDisk::accounts, row.id, row);
}
void MemoryLedger::removeAccount(LocalId id) {
    put(&MemoryDisk::accounts, id, std::nullopt);
    put(&MemoryDisk::mailboxes, id, std::nullopt);
}
void MemoryLedger::putMailbox(const MailboxRow& row) {
    put(&MemoryDisk::mailboxes, row.account, row);
}
void MemoryLedger::putSender(const SenderRow& row) {
    put(&MemoryDisk::senders, row.id, row);
}
void MemoryLedger::removeSender(LocalId id) {
    put(&MemoryDisk::senders, id, std::nullopt);
}
void MemoryLedger::putToken(const TokenRow& row) {
    put(&MemoryDisk::tokens, row.id, row);
}
void MemoryLedger::removeToken(LocalId id) {
    put(&MemoryDisk::tokens, id, std::nullopt);
}
void MemoryLedger::putInvite(const InviteRow& row) {
    put(&MemoryDisk::invites, row.hash, row);
}
void MemoryLedger::removeInvite(const InviteHash& hash) {
    put(&MemoryDisk::invites, hash, std::nullopt);
}

void MemoryLedger::addDeposit(const DepositRow& row) {
    put(&MemoryDisk::deposits, row.id, row);
}
std::optional<DepositRow> MemoryLedger::deposit(DepositId id) {
    return find(m_disk->deposits, id);
}
std::vector<DepositRow> MemoryLedger::deposits(DepositId after, std::size_t most) {
    std::vector<DepositRow> found;
    for (auto row = m_disk->deposits.upper_bound(after); row != m_disk->deposits.end() && found.size() < most;
         ++row)
        found.push_back(row->second);
    return found;
}
void MemoryLedger::removeDeposit(DepositId id) {
    put(&MemoryDisk::deposits, id, std::nullopt);
}
void MemoryLedger::addBody(DepositId id, WallTime expires, ByteView sealed, ByteView body) {
    m_addsBodies = true;
    put(&MemoryDisk::bodies, id, BodyRow{expires, toBytes(sealed), toBytes(body)});
}
std::optional<BodyRow> MemoryLedger::body(DepositId id, std::size_t recipient) {
    if (m_disk->isDamaged) return std::nullopt;
    ++m_disk->bodiesRead;
    auto found = find(m_disk->bodies, id);
    if (found) found->sealed = toBytes(ByteView(found->sealed).subspan(recipient * kSealed, kSealed));
    return found;
}
std::optional<WallTime> MemoryLedger::bodyExpires(DepositId id) {
    const auto found = m_disk->bodies.find(id);
    if (m_disk->isDamaged || found == m_disk->bodies.end()) return std::nullopt;
    return found->second.expires;
}
void MemoryLedger::removeBodies(DepositId first, DepositId last) {
    for (auto row = m_disk->bodies.lower_bound(first); row != m_disk->bodies.end() && row->first <= last;) {
        const DepositId id = row->first;
        ++row;
        put(&MemoryDisk::bodies, id, std::nullopt);
        if (m_error) return;
    }
}

void MemoryLedger::putHeads(const HeadsRow& row) {
    put(&MemoryDisk::heads, {row.account, row.place.sender}, row);
}
std::optional<HeadsRow> MemoryLedger::heads(LocalId account, const DeviceId& sender) {
    return find(m_disk->heads, {account, sender});
}
void MemoryLedger::removeHeads(LocalId account, const DeviceId& sender) {
    put(&MemoryDisk::heads, {account, sender}, std::nullopt);
}

void MemoryLedger::putPrekey(LocalId account, ByteView prekey) {
    put(&MemoryDisk::prekeys, account, toBytes(prekey));
}
std::optional<Bytes> MemoryLedger::prekey(LocalId account) {
    return find(m_disk->prekeys, account);
}
void MemoryLedger::removePrekey(LocalId account) {
    put(&MemoryDisk::prekeys, account, std::nullopt);
}

void MemoryLedger::putLink(const LinkRow& row) {
    put(&MemoryDisk::links, row.number, row);
}
std::vector<LinkRow> MemoryLedger::linksAfter(std::uint64_t number, std::size_t most) {
    std::vector<LinkRow> found;
    for (auto row = m_disk->links.upper_bound(number); row != m_disk->links.end() && found.size() < most; ++row)
        found.push_back(row->second);
    return found;
}
void MemoryLedger::removeLink(std::uint64_t number) {
    put(&MemoryDisk::links, number, std::nullopt);
}

void MemoryLedger::failDamaged() {
    m_isDamaged = true;
    if (!m_error) m_error = Error{ErrorCode::Disk, "The disk in memory is damaged."};
}

Expected<void> MemoryLedger::commit() {
    if (!m_error && !m_undo.empty()) {
        if (m_disk->failCommits > 0) {
            --m_disk->failCommits;
            m_error = Error{ErrorCode::Disk, "The disk in memory failed."};
        } else if (m_disk->isFull && (m_addsBodies || m_disk->hasReserve)) {
            m_error = Error{ErrorCode::Full, "The disk in memory is full."};
        }
    }
    if (m_error) {
        Error error = *m_error;
        rollback();
        return Unexpected(std::move(error));
    }
    if (!m_undo.empty()) ++m_disk->commits;
    m_undo.clear();
    m_addsBodies = false;
    return {};
}

void MemoryLedger::rollback() {
    for (auto undo = m_undo.rbegin(); undo != m_undo.rend(); ++undo) (*undo)();
    m_undo.clear();
    m_error.reset();
    m_addsBodies = false;
}

bool MemoryLedger::takeReserve() {
    if (m_disk->isFull) return false;
    m_disk->hasReserve = true;
    return true;
}

StoreOpener memoryStoreOpener(std::shared_ptr<MemoryDisk> disk, Random& random) {
    return [disk, &random](bool isDamaged) -> Expected<OpenedStore> {
        OpenedStore opened;
        if (isDamaged || disk->isDamaged) {
            MemoryDisk fresh;
            fresh.accounts = std::move(disk->accounts);
            // The tokens are lost: their digest must not say that they are there.
            for (auto& [id, account] : fresh.accounts) account.tokens = {};
            opened.damagedCopy = "a copy";
            opened.salvagedAccounts = fresh.accounts.size();
            *disk = std::move(fresh);
        }
        auto store = LedgerStore::open(std::make_unique<MemoryLedger>(disk), random);
        if (!store) return Unexpected(store.error());
        opened.store = std::move(*store);
        return opened;
    };
}

}  // namespace landline::test
