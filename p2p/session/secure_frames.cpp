#include "p2p/session/secure_frames.h"

#include "p2p/base/limits.h"
#include "p2p/wire/frame_buffer.h"

namespace landline::session {

Expected<void> SecureFrames::seal(Bytes& out, const wire::Message& message) {
    const std::size_t start = out.size();
    const std::size_t bodyAt = start + wire::FrameBuffer::kHeaderBytes;
    out.resize(bodyAt);
    wire::appendMessage(out, message);
    out.resize(out.size() + noise::Aead::kTagBytes);
    const std::size_t body = out.size() - bodyAt;
    const auto sealed = m_transport.seal(std::span(out).subspan(bodyAt));
    if (!sealed) {
        out.resize(start);
        return sealed;
    }
    storeBe16(out.data() + start, static_cast<std::uint16_t>(body));
    m_sealedBytes += body;
    return {};
}

Expected<void> SecureFrames::sealChunk(OutgoingBuffer& out, std::uint64_t offset, SharedSlice data) {
    Bytes& around = out.tail();
    const std::size_t start = around.size();
    const std::size_t headAt = start + wire::FrameBuffer::kHeaderBytes;
    around.resize(headAt);
    wire::appendChunkHead(around, offset, data.size);
    const std::size_t tagAt = around.size();
    around.resize(tagAt + noise::Aead::kTagBytes);
    const std::size_t body = around.size() - headAt + data.size;
    const std::span<std::uint8_t> bytes(around);
    const auto sealed =
        m_transport.seal({bytes.subspan(headAt, tagAt - headAt), data.span(), bytes.subspan(tagAt)});
    if (!sealed) {
        around.resize(start);
        return sealed;
    }
    storeBe16(around.data() + start, static_cast<std::uint16_t>(body));
    out.insertSlice(tagAt, std::move(data));
    m_sealedBytes += body;
    return {};
}

Expected<void> SecureFrames::rekeyIfDue(Bytes& out, MonoTime now) {
    if (m_sealedBytes < m_rekeyBytes && now < rekeyDue()) return {};
    if (const auto sealed = seal(out, wire::Rekey{}); !sealed) return sealed;
    m_transport.rekeySending();
    m_sealedBytes = 0;
    m_keySince = now;
    return {};
}

MonoTime SecureFrames::rekeyDue() const {
    return m_keySince + limits::kRekeyTime;
}

}  // namespace landline::session
