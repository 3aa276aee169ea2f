#include "p2p/identity/url_text.h"

#include "p2p/base/utf8.h"

#include <sodium.h>

namespace landline::identity::detail {

namespace {

constexpr int kBase64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

bool isPlain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '~' || c == ':' || c == '[' || c == ']';
}

std::optional<int> hexDigit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return std::nullopt;
}

}  // namespace

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

std::string base64Url(ByteView bytes) {
    std::string text(sodium_base64_encoded_len(bytes.size(), kBase64), '\0');
    sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), kBase64);
    text.pop_back();  // its terminating zero
    return text;
}

std::optional<Bytes> fromBase64Url(std::string_view text, std::size_t count) {
    Bytes bytes(count);
    std::size_t length = 0;
    const char* end = nullptr;
    const int outcome = sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr,
                                          &length, &end, kBase64);
    if (outcome != 0 || length != count || end != text.data() + text.size()) return std::nullopt;
    return bytes;
}

std::string_view cut(std::string_view& rest, char separator) {
    const std::size_t at = rest.find(separator);
    const std::string_view head = rest.substr(0, at);
    rest = at == std::string_view::npos ? std::string_view() : rest.substr(at + 1);
    return head;
}

}  // namespace landline::identity::detail
