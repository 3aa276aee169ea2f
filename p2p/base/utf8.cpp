#include "p2p/base/utf8.h"

#include <cstdint>

namespace landline {

namespace {

constexpr std::uint32_t kInvalid = 0xFFFFFFFF;

/// Reads the character at `at` and moves past it; kInvalid where there is none.
std::uint32_t nextCharacter(std::string_view text, std::size_t& at) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t lead = byte(at);
    if (lead < 0x80) return byte(at++);
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || at + length > text.size()) return kInvalid;
    std::uint32_t character = lead & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(at + i) & 0xC0) != 0x80) return kInvalid;
        character = character << 6 | (byte(at + i) & 0x3FU);
    }
    static constexpr std::uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = character >= 0xD800 && character <= 0xDFFF;
    if (character < kSmallest[length] || surrogate || character > 0x10FFFF) return kInvalid;
    at += length;
    return character;
}

bool isControl(std::uint32_t c) {
    return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x2028 || c == 0x2029;
}

/// The byte order mark and what is no character: a text that begins with one of them is read as swapped bytes by some.
bool isByteOrderMark(std::uint32_t c) {
    return c == 0xFEFF || c == 0xFFFE || c == 0xFFFF;
}

bool isBidiFormatting(std::uint32_t c) {
    return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x200E || c == 0x200F ||
           c == 0x061C;
}

bool isSpace(std::uint32_t c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == 0xA0 || c == 0x3000 ||
           (c >= 0x2000 && c <= 0x200A);
}

}  // namespace

bool isValidUtf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();)
        if (nextCharacter(text, at) == kInvalid) return false;
    return true;
}

std::string_view utf8Prefix(std::string_view text, std::size_t maxBytes) {
    if (text.size() <= maxBytes) return text;
    const auto continues = [text](std::size_t at) {
        return (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
    };
    while (maxBytes > 0 && continues(maxBytes)) --maxBytes;
    return text.substr(0, maxBytes);
}

std::string sanitizedName(std::string_view name, std::size_t maxBytes) {
    std::string result;
    bool spacePending = false;
    for (std::size_t at = 0; at < name.size();) {
        const std::size_t start = at;
        const std::uint32_t character = nextCharacter(name, at);
        if (character == kInvalid) return {};
        if (isSpace(character)) {
            spacePending = !result.empty();
            continue;
        }
        if (isControl(character) || isBidiFormatting(character) || isByteOrderMark(character)) continue;
        const std::size_t needed = (at - start) + (spacePending ? 1 : 0);
        if (result.size() + needed > maxBytes) break;
        if (spacePending) result.push_back(' ');
        spacePending = false;
        result.append(name.substr(start, at - start));
    }
    return result;
}

std::string sanitizedText(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t start = at;
        const std::uint32_t character = nextCharacter(text, at);
        if (character == kInvalid) return {};
        const bool keptControl = character == '\n' || character == '\t';
        if ((isControl(character) && !keptControl) || isBidiFormatting(character) ||
            isByteOrderMark(character))
            continue;
        result.append(text.substr(start, at - start));
    }
    return result;
}

}  // namespace landline
