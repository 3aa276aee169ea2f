#pragma once

#include "p2p/base/error.h"
#include "p2p/base/expected.h"
#include "p2p/wire/messages.h"

#include <deque>
#include <optional>
#include <string>
#include <variant>

namespace landline::transfer {

/// Fetches what is missing of one file over one bulk session: a state machine without disk or socket. A
/// transfer that was interrupted goes on with a new one, made with what the sink holds by then.
///
///     Fetching ──last byte written──► Finishing ──finished──► Done
///        └──────────any error, refusal, cancel────────────► Done with an error
class FileReceiver {
public:
    struct Send {
        wire::Message message;
    };
    /// Append to the sink; answer with `written`, in order.
    struct Write {
        std::uint64_t offset = 0;
        Bytes data;
    };
    /// Everything is written: finish the sink; answer with `finished`.
    struct Finish {};
    /// The last action: where the file is, or why it is not.
    struct Done {
        std::string path;
        std::optional<Error> error;
    };
    using Action = std::variant<Send, Write, Finish, Done>;

    /// `held` bytes are in the sink from earlier attempts. Begins with the request.
    FileReceiver(const wire::TransferId& transfer, std::uint64_t size, std::uint64_t held);

    /// A FileChunk or FileRefused; any other frame is refused as ProtocolViolation, which ends the session.
    Expected<void> receive(const wire::Message& message);
    void written(const Expected<void>& result);
    void finished(Expected<std::string> path);
    /// The person wants it no more: tells the other side.
    void cancel();
    /// The connection is lost: what has arrived is handed out to be written, and nothing more happens.
    void interrupted();

    /// The next thing to do; drain after every input.
    [[nodiscard]] std::optional<Action> nextAction();
    /// Received and not yet `written`: the owner stops reading its socket above limits::kFileWindow.
    [[nodiscard]] std::size_t bytesWaiting() const {
        return static_cast<std::size_t>(m_received - m_written);
    }
    /// In the sink, from the start of the file.
    [[nodiscard]] std::uint64_t bytesWritten() const { return m_written; }
    [[nodiscard]] bool isOver() const { return m_over; }

private:
    Expected<void> takeChunk(const wire::FileChunk& chunk);
    void flush();
    void end(Done done);

    wire::TransferId m_transfer;
    std::uint64_t m_size;
    std::uint64_t m_received;   ///< contiguous from the start
    std::uint64_t m_handedOut;  ///< given out with Write
    std::uint64_t m_written;
    std::deque<std::size_t> m_writing;  ///< sizes of the writes not yet answered
    Bytes m_gathered;                   ///< small frames, put together for one write
    std::deque<Action> m_actions;
    bool m_over = false;
};

}  // namespace landline::transfer
