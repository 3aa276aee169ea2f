#include "p2p/transfer/file_sender.h"

#include "p2p/base/limits.h"

#include <algorithm>

namespace landline::transfer {

FileSender::FileSender(const wire::FileRequest& request, std::uint64_t size, BytePool* buffers)
    : m_request(request), m_readTo(request.offset), m_sentTo(request.offset), m_buffers(buffers) {
    if (request.offset > size || request.length > size - request.offset)
        refuse(wire::FileRefusal::Changed,
               {ErrorCode::NotFound, "The file has another size than when it was offered. Offer it again."});
}

void FileSender::chunkRead(Expected<std::vector<Piece>> pieces) {
    if (m_over) return;
    if (!pieces) {
        const bool changed = pieces.error().code == ErrorCode::NotFound;
        return refuse(changed ? wire::FileRefusal::Changed : wire::FileRefusal::Unreadable, pieces.error());
    }
    for (Piece& piece : *pieces) {
        const std::size_t size = piece.data.size();
        auto data = m_buffers ? m_buffers->share(std::move(piece.data))
                              : std::make_shared<Bytes>(std::move(piece.data));
        m_pieces.push_back({{std::move(data), 0, size}, piece.skipped, piece.reason});
    }
}

void FileSender::cancelled() {
    if (m_over) return;
    m_over = true;
    m_actions.push_back(Done{Error{ErrorCode::Closed, "The other side cancelled the transfer."}});
}

void FileSender::refuse(wire::FileRefusal reason, Error error) {
    m_over = true;
    m_pieces.clear();
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
    if (m_writable && !m_pieces.empty()) return nextFrame();
    if (m_sentTo < end()) return std::nullopt;
    m_over = true;
    return Done{};
}

FileSender::Action FileSender::nextFrame() {
    Waiting& piece = m_pieces.front();
    if (piece.skipped != 0) {
        Send frame{wire::FileSkip{m_sentTo, piece.skipped, piece.reason}};
        m_sentTo += piece.skipped;
        m_pieces.pop_front();
        return frame;
    }
    SendChunk frame{m_sentTo, piece.data};
    frame.data.size = std::min(m_frame, piece.data.size);
    m_sentTo += frame.data.size;
    piece.data.at += frame.data.size;
    piece.data.size -= frame.data.size;
    if (piece.data.size == 0) m_pieces.pop_front();
    return frame;
}

}  // namespace landline::transfer
