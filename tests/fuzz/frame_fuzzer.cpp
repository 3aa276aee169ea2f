// FrameBuffer, fed in pieces that the input decides, finds what a reader of the whole stream finds, and what was shared of
// it stays as it was, while its memory is used again. Input: limit 2, then pieces of (length 1, bytes).
#include "p2p/wire/frame_buffer.h"
#include "tests/fuzz/fuzz_input.h"

#include <deque>

using namespace landline;
using namespace landline::fuzz;

namespace {

/// What came out: the bodies, and whether it ended in a failure.
struct Found {
    std::vector<Bytes> frames;
    bool failed = false;
    friend bool operator==(const Found&, const Found&) = default;
};

Found readWhole(ByteView stream, std::size_t limit) {
    Found found;
    while (stream.size() >= wire::FrameBuffer::kHeaderBytes) {
        const std::size_t length = loadBe16(stream.data());
        if (length == 0 || length > limit) {
            found.failed = true;
            break;
        }
        if (stream.size() < wire::FrameBuffer::kHeaderBytes + length) break;
        found.frames.push_back(toBytes(stream.subspan(wire::FrameBuffer::kHeaderBytes, length)));
        stream = stream.subspan(wire::FrameBuffer::kHeaderBytes + length);
    }
    return found;
}

/// Parts that were shared, a few at a time.
class SharedParts {
public:
    void add(SharedSlice part) {
        if (m_parts.size() == kMost) drop();
        m_parts.emplace_back(toBytes(part.view()), part);
    }
    void drop() {
        const auto& [was, part] = m_parts.front();
        require(std::equal(was.begin(), was.end(), part.view().begin()), "a shared part stays as it was");
        // It is its owner's alone.
        std::fill(part.span().begin(), part.span().end(), std::uint8_t(0xee));
        m_parts.pop_front();
    }
    [[nodiscard]] bool empty() const { return m_parts.empty(); }

private:
    static constexpr std::size_t kMost = 3;
    std::deque<std::pair<Bytes, SharedSlice>> m_parts;
};

/// What comes out when the bytes are read to where they stay, as from a socket, and every second frame is shared.
class Reader {
public:
    explicit Reader(std::size_t limit)
        : m_limit(limit),
          // One frame at once, or several.
          m_most((wire::FrameBuffer::kHeaderBytes + limit) * (1 + limit % 4)),
          m_buffer(&m_pool) {}

    void read(ByteView piece) {
        while (!piece.empty() && !m_found.failed) {
            const std::span<std::uint8_t> room = m_buffer.room(m_most);
            require(!room.empty(), "there is room");
            require(m_buffer.buffered() + room.size() <= m_most, "no more is read than may be");
            const std::size_t count = std::min(piece.size(), room.size());
            std::copy_n(piece.begin(), count, room.begin());
            m_buffer.filled(count);
            piece = piece.subspan(count);
            takeFrames();
        }
    }
    const Found& finish() {
        while (!m_shared.empty()) m_shared.drop();
        return m_found;
    }
    [[nodiscard]] bool hasFailed() const { return m_found.failed; }

private:
    void takeFrames() {
        for (;;) {
            const auto frame = m_buffer.next(m_limit);
            m_found.failed = !frame;
            if (!frame || !*frame) break;
            m_found.frames.push_back(toBytes(**frame));
            if (m_found.frames.size() % 2 == 0) m_shared.add(m_buffer.share(**frame));
        }
        require(m_found.failed || m_buffer.buffered() < wire::FrameBuffer::kHeaderBytes + m_limit,
                "no more than one unfinished frame is kept");
    }

    std::size_t m_limit;
    std::size_t m_most;
    BytePool m_pool{2};
    wire::FrameBuffer m_buffer;
    SharedParts m_shared;
    Found m_found;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    FuzzInput input(data, size);
    const std::size_t limit = input.u16();
    Reader reader(limit);
    Bytes stream;
    while (!input.empty() && !reader.hasFailed()) {
        const ByteView piece = input.bytes(input.u8());
        append(stream, piece);
        reader.read(piece);
    }
    require(reader.finish() == readWhole(stream, limit), "the cut of the stream makes no difference");
    return 0;
}
