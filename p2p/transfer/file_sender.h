#pragma once

#include "p2p/base/error.h"
#include "p2p/base/expected.h"
#include "p2p/base/limits.h"
#include "p2p/transfer/chunk_io.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <variant>

namespace landline::transfer {

/// Sends one requested range of a file, a bundle or a listing over one bulk session: a state machine without disk or
/// socket. It reads ahead at most limits::kFileWindow bytes, in pieces of limits::kFileChunk, and cuts them into frames
/// of limits::kFileFrame.
///
///     Sending ──last frame handed out──► Done        Sending ──error or cancel──► Done with an error
class FileSender {
public:
    /// Read from the source; answer with chunkRead, in the order of the reads.
    struct Read {
        std::uint64_t offset = 0;
        std::size_t length = 0;
    };
    struct Send {
        wire::Message message;
    };
    /// A FileChunk. Its data is nobody else's: it may be encrypted where it is.
    struct SendChunk {
        std::uint64_t offset = 0;
        SharedSlice data;
    };
    /// The last action. Without an error every byte of the range has been handed out to be sent.
    struct Done {
        std::optional<Error> error;
    };
    using Action = std::variant<Read, Send, SendChunk, Done>;

    /// `size` is the file's. A range that does not lie in it is refused as Changed: the other side was
    /// offered another file than the one that is here now. What was sent goes back to `buffers`, which may be null.
    FileSender(const wire::FileRequest& request, std::uint64_t size, BytePool* buffers = nullptr);

    /// The answer to the oldest Read not yet answered.
    void chunkRead(Expected<std::vector<Piece>> pieces);
    /// The session takes frames (true) or its buffer is full (false).
    void setWritable(bool writable) { m_writable = writable; }
    /// What a frame may hold from now on, at most limits::kFileFrame.
    void setFrame(std::size_t bytes) { m_frame = std::min(bytes, limits::kFileFrame); }
    /// The other side wants no more.
    void cancelled();

    /// The next thing to do; drain after every input. After each Send and SendChunk the owner brings `setWritable` up to
    /// date.
    [[nodiscard]] std::optional<Action> nextAction();
    /// Where in the file that ends which has been handed out to be sent.
    [[nodiscard]] std::uint64_t sentTo() const { return m_sentTo; }

private:
    void refuse(wire::FileRefusal reason, Error error);
    [[nodiscard]] Action nextFrame();
    /// As in Piece.
    struct Waiting {
        SharedSlice data;
        std::uint64_t skipped = 0;
        wire::ItemFailure reason = wire::ItemFailure::Unknown;
    };
    [[nodiscard]] std::uint64_t end() const { return m_request.offset + m_request.length; }

    wire::FileRequest m_request;
    std::uint64_t m_readTo = 0;  ///< asked for up to here
    std::uint64_t m_sentTo = 0;
    BytePool* m_buffers;
    std::deque<Waiting> m_pieces;  ///< read and not yet sent
    bool m_writable = true;
    std::size_t m_frame = limits::kFileFrame;
    bool m_over = false;
    std::deque<Action> m_actions;
};

}  // namespace landline::transfer
