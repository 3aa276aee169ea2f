#include "app/pictures/picture_stream.h"

#include <algorithm>
#include <charconv>

namespace landline::app {

namespace {

constexpr std::string_view kMagic = "LPX1";

bool startsWith(ByteView bytes, std::string_view with, std::size_t at = 0) {
    return bytes.size() >= at + with.size() &&
           std::equal(with.begin(), with.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at),
                      [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

bool isWithin(PictureBox size, PictureBox box) {
    return size.width >= 1 && size.height >= 1 && size.width <= box.width && size.height <= box.height;
}

/// The shorter side of a picture whose longer one became `to` instead of `from`.
int shrunk(int side, int from, int to) {
    const auto exact = (static_cast<std::int64_t>(side) * to + from / 2) / from;
    return static_cast<int>(std::max<std::int64_t>(1, exact));
}

}  // namespace

std::optional<PictureFormat> pictureFormat(ByteView beginning) {
    using namespace std::string_view_literals;
    if (startsWith(beginning, "\x89PNG\r\n\x1a\n")) return PictureFormat::Png;
    if (startsWith(beginning, "\xff\xd8\xff")) return PictureFormat::Jpeg;
    if (startsWith(beginning, "GIF87a") || startsWith(beginning, "GIF89a")) return PictureFormat::Gif;
    // A reserved field tells it from texts that begin with these letters.
    if (startsWith(beginning, "BM") && startsWith(beginning, "\0\0\0\0"sv, 6)) return PictureFormat::Bmp;
    if (startsWith(beginning, "RIFF") && startsWith(beginning, "WEBP", 8)) return PictureFormat::WebP;
    return std::nullopt;
}

const char* formatName(PictureFormat format) {
    switch (format) {
        case PictureFormat::Png:
            return "png";
        case PictureFormat::Jpeg:
            return "jpeg";
        case PictureFormat::Gif:
            return "gif";
        case PictureFormat::Bmp:
            return "bmp";
        case PictureFormat::WebP:
            return "webp";
    }
    return "";
}

PictureBox fitInto(PictureBox size, PictureBox box) {
    if (size.width <= box.width && size.height <= box.height) return size;
    const bool byWidth = static_cast<std::int64_t>(size.width) * box.height >=
                         static_cast<std::int64_t>(size.height) * box.width;
    const PictureBox fitted = byWidth ? PictureBox{box.width, shrunk(size.height, size.width, box.width)}
                                      : PictureBox{shrunk(size.width, size.height, box.height), box.height};
    return {std::min(fitted.width, box.width), std::min(fitted.height, box.height)};
}

std::array<std::uint8_t, kPictureHeader> encodePictureHeader(const PictureHeader& header) {
    std::array<std::uint8_t, kPictureHeader> bytes{};
    std::copy(kMagic.begin(), kMagic.end(), bytes.begin());
    std::size_t at = kMagic.size();
    for (const int value :
         {header.size.width, header.size.height, header.source.width, header.source.height}) {
        storeBe32(bytes.data() + at, static_cast<std::uint32_t>(value));
        at += 4;
    }
    return bytes;
}

std::optional<PictureHeader> parsePictureHeader(ByteView bytes, PictureBox box) {
    if (bytes.size() < kPictureHeader || !startsWith(bytes, kMagic)) return std::nullopt;
    std::array<std::uint32_t, 4> values{};
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = loadBe32(bytes.data() + kMagic.size() + 4 * i);
        if (values[i] > picture_limits::kPixels) return std::nullopt;
    }
    const auto side = [&values](std::size_t i) { return static_cast<int>(values[i]); };
    const PictureHeader header{{side(0), side(1)}, {side(2), side(3)}};
    const bool whole = std::uint64_t{values[2]} * values[3] <= picture_limits::kPixels;
    if (!whole || !isWithin(header.size, box) || !isWithin(header.size, header.source)) return std::nullopt;
    return header;
}

std::size_t pictureStreamBytes(PictureBox size) {
    return kPictureHeader + 4 * static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height);
}

std::optional<PictureBox> parsePictureBox(std::string_view text) {
    PictureBox box;
    const char* const end = text.data() + text.size();
    const auto width = std::from_chars(text.data(), end, box.width);
    if (width.ec != std::errc() || width.ptr == end || *width.ptr != 'x') return std::nullopt;
    const auto height = std::from_chars(width.ptr + 1, end, box.height);
    if (height.ec != std::errc() || height.ptr != end) return std::nullopt;
    if (!isWithin(box, {picture_limits::kSide, picture_limits::kSide})) return std::nullopt;
    return box;
}

}  // namespace landline::app
