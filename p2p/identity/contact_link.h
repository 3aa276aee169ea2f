#pragma once

#include "p2p/identity/certificate.h"

#include <string>
#include <string_view>
#include <vector>

namespace landline::identity {

/// A link by which somebody whom no beacon reaches adds a person: whose device it is, and where it can be dialled
/// (PROTOCOL.md, "Contact link"):
///
///     landline://contact/CERTIFICATE?name=NAME&at=HOST:PORT&at=…
///
/// The certificate in base64url without padding, the rest percent-encoded UTF-8. It holds no secret. Who has it can dial,
/// and is a stranger there like any other.
struct ContactLink {
    Certificate certificate;
    std::string name;                    ///< fit to be shown; proves nothing
    std::vector<std::string> addresses;  ///< "HOST:PORT", best first; at most limits::kCandidatesPerPeer
};

[[nodiscard]] std::string encodeContactLink(const ContactLink& link);
/// Fields that are not known are passed over. Fails with TooLarge, Malformed or BadSignature, in words for people.
[[nodiscard]] Expected<ContactLink> parseContactLink(std::string_view text);

}  // namespace landline::identity
