#pragma once

#include "p2p/base/bytes.h"
#include "p2p/base/expected.h"

#include <cstdint>

namespace landline::transfer {

/// The bytes of a file that is offered. Owned by one sender; used on one thread at a time.
class ChunkSource {
public:
    virtual ~ChunkSource() = default;
    [[nodiscard]] virtual std::uint64_t size() const = 0;
    /// Exactly `length` bytes from `offset`. Fails with Disk, or NotFound if the file is gone or has changed
    /// since the offer.
    [[nodiscard]] virtual Expected<Bytes> read(std::uint64_t offset, std::size_t length) = 0;
};

/// Where a fetched file goes. Owned by one receiver; used on one thread at a time.
class ChunkSink {
public:
    virtual ~ChunkSink() = default;
    /// Bytes held from the start on, from an earlier attempt.
    [[nodiscard]] virtual std::uint64_t bytesHeld() const = 0;
    /// Appends at `offset`, which is where the last write ended. Fails with Disk or Full.
    [[nodiscard]] virtual Expected<void> write(std::uint64_t offset, ByteView data) = 0;
    /// All is there: syncs it and gives the file its final name, which it returns.
    [[nodiscard]] virtual Expected<std::string> finish() = 0;
};

}  // namespace landline::transfer
