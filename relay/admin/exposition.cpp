#include "relay/admin/exposition.h"

#include <array>
#include <charconv>

namespace landline::relay {

namespace {

std::string escaped(std::string_view text, bool quotes) {
    std::string out;
    for (const char c : text) {
        if (c == '\\' || (quotes && c == '"'))
            out.append(1, '\\').append(1, c);
        else if (c == '\n')
            out.append("\\n");
        else
            out.append(1, c);
    }
    return out;
}

std::string numberText(double value) {
    std::array<char, 32> text{};
    const auto [end, failure] = std::to_chars(text.data(), text.data() + text.size(), value);
    return failure == std::errc() ? std::string(text.data(), end) : "NaN";
}

}  // namespace

std::string exposition(const std::vector<Metric>& metrics) {
    std::string text;
    std::string_view last;
    for (const Metric& one : metrics) {
        if (one.name != last) {
            text.append("# HELP ").append(one.name).append(" ").append(escaped(one.help, false)).append("\n");
            text.append("# TYPE ").append(one.name);
            text.append(one.kind == Metric::Kind::Counter ? " counter\n" : " gauge\n");
            last = one.name;
        }
        text.append(one.name);
        if (!one.labels.empty()) text.append("{").append(one.labels).append("}");
        text.append(" ").append(numberText(one.value)).append("\n");
    }
    return text;
}

std::string label(std::string_view name, std::string_view value) {
    return std::string(name).append("=\"").append(escaped(value, true)).append("\"");
}

}  // namespace landline::relay
