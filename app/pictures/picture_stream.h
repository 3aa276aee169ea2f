#pragma once

#include "p2p/base/bytes.h"

#include <chrono>
#include <optional>

/// What the program that decodes pictures and the one that asks it agree on: which files are taken, the bounds, and
/// the form of the answer. Without Qt.
namespace landline::app {

namespace picture_limits {
inline constexpr std::uint64_t kFileBytes = 128ULL * 1024 * 1024;
/// Pixels that a picture may say it has.
inline constexpr std::uint64_t kPixels = 64ULL * 1024 * 1024;
/// Width and height of what comes back.
inline constexpr int kSide = 2048;
/// Address space of the decoding process, the file and the libraries included, and its time.
inline constexpr std::uint64_t kMemory = 768ULL * 1024 * 1024;
inline constexpr int kDecodedMegabytes = 288;
inline constexpr unsigned kCpuSeconds = 8;
inline constexpr std::chrono::seconds kDeadline{20};
}  // namespace picture_limits

enum class PictureFormat { Png, Jpeg, Gif, Bmp, WebP };

/// Bytes at a file's beginning that tell its format.
inline constexpr std::size_t kPictureSignature = 12;

/// By the file's first bytes, never by its name. Nothing for every other format: SVG for one names further files.
[[nodiscard]] std::optional<PictureFormat> pictureFormat(ByteView beginning);
/// As Qt calls it.
[[nodiscard]] const char* formatName(PictureFormat format);

struct PictureBox {
    int width = 0;
    int height = 0;
};
/// `size` shrunk to fit into `box` with its proportions kept, at least one pixel each way; never enlarged.
[[nodiscard]] PictureBox fitInto(PictureBox size, PictureBox box);

/// The answer's beginning. `width` times `height` pixels follow, row by row from the top, each 0xAARRGGBB in the
/// machine's byte order, not premultiplied: every value is a colour.
struct PictureHeader {
    PictureBox size;
    PictureBox source;  ///< of the whole picture, as it is to be seen
};
inline constexpr std::size_t kPictureHeader = 20;

[[nodiscard]] std::array<std::uint8_t, kPictureHeader> encodePictureHeader(const PictureHeader& header);
/// Nothing unless an honest decoder could have said so of a picture that was to fit into `box`.
[[nodiscard]] std::optional<PictureHeader> parsePictureHeader(ByteView bytes, PictureBox box);
/// Header and pixels.
[[nodiscard]] std::size_t pictureStreamBytes(PictureBox size);

/// A box as an argument of the command line, "720x640". Nothing unless both are within 1 and kSide.
[[nodiscard]] std::optional<PictureBox> parsePictureBox(std::string_view text);

}  // namespace landline::app
