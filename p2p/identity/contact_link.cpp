#include "p2p/identity/contact_link.h"

#include "p2p/base/limits.h"
#include "p2p/base/utf8.h"

#include <sodium.h>

#include <optional>

namespace landline::identity {

namespace {

constexpr std::string_view kPrefix = "landline://contact/";
constexpr int kBase64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

bool isPlain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '~' || c == ':' || c == '[' || c == ']';
}

std::string percentEncoded(std::string_view text) {
    static constexpr char kDigits[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        if (isPlain(c)) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += kDigits[byte >> 4];
        out += kDigits[byte & 15];
    }
    return out;
}

std::optional<int> hexDigit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return std::nullopt;
}

/// Nothing if the escapes are broken or the bytes are no UTF-8.
std::optional<std::string> percentDecoded(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            out += text[at];
            continue;
        }
        if (at + 2 >= text.size()) return std::nullopt;
        const auto high = hexDigit(text[at + 1]);
        const auto low = hexDigit(text[at + 2]);
        if (!high || !low) return std::nullopt;
        out += static_cast<char>(*high << 4 | *low);
        at += 2;
    }
    if (!isValidUtf8(out)) return std::nullopt;
    return out;
}

Unexpected malformed() {
    return Unexpected(
        ErrorCode::Malformed,
        "This is no contact link, or a part of it is missing. Copy the whole of it: it begins with " +
            std::string(kPrefix) + ".");
}

Expected<Certificate> certificateOf(std::string_view text) {
    Bytes bytes(Certificate::kBytes);
    std::size_t length = 0;
    const char* end = nullptr;
    const int outcome = sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr,
                                          &length, &end, kBase64);
    if (outcome != 0 || length != bytes.size() || end != text.data() + text.size()) return malformed();
    return Certificate::parse(bytes);
}

bool takeField(ContactLink& link, std::string_view key, std::string_view value) {
    const auto decoded = percentDecoded(value);
    if (!decoded) return false;
    if (key == "name") link.name = sanitizedName(*decoded, limits::kNameBytes);
    if (key == "at" && link.addresses.size() < limits::kCandidatesPerPeer) link.addresses.push_back(*decoded);
    return true;
}

/// The part before `separator`, and `rest` what follows it.
std::string_view cut(std::string_view& rest, char separator) {
    const std::size_t at = rest.find(separator);
    const std::string_view head = rest.substr(0, at);
    rest = at == std::string_view::npos ? std::string_view() : rest.substr(at + 1);
    return head;
}

}  // namespace

std::string encodeContactLink(const ContactLink& link) {
    const Bytes& bytes = link.certificate.encoded();
    std::string certificate(sodium_base64_encoded_len(bytes.size(), kBase64), '\0');
    sodium_bin2base64(certificate.data(), certificate.size(), bytes.data(), bytes.size(), kBase64);
    certificate.pop_back();  // its terminating zero
    std::string text = std::string(kPrefix) + certificate + "?name=" + percentEncoded(link.name);
    for (const std::string& address : link.addresses) text += "&at=" + percentEncoded(address);
    return text;
}

Expected<ContactLink> parseContactLink(std::string_view text) {
    if (text.size() > limits::kContactLinkBytes)
        return Unexpected(ErrorCode::TooLarge, "This is too long for a contact link.");
    if (text.substr(0, kPrefix.size()) != kPrefix) return malformed();
    text.remove_prefix(kPrefix.size());
    auto certificate = certificateOf(cut(text, '?'));
    if (!certificate) return Unexpected(certificate.error());
    ContactLink link{std::move(*certificate), {}, {}};
    while (!text.empty()) {
        std::string_view value = cut(text, '&');
        const std::string_view key = cut(value, '=');
        if (!takeField(link, key, value)) return malformed();
    }
    return link;
}

}  // namespace landline::identity
