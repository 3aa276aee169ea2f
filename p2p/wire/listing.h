#pragma once

#include "p2p/base/bytes.h"
#include "p2p/base/expected.h"

#include <string>
#include <vector>

namespace landline::wire {

/// One file or folder of a bundle, as the sender has it.
struct ListingItem {
    std::string path;           ///< relative, parts separated by '/', UTF-8
    std::uint64_t size = 0;     ///< of a file
    std::int64_t modified = 0;  ///< unix milliseconds
    bool executable = false;
    bool folder = false;
    friend bool operator==(const ListingItem&, const ListingItem&) = default;
};

/// The items of a bundle in the order of their contents, parents before what is in them.
struct Listing {
    std::vector<ListingItem> items;
    [[nodiscard]] std::uint64_t contentBytes() const;
};

[[nodiscard]] Bytes encodeListing(const Listing& listing);

/// Fails with TooLarge beyond limits::kListingBytes and kListingItems, and with Malformed unless every path is relative,
/// without empty, "." and ".." parts and zero bytes, within limits::kListingPathBytes and kListingDepth, named once, and
/// in a folder named before; and unless all sizes together stay below limits::kOfferBytes. What a path's parts may be
/// called on this system is for whoever makes the files.
[[nodiscard]] Expected<Listing> parseListing(ByteView bytes);

}  // namespace landline::wire
