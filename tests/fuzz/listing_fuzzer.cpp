// A bundle's listing from somebody else: whatever parses keeps every promise of wire/listing.h and survives a round trip.
#include "p2p/base/limits.h"
#include "p2p/wire/listing.h"
#include "tests/fuzz/fuzz_input.h"

#include <set>

using namespace landline;
using namespace landline::fuzz;

namespace {

bool leadsElsewhere(const std::string& path) {
    const std::string framed = "/" + path + "/";
    return framed.find("//") != std::string::npos || framed.find("/./") != std::string::npos ||
           framed.find("/../") != std::string::npos || path.find('\0') != std::string::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto listing = wire::parseListing({data, size});
    if (!listing) return 0;
    require(listing->items.size() <= limits::kListingItems, "it has no more items than allowed");
    std::set<std::string> folders{""};
    std::set<std::string> paths;
    for (const wire::ListingItem& item : listing->items) {
        require(!leadsElsewhere(item.path), "every path stays inside");
        require(paths.insert(item.path).second, "every path is named once");
        const std::size_t slash = item.path.rfind('/');
        const std::string parent = slash == std::string::npos ? "" : item.path.substr(0, slash);
        require(folders.count(parent) != 0, "every item is in a folder named before");
        if (item.folder) folders.insert(item.path);
    }
    require(listing->contentBytes() <= limits::kOfferBytes, "its sizes do not overflow");
    const auto again = wire::parseListing(wire::encodeListing(*listing));
    require(again.ok() && again->items == listing->items, "a listing comes back as it was");
    return 0;
}
