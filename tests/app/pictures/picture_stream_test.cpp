#include "app/pictures/picture_stream.h"

#include <gtest/gtest.h>

namespace landline::app {

namespace {

constexpr PictureBox kBox{720, 640};

Bytes headerBytes(PictureBox size, PictureBox source) {
    const auto bytes = encodePictureHeader({size, source});
    return {bytes.begin(), bytes.end()};
}

std::optional<PictureFormat> formatOf(std::string_view beginning) {
    return pictureFormat(viewOf(beginning));
}

}  // namespace

TEST(PictureStream, tellsFormatsByTheirBeginning) {
    using namespace std::string_view_literals;
    EXPECT_EQ(formatOf("\x89PNG\r\n\x1a\n...."sv), PictureFormat::Png);
    EXPECT_EQ(formatOf("\xff\xd8\xff\xe0........"sv), PictureFormat::Jpeg);
    EXPECT_EQ(formatOf("GIF87a......"sv), PictureFormat::Gif);
    EXPECT_EQ(formatOf("GIF89a......"sv), PictureFormat::Gif);
    EXPECT_EQ(formatOf("BM\x36\0\0\0\0\0\0\0\x36\0"sv), PictureFormat::Bmp);
    EXPECT_EQ(formatOf("RIFF\x24\0\0\0WEBP"sv), PictureFormat::WebP);
}

TEST(PictureStream, takesNothingElse) {
    using namespace std::string_view_literals;
    for (const auto beginning :
         {""sv, "\x89"sv, "\x89PNG"sv, "<svg xmlns="sv, "<?xml versio"sv, "BMW is a car"sv, "RIFF....WAVE"sv,
          "GIF90a......"sv, "\xff\xd8"sv, "%PDF-1.7...."sv, "PK\x03\x04........"sv, "II*\0........"sv})
        EXPECT_FALSE(formatOf(beginning)) << beginning;
}

TEST(PictureStream, shrinksWithProportionsAndNeverEnlarges) {
    struct Case {
        PictureBox size, fitted;
    };
    for (const auto& [size, fitted] :
         {Case{{10, 10}, {10, 10}}, Case{{720, 640}, {720, 640}}, Case{{1440, 1280}, {720, 640}},
          Case{{4000, 3000}, {720, 540}}, Case{{3000, 4000}, {480, 640}}, Case{{60000, 1}, {720, 1}},
          Case{{1, 60000}, {1, 640}}, Case{{2147483647, 2147483647}, {640, 640}}}) {
        const auto result = fitInto(size, kBox);
        EXPECT_EQ(result.width, fitted.width) << size.width << 'x' << size.height;
        EXPECT_EQ(result.height, fitted.height) << size.width << 'x' << size.height;
    }
}

TEST(PictureStream, headersComeBack) {
    const auto header = parsePictureHeader(headerBytes({360, 300}, {3600, 3000}), kBox);
    ASSERT_TRUE(header);
    EXPECT_EQ(header->size.width, 360);
    EXPECT_EQ(header->size.height, 300);
    EXPECT_EQ(header->source.width, 3600);
    EXPECT_EQ(header->source.height, 3000);
    EXPECT_EQ(pictureStreamBytes(header->size), 20U + 4 * 360 * 300);
}

TEST(PictureStream, refusesHeadersThatNoHonestDecoderWrites) {
    const int most = 0x7fffffff;
    for (const auto& [size, source] :
         std::initializer_list<std::pair<PictureBox, PictureBox>>{{{0, 10}, {10, 10}},
                                                                  {{10, 0}, {10, 10}},
                                                                  {{-1, 10}, {10, 10}},
                                                                  {{721, 10}, {1000, 1000}},
                                                                  {{10, 641}, {1000, 1000}},
                                                                  {{most, most}, {most, most}},
                                                                  {{65536, 65536}, {65536, 65536}},
                                                                  {{100, 100}, {99, 100}},
                                                                  {{100, 100}, {0, 0}},
                                                                  {{100, 100}, {most, 100}},
                                                                  {{100, 100}, {20000, 20000}}})
        EXPECT_FALSE(parsePictureHeader(headerBytes(size, source), kBox))
            << size.width << 'x' << size.height << " of " << source.width << 'x' << source.height;
    auto bytes = headerBytes({10, 10}, {10, 10});
    EXPECT_TRUE(parsePictureHeader(bytes, kBox));
    EXPECT_FALSE(parsePictureHeader(ByteView(bytes).first(19), kBox));
    bytes[0] = 'X';
    EXPECT_FALSE(parsePictureHeader(bytes, kBox));
}

TEST(PictureStream, boxesAsArguments) {
    const auto box = parsePictureBox("720x640");
    ASSERT_TRUE(box);
    EXPECT_EQ(box->width, 720);
    EXPECT_EQ(box->height, 640);
    for (const auto text : {"", "x", "720", "720x", "x640", "0x5", "5x0", "-5x5", "2049x5", "5x2049", "5x5 ",
                            " 5x5", "5X5", "99999999999x5"})
        EXPECT_FALSE(parsePictureBox(text)) << text;
}

}  // namespace landline::app
