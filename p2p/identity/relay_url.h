#pragma once

#include "p2p/base/expected.h"
#include "p2p/base/ids.h"

#include <optional>
#include <string>
#include <string_view>

namespace landline::identity {

/// Where a relay is and which key it must prove (PROTOCOL.md, "Relay URL"):
///
///     landline://HOST:PORT/KEY?invite=INVITE
///
/// KEY is the relay's Noise key, INVITE 16 bytes, both in base64url without padding. HOST is a name, an IPv4 address or an
/// IPv6 address in brackets.
struct RelayUrl {
    std::string host;
    std::uint16_t port = 0;
    NoiseKey key;
    std::optional<RelayInvite> invite = {};

    /// "HOST:PORT", as one dials it.
    [[nodiscard]] std::string address() const;
    friend bool operator==(const RelayUrl&, const RelayUrl&) = default;
};

[[nodiscard]] std::string formatRelayUrl(const RelayUrl& url);
/// Fields that are not known are passed over, white space around the whole too. Fails with TooLarge
/// (limits::kRelayUrlBytes) or Malformed, in words for people.
[[nodiscard]] Expected<RelayUrl> parseRelayUrl(std::string_view text);

/// A relay and the token by which one device's mailbox there takes something.
struct RelayGrant {
    RelayUrl relay;  ///< without an invite
    RelayToken token;
    friend bool operator==(const RelayGrant&, const RelayGrant&) = default;
};
/// "HOST:PORT/KEY/TOKEN", as it stands in contact links. Nothing but letters, digits and "-_.:[]/".
[[nodiscard]] std::string formatRelayGrant(const RelayGrant& grant);
[[nodiscard]] std::optional<RelayGrant> parseRelayGrant(std::string_view text);

}  // namespace landline::identity
