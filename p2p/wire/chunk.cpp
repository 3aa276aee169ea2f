#include "p2p/wire/messages.h"

// Chunks are most of what bulk sessions carry. Protobuf's classes would copy their data, so its encoding of this one
// message is written and read here.

namespace landline::wire {

namespace {

// Frame.file_chunk (31), FileChunk.offset (1) and FileChunk.data (2), each with its wire type (encoding.html).
constexpr std::uint8_t kChunkTag[] = {(31 & 0x0f) << 3 | 0x80 | 2, 31 >> 4};
constexpr std::uint8_t kOffsetTag = 1 << 3 | 0;
constexpr std::uint8_t kDataTag = 2 << 3 | 2;

void appendVarint(Bytes& out, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out.push_back(static_cast<std::uint8_t>(value | 0x80));
    out.push_back(static_cast<std::uint8_t>(value));
}

std::size_t varintBytes(std::uint64_t value) {
    std::size_t bytes = 1;
    for (; value >= 0x80; value >>= 7) ++bytes;
    return bytes;
}

/// Takes a number from the front, in its shortest form only.
std::optional<std::uint64_t> takeVarint(std::span<std::uint8_t>& rest) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < rest.size() && i < 9; ++i) {
        const std::uint8_t byte = rest[i];
        value |= std::uint64_t(byte & 0x7f) << (7 * i);
        if ((byte & 0x80) != 0) continue;
        if (byte == 0 && i > 0) return std::nullopt;
        rest = rest.subspan(i + 1);
        return value;
    }
    return std::nullopt;
}

bool takeTag(std::span<std::uint8_t>& rest, std::uint8_t tag) {
    if (rest.empty() || rest[0] != tag) return false;
    rest = rest.subspan(1);
    return true;
}

}  // namespace

void appendChunkHead(Bytes& out, std::uint64_t offset, std::size_t dataBytes) {
    const std::size_t offsetBytes = offset == 0 ? 0 : 1 + varintBytes(offset);
    out.insert(out.end(), std::begin(kChunkTag), std::end(kChunkTag));
    appendVarint(out, offsetBytes + 1 + varintBytes(dataBytes) + dataBytes);
    if (offset != 0) {
        out.push_back(kOffsetTag);
        appendVarint(out, offset);
    }
    out.push_back(kDataTag);
    appendVarint(out, dataBytes);
}

std::optional<ChunkView> findChunk(std::span<std::uint8_t> plaintext) {
    std::span<std::uint8_t> rest = plaintext;
    for (const std::uint8_t tag : kChunkTag)
        if (!takeTag(rest, tag)) return std::nullopt;
    const auto length = takeVarint(rest);
    if (length != rest.size()) return std::nullopt;
    ChunkView chunk;
    if (takeTag(rest, kOffsetTag)) {
        const auto offset = takeVarint(rest);
        if (!offset) return std::nullopt;
        chunk.offset = *offset;
    }
    if (!takeTag(rest, kDataTag)) return std::nullopt;
    const auto dataBytes = takeVarint(rest);
    if (dataBytes != rest.size() || rest.empty()) return std::nullopt;
    chunk.data = rest;
    return chunk;
}

}  // namespace landline::wire
