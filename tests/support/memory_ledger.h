#pragma once

#include "relay/store/ledger.h"
#include "relay/store/mailbox_store.h"

#include <map>
#include <memory>

namespace landline::test {

/// The "disk" of a MemoryLedger: what was committed outlives the ledger, and so a crash of the relay in a simulation.
struct MemoryDisk {
    std::optional<relay::MetaRow> meta;
    std::map<relay::LocalId, relay::AccountRow> accounts;
    std::map<relay::LocalId, relay::MailboxRow> mailboxes;
    std::map<relay::LocalId, relay::SenderRow> senders;
    std::map<relay::LocalId, relay::TokenRow> tokens;
    std::map<relay::InviteHash, relay::InviteRow> invites;
    std::map<relay::DepositId, relay::DepositRow> deposits;
    std::map<relay::DepositId, relay::BodyRow> bodies;  ///< `sealed` of all recipients
    std::map<std::pair<relay::LocalId, DeviceId>, relay::HeadsRow> heads;
    std::map<relay::LocalId, Bytes> prekeys;
    std::map<std::uint64_t, relay::LinkRow> links;

    /// Commits that change something fail with Full; only those that add bodies while the reserve was given up.
    bool isFull = false;
    bool hasReserve = true;
    int reads = 0;  ///< of all rows
    int failCommits = 0;     ///< so many of the next ones fail with Disk
    bool isDamaged = false;  ///< the next read or write finds that out
    int commits = 0;
    int bodiesRead = 0;
};

/// A Ledger in memory, for simulations and tests. What was not committed when it goes never was.
class MemoryLedger final : public relay::Ledger {
public:
    explicit MemoryLedger(std::shared_ptr<MemoryDisk> disk) : m_disk(std::move(disk)) {}
    ~MemoryLedger() override { rollback(); }

    [[nodiscard]] Expected<void> readAll(const relay::LedgerReader& reader) override;

    void putMeta(const relay::MetaRow& row) override;
    void putAccount(const relay::AccountRow& row) override;
    void removeAccount(relay::LocalId id) override;
    void putMailbox(const relay::MailboxRow& row) override;
    void putSender(const relay::SenderRow& row) override;
    void removeSender(relay::LocalId id) override;
    void putToken(const relay::TokenRow& row) override;
    void removeToken(relay::LocalId id) override;
    void putInvite(const relay::InviteRow& row) override;
    void removeInvite(const relay::InviteHash& hash) override;

    void addDeposit(const relay::DepositRow& row) override;
    [[nodiscard]] std::optional<relay::DepositRow> deposit(relay::DepositId id) override;
    [[nodiscard]] std::vector<relay::DepositRow> deposits(relay::DepositId after, std::size_t most) override;
    void removeDeposit(relay::DepositId id) override;
    void addBody(relay::DepositId id, WallTime expires, ByteView sealed, ByteView body) override;
    [[nodiscard]] std::optional<relay::BodyRow> body(relay::DepositId id, std::size_t recipient) override;
    [[nodiscard]] std::optional<WallTime> bodyExpires(relay::DepositId id) override;
    void removeBodies(relay::DepositId first, relay::DepositId last) override;

    void putHeads(const relay::HeadsRow& row) override;
    [[nodiscard]] std::optional<relay::HeadsRow> heads(relay::LocalId account, const DeviceId& sender) override;
    void removeHeads(relay::LocalId account, const DeviceId& sender) override;

    void putPrekey(relay::LocalId account, ByteView prekey) override;
    [[nodiscard]] std::optional<Bytes> prekey(relay::LocalId account) override;
    void removePrekey(relay::LocalId account) override;

    void putLink(const relay::LinkRow& row) override;
    [[nodiscard]] std::vector<relay::LinkRow> linksAfter(std::uint64_t number, std::size_t most) override;
    void removeLink(std::uint64_t number) override;

    void failDamaged() override;
    [[nodiscard]] bool failed() const override { return m_error.has_value(); }
    [[nodiscard]] bool isDamaged() const override { return m_isDamaged; }
    [[nodiscard]] Expected<void> commit() override;
    void rollback() override;

    [[nodiscard]] bool takeReserve() override;
    void giveReserve() override { m_disk->hasReserve = false; }
    void tidy() override {}
    void giveBackSpace() override {}
    [[nodiscard]] std::uint64_t diskBytes() const override { return 0; }

private:
    template <class Map>
    void put(Map MemoryDisk::*table, const typename Map::key_type& key,
             std::optional<typename Map::mapped_type> row);

    std::shared_ptr<MemoryDisk> m_disk;
    std::vector<std::function<void()>> m_undo;
    std::optional<Error> m_error;
    bool m_addsBodies = false;
    bool m_isDamaged = false;
};

/// Opens a store over the disk; a damaged one is begun anew, with the accounts of the old one.
[[nodiscard]] relay::StoreOpener memoryStoreOpener(std::shared_ptr<MemoryDisk> disk, Random& random);

}  // namespace landline::test
