#pragma once

#include "p2p/base/bytes.h"

#include <optional>
#include <string>
#include <string_view>

/// What the project's links are made of, for this module's own sources.
namespace landline::identity::detail {

/// RFC 3986, section 2.1. ':', '[' and ']' stay as they are, since they are part of most addresses.
[[nodiscard]] std::string percentEncoded(std::string_view text);
/// Nothing if the escapes are broken or the bytes are no UTF-8.
[[nodiscard]] std::optional<std::string> percentDecoded(std::string_view text);

/// RFC 4648, section 5, without padding.
[[nodiscard]] std::string base64Url(ByteView bytes);
/// Exactly `count` bytes; nothing for anything else.
[[nodiscard]] std::optional<Bytes> fromBase64Url(std::string_view text, std::size_t count);

/// The part before `separator`, and `rest` what follows it.
[[nodiscard]] std::string_view cut(std::string_view& rest, char separator);

}  // namespace landline::identity::detail
