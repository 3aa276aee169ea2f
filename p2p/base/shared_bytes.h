#pragma once

#include "p2p/base/bytes.h"

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace landline {

/// A part of bytes that live as long as the last slice of them. Whoever has a slice may change its part and no other.
struct SharedSlice {
    std::shared_ptr<Bytes> owner;
    std::size_t at = 0;
    std::size_t size = 0;

    [[nodiscard]] std::span<std::uint8_t> span() const { return std::span(*owner).subspan(at, size); }
    [[nodiscard]] ByteView view() const { return span(); }
    /// The whole of `bytes`.
    [[nodiscard]] static SharedSlice of(Bytes bytes) {
        const std::size_t size = bytes.size();
        return {std::make_shared<Bytes>(std::move(bytes)), 0, size};
    }
};

/// Large buffers that are used again: their memory is there already and needs not be cleared, which costs as much as
/// copying it. Keeps a bounded number of those that are not in use. Safe from any thread; what was shared may outlive it.
class BytePool {
public:
    explicit BytePool(std::size_t mostKept) : m_kept(std::make_shared<Kept>()) { m_kept->most = mostKept; }

    /// A buffer of any size and content: of one that came back, or empty.
    [[nodiscard]] Bytes take() {
        const std::lock_guard lock(m_kept->mutex);
        m_kept->keeps = true;
        if (m_kept->buffers.empty()) return {};
        Bytes buffer = std::move(m_kept->buffers.back());
        m_kept->buffers.pop_back();
        return buffer;
    }

    /// One that was taken and is not needed any more.
    void giveBack(Bytes buffer) { m_kept->add(std::move(buffer)); }

    /// Keeps none, also of those that are in use now, until one is taken: nothing is under way that would soon use them.
    void clear() {
        std::vector<Bytes> gone;
        const std::lock_guard lock(m_kept->mutex);
        m_kept->keeps = false;
        gone.swap(m_kept->buffers);
    }

    /// The buffer comes back once nobody refers to it any more.
    [[nodiscard]] std::shared_ptr<Bytes> share(Bytes buffer) {
        auto owned = std::make_unique<Bytes>(std::move(buffer));
        const auto giveBack = [kept = std::weak_ptr(m_kept)](Bytes* last) {
            const std::unique_ptr<Bytes> gone(last);
            if (const auto to = kept.lock()) to->add(std::move(*gone));
        };
        return {owned.release(), giveBack};
    }

private:
    struct Kept {
        void add(Bytes buffer) {
            const std::lock_guard lock(mutex);
            if (keeps && buffers.size() < most) buffers.push_back(std::move(buffer));
        }
        std::mutex mutex;
        std::vector<Bytes> buffers;
        std::size_t most = 0;
        bool keeps = true;  ///< nothing was cleared since the last was taken
    };
    std::shared_ptr<Kept> m_kept;
};

}  // namespace landline
