#include "p2p/transfer/file_sender.h"

#include "p2p/base/limits.h"

#include <algorithm>

namespace landline::transfer {

FileSender::FileSender(const wire::FileRequest& request, std::uint64_t size)
    : m_request(request), m_readTo(request.offset), m_sentTo(request.offset) {
    if (request.offset > size || request.length > size - request.offset)
        refuse(wire::FileRefusal::Changed,
               {ErrorCode::NotFound, "The file has another size than when it was offered. Offer it again."});
}

void FileSender::chunkRead(Expected<Bytes> chunk) {
    if (m_over) return;
    if (chunk) {
        m_chunks.push_back(std::move(chunk).value());
        return;
    }
    const bool changed = chunk.error().code == ErrorCode::NotFound;
    refuse(changed ? wire::FileRefusal::Changed : wire::FileRefusal::Unreadable, chunk.error());
}

void FileSender::cancelled() {
    if (m_over) return;
    m_over = true;
    m_actions.push_back(Done{Error{ErrorCode::Closed, "The other side cancelled the transfer."}});
}

void FileSender::refuse(wire::FileRefusal reason, Error error) {
    m_over = true;
    m_chunks.clear();
    m_actions.push_back(Send{wire::FileRefused{m_request.transfer, reason, error.text}});
    m_actions.push_back(Done{std::move(error)});
}

std::optional<FileSender::Action> FileSender::nextAction() {
    if (!m_actions.empty()) {
        Action action = std::move(m_actions.front());
        m_actions.pop_front();
        return action;
    }
    if (m_over) return std::nullopt;
    if (m_readTo < end() && m_readTo - m_sentTo < limits::kFileWindow) {
        const std::uint64_t length = std::min<std::uint64_t>(limits::kFileChunk, end() - m_readTo);
        m_readTo += length;
        return Read{m_readTo - length, static_cast<std::size_t>(length)};
    }
    if (m_writable && !m_chunks.empty()) return nextFrame();
    if (m_sentTo < end()) return std::nullopt;
    m_over = true;
    return Done{};
}

FileSender::Send FileSender::nextFrame() {
    const Bytes& chunk = m_chunks.front();
    const ByteView data =
        ByteView(chunk).subspan(m_chunkAt, std::min(limits::kFileFrame, chunk.size() - m_chunkAt));
    Send frame{wire::FileChunk{m_sentTo, toBytes(data)}};
    m_sentTo += data.size();
    m_chunkAt += data.size();
    if (m_chunkAt == chunk.size()) {
        m_chunks.pop_front();
        m_chunkAt = 0;
    }
    return frame;
}

}  // namespace landline::transfer
