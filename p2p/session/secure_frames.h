#pragma once

#include "p2p/base/clock.h"
#include "p2p/noise/transport_state.h"
#include "p2p/session/outgoing_buffer.h"
#include "p2p/wire/messages.h"

namespace landline::session {

/// Turns messages into encrypted frames and back once the handshake is over, and changes the sending key when
/// it is due.
class SecureFrames {
public:
    SecureFrames(noise::TransportState transport, std::uint64_t rekeyBytes, MonoTime now)
        : m_transport(std::move(transport)), m_rekeyBytes(rekeyBytes), m_keySince(now) {}

    /// Appends a frame to `out`; encoding and encryption are made where it will lie. `out` is as before on
    /// failure.
    [[nodiscard]] Expected<void> seal(Bytes& out, const wire::Message& message);
    /// The same, of a FileChunk: `data` is encrypted where it is.
    [[nodiscard]] Expected<void> sealChunk(OutgoingBuffer& out, std::uint64_t offset, SharedSlice data);
    /// If the sending key has served its time or its bytes: appends the marker, the last frame under it, and
    /// changes it.
    [[nodiscard]] Expected<void> rekeyIfDue(Bytes& out, MonoTime now);
    /// When the sending key has served its time.
    [[nodiscard]] MonoTime rekeyDue() const;

    /// Decrypts a frame's body in place.
    [[nodiscard]] Expected<std::span<std::uint8_t>> open(std::span<std::uint8_t> box) {
        return m_transport.open(box);
    }
    /// The other side's marker came.
    void rekeyReceiving() { m_transport.rekeyReceiving(); }

private:
    noise::TransportState m_transport;
    std::uint64_t m_rekeyBytes;
    std::uint64_t m_sealedBytes = 0;  ///< under the sending direction's current key
    MonoTime m_keySince;
};

}  // namespace landline::session
