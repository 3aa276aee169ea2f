#include "app/control/line_buffer.h"

#include <gtest/gtest.h>

#include <vector>

namespace landline::app::control {
namespace {

constexpr std::size_t kMost = 8;

struct Case {
    const char* name;
    std::vector<std::string> pieces;
    std::vector<std::string> lines;  ///< "!" for one that was too long
};

std::vector<std::string> cut(const std::vector<std::string>& pieces, bool ended = false) {
    LineBuffer buffer(kMost);
    std::vector<std::string> lines;
    const auto take = [&] {
        while (const auto line = buffer.next()) lines.push_back(line->tooLong ? "!" : line->text);
    };
    for (const std::string& piece : pieces) {
        buffer.append(piece);
        take();
    }
    if (ended) {
        buffer.end();
        take();
    }
    return lines;
}

TEST(LineBuffer, cutsWhateverThePieces) {
    const std::vector<Case> cases{
        {"one line", {"abc\n"}, {"abc"}},
        {"two in a piece", {"a\nb\n"}, {"a", "b"}},
        {"byte by byte", {"a", "b", "\n", "c", "\n"}, {"ab", "c"}},
        {"empty lines are skipped", {"\n\r\n\na\n"}, {"a"}},
        {"carriage return", {"ab\r\n"}, {"ab"}},
        {"exactly the most", {"12345678\n"}, {"12345678"}},
        {"one more", {"123456789\nb\n"}, {"!", "b"}},
        {"long in pieces", {"12345", "67890", "12345", "\nok\n"}, {"!", "ok"}},
        {"unfinished", {"abc"}, {}},
    };
    for (const Case& test : cases) EXPECT_EQ(cut(test.pieces), test.lines) << test.name;
}

TEST(LineBuffer, takesTheUnfinishedLineAtTheEnd) {
    EXPECT_EQ(cut({"a\nbc"}, true), (std::vector<std::string>{"a", "bc"}));
    EXPECT_EQ(cut({"123456789", "0"}, true), (std::vector<std::string>{"!"}));
    EXPECT_EQ(cut({"a\n"}, true), (std::vector<std::string>{"a"}));
}

}  // namespace
}  // namespace landline::app::control
