#include "app/storage/bundle_sink.h"

#include "app/storage/durable_file.h"
#include "app/storage/file_io.h"
#include "app/storage/part_files.h"
#include "app/storage/tree_scan.h"
#include "p2p/base/hash.h"

#include <QDir>
#include <QFileInfo>
#include <QStorageInfo>

#include <algorithm>
#include <limits>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace landline::app {

namespace {

using transfer::Held;
using transfer::Range;

/// How long, at least, before the next items that are whole are noted.
constexpr std::chrono::seconds kNoteEvery{2};

/// Bytes in parts that lie one behind the other, to be taken from the front.
class Front {
public:
    explicit Front(std::span<const ByteView> parts) : m_parts(parts) {
        for (const ByteView part : parts) m_size += part.size();
    }
    [[nodiscard]] std::size_t size() const { return m_size; }
    /// As many as there are, at most.
    [[nodiscard]] std::vector<ByteView> take(std::size_t bytes) {
        m_size -= bytes;
        std::vector<ByteView> taken;
        while (bytes > 0) {
            const ByteView rest = m_parts.front().subspan(m_within);
            taken.push_back(rest.first(std::min(rest.size(), bytes)));
            bytes -= taken.back().size();
            m_within += taken.back().size();
            if (m_within < m_parts.front().size()) continue;
            m_parts = m_parts.subspan(1);
            m_within = 0;
        }
        return taken;
    }

private:
    std::span<const ByteView> m_parts;
    std::size_t m_within = 0;  ///< so much of the first is gone
    std::size_t m_size = 0;
};

Expected<void> makeFolder(const QString& path) {
    if (QDir().mkpath(path)) return {};
    return Unexpected(writeError(path, errno != 0 ? errno : EIO));
}

void addRange(std::vector<Range>& ranges, Range range) {
    if (range.at == range.end) return;
    if (!ranges.empty() && ranges.back().end == range.at)
        ranges.back().end = range.end;
    else
        ranges.push_back(range);
}

bool isThere(const QString& path) {
    struct stat info {};
    return lstat(QFile::encodeName(path).constData(), &info) == 0;
}

/// Times, and who may run it. A disk that keeps neither is no reason to lose the file.
void dressItem(const QString& path, const wire::ListingItem& item) {
    const QByteArray name = QFile::encodeName(path);
    struct stat info {};
    if (item.executable && !item.folder && lstat(name.constData(), &info) == 0 && S_ISREG(info.st_mode))
        (void)::chmod(name.constData(), (info.st_mode | ((info.st_mode & 0444U) >> 2U)) & 07777U);
    std::int64_t seconds = item.modified / 1000;
    std::int64_t millis = item.modified % 1000;
    if (millis < 0) {
        millis += 1000;
        --seconds;
    }
    const timespec time{static_cast<time_t>(seconds), static_cast<long>(millis * 1'000'000)};
    const timespec times[2] = {time, time};
    (void)::utimensat(AT_FDCWD, name.constData(), times, AT_SYMLINK_NOFOLLOW);
}

}  // namespace

// What is there ----------------------------------------------------------------------------------------------------

BundleSink::BundleSink(Target target)
    : m_target(std::move(target)),
      m_notes(movedNotesOf(m_target.record)),
      m_part(partPath(m_target.folder, m_target.name, m_target.id)) {}

void BundleSink::forget(const QString& record) {
    for (const char* const end : {"", ".journal", ".moved"}) QFile::remove(record + QLatin1String(end));
}

Expected<void> BundleSink::prepare() {
    auto record = loadBundle(m_target.record);
    if (!record) return Unexpected(record.error());
    if (chunkDigest(record->listing) != m_target.ref.digest) return notAsOffered();
    auto listing = wire::parseListing(record->listing);
    if (!listing) return Unexpected(listing.error());
    if (listing->items.size() != m_target.ref.items || listing->contentBytes() != m_target.size)
        return notAsOffered();
    m_paths = safePaths(*listing);
    m_starts.clear();
    m_rootOf.clear();
    std::uint64_t at = 0;
    std::uint32_t root = 0;
    for (const wire::ListingItem& item : listing->items) {
        // Parents come before what is in them, so the last root seen is this item's.
        if (item.path.find('/') == std::string::npos) root = static_cast<std::uint32_t>(m_starts.size());
        m_rootOf.push_back(root);
        m_starts.push_back(at);
        at += item.size;
    }
    m_starts.push_back(at);
    if (auto opened = openJournal(); !opened) return opened;
    if (auto read = readMoved(); !read) return read;
    m_noteAfter = std::chrono::steady_clock::now() + kNoteEvery;
    m_listing = std::move(*listing);
    // From here on only what they are called here counts.
    for (wire::ListingItem& item : m_listing.items) item.path = std::string();
    return {};
}

Expected<void> BundleSink::openJournal() {
    m_journalFile.close();
    m_journalFile.setFileName(m_target.record + QStringLiteral(".journal"));
    if (!m_journalFile.open(QIODevice::ReadWrite | QIODevice::Unbuffered))
        return Unexpected(writeError(m_journalFile.fileName(), errno));
    const QByteArray bytes = m_journalFile.readAll();
    m_journal = transfer::parseJournal(
        m_target.ref.digest,
        viewOf(std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size()))));
    const auto whole = static_cast<qint64>(m_journal.wholeBytes);
    if (!m_journalFile.resize(whole) || !m_journalFile.seek(whole))
        return Unexpected(writeError(m_journalFile.fileName(), errno));
    return {};
}

/// An item below a folder that is home has moved there because it came after all.
Expected<void> BundleSink::readMoved() {
    m_moved.clear();
    m_uncertain.clear();
    for (const auto& [item, move] : m_notes.read()) {
        if (item >= m_rootOf.size()) continue;
        if (m_rootOf[item] == item) {
            m_moved[item] = move.path;
            if (!move.certain) m_uncertain[item] = move.path;
        } else if (m_journal.failed.count(item) != 0) {
            if (auto noted = note(transfer::noteRecovered(m_journal, item)); !noted) return noted;
        }
    }
    if (m_moved.empty()) return {};
    m_target.folder = QFileInfo(m_moved.begin()->second).path();
    m_part = partPath(m_target.folder, m_target.name, m_target.id);
    return {};
}

Expected<void> BundleSink::makeFolders() {
    if (auto made = makeFolder(m_target.folder); !made) return made;
    for (const char* const name : {"", "/files", "/again"})
        if (auto made = makeOwnFolder(m_part + QLatin1String(name)); !made) return made;
    for (std::size_t i = 0; i < m_listing.items.size(); ++i)
        if (m_listing.items[i].folder && !isHome(i))
            if (auto made = makeOwnFolder(partOf(i)); !made) return made;
    return {};
}

Expected<Held> BundleSink::held() {
    closeItem();
    if (auto noted = noteWhole(); !noted) return Unexpected(noted.error());
    if (m_listing.items.empty())
        if (auto ready = prepare(); !ready) return Unexpected(ready.error());
    if (auto made = makeFolders(); !made) return Unexpected(made.error());
    if (auto noted = noteLost(); !noted) return Unexpected(noted.error());
    Held held;
    for (std::size_t i = 0; i < m_listing.items.size(); ++i)
        if (m_listing.items[i].size != 0) addHeld(held, i);
    std::uint64_t missing = 0;
    for (const Range& range : held.missing) missing += range.size();
    const qint64 room = QStorageInfo(m_part).bytesAvailable();
    if (room >= 0 && static_cast<std::uint64_t>(room) < missing)
        return Unexpected(writeError(m_target.folder, ENOSPC));
    return held;
}

void BundleSink::addHeld(Held& held, std::size_t item) {
    const Range range{m_starts[item], m_starts[item + 1]};
    const auto number = static_cast<std::uint32_t>(item);
    if (isHome(item) && m_journal.failed.count(number) == 0) return;
    struct stat info {};
    const bool isFile =
        lstat(QFile::encodeName(partOf(item)).constData(), &info) == 0 && S_ISREG(info.st_mode);
    const std::uint64_t size = isFile ? static_cast<std::uint64_t>(info.st_size) : 0;
    const std::uint64_t end = range.at + std::min(size, range.size());
    if (isHome(item) && size > 0) m_again.insert(number);
    addRange(held.unchecked, {range.at, end});
    addRange(held.missing, {end, range.end});
}

Expected<Bytes> BundleSink::read(std::uint64_t offset, std::size_t length) {
    Bytes data(length);
    std::size_t done = 0;
    for (std::size_t item = itemAt(offset); done < length; ++item) {
        const auto part =
            static_cast<std::size_t>(std::min<std::uint64_t>(length - done, m_starts[item + 1] - offset));
        if (part == 0) continue;
        // Gone since held() has seen it: as if it were another.
        if (!open(item, 0)) return Unexpected(ErrorCode::NotFound, "An item is missing.");
        const ssize_t got =
            pread(m_file.handle(), data.data() + done, part, static_cast<off_t>(offset - m_starts[item]));
        // Shorter than it was a moment ago: whatever is read, it is not the same.
        if (got < 0 || static_cast<std::size_t>(got) != part)
            return Unexpected(ErrorCode::NotFound, "An item is missing.");
        done += part;
        offset += part;
    }
    return data;
}

bool BundleSink::isFailed(std::size_t item) const {
    const auto number = static_cast<std::uint32_t>(item);
    return m_journal.failed.count(number) != 0 && m_again.count(number) == 0;
}

bool BundleSink::isHome(std::size_t item) const {
    return m_moved.count(m_rootOf[item]) != 0;
}

std::size_t BundleSink::itemAt(std::uint64_t offset) const {
    const auto after = std::upper_bound(m_starts.begin(), m_starts.end() - 1, offset);
    return static_cast<std::size_t>(after - m_starts.begin()) - 1;
}

/// Until it is home. In two folders: a top-level item is home when the first has it no more.
QString BundleSink::partOf(std::size_t item) const {
    if (isHome(item)) return m_part + QStringLiteral("/again/") + QString::number(item);
    return m_part + QStringLiteral("/files/") + m_paths[static_cast<qsizetype>(item)];
}

/// Of an item whose top-level item has moved.
QString BundleSink::homeOf(std::size_t item) const {
    const std::uint32_t root = m_rootOf[item];
    return m_moved.at(root) +
           m_paths[static_cast<qsizetype>(item)].mid(m_paths[static_cast<qsizetype>(root)].size());
}

// What comes -------------------------------------------------------------------------------------------------------

void BundleSink::closeItem() {
    m_open.reset();
    m_file.close();
}

/// `flags` as for open(2).
Expected<void> BundleSink::open(std::size_t item, int flags) {
    if (m_open == item) return {};
    closeItem();
    if (auto opened = openPart(m_file, partOf(item), flags); !opened) return opened;
    m_open = item;
    return {};
}

Expected<void> BundleSink::writeParts(std::uint64_t offset, std::span<const ByteView> parts) {
    Front front(parts);
    for (std::size_t item = itemAt(offset); front.size() != 0; ++item) {
        const auto bytes =
            static_cast<std::size_t>(std::min<std::uint64_t>(front.size(), m_starts[item + 1] - offset));
        if (bytes == 0) continue;
        const std::uint64_t within = offset - m_starts[item];
        if (auto put = writeItem(item, within, front.take(bytes)); !put) return put;
        if (!isFailed(item) && within + bytes == m_listing.items[item].size)
            m_whole.insert(static_cast<std::uint32_t>(item));
        offset += bytes;
    }
    return std::chrono::steady_clock::now() < m_noteAfter ? Expected<void>() : noteWhole();
}

Expected<void> BundleSink::writeItem(std::size_t item, std::uint64_t within,
                                     std::span<const ByteView> parts) {
    if (within == 0)
        if (auto begun = begin(item); !begun) return begun;
    // The rest of an item that has failed is worth nothing without its beginning.
    if (isFailed(item)) return {};
    if (auto noted = noteChange(item); !noted) return noted;
    if (auto opened = open(item, within == 0 ? O_CREAT : 0); !opened) return opened;
    return writePart(m_file.handle(), partOf(item), within, parts);
}

/// An item that failed before comes after all. That one in a folder which is home is there is noted once it is home too.
Expected<void> BundleSink::begin(std::size_t item) {
    if (!isFailed(item)) return {};
    const auto number = static_cast<std::uint32_t>(item);
    if (!isHome(item)) return note(transfer::noteRecovered(m_journal, number));
    m_again.insert(number);
    return {};
}

Expected<void> BundleSink::skip(std::uint64_t offset, std::uint64_t length, wire::ItemFailure reason) {
    const std::uint64_t end = offset + length;
    for (std::size_t item = itemAt(offset); offset < end; ++item) {
        offset = m_starts[item + 1];
        const auto number = static_cast<std::uint32_t>(item);
        if (m_listing.items[item].size == 0 || isFailed(item)) continue;
        // The sender has no more what has come whole. Nobody can compare it then, but here it is.
        if (m_whole.count(number) != 0)
            if (auto noted = noteWhole(); !noted) return noted;
        if (isWhole(item)) continue;
        if (m_open == item) closeItem();
        QFile::remove(partOf(item));
        m_again.erase(number);
        if (m_journal.failed.count(number) != 0) continue;
        if (auto noted = note(transfer::noteFailed(m_journal, number, reason)); !noted) return noted;
    }
    return {};
}

Expected<void> BundleSink::note(const Bytes& records) {
    const auto size = static_cast<qint64>(records.size());
    if (m_journalFile.write(reinterpret_cast<const char*>(records.data()), size) == size) return {};
    return Unexpected(writeError(m_journalFile.fileName(), errno));
}

/// Other bytes come of an item: what was said of it holds no more.
Expected<void> BundleSink::noteChange(std::size_t item) {
    const auto number = static_cast<std::uint32_t>(item);
    m_whole.erase(number);
    if (m_journal.complete.count(number) == 0) return {};
    if (auto noted = note(transfer::noteIncomplete(m_journal, number)); !noted) return noted;
    return syncJournal();
}

/// What was whole may have been cut or removed since, or have moved home.
Expected<void> BundleSink::noteLost() {
    Bytes records;
    const std::set<std::uint32_t> complete = m_journal.complete;
    for (const std::uint32_t item : complete)
        if (item >= m_rootOf.size() || !isWhole(item))
            append(records, transfer::noteIncomplete(m_journal, item));
    if (records.empty()) return {};
    if (auto noted = note(records); !noted) return noted;
    return syncJournal();
}

Expected<void> BundleSink::syncJournal() {
    if (::fdatasync(m_journalFile.handle()) == 0) return {};
    return Unexpected(writeError(m_journalFile.fileName(), errno));
}

/// Many at once, and seldom where the disk is slow: a sync of each would take longer than sending it.
Expected<void> BundleSink::noteWhole() {
    if (m_whole.empty()) return {};
    const auto before = std::chrono::steady_clock::now();
    if (auto synced = sync(); !synced) return synced;
    Bytes records;
    for (const std::uint32_t item : m_whole) append(records, transfer::noteComplete(m_journal, item));
    m_whole.clear();
    const auto now = std::chrono::steady_clock::now();
    m_noteAfter = now + std::max<std::chrono::steady_clock::duration>(kNoteEvery, 10 * (now - before));
    return note(records);
}

bool BundleSink::isWhole(std::size_t item) const {
    if (m_journal.complete.count(static_cast<std::uint32_t>(item)) == 0) return false;
    struct stat info {};
    return lstat(QFile::encodeName(partOf(item)).constData(), &info) == 0 && S_ISREG(info.st_mode) &&
           static_cast<std::uint64_t>(info.st_size) == m_listing.items[item].size;
}

// The end ----------------------------------------------------------------------------------------------------------

/// What came is not trusted to be there still: the folder lies where others may write. Only what is empty is made now.
Expected<void> BundleSink::completePart(std::size_t item) {
    if (m_listing.items[item].folder) return makeOwnFolder(partOf(item));
    const auto size = static_cast<qint64>(m_listing.items[item].size);
    if (auto opened = open(item, size == 0 ? O_CREAT : 0); !opened) return opened;
    const bool isWhole = m_file.size() >= size;
    if (isWhole && m_file.size() != size && !m_file.resize(size))
        return Unexpected(writeError(partOf(item), errno));
    markOrigin(m_file.handle(), m_target.origin);
    closeItem();
    if (!isWhole) return partLost(partOf(item));
    return {};
}

/// Backwards, so that a folder's time is set after what is in it.
Expected<void> BundleSink::dress() {
    closeItem();
    for (std::size_t i = m_listing.items.size(); i-- > 0;) {
        const wire::ListingItem& item = m_listing.items[i];
        if (isFailed(i) || (isHome(i) && m_again.count(static_cast<std::uint32_t>(i)) == 0)) continue;
        if (auto complete = completePart(i); !complete) return complete;
        dressItem(partOf(i), item);
    }
    return {};
}

/// Everything at once: one sync for each of many small files would take longer than sending them.
Expected<void> BundleSink::sync() const {
    const int folder = ::open(QFile::encodeName(m_part).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return Unexpected(writeError(m_part, errno));
    const int why = ::syncfs(folder) == 0 ? 0 : errno;
    ::close(folder);
    if (why != 0) return Unexpected(writeError(m_part, why));
    return {};
}

Expected<BundleSink::Result> BundleSink::finish() {
    if (auto dressed = dress(); !dressed) return Unexpected(dressed.error());
    if (auto synced = sync(); !synced) return Unexpected(synced.error());
    // What failed must be known once the folder is home: it would be taken for whole.
    if (auto synced = syncJournal(); !synced) return Unexpected(synced.error());
    (void)syncFolder(QFileInfo(m_target.record).path());
    if (auto moved = moveRecovered(); !moved) return Unexpected(moved.error());
    if (auto moved = moveHome(); !moved) return Unexpected(moved.error());
    removePart(m_part);
    m_journalFile.close();
    Result result{m_target.folder.toStdString(), static_cast<std::uint32_t>(m_journal.failed.size())};
    // All lie below the last top-level item where it is the first, too.
    if (m_rootOf.back() == 0 && m_moved.size() == 1) result.path = m_moved.begin()->second.toStdString();
    m_listing.items.clear();
    return result;
}

Expected<void> BundleSink::moveHome() {
    std::vector<Move> moves;
    for (std::size_t i = 0; i < m_listing.items.size(); ++i)
        if (m_rootOf[i] == i && !isHome(i) && !isFailed(i))
            moves.push_back({static_cast<std::uint32_t>(i), identityOf(partOf(i))});
    while (!moves.empty()) {
        auto left = moveSome(std::move(moves));
        if (!left) return Unexpected(left.error());
        moves = std::move(*left);
    }
    // Where that fails, what was intended says as much as long as nobody moves it on.
    if (!m_uncertain.empty() && syncFolder(m_target.folder) && m_notes.noteMoved(m_uncertain))
        m_uncertain.clear();
    return {};
}

/// All are noted at once before any moves: a sync for each of many would take longer than sending them. Returns those whose
/// names were taken, to be tried under the next ones.
Expected<std::vector<BundleSink::Move>> BundleSink::moveSome(std::vector<Move> moves) {
    std::vector<MovedNotes::Intent> intents;
    for (Move& move : moves) {
        QString path;
        do {
            path = nameToTry(m_target.folder, m_paths[static_cast<qsizetype>(move.item)], ++move.number);
        } while (isThere(path) && move.number < kMostNumber);
        intents.push_back({move.item, path, move.identity});
    }
    if (!m_notes.noteIntended(intents)) return Unexpected(writeError(m_target.record, errno));
    std::vector<Move> left;
    for (std::size_t i = 0; i < moves.size(); ++i) {
        const auto& [item, path, identity] = intents[i];
        const int why = moveToNew(partOf(item), path);
        if (why == 0)
            m_moved[item] = m_uncertain[item] = path;
        else if (why == EEXIST && moves[i].number < kMostNumber)
            left.push_back(moves[i]);
        else
            return Unexpected(writeError(path, why));
    }
    return left;
}

Expected<QString> BundleSink::move(std::size_t item, const QString& folder, const QString& name) {
    const QString part = partOf(item);
    const FileIdentity identity = identityOf(part);
    return moveToFreeName(part, folder, name, [&](const QString& path) {
        return m_notes.noteIntended({{static_cast<std::uint32_t>(item), path, identity}});
    });
}

Expected<void> BundleSink::moveRecovered() {
    for (const std::uint32_t item : m_again) {
        const QFileInfo home(homeOf(item));
        if (auto made = makeFolder(home.path()); !made) return made;
        if (auto moved = move(item, home.path(), home.fileName()); !moved) return Unexpected(moved.error());
        (void)syncFolder(home.path());
        if (auto noted = note(transfer::noteRecovered(m_journal, item)); !noted) return noted;
    }
    m_again.clear();
    return {};
}

}  // namespace landline::app
