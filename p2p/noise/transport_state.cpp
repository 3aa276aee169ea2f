#include "p2p/noise/transport_state.h"

#include "p2p/base/limits.h"

#include <cassert>

namespace landline::noise {

namespace {

Unexpected wrongWay(const char* what) {
    return Unexpected(ErrorCode::ProtocolViolation, what);
}

Unexpected tooLong(std::size_t bytes) {
    return Unexpected(ErrorCode::TooLarge, "An encrypted message of " + std::to_string(bytes) +
                                               " bytes is longer than the 65535 that Noise allows.");
}

}  // namespace

TransportState::TransportState(CipherState sending, CipherState receiving, bool maySend, bool mayReceive,
                               const Hash256& handshakeHash)
    : m_sending(std::move(sending)),
      m_receiving(std::move(receiving)),
      m_maySend(maySend),
      m_mayReceive(mayReceive),
      m_handshakeHash(handshakeHash) {}

Expected<void> TransportState::seal(std::span<std::uint8_t> box) {
    assert(box.size() >= Aead::kTagBytes);
    return seal({box.first(box.size() - Aead::kTagBytes), {}, box.last(Aead::kTagBytes)});
}

Expected<void> TransportState::seal(const OpenBox& box) {
    if (!m_maySend) return wrongWay("The recipient of a one-way message cannot answer within it.");
    const std::size_t bytes = box.head.size() + box.body.size() + box.tag.size();
    if (bytes > limits::kNoiseMessage) return tooLong(bytes);
    return m_sending.encrypt({}, box);
}

Expected<std::span<std::uint8_t>> TransportState::open(std::span<std::uint8_t> box) {
    if (!m_mayReceive) return wrongWay("The sender of a one-way message cannot receive within it.");
    if (box.size() > limits::kNoiseMessage) return tooLong(box.size());
    return m_receiving.decrypt({}, box);
}

}  // namespace landline::noise
