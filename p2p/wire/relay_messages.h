#pragma once

#include "p2p/base/clock.h"
#include "p2p/base/ids.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What a device and its relay say to each other, as plain structs (PROTOCOL.md, "Relay"). They travel as the member
/// `relay` of a Frame: wire/messages.h encodes and decodes them.
namespace landline::wire::relay {

/// Why a relay does not do something. Numbers not listed are shown as Unknown.
enum class Reason : std::uint32_t {
    Unknown = 0,
    NoAccount = 1,   ///< the device has no account here, and brought nothing that lets it in
    BadInvite = 2,   ///< no such invite
    InviteUsed = 3,  ///< as often as it may be
    InviteExpired = 4,
    Revoked = 5,    ///< the operator has shut this device out
    NoMailbox = 6,  ///< no mailbox of that device takes this token
    Full = 7,       ///< the mailbox, or the token's share of it
    OldPrekey = 8,  ///< sealed to another prekey than the published one
    NoPrekey = 9,   ///< the device has published none
    OtherEpoch = 10,
    OldCounter = 11,  ///< lower than those whose answers are remembered
    TooLarge = 12,
    TooMany = 13,      ///< tokens, requests at once, devices of one account …
    Future = 14,       ///< acknowledges what was never given
    Busy = 15,         ///< the relay has too much to do
    TooFast = 16,      ///< this device, or its address, does
    Storage = 17,      ///< the relay's disk takes nothing at the moment
    Invalid = 18,      ///< a prekey or link that is none of this device's
    Unsupported = 19,  ///< the relay does not know, or does not offer, this
};

/// `retryAfter` zero: the same again will not help.
struct Refusal {
    Reason reason = Reason::Unknown;
    std::string text;  ///< for people; proves nothing
    std::chrono::milliseconds retryAfter{0};
    friend bool operator==(const Refusal&, const Refusal&) = default;
};

/// A mailbox and the right to it. Without a token: a device of the sender's own person.
struct Addressee {
    DeviceId device;
    std::optional<RelayToken> token = {};
    friend bool operator==(const Addressee&, const Addressee&) = default;
};

/// A mailbox has two kinds of content: messages, which stay until they are acknowledged or too old, and heads, of which
/// each depositor has one place.
enum class Box : std::uint8_t { Messages, Heads };

struct Hello {
    std::optional<RelayInvite> invite = {};
    std::optional<Addressee> pass = {};  ///< of a device without an account
    bool invisible = false;
    friend bool operator==(const Hello&, const Hello&) = default;
};
struct Welcome {
    bool hasAccount = false;  ///< without, the rest but epoch, life and spread is empty
    RelayEpoch epoch = 0;
    std::chrono::seconds life{0};
    std::uint64_t quota = 0;
    std::uint64_t used = 0;
    MailboxNumber freed = 0;    ///< of messages: the highest that is gone
    MailboxNumber highest = 0;  ///< of messages: the highest that was given
    MailboxNumber highestHeads = 0;
    std::optional<PrekeyId> prekey = {};  ///< the one that the relay has of this device
    Hash128 tokens;                       ///< tokensDigest of those it has; zero for none
    std::chrono::milliseconds spread{0};
    bool hasDirectory = false;
    friend bool operator==(const Welcome&, const Welcome&) = default;
};
struct Refused {
    Refusal refusal;
    friend bool operator==(const Refused&, const Refused&) = default;
};
struct GoingAway {
    std::chrono::milliseconds comeBackAfter{0};
    std::string text;
    friend bool operator==(const GoingAway&, const GoingAway&) = default;
};
/// It is on the relay's disk.
struct Done {
    friend bool operator==(const Done&, const Done&) = default;
};

struct Recipient {
    Addressee to;
    PrekeyId prekey;
    Bytes seal;  ///< limits::kSeal bytes
    friend bool operator==(const Recipient&, const Recipient&) = default;
};
/// Its request number is its counter.
struct Deposit {
    RelayEpoch epoch = 0;
    Box box = Box::Messages;
    std::vector<Recipient> recipients;
    Bytes body;
    friend bool operator==(const Deposit&, const Deposit&) = default;
};
struct Deposited {
    struct Failure {
        std::uint32_t recipient = 0;  ///< index in the deposit; they grow
        Reason reason = Reason::Unknown;
        friend bool operator==(const Failure&, const Failure&) = default;
    };
    WallTime expires{};  ///< of what was stored: for all recipients without a failure
    std::vector<Failure> failures;
    std::optional<Refusal> refusal = {};  ///< of the whole: nothing was stored
    friend bool operator==(const Deposited&, const Deposited&) = default;
};
struct Hint {
    Box box = Box::Messages;
    MailboxNumber highest = 0;
    friend bool operator==(const Hint&, const Hint&) = default;
};
struct Pull {
    Box box = Box::Messages;
    MailboxNumber from = 1;
    std::uint64_t bytes = 0;
    friend bool operator==(const Pull&, const Pull&) = default;
};
struct Item {
    MailboxNumber number = 0;
    PrekeyId prekey;
    Bytes seal;
    Bytes body;
    [[nodiscard]] std::size_t bytes() const { return seal.size() + body.size(); }
    friend bool operator==(const Item&, const Item&) = default;
};
struct Pulled {
    std::vector<Item> items;
    bool last = false;
    MailboxNumber highest = 0;  ///< with `last`
    friend bool operator==(const Pulled&, const Pulled&) = default;
};
struct Acknowledge {
    RelayEpoch epoch = 0;
    Box box = Box::Messages;
    MailboxNumber through = 0;
    friend bool operator==(const Acknowledge&, const Acknowledge&) = default;
};
struct Acknowledged {
    std::uint64_t used = 0;
    friend bool operator==(const Acknowledged&, const Acknowledged&) = default;
};

struct PublishPrekey {
    Bytes prekey;  ///< envelope/prekey.h reads it
    friend bool operator==(const PublishPrekey&, const PublishPrekey&) = default;
};
struct PrekeyPublished {
    MailboxNumber highest = 0;
    MailboxNumber highestHeads = 0;
    friend bool operator==(const PrekeyPublished&, const PrekeyPublished&) = default;
};
struct FetchPrekeys {
    std::vector<Addressee> of;
    friend bool operator==(const FetchPrekeys&, const FetchPrekeys&) = default;
};
struct Prekeys {
    struct One {
        Bytes prekey;  ///< empty: there is none, for the reason
        Reason reason = Reason::Unknown;
        friend bool operator==(const One&, const One&) = default;
    };
    std::vector<One> prekeys;  ///< in the order of the request
    friend bool operator==(const Prekeys&, const Prekeys&) = default;
};
struct Token {
    RelayToken token;
    std::uint64_t share = 0;  ///< bytes of the quota; 0: what the relay thinks fit
    friend auto operator<=>(const Token&, const Token&) = default;
};
struct SetTokens {
    std::vector<Token> tokens;
    friend bool operator==(const SetTokens&, const SetTokens&) = default;
};

struct Watch {
    std::vector<Addressee> devices;
    friend bool operator==(const Watch&, const Watch&) = default;
};
struct Presence {
    struct One {
        DeviceId device;
        bool online = false;
        friend bool operator==(const One&, const One&) = default;
    };
    std::vector<One> devices;
    friend bool operator==(const Presence&, const Presence&) = default;
};
struct List {
    std::string link;  ///< empty: not to be found
    friend bool operator==(const List&, const List&) = default;
};
struct Browse {
    std::uint64_t after = 0;
    friend bool operator==(const Browse&, const Browse&) = default;
};
struct Listed {
    std::vector<std::string> links;
    std::uint64_t next = 0;  ///< 0: that was all
    friend bool operator==(const Listed&, const Listed&) = default;
};
/// Of a newer version: a relay answers it with Refused and Unsupported, a device ignores it.
struct Unknown {
    friend bool operator==(const Unknown&, const Unknown&) = default;
};

using Message = std::variant<Hello, Welcome, Refused, GoingAway, Done, Deposit, Deposited, Hint, Pull, Pulled,
                             Acknowledge, Acknowledged, PublishPrekey, PrekeyPublished, FetchPrekeys, Prekeys,
                             SetTokens, Watch, Presence, List, Browse, Listed, Unknown>;

/// True for what a device asks and a relay answers, each with one message; a Pull with one or more.
[[nodiscard]] bool isRequest(const Message& message);

/// A message with the number of the request that it is or answers; 0 where it is neither.
struct Frame {
    std::uint64_t request = 0;
    Message message = Unknown{};
    friend bool operator==(const Frame&, const Frame&) = default;
};

/// By which both sides see whether a device's tokens are those that the relay has: SHA-256 over token 16 | share 8 of
/// all, in byte order of the tokens, cut to 16 bytes; zero for no tokens.
[[nodiscard]] Hash128 tokensDigest(std::vector<Token> tokens);
/// What a person is told of a refusal: what happened, and what to do. Texts of relays are not used, as they prove nothing.
[[nodiscard]] std::string sentenceOf(Reason reason);
/// True where the same request may succeed later without anybody doing something.
[[nodiscard]] bool isPassing(Reason reason);

}  // namespace landline::wire::relay

namespace landline::wire {

/// Where a device may be left something: a relay's URL (identity/relay_url.h) without an invite, and a token.
struct RelayAccess {
    std::string url;
    RelayToken token;
    friend bool operator==(const RelayAccess&, const RelayAccess&) = default;
};

/// What a device says of where it can be left something.
struct ToldRelays {
    std::vector<RelayAccess> relays = {};  ///< all there are; empty: as before
    bool areNone = false;                  ///< there are none any more
    friend bool operator==(const ToldRelays&, const ToldRelays&) = default;
};

}  // namespace landline::wire
