// FrameBuffer, fed in pieces that the input decides, finds what a reader of the whole stream finds. Input: limit 2, then
// pieces of (length 1, bytes).
#include "p2p/wire/frame_buffer.h"
#include "tests/fuzz/fuzz_input.h"

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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    FuzzInput input(data, size);
    const std::size_t limit = input.u16();
    wire::FrameBuffer buffer;
    Bytes stream;
    Found found;
    while (!input.empty() && !found.failed) {
        const ByteView piece = input.bytes(input.u8());
        append(stream, piece);
        buffer.feed(piece);
        for (;;) {
            const auto frame = buffer.next(limit);
            found.failed = !frame;
            if (!frame || !*frame) break;
            found.frames.push_back(toBytes(**frame));
        }
        require(found.failed || buffer.buffered() < wire::FrameBuffer::kHeaderBytes + limit,
                "no more than one unfinished frame is kept");
    }
    require(found == readWhole(stream, limit), "the cut of the stream makes no difference");
    return 0;
}
