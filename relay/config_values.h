#pragma once

#include "p2p/base/expected.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

/// Values as operators write them, both ways. Reading fails with Malformed and a sentence that says what is wanted.
namespace landline::relay::values {

[[nodiscard]] std::string_view trimmed(std::string_view text);

/// Digits alone, from `least` to `most`.
[[nodiscard]] Expected<std::uint64_t> number(std::string_view text, std::uint64_t least, std::uint64_t most);
/// "on" or "off".
[[nodiscard]] Expected<bool> onOff(std::string_view text);
[[nodiscard]] std::string onOffText(bool value);
/// A number and a unit: KiB, MiB, GiB, TiB. At least 1 KiB, at most 2^60 bytes.
[[nodiscard]] Expected<std::uint64_t> size(std::string_view text);
/// By the largest unit that divides it.
[[nodiscard]] std::string sizeText(std::uint64_t bytes);
/// A number and a unit: s, min, h, day or days.
[[nodiscard]] Expected<std::chrono::seconds> time(std::string_view text, std::chrono::seconds least,
                                                  std::chrono::seconds most);
[[nodiscard]] std::string timeText(std::chrono::seconds time);

}  // namespace landline::relay::values
