#pragma once

#include "p2p/identity/certificate.h"
#include "p2p/identity/relay_url.h"

#include <string>
#include <string_view>
#include <vector>

namespace landline::identity {

/// A link by which somebody whom no beacon reaches adds a person: whose device it is, where it can be dialled, and at
/// which relays it can be left something (PROTOCOL.md, "Contact link"):
///
///     landline://contact/CERTIFICATE?name=NAME&at=HOST:PORT&…&relay=HOST:PORT/KEY/TOKEN&…
///
/// The certificate in base64url without padding, the rest percent-encoded UTF-8. Who has it can dial, and is a stranger
/// there like any other. Its tokens let whoever has it use the mailboxes, until the device takes them back.
struct ContactLink {
    Certificate certificate;
    std::string name;                    ///< fit to be shown; proves nothing
    std::vector<std::string> addresses;  ///< "HOST:PORT", best first; at most limits::kCandidatesPerPeer
    std::vector<RelayGrant> relays = {};  ///< best first; at most limits::kRelaysPerContact
};

[[nodiscard]] std::string encodeContactLink(const ContactLink& link);
/// Fields that are not known are passed over. Fails with TooLarge, Malformed or BadSignature, in words for people.
[[nodiscard]] Expected<ContactLink> parseContactLink(std::string_view text);

}  // namespace landline::identity
