#pragma once

#include "p2p/base/bytes.h"
#include "p2p/base/expected.h"

#include <optional>

namespace landline::wire {

/// Cuts a byte stream into frames: a 16-bit big-endian length and that many bytes. Owned by one session. Buffers at most
/// one frame and what arrived with it; a length over the limit in force is refused at the header, before its bytes
/// are kept.
class FrameBuffer {
public:
    static constexpr std::size_t kHeaderBytes = 2;

    /// What arrived. Call `next` until it gives nothing before feeding more.
    void feed(ByteView bytes);
    /// The next frame's body, valid until the next call to `feed` or `next`; nothing if more bytes are needed. The caller
    /// may decrypt it in place. Fails with TooLarge over `limit` and Malformed for an empty frame; after a failure the
    /// stream is of no use.
    [[nodiscard]] Expected<std::optional<std::span<std::uint8_t>>> next(std::size_t limit);
    /// Exactly `count` bytes that stand outside frames (the preface), as `next`.
    [[nodiscard]] std::optional<ByteView> nextRaw(std::size_t count);

    [[nodiscard]] std::size_t buffered() const { return m_bytes.size() - m_at; }

private:
    Bytes m_bytes;
    std::size_t m_at = 0;
};

/// Header of a frame with a body of `bodyBytes`.
void appendFrameHeader(Bytes& out, std::size_t bodyBytes);

}  // namespace landline::wire
