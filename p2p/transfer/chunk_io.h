#pragma once

#include "p2p/base/bytes.h"
#include "p2p/base/expected.h"
#include "p2p/base/shared_bytes.h"
#include "p2p/transfer/range_set.h"
#include "p2p/wire/messages.h"

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace landline::transfer {

/// Consecutive bytes of a source: either data, or so many bytes of an item that cannot be given as it was offered.
struct Piece {
    Bytes data;
    std::uint64_t skipped = 0;
    wire::ItemFailure reason = wire::ItemFailure::Unknown;
    [[nodiscard]] std::uint64_t size() const { return skipped != 0 ? skipped : data.size(); }
};

/// The bytes of a file that is offered, or of the files of a bundle one after another. Owned by one sender; used on one
/// thread at a time.
class ChunkSource {
public:
    virtual ~ChunkSource() = default;
    [[nodiscard]] virtual std::uint64_t size() const = 0;
    /// Exactly `length` bytes from `offset`, in as many pieces as it takes. Fails with Disk, or NotFound if a single file
    /// is gone or has changed since the offer; a bundle skips such files instead.
    [[nodiscard]] virtual Expected<std::vector<Piece>> read(std::uint64_t offset, std::size_t length) = 0;
    /// Where a source that reads to memory of its own choice takes that from. Safe for any thread.
    void setBuffers(std::shared_ptr<BytePool> buffers) { m_buffers = std::move(buffers); }
    /// Data that was read and is not needed any more.
    void giveBack(Bytes data) {
        if (m_buffers) m_buffers->giveBack(std::move(data));
    }

protected:
    /// A buffer of any size and content, to be resized.
    [[nodiscard]] Bytes takeBuffer() { return m_buffers ? m_buffers->take() : Bytes(); }

private:
    std::shared_ptr<BytePool> m_buffers;
};

/// What a sink has of earlier attempts: ranges that ascend and do not overlap. What is in none of them is there and as it
/// should be.
struct Held {
    std::vector<Range> unchecked;  ///< there, perhaps not all as it should be
    std::vector<Range> missing;
};

/// Where what is fetched goes. Owned by one fetch; used on one thread at a time.
class ChunkSink {
public:
    struct Result {
        std::string path;
        std::uint32_t failedItems = 0;  ///< skipped, and so missing there
    };

    virtual ~ChunkSink() = default;
    /// Looks what is there, before anything else, after each break and at a pause. Fails with Disk or Full.
    [[nodiscard]] virtual Expected<Held> held() = 0;
    /// Of what is held. Fails with NotFound where that is not there any more.
    [[nodiscard]] virtual Expected<Bytes> read(std::uint64_t offset, std::size_t length) = 0;
    /// These parts, one behind the other. Fails with Disk or Full; some of it may be there then.
    [[nodiscard]] virtual Expected<void> writeParts(std::uint64_t offset,
                                                    std::span<const ByteView> parts) = 0;
    [[nodiscard]] Expected<void> write(std::uint64_t offset, ByteView data) {
        return writeParts(offset, {&data, 1});
    }
    /// These bytes do not come. Fails with NotFound for a single file.
    [[nodiscard]] virtual Expected<void> skip(std::uint64_t offset, std::uint64_t length,
                                              wire::ItemFailure reason) = 0;
    /// All is there: syncs it and gives it its final name.
    [[nodiscard]] virtual Expected<Result> finish() = 0;
};

/// The digests of what a sink holds in a range, one for each limits::kFileChunk; zeros, which no bytes have, for a piece
/// that is not there any more.
[[nodiscard]] Expected<std::vector<ChunkDigest>> digestsOf(ChunkSink& sink, Range range);

/// The sender's answer to a check, made piece by piece: reading and digesting all of them takes long.
class CheckAnswer {
public:
    explicit CheckAnswer(wire::FileCheck check);

    /// Compares the next piece. One that cannot be read, or lies outside of the source, is not the same. False once
    /// nothing is left to be compared.
    [[nodiscard]] bool compareNext(ChunkSource& source);
    [[nodiscard]] const wire::FileChecked& answer() const { return m_answer; }
    [[nodiscard]] const wire::FileCheck& check() const { return m_check; }

private:
    wire::FileCheck m_check;
    wire::FileChecked m_answer;
    std::size_t m_next = 0;
};

}  // namespace landline::transfer
