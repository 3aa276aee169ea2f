#pragma once

#include "relay/store/ledger.h"
#include "relay/store/mailbox_book.h"
#include "relay/store/mailbox_store.h"

namespace landline::relay {

/// The rules of a MailboxStore over a Ledger. All but bodies, heads and prekeys themselves is also held in memory (MailboxBook),
/// so that a deposit is two appended rows and no search; opening reads every row but those.
class LedgerStore final : public MailboxStore {
public:
    /// Begins the first epoch where the ledger is empty. Fails with what the ledger fails with; Disk where its contents
    /// contradict themselves, which is also told by `isDamaged`.
    [[nodiscard]] static Expected<std::unique_ptr<LedgerStore>> open(std::unique_ptr<Ledger> ledger,
                                                                     Random& random,
                                                                     bool* isDamaged = nullptr);

    [[nodiscard]] Epoch epoch() const override { return m_book.meta.epoch; }
    void startEpoch(Random& random) override;
    void setRules(StoreRules rules) override;

    [[nodiscard]] AdmitAnswer admit(const Admit& request, bool mayGrow, WallTime now) override;
    [[nodiscard]] DepositAnswer deposit(const Deposit& deposit, WallTime now) override;
    [[nodiscard]] PullAnswer pull(const PullRequest& request, WallTime now) override;
    [[nodiscard]] AckAnswer acknowledge(const AckRequest& request) override;

    [[nodiscard]] PublishAnswer publishPrekey(const PublishPrekey& request) override;
    [[nodiscard]] PrekeysAnswer fetchPrekeys(const FetchPrekeys& request) override;
    [[nodiscard]] ChangeAnswer setTokens(const SetTokens& request) override;
    [[nodiscard]] CheckAnswer checkTokens(const CheckTokens& request) override;
    [[nodiscard]] ChangeAnswer listLink(const ListLink& request) override;
    [[nodiscard]] BrowseAnswer browseLinks(const BrowseLinks& request) override;

    [[nodiscard]] ChangeAnswer addInvite(const AddInvite& invite) override;
    [[nodiscard]] ChangeAnswer removeInvite(const RemoveInvite& invite) override;
    [[nodiscard]] ChangeAnswer revoke(const Revoke& request) override;
    [[nodiscard]] AccountsAnswer accounts(const ListAccounts& request) override;
    [[nodiscard]] InvitesAnswer invites(const ListInvites& request, WallTime now) override;

    [[nodiscard]] Expected<void> commit() override;
    void rollback() override;
    bool sweep(WallTime now, std::size_t rows) override;
    [[nodiscard]] bool wantsSweep() const override;
    [[nodiscard]] WallTime keptTime() const override { return m_book.meta.keptTime; }
    void keepTime(WallTime now) override;
    [[nodiscard]] bool takeReserve() override { return m_ledger->takeReserve(); }
    void giveReserve() override { m_ledger->giveReserve(); }
    void tidy() override { m_ledger->tidy(); }
    void giveBackSpace() override { m_ledger->giveBackSpace(); }
    [[nodiscard]] bool isDamaged() const override { return m_isDamaged || m_ledger->isDamaged(); }
    [[nodiscard]] StoreFigures figures() const override;

private:
    /// Whether somebody may deposit into a mailbox, and what that counts against.
    struct Permit {
        Account* account = nullptr;  ///< null: no
        std::uint32_t share = 0;
        std::uint32_t guestOf = 0;  ///< what counts as SenderRow::guestOf of a guest
        std::uint64_t bytes = 0;  ///< of the share
        std::uint32_t items = 0;
    };
    /// Bodies that one acknowledgement frees before it is answered; the rest follows.
    static constexpr std::size_t kFreedAtOnce = 4096;
    /// Messages of which one pull looks whether they have expired: in front of those it gives, and as many to be freed.
    static constexpr std::size_t kLookedAtOnce = 512;
    struct Rest {
        DepositId first = 0;
        DepositId last = 0;
    };

    explicit LedgerStore(std::unique_ptr<Ledger> ledger) : m_ledger(std::move(ledger)) {}
    Expected<void> load();
    void applyQuota(Account& account) const;
    [[nodiscard]] Account* active(const DeviceId& device);
    [[nodiscard]] Permit permit(const Party& by, LocalId sender, const Addressee& to);
    /// What keeps it from being used, if anything.
    [[nodiscard]] std::optional<Reason> faultOf(const RelayInvite& invite, WallTime now) const;
    void use(const RelayInvite& invite);
    Account& addAccount(const Party& who, std::string quotaClass, WallTime now);
    [[nodiscard]] AdmitAnswer welcome(Account& account);
    void see(Account& account, WallTime now);
    [[nodiscard]] static Usage usageOf(const Account& account);
    [[nodiscard]] static Usage usageOf(const Account& account, std::uint32_t share);

    [[nodiscard]] std::optional<Reason> faultOf(const Deposit& deposit, Sender* sender);
    [[nodiscard]] DepositAnswer repeatOf(const Sender::Remembered& entry);
    /// `guestOf`: of a sender without a mailbox that is not remembered yet, to be told by what it came in; else null.
    [[nodiscard]] ItemRow place(const Deposit& deposit, std::size_t recipient, const DepositRow& row, std::uint32_t* guestOf);
    [[nodiscard]] ItemRow placeMessage(std::size_t recipient, const DepositRow& row, const Permit& permitted);
    [[nodiscard]] ItemRow placeHeads(const Deposit& deposit, std::size_t recipient, const DepositRow& row,
                                     const Permit& permitted);
    void record(DepositRow row, const Deposit& deposit, std::uint32_t guestOf);
    [[nodiscard]] PullAnswer pullHeads(Account& account, const PullRequest& request, WallTime now);
    [[nodiscard]] bool hasExpired(const Slot& slot, WallTime now);
    void expireFirst(Account& account, WallTime now);
    void freeMessages(Account& account, MailNumber through);
    void freeHeads(Account& account, const std::function<bool(const HeadsPlace&)>& isToGo);
    void takeFromDirectory(Account& account);

    void letGo(const Slot& slot);
    void freeRest(std::size_t most);
    bool sweepRow(const DepositRow& row, WallTime now);
    void writeForgetting();
    void sweepAccounts(WallTime now, std::size_t most);
    [[nodiscard]] bool isUnused(const Account& account, WallTime now) const;
    void forgetSenders(WallTime now, std::size_t most);
    void forgetInvites();
    void touch(Account& account);
    void writeTouched();

    std::unique_ptr<Ledger> m_ledger;
    MailboxBook m_book;
    StoreRules m_rules;
    std::vector<Account*> m_touched;
    /// Bodies that nobody holds any more and that are still in the ledger; where they are forgotten by a restart, the
    /// sweep of their deposits takes them.
    SlidingVector<Rest> m_rest;
    std::vector<LocalId> m_forgetting;  ///< senders whose rows are to be written
    DepositId m_sweptTo = 0;
    LocalId m_sweptSenders = 0;
    LocalId m_sweptAccounts = 0;
    WallTime m_passBegan{};
    bool m_changed = false;
    bool m_isLoaded = false;
    bool m_isDamaged = false;
    StoreFigures m_figures;
};

}  // namespace landline::relay
