#include "p2p/identity/contact_link.h"

#include "p2p/base/limits.h"
#include "p2p/base/utf8.h"
#include "p2p/identity/url_text.h"

namespace landline::identity {

namespace {

constexpr std::string_view kPrefix = "landline://contact/";

Unexpected malformed() {
    return Unexpected(
        ErrorCode::Malformed,
        "This is no contact link, or a part of it is missing. Copy the whole of it: it begins with " +
            std::string(kPrefix) + ".");
}

Expected<Certificate> certificateOf(std::string_view text) {
    const auto bytes = detail::fromBase64Url(text, Certificate::kBytes);
    if (!bytes) return malformed();
    return Certificate::parse(*bytes);
}

bool takeField(ContactLink& link, std::string_view key, std::string_view value) {
    const auto decoded = detail::percentDecoded(value);
    if (!decoded) return false;
    if (key == "name") link.name = sanitizedName(*decoded, limits::kNameBytes);
    if (key == "at" && link.addresses.size() < limits::kCandidatesPerPeer) link.addresses.push_back(*decoded);
    if (key == "relay" && link.relays.size() < limits::kRelaysPerContact)
        if (auto grant = parseRelayGrant(*decoded)) link.relays.push_back(*std::move(grant));
    return true;
}

}  // namespace

std::string encodeContactLink(const ContactLink& link) {
    std::string text = std::string(kPrefix) + detail::base64Url(link.certificate.encoded()) +
                       "?name=" + detail::percentEncoded(link.name);
    for (const std::string& address : link.addresses) text += "&at=" + detail::percentEncoded(address);
    for (const RelayGrant& grant : link.relays) text += "&relay=" + formatRelayGrant(grant);
    return text;
}

Expected<ContactLink> parseContactLink(std::string_view text) {
    if (text.size() > limits::kContactLinkBytes)
        return Unexpected(ErrorCode::TooLarge, "This is too long for a contact link.");
    if (text.substr(0, kPrefix.size()) != kPrefix) return malformed();
    text.remove_prefix(kPrefix.size());
    auto certificate = certificateOf(detail::cut(text, '?'));
    if (!certificate) return Unexpected(certificate.error());
    ContactLink link{std::move(*certificate), {}, {}, {}};
    while (!text.empty()) {
        std::string_view value = detail::cut(text, '&');
        const std::string_view key = detail::cut(value, '=');
        if (!takeField(link, key, value)) return malformed();
    }
    return link;
}

}  // namespace landline::identity
