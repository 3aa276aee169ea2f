#include "p2p/base/utf8.h"

#include <gtest/gtest.h>

namespace landline {
namespace {

using namespace std::string_literals;

TEST(Utf8, acceptsWellFormedText) {
    for (const char* text : {"", "a", "é", "漢字", "🙂", "\xF4\x8F\xBF\xBF"})
        EXPECT_TRUE(isValidUtf8(text)) << text;
}

TEST(Utf8, rejectsWhatIsNoText) {
    const std::string bad[] = {"\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                               "\xF5\x80\x80\x80", "\x80", "\xE6\xBC", "a\xFF"};
    for (const std::string& text : bad) EXPECT_FALSE(isValidUtf8(text)) << text;
}

TEST(Utf8, cutsBetweenCharacters) {
    EXPECT_EQ(utf8Prefix("aé漢🙂", 99), "aé漢🙂");
    EXPECT_EQ(utf8Prefix("aé漢🙂", 10), "aé漢🙂");
    EXPECT_EQ(utf8Prefix("aé漢🙂", 9), "aé漢");
    EXPECT_EQ(utf8Prefix("aé漢🙂", 5), "aé");
    EXPECT_EQ(utf8Prefix("aé漢🙂", 2), "a");
    EXPECT_EQ(utf8Prefix("é", 1), "");
    EXPECT_EQ(utf8Prefix("", 0), "");
}

TEST(SanitizedName, dropsControlsAndBidiAndFoldsSpace) {
    EXPECT_EQ(sanitizedName("  Ann\t\n Lee\r ", 64), "Ann Lee");
    EXPECT_EQ(sanitizedName("a\x1b[31mb\0c"s, 64), "a[31mbc");
    EXPECT_EQ(sanitizedName("evil\u202Egpj.exe", 64), "evilgpj.exe");
    EXPECT_EQ(sanitizedName("\u2066x\u2069", 64), "x");
    EXPECT_EQ(sanitizedName("\xFF", 64), "");
}

TEST(SanitizedName, cutsOnACharactersBorder) {
    EXPECT_EQ(sanitizedName("漢字漢字", 7), "漢字");
    EXPECT_EQ(sanitizedName("ab cd", 3), "ab");
}

TEST(SanitizedText, keepsLinesAndSpaces) {
    EXPECT_EQ(sanitizedText(" a\n\tb \u202Ec\x07"), " a\n\tb c");
}

TEST(SanitizedText, dropsWhatIsReadAsAByteOrderMark) {
    EXPECT_EQ(sanitizedText("\xEF\xBF\xBE"s + "a\uFEFFb\xEF\xBF\xBF"), "ab");
    EXPECT_EQ(sanitizedName("\xEF\xBF\xBE"s + "Ann", 64), "Ann");
}

}  // namespace
}  // namespace landline
