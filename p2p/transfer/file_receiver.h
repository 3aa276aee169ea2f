#pragma once

#include "p2p/base/error.h"
#include "p2p/base/expected.h"
#include "p2p/transfer/chunk_io.h"

#include <deque>
#include <optional>
#include <string>
#include <variant>

namespace landline::transfer {

/// Fetches what is missing of a file or bundle over one bulk session: a state machine without disk or socket. A
/// transfer that was interrupted goes on with a new one, made with what the sink holds by then: that is compared with
/// the sender's by digests, and only what differs comes again, before what is missing. What was found right, or came,
/// needs not be compared by the next one (unsound).
///
///     Checking ──all compared──► Fetching ──last byte written──► Finishing ──finished──► Done
///        └────────────┴───────any error, refusal, cancel────────────────────► Done with an error
class FileReceiver {
public:
    struct Send {
        wire::Message message;
    };
    /// Digests of what the sink holds there (digestsOf); answer with `digested`.
    struct Digest {
        Range range;
    };
    /// Write to the sink; answer with `written`, in the order of writes and skips.
    struct Write {
        std::uint64_t offset = 0;
        std::vector<SharedSlice> parts;  ///< one behind the other
        [[nodiscard]] std::size_t size() const;
    };
    /// Tell the sink that these bytes do not come; answer with `written`.
    struct Skip {
        std::uint64_t offset = 0;
        std::uint64_t length = 0;
        wire::ItemFailure reason = wire::ItemFailure::Unknown;
    };
    /// Everything is written: finish the sink; answer with `finished`.
    struct Finish {};
    /// The last action: where the file is, or why it is not.
    struct Done {
        ChunkSink::Result result;
        std::optional<Error> error;
    };
    using Action = std::variant<Send, Digest, Write, Skip, Finish, Done>;

    static constexpr std::uint64_t kNoBound = ~std::uint64_t(0);

    /// Fetches `size` bytes, of which the sink has `held`; those of the content, or of the listing of a bundle. It asks
    /// for no more than `allowed` bytes.
    FileReceiver(const wire::TransferId& transfer, std::uint64_t size, const Held& held, bool listing = false,
                 std::uint64_t allowed = kNoBound);

    /// The other side's program knows no checks and answers one request: asks for all from the first byte on that is
    /// not known to be right, whatever is allowed. Before the first action is taken.
    void askPlainly();

    /// A FileChunk, FileSkip, FileChecked or FileRefused; any other frame is refused as ProtocolViolation, which ends
    /// the session.
    Expected<void> receive(const wire::Message& message);
    /// The same of a FileChunk, of which the data is kept where it is.
    Expected<void> receiveChunk(std::uint64_t offset, SharedSlice data);
    void digested(Expected<std::vector<ChunkDigest>> digests);
    void written(const Expected<void>& result);
    void finished(Expected<ChunkSink::Result> result);
    /// The person wants it no more: tells the other side.
    void cancel();
    /// What has come is handed out to be written, though it is little: where more comes slowly.
    void writeGathered();
    /// The connection is lost: what has arrived is handed out to be written, and nothing more happens.
    void interrupted();

    /// So many bytes more may be asked for, where there was no bound only so many; kNoBound lifts the bound.
    void allow(std::uint64_t bytes);
    /// What of the bound was not used, and what was asked for and did not come: it is nobody's any more.
    [[nodiscard]] std::uint64_t takeBack();
    /// It would ask for more if it were allowed to.
    [[nodiscard]] bool isHeldBack() const;
    /// Bytes that were asked for and have not come.
    [[nodiscard]] std::uint64_t bytesAsked() const;
    /// The other side owes an answer.
    [[nodiscard]] bool awaitsPeer() const { return !m_requested.empty() || !m_checks.empty(); }

    /// The next thing to do; drain after every input.
    [[nodiscard]] std::optional<Action> nextAction();
    /// The memory of what was received and is not yet `written`, buffers that are shared with their whole, though only once
    /// for a write: the owner stops reading its socket above limits::kFileWindow.
    [[nodiscard]] std::size_t bytesWaiting() const { return m_waiting; }
    /// Writes are on their way to the disk. What is gathered for one is not: it waits for the other side.
    [[nodiscard]] bool isWriting() const { return !m_pending.empty(); }
    /// In the sink and as they should be, or skipped.
    [[nodiscard]] std::uint64_t bytesWritten() const { return m_done; }
    /// Nothing can be done without the other side.
    [[nodiscard]] bool needsPeer() const { return !m_over && m_done < m_size; }
    /// The owner works on digests: it is not the other side that is slow.
    [[nodiscard]] bool isDigesting() const { return m_digesting; }
    /// What was held and is neither found right nor there anew. All else that the sink holds is right.
    [[nodiscard]] const RangeSet& unsound() const { return m_unsound; }

private:
    /// A write or a skip that the sink has not answered yet.
    struct Pending {
        Range range;
        std::size_t inMemory = 0;
    };

    void checkMore();
    void fetchIfCompared();
    void want(Range range);
    void requestMore();
    void received(std::uint64_t bytes);
    void finishIfAllIsThere();
    Expected<void> takeChecked(const wire::FileChecked& checked);
    [[nodiscard]] std::size_t gather(SharedSlice data);
    Expected<void> takeSkip(const wire::FileSkip& skip);
    void flush();
    void end(Done done);

    wire::TransferId m_transfer;
    std::uint64_t m_size;
    bool m_listing;
    RangeSet m_unsound;
    std::deque<Range> m_unchecked;  ///< no digests were asked for yet
    std::vector<Range> m_missing;
    std::deque<Range> m_checks;  ///< sent to be compared; the last one may still be digested
    bool m_digesting = false;
    std::uint64_t m_allowed;
    bool m_asked = false;                 ///< a check was sent
    std::deque<Range> m_wanted;           ///< to be requested
    std::deque<Range> m_requested;        ///< their bytes arrive in this order
    std::vector<SharedSlice> m_gathered;  ///< frames that are put together for one write
    std::size_t m_gatheredBytes = 0;
    std::size_t m_gatheredInMemory = 0;
    std::uint64_t m_gatheredFrom = 0;
    bool m_gatheredIsOurs = false;            ///< its last part is a copy, which may grow
    const Bytes* m_gatheredBuffer = nullptr;  ///< whose parts were gathered last of those that are shared
    std::deque<Pending> m_pending;
    std::size_t m_waiting = 0;
    std::uint64_t m_done = 0;
    std::deque<Action> m_actions;
    bool m_interrupted = false;
    bool m_finishing = false;
    bool m_over = false;
};

}  // namespace landline::transfer
