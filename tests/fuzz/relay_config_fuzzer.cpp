// Whatever an operator's file holds: it is read to its end, errors name its lines, and what is written from it reads alike.
#include "relay/config.h"

#include <algorithm>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace landline::relay;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const ParsedConfig parsed = parseConfig(text);
    const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
    for (const ConfigError& error : parsed.errors)
        if (error.line == 0 || error.line > lines || error.text.empty()) std::abort();
    if (!parsed.errors.empty()) return 0;
    const ParsedConfig again = parseConfig(configText(parsed.config));
    if (!again.errors.empty() || !(again.config == parsed.config)) std::abort();
    return 0;
}
