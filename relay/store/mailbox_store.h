#pragma once

#include "p2p/base/expected.h"
#include "p2p/base/random.h"
#include "relay/store/mailbox_types.h"

#include <functional>
#include <map>
#include <memory>

namespace landline::relay {

/// The mailboxes of a relay, and what belongs to them: accounts, invites, tokens, prekeys, the directory. Reasons of refusals,
/// and when which is given: PROTOCOL.md, "Relay".
///
/// Owned by a CommitQueue, used on one thread. Everything that changes is part of one transaction, which begins with the
/// first change; `commit` makes it durable as a whole, and only then may any answer since the last commit be told to
/// anybody, those of pulls included. A failure of the disk is remembered: nothing more is changed, and `commit` tells it
/// after it has undone the whole transaction; the answers in between mean nothing. `now` is the relay's time
/// (ExpiryClock).
///
/// The rules: numbers of a mailbox grow from 1 without gaps, and are never given twice within an epoch, whatever crashes.
/// A body is kept once, and freed when the last recipient has acknowledged it, or with its expiry. tests/relay/store/
/// store_contract.h says the rest.
class MailboxStore {
public:
    virtual ~MailboxStore() = default;

    [[nodiscard]] virtual Epoch epoch() const = 0;
    /// As after a restored backup. Mailboxes keep what they hold and go on counting; the time kept in a backup is forgotten, for it
    /// would have what is deposited now expire as early.
    virtual void startEpoch(Random& random) = 0;
    /// Applies at once, undone by nothing.
    virtual void setRules(StoreRules rules) = 0;

    /// `mayGrow` false: nobody gets an account that has none.
    [[nodiscard]] virtual AdmitAnswer admit(const Admit& request, bool mayGrow, WallTime now) = 0;
    [[nodiscard]] virtual DepositAnswer deposit(const Deposit& deposit, WallTime now) = 0;
    [[nodiscard]] virtual PullAnswer pull(const PullRequest& request, WallTime now) = 0;
    [[nodiscard]] virtual AckAnswer acknowledge(const AckRequest& request) = 0;

    [[nodiscard]] virtual PublishAnswer publishPrekey(const PublishPrekey& request) = 0;
    [[nodiscard]] virtual PrekeysAnswer fetchPrekeys(const FetchPrekeys& request) = 0;
    [[nodiscard]] virtual ChangeAnswer setTokens(const SetTokens& request) = 0;
    [[nodiscard]] virtual CheckAnswer checkTokens(const CheckTokens& request) = 0;

    [[nodiscard]] virtual ChangeAnswer listLink(const ListLink& request) = 0;
    [[nodiscard]] virtual BrowseAnswer browseLinks(const BrowseLinks& request) = 0;

    /// Invalid: the class's name is too long, or there is such an invite.
    [[nodiscard]] virtual ChangeAnswer addInvite(const AddInvite& invite) = 0;
    /// BadInvite: there is none.
    [[nodiscard]] virtual ChangeAnswer removeInvite(const RemoveInvite& invite) = 0;
    /// NoMailbox: it never had one.
    [[nodiscard]] virtual ChangeAnswer revoke(const Revoke& request) = 0;
    [[nodiscard]] virtual AccountsAnswer accounts(const ListAccounts& request) = 0;
    [[nodiscard]] virtual InvitesAnswer invites(const ListInvites& request, WallTime now) = 0;

    /// Makes everything since the last commit durable, or undoes it and says why: Full, Disk.
    [[nodiscard]] virtual Expected<void> commit() = 0;
    virtual void rollback() = 0;

    /// One step of removing what has expired and answers that are remembered no longer: looks at `rows` rows at most. Part
    /// of the transaction. True while the pass that it belongs to has not come to its end.
    virtual bool sweep(WallTime now, std::size_t rows) = 0;
    /// There is more to remove than to keep, so that a pass pays before its time.
    [[nodiscard]] virtual bool wantsSweep() const = 0;

    /// The relay's time as it was last kept, so that a wrong clock is noticed at the next start; epoch of the clock: never.
    [[nodiscard]] virtual WallTime keptTime() const = 0;
    virtual void keepTime(WallTime now) = 0;

    /// Has the disk space set aside that lets mailboxes be emptied when the disk is full. False: there is not enough.
    [[nodiscard]] virtual bool takeReserve() = 0;
    virtual void giveReserve() = 0;
    /// Moves a bounded part of what was committed to where it stays (a checkpoint). Nothing while a transaction runs.
    virtual void tidy() = 0;
    /// Gives some of the room that was freed within the store back to the disk. Nothing while a transaction runs.
    virtual void giveBackSpace() = 0;
    /// The store's contents contradict themselves: it must be set aside (StoreOpener).
    [[nodiscard]] virtual bool isDamaged() const = 0;

    [[nodiscard]] virtual StoreFigures figures() const = 0;
};

/// At random, and not 0.
[[nodiscard]] Epoch drawEpoch(Random& random);

/// A store as it was opened.
struct OpenedStore {
    std::unique_ptr<MailboxStore> store;
    /// Not empty: the old one was damaged, and lies under this name; accounts, invites and tokens were taken over as far
    /// as they could be read. The store has a new epoch.
    std::string damagedCopy;
    std::size_t salvagedAccounts = 0;
    /// The database is an older copy of the one that was used last, which somebody has put there. The store has a new epoch.
    bool isOlder = false;
};
/// Opens the store, the first time and again after damage; `isDamaged`: the one there is must be set aside.
using StoreOpener = std::function<Expected<OpenedStore>(bool isDamaged)>;

}  // namespace landline::relay
