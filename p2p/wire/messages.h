#pragma once

#include "p2p/base/expected.h"
#include "p2p/base/ids.h"
#include "p2p/wire/entry.h"
#include "p2p/wire/relay_messages.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

/// The frames of a session as plain structs. This module alone sees the generated Protobuf classes.
namespace landline::wire {

struct Hello {
    Bytes certificate;
    std::uint32_t highestMajor = 0;
    std::uint32_t minor = 0;
    std::uint64_t instance = 0;
    std::uint16_t listenPort = 0;
    bool hasAes = false;
    std::string name;
    std::optional<TransferId> transfer;  ///< bulk sessions only
    friend bool operator==(const Hello&, const Hello&) = default;
};
struct Ping {
    std::uint64_t token = 0;
    friend bool operator==(const Ping&, const Ping&) = default;
};
struct Pong {
    std::uint64_t token = 0;
    friend bool operator==(const Pong&, const Pong&) = default;
};
struct Rekey {
    friend bool operator==(const Rekey&, const Rekey&) = default;
};
/// Why a session ends. Numbers not listed are shown as Unknown.
enum class CloseReason : std::uint32_t {
    Unknown = 0,
    Goodbye = 1,        ///< the program ends
    Superseded = 2,     ///< another session with the same device is kept
    Renew = 3,          ///< the session's lifetime is over; dial again
    Violation = 4,      ///< the other side broke a rule; text says which
    Version = 5,        ///< both could speak a higher version than was used
    NotWelcome = 6,     ///< blocked
    Idle = 7,
    Clone = 8,          ///< another running program has the same device key
    Storage = 9,        ///< this side's disk takes nothing at the moment; dial again later
};
struct Close {
    CloseReason reason = CloseReason::Unknown;
    std::string text;
    friend bool operator==(const Close&, const Close&) = default;
};

struct ConversationDigest {
    ConversationId conversation;
    Hash128 digest;
    friend bool operator==(const ConversationDigest&, const ConversationDigest&) = default;
};
struct HeadsDigest {
    std::vector<ConversationDigest> conversations;
    friend bool operator==(const HeadsDigest&, const HeadsDigest&) = default;
};
struct AuthorHead {
    DeviceId author;
    EntryNumber baseNumber = 0;
    Hash256 baseHash;
    EntryNumber number = 0;
    Hash128 hash;  ///< of entry `number`; zero where number is 0
    EntryNumber read = 0;
    friend bool operator==(const AuthorHead&, const AuthorHead&) = default;
};
struct Heads {
    ConversationId conversation;
    std::vector<AuthorHead> authors;
    bool complete = false;
    friend bool operator==(const Heads&, const Heads&) = default;
};

struct ErasureProof {
    Bytes header;
    Signature signature;
    Bytes payload;
    Bytes certificate;
    friend bool operator==(const ErasureProof&, const ErasureProof&) = default;
};
/// An entry as it travels and as it is stored: exact bytes.
struct SignedEntry {
    Bytes header;
    Signature signature;
    Bytes payload;  ///< empty if erased; then `erasure` proves that it may be
    std::optional<ErasureProof> erasure;
    [[nodiscard]] std::size_t bytes() const { return header.size() + payload.size() + Signature::kSize; }
    friend bool operator==(const SignedEntry&, const SignedEntry&) = default;
};
struct Entries {
    ConversationId conversation;
    DeviceId author;
    EntryNumber first = 0;
    std::vector<SignedEntry> entries;
    friend bool operator==(const Entries&, const Entries&) = default;
};
struct ForkEvidence {
    ConversationId conversation;
    DeviceId author;
    std::vector<SignedEntry> headers;
    friend bool operator==(const ForkEvidence&, const ForkEvidence&) = default;
};

struct Typing {
    ConversationId conversation;
    bool active = false;
    friend bool operator==(const Typing&, const Typing&) = default;
};
enum class Presence : std::uint32_t { Unknown = 0, Online = 1, Away = 2, Busy = 3, Offline = 4 };
struct Profile {
    std::string name;
    Presence presence = Presence::Unknown;
    std::string statusText;
    /// Where the receiver may leave what this device is to get while it is away.
    ToldRelays told = {};
    /// Counted up by the device with whatever it says of itself: what has a lower one than something before is older. 0: not
    /// stated.
    std::uint64_t edition = 0;
    friend bool operator==(const Profile&, const Profile&) = default;
};
struct DialBack {
    Hash128 token;
    std::optional<TransferId> transfer = {};  ///< to give this file; nothing: for a conversation
    friend bool operator==(const DialBack&, const DialBack&) = default;
};

struct FileRequest {
    TransferId transfer;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    bool listing = false;  ///< of the listing instead of the content
    friend bool operator==(const FileRequest&, const FileRequest&) = default;
};
struct FileChunk {
    std::uint64_t offset = 0;
    Bytes data;
    friend bool operator==(const FileChunk&, const FileChunk&) = default;
};
enum class FileRefusal : std::uint32_t { Unknown = 0, NotOffered = 1, Changed = 2, Unreadable = 3, NotPermitted = 4 };
struct FileRefused {
    TransferId transfer;
    FileRefusal reason = FileRefusal::Unknown;
    std::string text;
    friend bool operator==(const FileRefused&, const FileRefused&) = default;
};
struct FileCancel {
    TransferId transfer;
    friend bool operator==(const FileCancel&, const FileCancel&) = default;
};
/// Why an item of a bundle does not come.
enum class ItemFailure : std::uint32_t { Unknown = 0, Vanished = 1, Changed = 2, Unreadable = 3 };
/// In the place of chunks: these bytes belong to an item that cannot be given as it was offered. It ends with that item
/// or with the request.
struct FileSkip {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    ItemFailure reason = ItemFailure::Unknown;
    friend bool operator==(const FileSkip&, const FileSkip&) = default;
};
/// What the receiver holds of a range: a digest for each piece of limits::kFileChunk.
struct FileCheck {
    TransferId transfer;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    std::vector<ChunkDigest> digests;
    friend bool operator==(const FileCheck&, const FileCheck&) = default;
};
/// The answer: a bit for each piece, lowest first, set where the sender has the same.
struct FileChecked {
    std::uint64_t offset = 0;
    Bytes same;
    friend bool operator==(const FileChecked&, const FileChecked&) = default;
};
/// A frame of a newer minor version, to be ignored.
struct UnknownFrame {
    friend bool operator==(const UnknownFrame&, const UnknownFrame&) = default;
};

using Message = std::variant<Hello, Ping, Pong, Rekey, Close, HeadsDigest, Heads, Entries, ForkEvidence, Typing,
                             Profile, DialBack, FileRequest, FileChunk, FileRefused, FileCancel, FileSkip, FileCheck,
                             FileChecked, relay::Frame, UnknownFrame>;

/// The plaintext of one frame. The caller keeps within the limits; a message over limits::kFramePlaintext is a defect.
[[nodiscard]] Bytes encodeMessage(const Message& message);
/// The same, behind what `out` holds already.
void appendMessage(Bytes& out, const Message& message);
/// What stands before the data in the plaintext of a FileChunk's frame; the data comes last.
void appendChunkHead(Bytes& out, std::uint64_t offset, std::size_t dataBytes);
/// A FileChunk with its data where it lies in the plaintext of its frame.
struct ChunkView {
    std::uint64_t offset = 0;
    std::span<std::uint8_t> data;
};
/// Nothing for any other frame, and for a chunk that is encoded in another way than ours: decodeMessage reads those.
[[nodiscard]] std::optional<ChunkView> findChunk(std::span<std::uint8_t> plaintext);
/// Fails with Malformed (not Protobuf, an id of the wrong length, invalid UTF-8, a name or list over its limit).
[[nodiscard]] Expected<Message> decodeMessage(ByteView bytes);

/// ErasureProof as it is kept in a store.
[[nodiscard]] Bytes encodeErasureProof(const ErasureProof& proof);
[[nodiscard]] Expected<ErasureProof> parseErasureProof(ByteView bytes);

}  // namespace landline::wire
