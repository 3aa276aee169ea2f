#include "relay/admin/exposition.h"

#include <array>
#include <charconv>

namespace landline::relay {

namespace {

std::string helpText(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\')
            out.append("\\\\");
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
    for (const Metric& one : metrics) {
        text.append("# HELP ").append(one.name).append(" ").append(helpText(one.help)).append("\n");
        text.append("# TYPE ").append(one.name);
        text.append(one.kind == Metric::Kind::Counter ? " counter\n" : " gauge\n");
        text.append(one.name).append(" ").append(numberText(one.value)).append("\n");
    }
    return text;
}

}  // namespace landline::relay
