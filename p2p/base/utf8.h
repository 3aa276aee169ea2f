#pragma once

#include <string>
#include <string_view>

namespace landline {

/// True if `text` is well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
[[nodiscard]] bool isValidUtf8(std::string_view text);

/// As much of a well-formed text as fits into `maxBytes` without cutting a character in two.
[[nodiscard]] std::string_view utf8Prefix(std::string_view text, std::size_t maxBytes);

/// A name as it may be shown on one line: control characters, line breaks and the bidirectional formatting characters
/// (U+202A–202E, U+2066–2069, U+200E, U+200F, U+061C) are dropped, white space is folded, the ends are trimmed, and it
/// is cut to `maxBytes` on a character's border. Invalid UTF-8 gives an empty string.
[[nodiscard]] std::string sanitizedName(std::string_view name, std::size_t maxBytes);

/// A text of several lines as it may be shown: as sanitizedName, but line feeds and tabs stay and nothing is folded,
/// trimmed or cut.
[[nodiscard]] std::string sanitizedText(std::string_view text);

}  // namespace landline
