// Relay URLs, as somebody pastes them, and the same inside contact links: what is taken comes back the same when it is
// written again.
#include "p2p/base/limits.h"
#include "p2p/identity/relay_url.h"
#include "tests/fuzz/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace landline;
    using fuzz::require;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto url = identity::parseRelayUrl(text)) {
        require(url->port != 0 && !url->host.empty(), "a relay has an address");
        const std::string written = identity::formatRelayUrl(*url);
        require(written.size() <= limits::kRelayUrlBytes, "a URL that was taken is not too long");
        const auto again = identity::parseRelayUrl(written);
        require(again.ok() && *again == *url, "a relay's URL comes back as it was");
    }
    if (const auto grant = identity::parseRelayGrant(text)) {
        const auto again = identity::parseRelayGrant(identity::formatRelayGrant(*grant));
        require(again && *again == *grant, "a grant comes back as it was");
    }
    return 0;
}
