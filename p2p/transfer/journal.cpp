#include "p2p/transfer/journal.h"

#include "p2p/base/hash.h"

namespace landline::transfer {

namespace {

constexpr std::size_t kHeadBytes = 12;
constexpr std::size_t kRecordBytes = kHeadBytes + ChunkDigest::kSize;
constexpr std::uint8_t kFailed = 1;
constexpr std::uint8_t kRecovered = 2;
constexpr std::uint8_t kComplete = 3;
constexpr std::uint8_t kIncomplete = 4;

ChunkDigest link(const ChunkDigest& before, ByteView head) {
    Bytes both = toBytes(before.view());
    append(both, head);
    return chunkDigest(both);
}

void enter(Journal& journal, ByteView head) {
    const std::uint32_t item = loadBe32(head.data() + 4);
    if (head[0] == kFailed) journal.failed[item] = static_cast<wire::ItemFailure>(loadBe32(head.data() + 8));
    if (head[0] == kRecovered) journal.failed.erase(item);
    if (head[0] == kComplete)
        journal.complete.insert(item);
    else if (head[0] != kRecovered)
        journal.complete.erase(item);
}

Bytes note(Journal& journal, std::uint8_t type, std::uint32_t item, std::uint32_t reason) {
    Bytes record{type, 0, 0, 0};
    appendBe32(record, item);
    appendBe32(record, reason);
    enter(journal, record);
    journal.last = link(journal.last, record);
    append(record, journal.last.view());
    journal.wholeBytes += record.size();
    return record;
}

bool isKnown(ByteView head) {
    return (head[0] == kFailed &&
            loadBe32(head.data() + 8) <= std::uint32_t(wire::ItemFailure::Unreadable)) ||
           (head[0] >= kRecovered && head[0] <= kIncomplete);
}

}  // namespace

Journal parseJournal(const ChunkDigest& listing, ByteView bytes) {
    Journal journal;
    journal.last = listing;
    for (; bytes.size() >= kRecordBytes; bytes = bytes.subspan(kRecordBytes)) {
        const ByteView head = bytes.first(kHeadBytes);
        const ChunkDigest expected = link(journal.last, head);
        if (ChunkDigest::from(bytes.subspan(kHeadBytes, ChunkDigest::kSize)) != expected || !isKnown(head))
            break;
        enter(journal, head);
        journal.last = expected;
        journal.wholeBytes += kRecordBytes;
    }
    return journal;
}

Bytes noteFailed(Journal& journal, std::uint32_t item, wire::ItemFailure reason) {
    return note(journal, kFailed, item, std::uint32_t(reason));
}

Bytes noteComplete(Journal& journal, std::uint32_t item) {
    return note(journal, kComplete, item, 0);
}

Bytes noteIncomplete(Journal& journal, std::uint32_t item) {
    return note(journal, kIncomplete, item, 0);
}

Bytes noteRecovered(Journal& journal, std::uint32_t item) {
    return note(journal, kRecovered, item, 0);
}

}  // namespace landline::transfer
