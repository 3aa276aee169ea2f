#include "p2p/identity/relay_url.h"

#include "p2p/base/limits.h"
#include "p2p/identity/url_text.h"

#include <algorithm>
#include <charconv>

namespace landline::identity {

namespace {

constexpr std::string_view kScheme = "landline://";
constexpr std::size_t kHostBytes = 253;  // RFC 1035, section 2.3.4, without the dot at the end

bool isLetterOrDigit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
bool isHostName(std::string_view host) {
    return std::all_of(host.begin(), host.end(),
                       [](char c) { return isLetterOrDigit(c) || c == '-' || c == '.' || c == '_'; });
}
bool isBracketed(std::string_view host) {
    if (host.size() < 4 || host.front() != '[' || host.back() != ']') return false;
    host = host.substr(1, host.size() - 2);
    const auto isPart = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' ||
               c == '.';
    };
    return std::all_of(host.begin(), host.end(), isPart) && host.find(':') != std::string_view::npos;
}

/// HOST:PORT; false for anything else.
bool readAddress(std::string_view text, RelayUrl& url) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    const std::string_view host = text.substr(0, colon);
    const std::string_view port = text.substr(colon + 1);
    const auto [end, fault] = std::from_chars(port.data(), port.data() + port.size(), url.port);
    if (fault != std::errc() || end != port.data() + port.size() || url.port == 0) return false;
    url.host = host;
    return host.size() <= kHostBytes && (isHostName(host) || isBracketed(host));
}

template <class Id>
bool readId(std::string_view text, Id& id) {
    const auto bytes = detail::fromBase64Url(text, Id::kSize);
    if (bytes) id = Id::from(*bytes).value();
    return bytes.has_value();
}

Unexpected malformed(const std::string& what) {
    return Unexpected(ErrorCode::Malformed,
                      "This is no relay's URL: " + what +
                          " It has the form landline://HOST:PORT/KEY; copy the whole of it.");
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kSpace = " \t\r\n";
    const std::size_t first = text.find_first_not_of(kSpace);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

}  // namespace

std::string RelayUrl::address() const {
    return host + ":" + std::to_string(port);
}

std::string formatRelayUrl(const RelayUrl& url) {
    std::string text = std::string(kScheme) + url.address() + "/" + detail::base64Url(url.key.view());
    if (url.invite) text += "?invite=" + detail::base64Url(url.invite->view());
    return text;
}

Expected<RelayUrl> parseRelayUrl(std::string_view text) {
    text = trimmed(text);
    if (text.size() > limits::kRelayUrlBytes)
        return Unexpected(ErrorCode::TooLarge, "This is too long for a relay's URL.");
    if (text.substr(0, kScheme.size()) != kScheme) return malformed("it does not begin with landline://.");
    text.remove_prefix(kScheme.size());
    if (text.substr(0, 8) == "contact/")
        return Unexpected(ErrorCode::Malformed,
                          "This is a link to a person, and no relay's URL. Add it as a contact.");
    std::string_view rest = text;
    std::string_view address = detail::cut(rest, '?');
    RelayUrl url;
    if (!readAddress(detail::cut(address, '/'), url)) return malformed("it names no host and port.");
    if (!readId(address, url.key)) return malformed("its key is missing or not whole.");
    while (!rest.empty()) {
        std::string_view value = detail::cut(rest, '&');
        if (detail::cut(value, '=') != "invite") continue;
        if (!readId(value, url.invite.emplace())) return malformed("its invite is not whole.");
    }
    return url;
}

std::string formatRelayGrant(const RelayGrant& grant) {
    return grant.relay.address() + "/" + detail::base64Url(grant.relay.key.view()) + "/" +
           detail::base64Url(grant.token.view());
}

std::optional<RelayGrant> parseRelayGrant(std::string_view text) {
    if (text.size() > limits::kRelayUrlBytes) return std::nullopt;
    RelayGrant grant;
    if (!readAddress(detail::cut(text, '/'), grant.relay) ||
        !readId(detail::cut(text, '/'), grant.relay.key) || !readId(text, grant.token))
        return std::nullopt;
    return grant;
}

}  // namespace landline::identity
