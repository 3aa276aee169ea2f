// LineBuffer, fed in pieces that the input decides, finds the lines that a reader of the whole stream finds. Input: limit 1,
// then pieces of (length 1, bytes).
#include "app/control/line_buffer.h"
#include "tests/fuzz/fuzz_input.h"

#include <string>
#include <vector>

using namespace landline;
using namespace landline::fuzz;

namespace {

/// "!" stands for a line that was too long: no line of the reference contains one, since a line feed follows it there.
std::vector<std::string> readWhole(const std::string& stream, std::size_t limit) {
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < stream.size();) {
        const std::size_t end = std::min(stream.find('\n', begin), stream.size());
        std::string line = stream.substr(begin, end - begin);
        begin = end + 1;
        if (line.size() > limit) {
            lines.emplace_back("!\n");
            continue;
        }
        if (!line.empty() && line.back() == '\r') line.pop_back();
        if (!line.empty()) lines.push_back(line);
    }
    return lines;
}

void take(app::control::LineBuffer& buffer, std::vector<std::string>& lines) {
    while (const auto line = buffer.next()) lines.push_back(line->tooLong ? "!\n" : line->text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    FuzzInput input(data, size);
    const std::size_t limit = input.u8();
    app::control::LineBuffer buffer(limit);
    std::string stream;
    std::vector<std::string> lines;
    while (!input.empty()) {
        const std::string piece = toString(input.bytes(input.u8()));
        stream += piece;
        buffer.append(piece);
        take(buffer, lines);
    }
    buffer.end();
    take(buffer, lines);
    require(lines == readWhole(stream, limit), "the cut of the stream makes no difference");
    return 0;
}
