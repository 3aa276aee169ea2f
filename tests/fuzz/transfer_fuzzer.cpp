// A sender that answers as it likes, and a disk that fails when it likes: whatever comes, the receiver hands out only
// bytes that are missing, each of them once, waits for no more than it was sent, and finishes only what is whole.
#include "p2p/base/limits.h"
#include "p2p/transfer/file_receiver.h"
#include "tests/fuzz/fuzz_input.h"

#include <deque>

using namespace landline;
using namespace landline::fuzz;
using transfer::FileReceiver;
using transfer::Range;

namespace {

enum class Byte : std::uint8_t { Right, Unchecked, Missing, Handed };

/// What is known of each byte of the file, and what the receiver asked the other side and the disk.
class Owner {
public:
    Owner(FuzzInput& input, std::uint64_t size) : m_input(input), m_bytes(size, Byte::Right) {}

    [[nodiscard]] std::uint64_t size() const { return m_bytes.size(); }

    /// What an earlier attempt left.
    transfer::Held hold() {
        transfer::Held held;
        std::uint64_t at = 0;
        for (int i = 0; i < 8 && at < m_bytes.size(); ++i) {
            const std::uint64_t begin = std::min<std::uint64_t>(m_bytes.size(), at + scaled());
            const std::uint64_t end = std::min<std::uint64_t>(m_bytes.size(), begin + 1 + scaled());
            if (begin == end) break;
            const bool isMissing = (m_input.u8() & 1) != 0;
            (isMissing ? held.missing : held.unchecked).push_back({begin, end});
            mark({begin, end}, isMissing ? Byte::Missing : Byte::Unchecked);
            at = end;
        }
        return held;
    }

    void run(FileReceiver& receiver) {
        drain(receiver);
        while (!m_input.empty() && !m_done && !m_ended) {
            step(receiver);
            drain(receiver);
        }
        receiver.interrupted();
        drain(receiver);
        if (!m_done) receiver.cancel();
        drain(receiver);
        require(m_done, "it ends once it is cancelled");
    }

private:
    std::uint64_t scaled() { return std::uint64_t(m_input.u8()) << (m_input.u8() % 14); }

    void mark(Range range, Byte byte) {
        std::fill(m_bytes.begin() + static_cast<std::ptrdiff_t>(range.at),
                  m_bytes.begin() + static_cast<std::ptrdiff_t>(range.end), byte);
    }

    void step(FileReceiver& receiver) {
        switch (m_input.u8() % 12) {
            case 0:
                if (m_digests.empty()) return;
                return answerDigest(receiver);
            case 1:
            case 2:
                if (m_writes == 0) return;
                --m_writes;
                return receiver.written(m_input.u8() == 255 ? Expected<void>(failure()) : Expected<void>());
            case 3:
                if (!m_finishing) return;
                m_finishing = false;
                if (m_input.u8() == 255) return receiver.finished(failure());
                return receiver.finished(transfer::ChunkSink::Result{"file", 0});
            case 4:
                if (m_input.u8() == 255) receiver.cancel();
                return;
            case 5:
                return take(receiver, wire::FileRefused{{}, wire::FileRefusal::Changed, {}});
            case 6:
                return take(receiver, wire::FileChunk{scaled(), Bytes(m_input.u8())});
            case 7:
                return take(receiver, wire::FileSkip{scaled(), scaled(), wire::ItemFailure::Vanished});
            case 8:
                return take(receiver, wire::FileChecked{scaled(), toBytes(m_input.bytes(m_input.u8() % 4))});
            default:
                return answerAsAsked(receiver);
        }
    }

    static Unexpected failure() { return Unexpected(ErrorCode::Disk, "The disk failed."); }

    void answerDigest(FileReceiver& receiver) {
        const Range range = m_digests.front();
        m_digests.pop_front();
        if (m_input.u8() == 255) return receiver.digested(failure());
        const std::uint64_t pieces = (range.size() + limits::kFileChunk - 1) / limits::kFileChunk;
        receiver.digested(std::vector<ChunkDigest>(pieces));
    }

    /// The next check or request, answered as a sender would.
    void answerAsAsked(FileReceiver& receiver) {
        if (!m_checks.empty() && (m_requests.empty() || (m_input.u8() & 1) != 0)) {
            const wire::FileCheck& check = m_checks.front();
            wire::FileChecked answer{check.offset, Bytes((check.digests.size() + 7) / 8)};
            for (auto& byte : answer.same) byte = m_input.u8();
            return take(receiver, answer);
        }
        if (m_requests.empty()) return;
        const Range range = m_requests.front();
        const std::uint64_t count = std::min<std::uint64_t>({range.size(), limits::kFileFrame, 1 + scaled()});
        if (m_input.u8() % 8 == 0)
            return take(receiver, wire::FileSkip{range.at, count, wire::ItemFailure::Changed});
        take(receiver, wire::FileChunk{range.at, Bytes(static_cast<std::size_t>(count))});
    }

    void take(FileReceiver& receiver, const wire::Message& message) {
        if (m_done) return;
        if (!give(receiver, message))
            m_ended = true;
        else
            std::visit([this](const auto& one) { taken(one); }, message);
    }

    /// A chunk of odd length as it comes from a bulk session: a part of a larger buffer.
    static Expected<void> give(FileReceiver& receiver, const wire::Message& message) {
        const auto* const chunk = std::get_if<wire::FileChunk>(&message);
        if (!chunk || chunk->data.size() % 2 == 0) return receiver.receive(message);
        auto around = std::make_shared<Bytes>(chunk->data);
        around->insert(around->begin(), 8, std::uint8_t(0xff));
        around->insert(around->end(), 8, std::uint8_t(0xff));
        return receiver.receiveChunk(chunk->offset, {std::move(around), 8, chunk->data.size()});
    }

    void taken(const wire::FileChecked& answer) {
        require(!m_checks.empty() && m_checks.front().offset == answer.offset, "it was asked for this check");
        const wire::FileCheck& check = m_checks.front();
        for (std::size_t i = 0; i < check.digests.size(); ++i) {
            const std::uint64_t at = check.offset + i * limits::kFileChunk;
            const std::uint64_t end = std::min(check.offset + check.length, at + limits::kFileChunk);
            mark({at, end}, ((answer.same[i / 8] >> (i % 8)) & 1) != 0 ? Byte::Right : Byte::Missing);
        }
        m_checks.pop_front();
    }
    void taken(const wire::FileChunk& chunk) { came(chunk.offset, chunk.data.size()); }
    void taken(const wire::FileSkip& skip) { came(skip.offset, skip.length); }
    template <class Other>
    void taken(const Other&) {}

    void came(std::uint64_t at, std::uint64_t count) {
        require(!m_requests.empty() && m_requests.front().at == at && count <= m_requests.front().size(),
                "it was asked for these bytes");
        m_requests.front().at += count;
        if (m_requests.front().size() == 0) m_requests.pop_front();
    }

    void drain(FileReceiver& receiver) {
        while (const auto action = receiver.nextAction()) {
            require(!m_done, "nothing follows the end");
            std::visit([this](const auto& one) { handle(one); }, *action);
        }
        require(receiver.bytesWritten() <= m_bytes.size(), "it has no more than the whole file");
    }

    void handle(const FileReceiver::Send& send) {
        if (const auto* check = std::get_if<wire::FileCheck>(&send.message)) m_checks.push_back(*check);
        if (const auto* request = std::get_if<wire::FileRequest>(&send.message))
            m_requests.push_back({request->offset, request->offset + request->length});
        require(m_checks.size() + m_requests.size() <= limits::kFileRequestsWaiting,
                "no more is asked for at once than a sender has to bear");
    }
    void handle(const FileReceiver::Digest& digest) { m_digests.push_back(digest.range); }
    void handle(const FileReceiver::Write& write) { handOut(write.offset, write.size()); }
    void handle(const FileReceiver::Skip& skip) { handOut(skip.offset, skip.length); }
    void handle(const FileReceiver::Finish&) {
        require(m_writes == 0, "everything is written before the end");
        for (const Byte byte : m_bytes)
            require(byte == Byte::Right || byte == Byte::Handed, "only what is whole is finished");
        m_finishing = true;
    }
    void handle(const FileReceiver::Done&) { m_done = true; }

    void handOut(std::uint64_t at, std::uint64_t count) {
        require(count > 0 && at <= m_bytes.size() && count <= m_bytes.size() - at, "it lies in the file");
        for (std::uint64_t i = at; i < at + count; ++i) {
            require(m_bytes[i] == Byte::Missing, "only what is missing is written, and once");
            m_bytes[i] = Byte::Handed;
        }
        ++m_writes;
    }

    FuzzInput& m_input;
    std::vector<Byte> m_bytes;
    std::deque<Range> m_digests;
    std::deque<wire::FileCheck> m_checks;
    std::deque<Range> m_requests;
    std::size_t m_writes = 0;
    bool m_finishing = false;
    bool m_done = false;
    bool m_ended = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    FuzzInput input(data, size);
    Owner owner(input, 1 + (std::uint64_t(input.u16()) << (input.u8() % 7)));
    const transfer::Held held = owner.hold();
    FileReceiver receiver({}, owner.size(), held, false);
    owner.run(receiver);
    return 0;
}
