#pragma once

#include "p2p/base/expected.h"
#include "p2p/base/ids.h"

#include <optional>
#include <string>
#include <variant>

namespace landline::wire {

/// A timeline entry's header as plain values. Its exact bytes are what is hashed, signed, stored and forwarded; these
/// values are only ever read from them or made into them once, by the author.
struct EntryHeader {
    ConversationId conversation;
    DeviceId author;
    EntryNumber number = 0;
    Hash256 previous;          ///< zero for number 1
    std::uint64_t clock = 0;   ///< hybrid logical clock: unix milliseconds << 16 | counter
    std::uint32_t kind = 0;    ///< ContentKind, or a number that this version does not know
    Hash256 payloadHash;
    Bytes certificate;         ///< the author's, on number 1 only
    /// Of an edit: what it edits. It stands in the header as well because a delete erases its target's edits too, and
    /// whoever receives such an edit without its payload must see that the delete covers it.
    std::optional<EntryRef> target;

    friend bool operator==(const EntryHeader&, const EntryHeader&) = default;
};

enum class ContentKind : std::uint32_t { Text = 2, Edit = 3, Delete = 4, Reaction = 5, FileOffer = 6, BundleOffer = 7 };

struct Text {
    std::string text;
    std::optional<EntryRef> replyTo;
    friend bool operator==(const Text&, const Text&) = default;
};
struct Edit {
    EntryRef target;
    std::string text;
    friend bool operator==(const Edit&, const Edit&) = default;
};
struct Delete {
    EntryRef target;
    friend bool operator==(const Delete&, const Delete&) = default;
};
struct Reaction {
    EntryRef target;
    std::string emoji;
    bool removed = false;
    friend bool operator==(const Reaction&, const Reaction&) = default;
};
using TransferId = FixedBytes<struct TransferIdTag, 16>;
/// Names the exact bytes of a bundle's listing (wire/listing.h).
struct ListingRef {
    std::uint32_t items = 0;
    std::uint64_t bytes = 0;
    ChunkDigest digest;
    friend bool operator==(const ListingRef&, const ListingRef&) = default;
};
/// A file, or with a listing a bundle: folders and files whose contents follow one another in the listing's order.
struct FileOffer {
    TransferId transfer;
    std::string name;
    std::uint64_t size = 0;
    std::string mediaType;
    std::int64_t modified = 0;  ///< unix milliseconds
    std::optional<ListingRef> listing = std::nullopt;
    friend bool operator==(const FileOffer&, const FileOffer&) = default;
};
/// Content of a newer version: kept and carried as it is, shown as "needs a newer version".
struct UnknownContent {
    std::uint32_t kind = 0;
    friend bool operator==(const UnknownContent&, const UnknownContent&) = default;
};
using Content = std::variant<Text, Edit, Delete, Reaction, FileOffer, UnknownContent>;

[[nodiscard]] std::uint32_t kindOf(const Content& content);

/// Bytes of a new entry's header.
[[nodiscard]] Bytes encodeEntryHeader(const EntryHeader& header);
/// Fails with Malformed or TooLarge (limits::kEntryHeader). Unknown fields are accepted.
[[nodiscard]] Expected<EntryHeader> parseEntryHeader(ByteView bytes);

/// Bytes of a new entry's payload with its 16-byte salt.
[[nodiscard]] Bytes encodePayload(const Content& content, const Hash128& salt);
/// Fails with Malformed (also for invalid UTF-8, or when the content is not of `kind`) or TooLarge
/// (limits::kEntryPayload). A kind this version does not know gives UnknownContent.
[[nodiscard]] Expected<Content> parsePayload(std::uint32_t kind, ByteView bytes);

}  // namespace landline::wire
