#include "relay/config_values.h"

#include <array>
#include <charconv>

namespace landline::relay::values {

namespace {

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};

// Largest last; a plural stands behind what it is the plural of, so that texts have it.
constexpr std::array<Unit, 4> kSizes{
    {{"KiB", 1ULL << 10}, {"MiB", 1ULL << 20}, {"GiB", 1ULL << 30}, {"TiB", 1ULL << 40}}};
constexpr std::array<Unit, 5> kTimes{{{"s", 1}, {"min", 60}, {"h", 3600}, {"day", 86'400}, {"days", 86'400}}};
constexpr std::uint64_t kMostBytes = 1ULL << 60;

Unexpected malformed(std::string text) {
    return Unexpected(ErrorCode::Malformed, std::move(text));
}

std::string quoted(std::string_view text) {
    return "\"" + std::string(text) + "\"";
}

/// False unless all of it is one number.
bool readNumber(std::string_view text, std::uint64_t& value) {
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    return failure == std::errc() && end == text.data() + text.size() && !text.empty();
}

template <std::size_t N>
Expected<std::uint64_t> withUnit(std::string_view text, const std::array<Unit, N>& units, std::uint64_t least,
                                 std::uint64_t most, const std::string& wanted) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const std::string_view unit = trimmed(text.substr(digits));
    std::uint64_t count = 0;
    for (const Unit& one : units) {
        if (one.name != unit || !readNumber(text.substr(0, digits), count)) continue;
        if (count > most / one.factor || count * one.factor < least) break;
        return count * one.factor;
    }
    return malformed(quoted(text) + " is not " + wanted + ".");
}

template <std::size_t N>
std::string textOf(std::uint64_t value, const std::array<Unit, N>& units) {
    const Unit* best = &units[0];
    for (const Unit& one : units)
        if (value >= one.factor && value % one.factor == 0) best = &one;
    const std::uint64_t count = value / best->factor;
    const std::string_view name = best->name == "days" && count == 1 ? std::string_view("day") : best->name;
    return std::to_string(count) + " " + std::string(name);
}

}  // namespace

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kSpace = " \t\r";
    const std::size_t first = text.find_first_not_of(kSpace);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

Expected<std::uint64_t> number(std::string_view text, std::uint64_t least, std::uint64_t most) {
    std::uint64_t value = 0;
    if (readNumber(text, value) && value >= least && value <= most) return value;
    return malformed(quoted(text) + " is not a whole number from " + std::to_string(least) + " to " +
                     std::to_string(most) + ".");
}

Expected<bool> onOff(std::string_view text) {
    if (text == "on") return true;
    if (text == "off") return false;
    return malformed(quoted(text) + " is neither \"on\" nor \"off\".");
}

std::string onOffText(bool value) {
    return value ? "on" : "off";
}

Expected<std::uint64_t> size(std::string_view text) {
    return withUnit(text, kSizes, 1024, kMostBytes, "a size such as 64 MiB (units: KiB, MiB, GiB, TiB)");
}

std::string sizeText(std::uint64_t bytes) {
    return textOf(bytes, kSizes);
}

Expected<std::chrono::seconds> time(std::string_view text, std::chrono::seconds least,
                                    std::chrono::seconds most) {
    const std::string wanted = "a time from " + timeText(least) + " to " + timeText(most) +
                               ", such as 14 days (units: s, min, h, days)";
    const auto read = withUnit(text, kTimes, static_cast<std::uint64_t>(least.count()),
                               static_cast<std::uint64_t>(most.count()), wanted);
    if (!read) return Unexpected(read.error());
    return std::chrono::seconds(static_cast<std::chrono::seconds::rep>(*read));
}

std::string timeText(std::chrono::seconds time) {
    return textOf(static_cast<std::uint64_t>(time.count()), kTimes);
}

}  // namespace landline::relay::values
