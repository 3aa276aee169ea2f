#pragma once

#include "p2p/base/clock.h"
#include "p2p/base/ids.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What is asked of a MailboxStore and what it answers: values, so that they can cross threads. Sizes are bounded by
/// p2p/base/limits.h; times are the relay's (ExpiryClock).
namespace landline::relay {

/// Names one life of a relay's store, at random: numbers of another epoch mean nothing here. A restored backup and a
/// database begun after damage have a new one.
using Epoch = FixedBytes<struct EpochTag, 16>;
/// Position in a mailbox: 1, 2, 3 … without gaps. 0 stands for "before the first".
using MailNumber = std::uint64_t;
/// SHA-256 of a deposit token: who has the store's file cannot deposit with it.
using TokenHash = FixedBytes<struct TokenHashTag, 32>;
/// SHA-256 of an invite's secret.
using InviteHash = FixedBytes<struct InviteHashTag, 32>;

// Deposits ------------------------------------------------------------------------------------------------------

/// A mailbox to deposit into, named by its device, and the token that permits it. Without one the sender must have an
/// account.
struct Recipient {
    DeviceId device;
    std::optional<TokenHash> token;
};

/// One body for several mailboxes. Known by (sender, counter): a sender counts its deposits at one relay upwards, leaves
/// at most kRememberedDeposits of them unanswered, and repeats one that was not answered with the same counter.
struct Deposit {
    DeviceId sender;  ///< as its session proved
    std::uint64_t counter = 0;
    std::vector<Recipient> recipients;
    Bytes body;
    /// When the sender has no more use for it; the epoch of the clock: the relay's own time to live.
    WallTime notAfter{};
};

/// What became of a deposit at one recipient.
enum class Placed : std::uint8_t {
    Stored = 0,
    UnknownRecipient = 1,  ///< no account of that device, or a revoked one
    NotPermitted = 2,      ///< no such token for that mailbox, or none and the sender has no account
    QuotaExceeded = 3,     ///< the mailbox is full, or the share of that token or sender
    TooLarge = 4,          ///< over kDepositBytes, or it would never fit into the quota
    Expired = 5,           ///< notAfter has passed
};

struct Placement {
    Placed placed = Placed::UnknownRecipient;
    MailNumber number = 0;  ///< if stored

    friend bool operator==(const Placement&, const Placement&) = default;
};

enum class DepositResult : std::uint8_t {
    Done,               ///< see the placements
    StaleCounter,       ///< lower than one that was answered, and not (or no longer) known: not stored
    CounterReused,      ///< the counter was used for something else: not stored
    TooManyRecipients,  ///< none, or over kDepositRecipients
    RelayFull,          ///< the relay holds as much as it may
};

/// A deposit of which nothing was stored leaves nothing: a repeat is looked at anew.
struct DepositAnswer {
    DepositResult result = DepositResult::Done;
    bool repeated = false;              ///< the old answer
    WallTime expires{};                 ///< of what was stored
    std::vector<Placement> placements;  ///< one for each recipient, in their order

    friend bool operator==(const DepositAnswer&, const DepositAnswer&) = default;
};

// Reading one's own mailbox -------------------------------------------------------------------------------------

enum class MailboxResult : std::uint8_t {
    Done,
    NoAccount,   ///< the device has none here, or it was revoked
    WrongEpoch,  ///< numbers of another epoch: begin anew with this one's
    Ahead,       ///< a number that was not given yet
    Stale,       ///< a lower number than the one that is held
    TooLarge,
    TooMany,
    Conflict,  ///< the same number with other contents
    Unknown,   ///< no such token or invite
};

struct PullRequest {
    DeviceId device;
    /// Zero: not known yet, which any epoch answers.
    Epoch epoch;
    /// The lowest number wanted.
    MailNumber from = 1;
    std::size_t maxItems = 256;
    std::size_t maxBytes = 512 * 1024;
};
struct MailItem {
    MailNumber number = 0;
    WallTime expires{};
    Bytes body;

    friend bool operator==(const MailItem&, const MailItem&) = default;
};
struct PullAnswer {
    MailboxResult result = MailboxResult::Done;
    Epoch epoch;
    MailNumber freed = 0;  ///< everything up to here was acknowledged or has expired
    MailNumber last = 0;   ///< the highest number given
    /// In the order of their numbers. Numbers that are left out have expired.
    std::vector<MailItem> items;
    /// The number to pull from next; last + 1 at the end.
    MailNumber next = 1;
};

struct AckRequest {
    DeviceId device;
    Epoch epoch;
    /// This and every lower one is committed at the recipient.
    MailNumber upTo = 0;
};
struct AckAnswer {
    MailboxResult result = MailboxResult::Done;
    Epoch epoch;
    MailNumber freed = 0;
    MailNumber last = 0;
};

// Heads: one replaceable slot for each depositor and recipient ---------------------------------------------------

struct HeadsDeposit {
    DeviceId sender;
    std::uint64_t counter = 0;  ///< of the same row as Deposit's; a lower one never replaces a higher
    Recipient recipient;
    Bytes body;
    WallTime notAfter{};
};
struct HeadsAnswer {
    Placed placed = Placed::Stored;
    bool superseded = false;  ///< a higher counter lies there already
    WallTime expires{};
};
struct HeadsPull {
    DeviceId device;
    Epoch epoch;
    std::uint64_t after = 0;  ///< the last version seen
    std::size_t maxBytes = 256 * 1024;
};
struct HeadsSlot {
    std::uint64_t version = 0;  ///< grows with every change of any slot of this mailbox
    DeviceId sender;
    Bytes body;
};
struct HeadsPullAnswer {
    MailboxResult result = MailboxResult::Done;
    Epoch epoch;
    std::vector<HeadsSlot> slots;  ///< by version
    bool more = false;
};
/// Empties the slots up to a version; one that was replaced since keeps its new contents.
struct HeadsAck {
    DeviceId device;
    Epoch epoch;
    std::uint64_t version = 0;
};

// Prekeys -------------------------------------------------------------------------------------------------------

struct PublishPrekeys {
    DeviceId device;
    std::uint64_t number = 0;  ///< higher than that of the set held; the same again is a repeat
    Bytes bytes;
};
/// Permitted like a deposit to that recipient.
struct FetchPrekeys {
    DeviceId asker;
    Recipient of;
};
struct PrekeysAnswer {
    Placed placed = Placed::Stored;  ///< Stored: permitted; there may still be none
    std::uint64_t number = 0;        ///< 0: none published
    Bytes bytes;
};

// Accounts, invites, tokens -------------------------------------------------------------------------------------

/// What one mailbox may hold. Classes are named by the operator; accounts of a class unknown today get the default.
struct Quota {
    std::uint64_t bytes = 64 * 1024 * 1024;
    std::uint32_t items = 200'000;
    /// Of these, each account holder who deposits without a token.
    std::uint64_t senderBytes = 32 * 1024 * 1024;
    std::uint32_t senderItems = 100'000;

    friend bool operator==(const Quota&, const Quota&) = default;
};
/// What one token may take of its mailbox's quota.
struct TokenShare {
    std::uint64_t bytes = 8 * 1024 * 1024;
    std::uint32_t items = 10'000;

    friend bool operator==(const TokenShare&, const TokenShare&) = default;
};

struct AddInvite {
    InviteHash hash;
    std::uint32_t uses = 1;
    WallTime expires{};
    std::string quotaClass;
};
struct RemoveInvite {
    InviteHash hash;
};
/// A device takes an account with an invite. Whoever has one gets the same answer again, and no use is taken.
struct Join {
    DeviceId device;
    InviteHash invite;
};
enum class Joined : std::uint8_t { Done, UnknownInvite, InviteExpired, InviteUsedUp, Revoked };
struct JoinAnswer {
    Joined joined = Joined::Done;
};
/// Ends an account: what its mailbox holds is freed, its tokens and prekeys go. It cannot join again until reinstated.
struct Revoke {
    DeviceId device;
    bool reinstate = false;
};
struct AddToken {
    DeviceId owner;
    TokenHash hash;
    TokenShare share;
};
struct RemoveToken {
    DeviceId owner;
    TokenHash hash;
};
/// Of a change that has nothing to tell but whether it was made.
struct ChangeAnswer {
    MailboxResult result = MailboxResult::Done;
};

struct ListAccounts {
    DeviceId after;  ///< in the order of keys; zero: from the first
    std::size_t most = 1000;
};
struct AccountInfo {
    DeviceId device;
    std::string quotaClass;
    WallTime joined{};
    bool revoked = false;
    std::uint32_t items = 0;
    std::uint64_t bytes = 0;
    MailNumber last = 0;
};
struct AccountsAnswer {
    std::vector<AccountInfo> accounts;
};

// Figures -------------------------------------------------------------------------------------------------------

/// What a store counted since it was opened, and (the second part) what it holds now.
struct StoreFigures {
    std::uint64_t deposits = 0;  ///< asked for, repeats included
    std::uint64_t repeats = 0;
    std::uint64_t stored = 0;   ///< placements
    std::uint64_t refused = 0;  ///< placements, and deposits refused as a whole
    std::uint64_t pulled = 0;   ///< items
    std::uint64_t acknowledged = 0;
    std::uint64_t expired = 0;
    std::uint64_t commits = 0;
    std::uint64_t failedCommits = 0;

    std::uint64_t accounts = 0;
    std::uint64_t tokens = 0;
    std::uint64_t invites = 0;
    std::uint64_t senders = 0;
    std::uint64_t heldItems = 0;
    std::uint64_t heldBytes = 0;
    std::uint64_t diskBytes = 0;  ///< of the store's files
};
struct AskFigures {};

/// Everything that may be asked of a store through the CommitQueue, and the answers.
using StoreRequest = std::variant<Deposit, PullRequest, AckRequest, HeadsDeposit, HeadsPull, HeadsAck,
                                  PublishPrekeys, FetchPrekeys, Join, AddInvite, RemoveInvite, Revoke,
                                  AddToken, RemoveToken, ListAccounts, AskFigures>;

/// Nothing was done; it may be asked again.
struct StoreRefusal {
    enum class Reason : std::uint8_t {
        Busy,       ///< too much waits already
        DiskFull,   ///< what needs space is refused; pulls and acknowledgements go on
        DiskError,  ///< reading or writing failed
        Damaged,    ///< the database was set aside; a new epoch has begun
        Closing,    ///< the relay ends
    };
    Reason reason = Reason::Busy;
    Duration retryAfter{};
    std::string text;  ///< a sentence for a person
};

using StoreAnswer =
    std::variant<StoreRefusal, DepositAnswer, PullAnswer, AckAnswer, HeadsAnswer, HeadsPullAnswer,
                 PrekeysAnswer, JoinAnswer, ChangeAnswer, AccountsAnswer, StoreFigures>;

}  // namespace landline::relay
