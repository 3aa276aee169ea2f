#include "p2p/transfer/chunk_io.h"

#include "p2p/base/hash.h"
#include "p2p/base/limits.h"

#include <algorithm>
#include <optional>

namespace landline::transfer {

namespace {

std::size_t pieceLength(std::uint64_t left) {
    return static_cast<std::size_t>(std::min<std::uint64_t>(left, limits::kFileChunk));
}

/// Nothing if the source does not have these bytes as they were offered.
std::optional<ChunkDigest> digestOf(ChunkSource& source, std::uint64_t offset, std::size_t length) {
    if (offset > source.size() || length > source.size() - offset) return std::nullopt;
    auto pieces = source.read(offset, length);
    if (!pieces) return std::nullopt;
    if (pieces->size() == 1 && pieces->front().skipped == 0) {
        const ChunkDigest digest = chunkDigest(pieces->front().data);
        source.giveBack(std::move(pieces->front().data));
        return digest;
    }
    Bytes whole;
    for (const Piece& piece : *pieces) {
        if (piece.skipped != 0) return std::nullopt;
        append(whole, piece.data);
    }
    return chunkDigest(whole);
}

}  // namespace

Expected<std::vector<ChunkDigest>> digestsOf(ChunkSink& sink, Range range) {
    std::vector<ChunkDigest> digests;
    while (range.at < range.end) {
        const std::size_t count = pieceLength(range.size());
        const auto held = sink.read(range.at, count);
        if (!held && held.error().code != ErrorCode::NotFound) return Unexpected(held.error());
        digests.push_back(held ? chunkDigest(*held) : ChunkDigest{});
        range.at += count;
    }
    return digests;
}

CheckAnswer::CheckAnswer(wire::FileCheck check)
    : m_check(std::move(check)), m_answer{m_check.offset, Bytes((m_check.digests.size() + 7) / 8)} {}

bool CheckAnswer::compareNext(ChunkSource& source) {
    const std::uint64_t at = std::uint64_t(m_next) * limits::kFileChunk;
    if (m_next == m_check.digests.size() || at >= m_check.length) return false;
    const std::size_t count = pieceLength(m_check.length - at);
    // An offset that overflows lies behind every source's end.
    const std::uint64_t offset = m_check.offset > UINT64_MAX - at ? UINT64_MAX : m_check.offset + at;
    if (digestOf(source, offset, count) == m_check.digests[m_next]) {
        std::uint8_t& bits = m_answer.same[m_next / 8];
        bits = static_cast<std::uint8_t>(bits | (1U << (m_next % 8)));
    }
    ++m_next;
    return true;
}

}  // namespace landline::transfer
