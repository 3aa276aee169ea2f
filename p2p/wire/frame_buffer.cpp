#include "p2p/wire/frame_buffer.h"

namespace landline::wire {

void FrameBuffer::feed(ByteView bytes) {
    if (m_at == m_bytes.size()) {
        m_bytes.clear();
        m_at = 0;
    } else if (m_at > m_bytes.size() / 2) {
        m_bytes.erase(m_bytes.begin(), m_bytes.begin() + static_cast<std::ptrdiff_t>(m_at));
        m_at = 0;
    }
    append(m_bytes, bytes);
}

Expected<std::optional<std::span<std::uint8_t>>> FrameBuffer::next(std::size_t limit) {
    if (buffered() < kHeaderBytes) return std::optional<std::span<std::uint8_t>>();
    const std::size_t length = loadBe16(m_bytes.data() + m_at);
    if (length == 0) return Unexpected(ErrorCode::Malformed, "The other side sent an empty frame.");
    if (length > limit)
        return Unexpected(ErrorCode::TooLarge, "The other side announced a frame of " + std::to_string(length) +
                                                   " bytes where at most " + std::to_string(limit) +
                                                   " are allowed.");
    if (buffered() < kHeaderBytes + length) return std::optional<std::span<std::uint8_t>>();
    const std::span<std::uint8_t> body = std::span(m_bytes).subspan(m_at + kHeaderBytes, length);
    m_at += kHeaderBytes + length;
    return std::optional(body);
}

std::optional<ByteView> FrameBuffer::nextRaw(std::size_t count) {
    if (buffered() < count) return std::nullopt;
    const ByteView raw = ByteView(m_bytes).subspan(m_at, count);
    m_at += count;
    return raw;
}

void appendFrameHeader(Bytes& out, std::size_t bodyBytes) {
    appendBe16(out, static_cast<std::uint16_t>(bodyBytes));
}

}  // namespace landline::wire
