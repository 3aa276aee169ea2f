#pragma once

#include "p2p/base/expected.h"
#include "relay/store/mailbox_types.h"

#include <functional>
#include <optional>

namespace landline::relay {

/// Small local numbers of accounts, senders and tokens. A token's number is never used again while a deposit names it.
using LocalId = std::uint32_t;
/// Names a deposit within its store: grows with each, never used twice.
using DepositId = std::uint64_t;

struct Usage {
    std::uint64_t bytes = 0;
    std::uint32_t items = 0;
};
/// A mailbox, and whose it is: an account is all mailboxes of one person.
struct AccountRow {
    LocalId id = 0;
    Party who;
    std::string quotaClass;
    WallTime joined{};
    bool revoked = false;
    Hash128 tokens;  ///< wire::relay::tokensDigest
    WallTime seen{};  ///< when it was let in last, to the hour
};
/// `last`: as of the last change of `freed`; deposits that are held may say more.
struct MailboxRow {
    LocalId account = 0;
    MailNumber freed = 0;
    MailNumber last = 0;
    MailNumber lastHeads = 0;
};
/// A sender of deposits. `forgotten`: the highest counter of those that were swept; `until`: when it is forgotten itself;
/// `guestOf`: by which token one without a mailbox was first let leave something, or (with kSenderShare) at which account of
/// its own person.
struct SenderRow {
    LocalId id = 0;
    DeviceId device;
    DepositCounter forgotten = 0;
    WallTime until{};
    std::uint32_t guestOf = 0;
};
struct TokenRow {
    LocalId id = 0;
    LocalId owner = 0;
    TokenHash hash;
    std::uint64_t share = 0;
};
struct InviteRow {
    InviteHash hash;
    std::uint32_t left = 0;
    WallTime expires{};
    std::string quotaClass;
};
/// `share`: what the item counts against in its mailbox, a token or (with kSenderShare) a sender.
struct ItemRow {
    std::optional<Reason> refused;
    LocalId account = 0;
    MailNumber number = 0;
    std::uint32_t share = 0;
};
inline constexpr std::uint32_t kSenderShare = 0x80000000;
/// A deposit without its body: what became of it, kept for as long as its answer is remembered or an item is held.
struct DepositRow {
    DepositId id = 0;
    LocalId sender = 0;
    DepositCounter counter = 0;
    Box box = Box::Messages;
    WallTime expires{};
    std::uint32_t size = 0;  ///< that it takes of each recipient's quota
    std::vector<ItemRow> items;  ///< one for each recipient
};
/// To whom a body is sealed: the prekey's id and the seal.
inline constexpr std::size_t kSealed = PrekeyId::kSize + limits::kSeal;
/// Of a deposit's body as one recipient gets it.
struct BodyRow {
    WallTime expires{};
    Bytes sealed;  ///< kSealed bytes
    Bytes body;
};
/// `size` and `share`: as of items.
struct HeadsPlace {
    MailNumber number = 0;
    WallTime expires{};
    DeviceId sender;
    std::uint32_t size = 0;
    std::uint32_t share = 0;
};
struct HeadsRow {
    LocalId account = 0;
    HeadsPlace place;
    Bytes sealed;
    Bytes body;
};
/// A contact link in the directory.
struct LinkRow {
    std::uint64_t number = 0;
    LocalId account = 0;
    std::string link;
};
struct MetaRow {
    Epoch epoch;
    WallTime keptTime{};
};

/// Takes every row of a ledger, but not bodies, those of heads included: deposits last, by id.
struct LedgerReader {
    std::function<void(const MetaRow&)> meta;
    std::function<void(AccountRow)> account;
    std::function<void(const MailboxRow&)> mailbox;
    std::function<void(const SenderRow&)> sender;
    std::function<void(const TokenRow&)> token;
    std::function<void(InviteRow)> invite;
    std::function<void(LocalId, const Bytes&)> prekey;
    std::function<void(const LinkRow&)> link;
    std::function<void(LocalId, const HeadsPlace&)> heads;  ///< of an account by number
    std::function<void(const DepositRow&)> deposit;
};

/// The tables beneath a LedgerStore: rows by integer keys, in transactions. It knows no rules. Reads see what was written
/// in the transaction that runs. A failure is remembered until `commit` or `rollback`, writes nothing more, and is told by
/// `commit`. One thread.
class Ledger {
public:
    virtual ~Ledger() = default;

    [[nodiscard]] virtual Expected<void> readAll(const LedgerReader& reader) = 0;

    virtual void putMeta(const MetaRow& row) = 0;
    virtual void putAccount(const AccountRow& row) = 0;
    /// Of one that nothing else names; its MailboxRow goes with it.
    virtual void removeAccount(LocalId id) = 0;
    virtual void putMailbox(const MailboxRow& row) = 0;
    virtual void putSender(const SenderRow& row) = 0;
    virtual void removeSender(LocalId id) = 0;
    virtual void putToken(const TokenRow& row) = 0;
    virtual void removeToken(LocalId id) = 0;
    virtual void putInvite(const InviteRow& row) = 0;
    virtual void removeInvite(const InviteHash& hash) = 0;

    virtual void addDeposit(const DepositRow& row) = 0;
    [[nodiscard]] virtual std::optional<DepositRow> deposit(DepositId id) = 0;
    /// The next rows after `after`, by id.
    [[nodiscard]] virtual std::vector<DepositRow> deposits(DepositId after, std::size_t most) = 0;
    virtual void removeDeposit(DepositId id) = 0;
    /// `sealed`: kSealed bytes for each recipient.
    virtual void addBody(DepositId id, WallTime expires, ByteView sealed, ByteView body) = 0;
    [[nodiscard]] virtual std::optional<BodyRow> body(DepositId id, std::size_t recipient) = 0;
    /// Until when it is kept: without reading it.
    [[nodiscard]] virtual std::optional<WallTime> bodyExpires(DepositId id) = 0;
    /// All from `first` to `last`.
    virtual void removeBodies(DepositId first, DepositId last) = 0;

    /// In the place of those that the sender had there.
    virtual void putHeads(const HeadsRow& row) = 0;
    [[nodiscard]] virtual std::optional<HeadsRow> heads(LocalId account, const DeviceId& sender) = 0;
    virtual void removeHeads(LocalId account, const DeviceId& sender) = 0;

    virtual void putPrekey(LocalId account, ByteView prekey) = 0;
    [[nodiscard]] virtual std::optional<Bytes> prekey(LocalId account) = 0;
    virtual void removePrekey(LocalId account) = 0;

    virtual void putLink(const LinkRow& row) = 0;
    [[nodiscard]] virtual std::vector<LinkRow> linksAfter(std::uint64_t number, std::size_t most) = 0;
    virtual void removeLink(std::uint64_t number) = 0;

    /// A failure found above: contents that cannot be.
    virtual void failDamaged() = 0;
    [[nodiscard]] virtual bool failed() const = 0;
    [[nodiscard]] virtual bool isDamaged() const = 0;
    [[nodiscard]] virtual Expected<void> commit() = 0;
    virtual void rollback() = 0;

    // See MailboxStore.
    [[nodiscard]] virtual bool takeReserve() = 0;
    virtual void giveReserve() = 0;
    virtual void tidy() = 0;
    virtual void giveBackSpace() = 0;
    [[nodiscard]] virtual std::uint64_t diskBytes() const = 0;
};

}  // namespace landline::relay
