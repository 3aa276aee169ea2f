// Whatever comes over the relay's control socket, either way: a line that is read is written again so that it reads alike.
#include "relay/control_lines.h"
#include "tests/fuzz/fuzz_input.h"

using namespace landline::relay;

namespace {

template <class Value>
void comesThrough(const std::optional<Value>& read, std::optional<Value> (*parse)(std::string_view)) {
    if (!read) return;
    const std::string line = control::lineOf(*read);
    const auto again = parse(line);
    landline::fuzz::require(again && control::lineOf(*again) == line,
                            "what was read reads alike when it is written");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view line(reinterpret_cast<const char*>(data), size);
    comesThrough(control::questionIn(line), &control::questionIn);
    comesThrough(control::figureIn(line), &control::figureIn);
    comesThrough(control::accountIn(line), &control::accountIn);
    return 0;
}
