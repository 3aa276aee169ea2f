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
    if (m_block && m_block->size() - m_at >= bytes) return;
    const std::shared_ptr<Bytes> from = m_block;
    if (!m_block || m_isShared) m_block = m_pool ? m_pool->share(m_pool->take()) : std::make_shared<Bytes>();
    m_isShared = false;
    if (m_block->size() < bytes) {
        m_block->reserve(bytes);  // and no more, as it would with room to grow
        m_block->resize(bytes);
    }
    if (from)
        std::copy(from->begin() + static_cast<std::ptrdiff_t>(m_at),
                  from->begin() + static_cast<std::ptrdiff_t>(m_end), m_block->begin());
    m_end -= std::exchange(m_at, 0);
}

std::span<std::uint8_t> FrameBuffer::room(std::size_t limit) {
    const bool isAnnounced = buffered() >= kHeaderBytes;
    const std::size_t frame = isAnnounced ? kHeaderBytes + loadBe16(m_block->data() + m_at) : m_likely;
    // After a long frame as many like it as may be, which then end where the room does.
    std::size_t wanted = frame <= kLeastRead ? kLeastRead : std::max(frame, limit / frame * frame);
    // What follows shares the block with what was shared of it, as long as a frame fits in there.
    const std::size_t left = m_isShared ? m_block->size() - m_at : 0;
    if (left >= frame && left > buffered()) wanted = std::min(wanted, left);
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
    if (!m_isShared) trim();
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
    m_isShared = true;
    return {m_block, static_cast<std::size_t>(part.data() - m_block->data()), part.size()};
}

void appendFrameHeader(Bytes& out, std::size_t bodyBytes) {
    appendBe16(out, static_cast<std::uint16_t>(bodyBytes));
}

}  // namespace landline::wire
