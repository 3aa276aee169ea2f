#pragma once

#include "p2p/base/expected.h"
#include "p2p/base/shared_bytes.h"

#include <optional>

namespace landline::wire {

/// Cuts a byte stream into frames: a 16-bit big-endian length and that many bytes. Owned by one session. Buffers at most
/// one frame and what arrived with it; a length over the limit in force is refused at the header, before its bytes
/// are kept. Bytes are read into it where they stay: a frame's part can be handed on without a copy (share), and frames
/// that arrive together share a block of memory. Once it is empty and no more came (trim) it keeps none.
class FrameBuffer {
public:
    static constexpr std::size_t kHeaderBytes = 2;

    /// Memory comes from `pool` and returns there; it must outlive the buffer. Null: from nowhere.
    explicit FrameBuffer(BytePool* pool = nullptr) : m_pool(pool) {}

    /// Where the next bytes go, one at least, so that no more than `limit` are buffered: up to the end of the frame that
    /// is under way, or of one like the last, and where that is a long one, of more like it. Call `next` until it gives
    /// nothing before. Say `filled` with how many came.
    [[nodiscard]] std::span<std::uint8_t> room(std::size_t limit);
    void filled(std::size_t bytes) { m_end += bytes; }
    /// No more came for now: memory that holds nothing is let go.
    void trim() {
        if (buffered() != 0) return;
        m_block.reset();
        m_isShared = false;
    }
    /// As `room` and `filled`, of bytes that lie elsewhere.
    void feed(ByteView bytes);
    /// The next frame's body, valid until the next call; nothing if more bytes are needed. The caller may decrypt it in
    /// place. Fails with TooLarge over `limit` and Malformed for an empty frame; after a failure the stream is of no use.
    [[nodiscard]] Expected<std::optional<std::span<std::uint8_t>>> next(std::size_t limit);
    /// Exactly `count` bytes that stand outside frames (the preface), as `next`.
    [[nodiscard]] std::optional<ByteView> nextRaw(std::size_t count);
    /// Of what `next` gave last, this part to be kept.
    [[nodiscard]] SharedSlice share(std::span<const std::uint8_t> part);

    [[nodiscard]] std::size_t buffered() const { return m_block ? m_end - m_at : 0; }

private:
    void reserve(std::size_t bytes);

    BytePool* m_pool;
    std::shared_ptr<Bytes> m_block;  ///< what is buffered lies in it from m_at to m_end
    bool m_isShared = false;         ///< somebody else has parts of it: it stays where it is
    std::size_t m_at = 0;
    std::size_t m_end = 0;
    std::size_t m_likely = 0;  ///< what a frame was last, with its header
};

/// Header of a frame with a body of `bodyBytes`.
void appendFrameHeader(Bytes& out, std::size_t bodyBytes);

}  // namespace landline::wire
