#include "p2p/wire/frame_buffer.h"

#include <algorithm>
#include <utility>

namespace landline::wire {

namespace {
// Read at once where nothing is known of the next frame: many small ones come with one call of the system.
constexpr std::size_t kLeastRead = 16 * 1024;
}  // namespace

/// Room for so many bytes from m_at on.
void FrameBuffer::reserve(std::size_t bytes) {
    if (!m_block) {
        m_block = m_pool ? m_pool->share(m_pool->take()) : std::make_shared<Bytes>();
        m_at = m_end = 0;
    }
    if (m_at != 0 && m_block->size() - m_at < bytes) {
        std::copy(m_block->begin() + static_cast<std::ptrdiff_t>(m_at),
                  m_block->begin() + static_cast<std::ptrdiff_t>(m_end), m_block->begin());
        m_end -= std::exchange(m_at, 0);
    }
    if (m_block->size() - m_at < bytes) m_block->resize(m_at + bytes);
}

std::span<std::uint8_t> FrameBuffer::room(std::size_t limit) {
    std::size_t wanted = std::max(m_likely, kLeastRead);
    if (buffered() >= kHeaderBytes) wanted = kHeaderBytes + loadBe16(m_block->data() + m_at);
    wanted = std::clamp(wanted, buffered() + 1, std::max(limit, buffered() + 1));
    reserve(wanted);
    return std::span(*m_block).subspan(m_end, wanted - buffered());
}

void FrameBuffer::feed(ByteView bytes) {
    if (bytes.empty()) return;
    reserve(buffered() + bytes.size());
    std::copy(bytes.begin(), bytes.end(), m_block->begin() + static_cast<std::ptrdiff_t>(m_end));
    filled(bytes.size());
}

Expected<std::optional<std::span<std::uint8_t>>> FrameBuffer::next(std::size_t limit) {
    trim();
    if (buffered() < kHeaderBytes) return std::optional<std::span<std::uint8_t>>();
    const std::size_t length = loadBe16(m_block->data() + m_at);
    if (length == 0) return Unexpected(ErrorCode::Malformed, "The other side sent an empty frame.");
    if (length > limit)
        return Unexpected(ErrorCode::TooLarge, "The other side announced a frame of " +
                                                   std::to_string(length) + " bytes where at most " +
                                                   std::to_string(limit) + " are allowed.");
    if (buffered() < kHeaderBytes + length) return std::optional<std::span<std::uint8_t>>();
    const std::span<std::uint8_t> body = std::span(*m_block).subspan(m_at + kHeaderBytes, length);
    m_likely = kHeaderBytes + length;
    m_at += m_likely;
    return std::optional(body);
}

std::optional<ByteView> FrameBuffer::nextRaw(std::size_t count) {
    if (buffered() < count) return std::nullopt;
    const ByteView raw = ByteView(*m_block).subspan(m_at, count);
    m_at += count;
    return raw;
}

SharedSlice FrameBuffer::share(std::span<const std::uint8_t> part) {
    const auto at = static_cast<std::size_t>(part.data() - m_block->data());
    const ByteView rest = ByteView(*m_block).subspan(m_at, buffered());
    const SharedSlice slice{std::exchange(m_block, nullptr), at, part.size()};
    feed(rest);
    return slice;
}

void appendFrameHeader(Bytes& out, std::size_t bodyBytes) {
    appendBe16(out, static_cast<std::uint16_t>(bodyBytes));
}

}  // namespace landline::wire
