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

void FileSender::chunkRead(Expected<std::vector<Piece>> pieces) {
    if (m_over) return;
    if (!pieces) {
        const bool changed = pieces.error().code == ErrorCode::NotFound;
        return refuse(changed ? wire::FileRefusal::Changed : wire::FileRefusal::Unreadable, pieces.error());
    }
    for (Piece& piece : *pieces) m_pieces.push_back(std::move(piece));
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

FileSender::Send FileSender::nextFrame() {
    const Piece& piece = m_pieces.front();
    if (piece.skipped != 0) {
        Send frame{wire::FileSkip{m_sentTo, piece.skipped, piece.reason}};
        m_sentTo += piece.skipped;
        m_pieces.pop_front();
        return frame;
    }
    const ByteView data =
        ByteView(piece.data).subspan(m_pieceAt, std::min(m_frame, piece.data.size() - m_pieceAt));
    Send frame{wire::FileChunk{m_sentTo, toBytes(data)}};
    m_sentTo += data.size();
    m_pieceAt += data.size();
    if (m_pieceAt == piece.data.size()) {
        m_pieces.pop_front();
        m_pieceAt = 0;
    }
    return frame;
}

}  // namespace landline::transfer
