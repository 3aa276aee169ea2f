#pragma once

#include "p2p/base/limits.h"
#include "p2p/wire/relay_messages.h"

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What is asked of a MailboxStore and what it answers: values, so that they can cross threads. What a client asks stands
/// in them as it came (p2p/wire/relay_messages.h, PROTOCOL.md "Relay"); sizes are bounded by p2p/base/limits.h; times are
/// the relay's (ExpiryClock).
namespace landline::relay {

using wire::relay::Addressee;
using wire::relay::Box;
using wire::relay::Reason;

/// Names one life of a relay's store: numbers of another epoch mean nothing here. A restored backup and a database begun
/// after damage have a new one.
using Epoch = RelayEpoch;
/// Position in a mailbox: 1, 2, 3 … without gaps. 0 stands for "before the first".
using MailNumber = MailboxNumber;
/// SHA-256 over a device and a token of its mailbox: who has the store's file cannot deposit with it.
using TokenHash = FixedBytes<struct TokenHashTag, 32>;
/// SHA-256 of an invite's secret.
using InviteHash = FixedBytes<struct InviteHashTag, 32>;

[[nodiscard]] TokenHash hashOf(const DeviceId& device, const RelayToken& token);
[[nodiscard]] InviteHash hashOf(const RelayInvite& invite);

/// Who asks, as its session proved. An account is the person's, a mailbox the device's.
struct Party {
    DeviceId device;
    PersonId person;

    friend bool operator==(const Party&, const Party&) = default;
};

// Who may come --------------------------------------------------------------------------------------------------

struct Admit {
    Party who;
    std::optional<RelayInvite> invite;
    std::optional<Addressee> pass;
    bool isOpen = false;  ///< the operator gives everybody an account
};
struct AdmitAnswer {
    std::optional<Reason> refused;
    bool isNewcomer = false;  ///< got an account because everybody does
    /// As the client is told, but `spread` and `hasDirectory`.
    wire::relay::Welcome welcome;
};

// Deposits ------------------------------------------------------------------------------------------------------

/// One body for several mailboxes. Known by (sender's device, counter): a repeat gets the old answer.
struct Deposit {
    Party from;
    DepositCounter counter = 0;
    wire::relay::Deposit content;
};
/// Where something new lies.
struct Placement {
    DeviceId device;
    Box box = Box::Messages;
    MailNumber number = 0;

    friend bool operator==(const Placement&, const Placement&) = default;
};
/// A deposit of which nothing was stored leaves nothing: a repeat is looked at anew. The refusal's text is empty.
struct DepositAnswer {
    wire::relay::Deposited told;
    bool repeated = false;           ///< the old answer
    std::vector<Placement> placed;  ///< empty for a repeat

    friend bool operator==(const DepositAnswer&, const DepositAnswer&) = default;
};

// Reading one's own mailbox -------------------------------------------------------------------------------------

struct PullRequest {
    DeviceId device;
    Box box = Box::Messages;
    MailNumber from = 1;
    /// Of seals and bodies; one item is given however large it is.
    std::size_t bytes = limits::kPullBytes;
    /// What has expired in front may be freed on the way, which is written. A CommitQueue says otherwise while the disk fails.
    bool mayFree = true;
};
struct PullAnswer {
    std::optional<Reason> refused;
    std::vector<wire::relay::Item> items;  ///< by their numbers
    bool more = false;                     ///< there are further ones behind
    MailNumber next = 0;                   ///< where they begin: there may be many in front that have expired. 0: behind the last item
    MailNumber highest = 0;                ///< that was given so far
};

struct AckRequest {
    DeviceId device;
    wire::relay::Acknowledge content;
};
struct AckAnswer {
    std::optional<Reason> refused;
    std::uint64_t used = 0;
};

// Prekeys and tokens --------------------------------------------------------------------------------------------

struct PublishPrekey {
    DeviceId device;
    Bytes prekey;  ///< envelope::Prekey::kBytes, found to be the device's
};
struct PublishAnswer {
    std::optional<Reason> refused;
    wire::relay::PrekeyPublished told;
};
struct FetchPrekeys {
    Party asker;
    std::vector<Addressee> of;
};
struct PrekeysAnswer {
    wire::relay::Prekeys told;
};
/// All tokens of a mailbox, from now on.
struct SetTokens {
    DeviceId device;
    std::vector<wire::relay::Token> tokens;
};
/// Which of these the asker may know of.
struct CheckTokens {
    Party asker;
    std::vector<Addressee> of;
};
struct CheckAnswer {
    std::vector<Addressee> of;  ///< as asked
    std::vector<bool> good;     ///< in their order
};

// Directory -----------------------------------------------------------------------------------------------------

struct ListLink {
    DeviceId device;
    std::string link;  ///< empty: not to be found any more
};
struct BrowseLinks {
    std::uint64_t after = 0;
};
struct BrowseAnswer {
    wire::relay::Listed told;
};

// Accounts and invites ------------------------------------------------------------------------------------------

/// What one mailbox may hold. Classes are named by the operator; accounts of a class unknown today get the default.
struct Quota {
    std::uint64_t bytes = 64 * 1024 * 1024;
    std::uint32_t items = 200'000;
    /// Of these, one token without a share of its own, and each device of the same person.
    std::uint64_t senderBytes = 32 * 1024 * 1024;
    std::uint32_t senderItems = 100'000;

    friend bool operator==(const Quota&, const Quota&) = default;
};
/// The operator's, for all mailboxes.
struct StoreRules {
    std::map<std::string, Quota> quotas;  ///< by class
    Quota quota;                          ///< of any other class
    std::chrono::seconds life = limits::kDepositLife;
    std::uint64_t bytes = 64ULL << 30;  ///< that all mailboxes together may hold
    /// Everybody gets an account: one that was never used goes after a while, and whose it was may come again.
    bool isOpen = false;
    /// Senders that are remembered; three quarters of them may have no mailbox here.
    std::size_t senders = limits::kRelaySenders;

    friend bool operator==(const StoreRules&, const StoreRules&) = default;
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
/// Shuts a device out: what its mailbox holds is freed, its tokens and prekey go. A new invite lets it in again, as does
/// the operator.
struct Revoke {
    DeviceId device;
    bool reinstate = false;
};
/// Of a change that has nothing to tell but whether it was made.
struct ChangeAnswer {
    /// The tokens that a device has from now on.
    struct Tokens {
        DeviceId device;
        std::vector<RelayToken> now;
    };
    std::optional<Reason> refused{};
    std::optional<Tokens> tokens{};  ///< of a SetTokens that was done
};

struct ListAccounts {
    DeviceId after;  ///< in the order of keys; zero: from the first
    std::size_t most = 1000;
};
/// One mailbox.
struct AccountInfo {
    Party who;
    std::string quotaClass;
    WallTime joined{};
    WallTime seen{};  ///< let in last, to the hour; epoch of the clock: not known
    bool revoked = false;
    std::uint32_t items = 0;  ///< heads included
    std::uint64_t bytes = 0;
    std::uint64_t quota = 0;  ///< bytes
    MailNumber last = 0;
};
struct AccountsAnswer {
    std::vector<AccountInfo> accounts;
};

struct ListInvites {
    std::size_t most = 1000;
};
struct InviteInfo {
    InviteHash hash;
    std::uint32_t left = 0;
    WallTime expires{};
    std::string quotaClass;
};
/// Those that still let somebody in, the next to end first.
struct InvitesAnswer {
    std::vector<InviteInfo> invites;
};

// Figures -------------------------------------------------------------------------------------------------------

/// What a store counted since it was opened, and (the second part) what it holds now.
struct StoreFigures {
    std::uint64_t deposits = 0;  ///< asked for, repeats included
    std::uint64_t repeats = 0;
    std::uint64_t stored = 0;    ///< placements
    std::uint64_t refused = 0;   ///< placements, and deposits refused as a whole
    std::uint64_t pulled = 0;    ///< items
    std::uint64_t acknowledged = 0;
    std::uint64_t expired = 0;
    std::uint64_t commits = 0;
    std::uint64_t failedCommits = 0;

    std::uint64_t accounts = 0;  ///< mailboxes
    std::uint64_t tokens = 0;
    std::uint64_t invites = 0;
    std::uint64_t senders = 0;
    std::uint64_t heldItems = 0;
    std::uint64_t heldBytes = 0;
    std::uint64_t diskBytes = 0;  ///< of the store's files
    bool isFull = false;          ///< the disk; nothing new is taken
    bool isFailing = false;       ///< reading or writing failed a moment ago
};
struct AskFigures {};

/// Everything that may be asked of a store through the CommitQueue, and the answers.
using StoreRequest = std::variant<Admit, Deposit, PullRequest, AckRequest, PublishPrekey, FetchPrekeys, SetTokens, CheckTokens,
                                  ListLink, BrowseLinks, AddInvite, RemoveInvite, Revoke, ListAccounts, ListInvites, AskFigures>;

/// Nothing was done; it may be asked again.
struct StoreRefusal {
    enum class Reason : std::uint8_t {
        Busy,      ///< too much waits already
        DiskFull,  ///< what needs space is refused; pulls and acknowledgements go on
        DiskError, ///< reading or writing failed
        Damaged,   ///< the database was set aside; a new epoch has begun
        Closing,   ///< the relay ends
    };
    Reason reason = Reason::Busy;
    Duration retryAfter{};
    std::string text;  ///< a sentence for a person
};

using StoreAnswer = std::variant<StoreRefusal, AdmitAnswer, DepositAnswer, PullAnswer, AckAnswer, PublishAnswer, PrekeysAnswer,
                                 CheckAnswer, BrowseAnswer, ChangeAnswer, AccountsAnswer, InvitesAnswer, StoreFigures>;

/// Names a request to whoever made it; comes back with the answer.
using StoreTag = std::uint64_t;
/// Of an answer that nobody has asked for: StoreRefusal::Reason::Damaged, when a new epoch has begun.
inline constexpr StoreTag kToldToAll = 0;

struct TaggedRequest {
    StoreTag tag = 0;
    StoreRequest request;
};
struct TaggedAnswer {
    StoreTag tag = 0;
    StoreAnswer answer;
};

}  // namespace landline::relay
