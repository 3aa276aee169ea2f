// Contact links, as somebody pastes them: one that is taken comes back the same when it is written again.
#include "p2p/base/limits.h"
#include "p2p/base/utf8.h"
#include "p2p/identity/contact_link.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace landline;
    initCrypto();
    const auto link = identity::parseContactLink({reinterpret_cast<const char*>(data), size});
    if (!link) return 0;
    if (link->addresses.size() > limits::kCandidatesPerPeer || link->relays.size() > limits::kRelaysPerContact ||
        !isValidUtf8(link->name))
        std::abort();
    const std::string written = identity::encodeContactLink(*link);
    // Written out it may be longer than a link may be, since every byte of a text can take three.
    if (written.size() > limits::kContactLinkBytes) return 0;
    const auto again = identity::parseContactLink(written);
    if (!again || again->addresses != link->addresses || again->name != link->name || again->relays != link->relays ||
        !(again->certificate == link->certificate))
        std::abort();
    return 0;
}
