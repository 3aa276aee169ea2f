#include "app/storage/bundle_source.h"

#include "app/storage/open_beneath.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

namespace landline::app {

namespace {

using transfer::Piece;

std::size_t readFully(int file, std::span<std::uint8_t> out, std::uint64_t offset) {
    std::size_t got = 0;
    while (got < out.size()) {
        const ssize_t count =
            pread(file, out.data() + got, out.size() - got, static_cast<off_t>(offset + got));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        got += static_cast<std::size_t>(count);
    }
    return got;
}

qint64 modifiedMillis(const struct stat& info) {
    return static_cast<qint64>(info.st_mtim.tv_sec) * 1000 + info.st_mtim.tv_nsec / 1'000'000;
}

wire::ItemFailure failureOf(int why) {
    if (why == ENOENT || why == ENOTDIR) return wire::ItemFailure::Vanished;
    // A link in its place, or on the way there.
    if (why == ELOOP || why == EXDEV) return wire::ItemFailure::Changed;
    return wire::ItemFailure::Unreadable;
}

Unexpected recordDamaged() {
    return Unexpected(ErrorCode::NotFound, "The record of what was offered is damaged. Send it again.");
}

}  // namespace

/// The pieces of one read of so many bytes: neighbouring data is one piece. The first one's buffer is made as long as it
/// can become at once, and cut at the end: one that was as long before needs not be cleared.
class BundleSource::Pieces {
public:
    Pieces(BundleSource& source, std::size_t length) : m_source(source), m_left(length) {}

    /// Where the next bytes of data go; `filled` keeps them.
    [[nodiscard]] std::span<std::uint8_t> room(std::size_t bytes) {
        const bool isFirst = !std::exchange(m_begun, true);
        if (isFirst) m_data = m_source.takeBuffer();
        const std::size_t needed = isFirst ? m_left : m_used + bytes;
        if (m_data.size() < needed) m_data.resize(needed);
        return std::span(m_data).subspan(m_used, bytes);
    }
    void filled(std::size_t bytes) {
        m_used += bytes;
        m_left -= bytes;
    }
    void skip(std::size_t bytes, wire::ItemFailure reason) {
        endData();
        m_pieces.push_back({{}, bytes, reason});
        m_left -= bytes;
    }
    [[nodiscard]] std::vector<Piece> take() {
        endData();
        if (!m_data.empty()) m_source.giveBack(std::move(m_data));
        return std::move(m_pieces);
    }

private:
    void endData() {
        if (m_used == 0) return;
        m_data.resize(std::exchange(m_used, 0));
        m_pieces.push_back({std::exchange(m_data, {}), 0, {}});
    }

    BundleSource& m_source;
    std::vector<Piece> m_pieces;
    Bytes m_data;
    bool m_begun = false;
    std::size_t m_used = 0;
    std::size_t m_left;
};

Expected<void> BundleSource::load() {
    auto record = loadBundle(m_record);
    if (!record) return Unexpected(record.error());
    auto listing = wire::parseListing(record->listing);
    if (!listing || listing->contentBytes() != m_size) return recordDamaged();
    std::vector<std::uint64_t> starts;
    qsizetype root = -1;
    m_rootOf.clear();
    std::uint64_t at = 0;
    for (const wire::ListingItem& item : listing->items) {
        // Parents come before what is in them, so the last root seen is this item's.
        if (item.path.find('/') == std::string::npos) ++root;
        m_rootOf.push_back(static_cast<std::uint32_t>(root));
        starts.push_back(at);
        at += item.size;
    }
    starts.push_back(at);
    if (root + 1 != record->roots.size()) return recordDamaged();
    m_roots = record->roots;
    m_items = std::move(listing->items);
    m_starts = std::move(starts);
    return {};
}

Expected<std::vector<Piece>> BundleSource::read(std::uint64_t offset, std::size_t length) {
    if (m_items.empty())
        if (auto loaded = load(); !loaded) return Unexpected(loaded.error());
    Pieces pieces(*this, length);
    const std::uint64_t end = offset + length;
    std::size_t item = static_cast<std::size_t>(std::upper_bound(m_starts.begin(), m_starts.end(), offset) -
                                                m_starts.begin()) -
                       1;
    for (; offset < end; ++item) {
        const std::uint64_t until = std::min(end, m_starts[item + 1]);
        if (until == offset) continue;
        const auto wanted = static_cast<std::size_t>(until - offset);
        if (const auto failure = open(item))
            pieces.skip(wanted, *failure);
        else
            readInto(pieces, item, offset - m_starts[item], wanted);
        offset = until;
    }
    return pieces.take();
}

/// Whether the file is still the one that was offered shows once it is read, not before: so no byte that was written
/// meanwhile is taken for right.
void BundleSource::readInto(Pieces& pieces, std::size_t item, std::uint64_t offset, std::size_t wanted) {
    const std::size_t got = readFully(m_file.handle(), pieces.room(wanted), offset);
    if (got == wanted && isAsOffered(item))
        pieces.filled(wanted);
    else
        pieces.skip(wanted, wire::ItemFailure::Changed);
}

bool BundleSource::isAsOffered(std::size_t item) const {
    struct stat info {};
    return fstat(m_file.handle(), &info) == 0 && S_ISREG(info.st_mode) &&
           static_cast<std::uint64_t>(info.st_size) == m_items[item].size &&
           modifiedMillis(info) == m_items[item].modified;
}

std::optional<wire::ItemFailure> BundleSource::open(std::size_t item) {
    if (m_open != item) {
        m_open.reset();
        m_file.close();
        const std::string& path = m_items[item].path;
        const std::size_t slash = path.find('/');
        const int file = openBeneath(m_roots[m_rootOf[item]],
                                     slash == std::string::npos ? std::string() : path.substr(slash + 1));
        if (file < 0) return failureOf(errno);
        if (!m_file.open(file, QIODevice::ReadOnly | QIODevice::Unbuffered, QFileDevice::AutoCloseHandle)) {
            ::close(file);
            return wire::ItemFailure::Unreadable;
        }
        m_open = item;
    }
    return isAsOffered(item) ? std::nullopt : std::optional(wire::ItemFailure::Changed);
}

Expected<std::vector<Piece>> ListingSource::read(std::uint64_t offset, std::size_t length) {
    if (m_bytes.empty()) {
        auto record = loadBundle(m_record);
        if (!record) return Unexpected(record.error());
        if (record->listing.size() != m_size) return recordDamaged();
        m_bytes = std::move(record->listing);
    }
    return std::vector<Piece>{{toBytes(ByteView(m_bytes).subspan(offset, length)), 0, {}}};
}

}  // namespace landline::app
