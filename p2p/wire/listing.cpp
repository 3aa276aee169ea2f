#include "p2p/wire/listing.h"

#include "p2p/base/limits.h"
#include "p2p/wire/pb_values.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <map>
#include <optional>

namespace landline::wire {

namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

constexpr std::uint32_t kItemTag =
    WireFormatLite::MakeTag(pb::Listing::kItemsFieldNumber, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);

Unexpected badListing(const char* what) {
    return Unexpected(ErrorCode::Malformed,
                      std::string("The list of offered files is malformed: ") + what + ".");
}

bool isSafePart(std::string_view part) {
    return !part.empty() && part != "." && part != ".." && part.size() <= limits::kFileNameBytes &&
           part.find('\0') == std::string_view::npos;
}

bool isSafePath(std::string_view path) {
    if (path.size() > limits::kListingPathBytes) return false;
    for (std::size_t depth = 1; depth <= limits::kListingDepth; ++depth) {
        const std::size_t slash = path.find('/');
        if (!isSafePart(path.substr(0, slash))) return false;
        if (slash == std::string_view::npos) return true;
        path.remove_prefix(slash + 1);
    }
    return false;
}

/// Whether items fit together: each path once, and each in a folder that came before it.
class Tree {
public:
    bool add(const ListingItem& item) {
        const std::size_t slash = item.path.rfind('/');
        if (slash != std::string::npos) {
            const auto parent = m_folders.find(std::string_view(item.path).substr(0, slash));
            if (parent == m_folders.end() || !parent->second) return false;
        }
        return m_folders.emplace(item.path, item.folder).second;
    }

private:
    /// By path, which the items own; true for a folder. Sorted, for a peer could choose paths of one hash.
    std::map<std::string_view, bool> m_folders;
};

Expected<void> check(const Listing& listing) {
    Tree tree;
    std::uint64_t total = 0;
    for (const ListingItem& item : listing.items) {
        if (!isSafePath(item.path)) return badListing("a path leads elsewhere or is too long");
        if (!tree.add(item)) return badListing("a path is named twice or is in no folder");
        if (item.folder && item.size != 0) return badListing("a folder has a size");
        if (item.size > limits::kOfferBytes - total) return badListing("its sizes are larger than any disk");
        total += item.size;
    }
    return {};
}

/// One at a time: a listing of empty items, parsed as a whole, would take many times its length of memory before they
/// could be counted.
std::optional<ListingItem> readItem(CodedInputStream& in) {
    std::uint32_t length = 0;
    if (!in.ReadVarint32(&length) || length > static_cast<std::uint32_t>(in.BytesUntilLimit()))
        return std::nullopt;
    const CodedInputStream::Limit before = in.PushLimit(static_cast<int>(length));
    pb::ListingItem item;
    if (!item.MergeFromCodedStream(&in) || in.BytesUntilLimit() != 0) return std::nullopt;
    in.PopLimit(before);
    return ListingItem{std::move(*item.mutable_path()), item.size(),
                       static_cast<std::int64_t>(item.modified()), item.executable(), item.folder()};
}

}  // namespace

std::uint64_t Listing::contentBytes() const {
    std::uint64_t total = 0;
    for (const ListingItem& item : items) total += item.size;
    return total;
}

Bytes encodeListing(const Listing& listing) {
    pb::Listing out;
    for (const ListingItem& item : listing.items) {
        pb::ListingItem& entry = *out.add_items();
        entry.set_path(item.path);
        entry.set_size(item.size);
        entry.set_modified(static_cast<std::uint64_t>(item.modified));
        entry.set_executable(item.executable);
        entry.set_folder(item.folder);
    }
    return detail::serialize(out);
}

Expected<Listing> parseListing(ByteView bytes) {
    if (bytes.size() > limits::kListingBytes)
        return Unexpected(ErrorCode::TooLarge, "The list of offered files is too long.");
    detail::silenceProtobuf();
    CodedInputStream in(bytes.data(), static_cast<int>(bytes.size()));
    Listing listing;
    while (const std::uint32_t tag = in.ReadTag()) {
        if (tag != kItemTag) {
            if (!WireFormatLite::SkipField(&in, tag)) return badListing("it cannot be read");
            continue;
        }
        if (listing.items.size() == limits::kListingItems)
            return Unexpected(ErrorCode::TooLarge, "The offer holds too many files.");
        auto item = readItem(in);
        if (!item) return badListing("it cannot be read");
        listing.items.push_back(std::move(*item));
    }
    if (!in.ConsumedEntireMessage()) return badListing("it cannot be read");
    if (auto fits = check(listing); !fits) return Unexpected(fits.error());
    return listing;
}

}  // namespace landline::wire
