#include "p2p/transfer/journal.h"

#include "p2p/base/hash.h"

#include <gtest/gtest.h>

namespace landline::transfer {
namespace {

const ChunkDigest kListing = chunkDigest(viewOf("listing"));

TEST(Journal, givesBackWhatWasNoted) {
    Journal journal = parseJournal(kListing, {});
    Bytes file = noteFailed(journal, 7, wire::ItemFailure::Vanished);
    append(file, noteFailed(journal, 8, wire::ItemFailure::Unreadable));
    append(file, noteRecovered(journal, 7));
    const Journal read = parseJournal(kListing, file);
    EXPECT_EQ(read.failed, (std::map<std::uint32_t, wire::ItemFailure>{{8, wire::ItemFailure::Unreadable}}));
    EXPECT_EQ(read.wholeBytes, file.size());
    EXPECT_EQ(read.last, journal.last);
}

TEST(Journal, knowsWhatIsComplete) {
    Journal journal = parseJournal(kListing, {});
    Bytes file;
    for (std::uint32_t item = 1; item <= 4; ++item) append(file, noteComplete(journal, item));
    append(file, noteIncomplete(journal, 2));
    append(file, noteFailed(journal, 3, wire::ItemFailure::Changed));
    append(file, noteFailed(journal, 5, wire::ItemFailure::Changed));
    append(file, noteComplete(journal, 5));  // has come, and waits to be put where it belongs
    append(file, noteRecovered(journal, 4));
    const Journal read = parseJournal(kListing, file);
    EXPECT_EQ(read.complete, (std::set<std::uint32_t>{1, 4, 5}));
    EXPECT_EQ(read.failed.size(), 2U);
    EXPECT_EQ(journal.complete, read.complete);
    EXPECT_EQ(read.wholeBytes, file.size());
}

TEST(Journal, countsAsFarAsItIsWhole) {
    Journal journal = parseJournal(kListing, {});
    const Bytes first = noteFailed(journal, 1, wire::ItemFailure::Changed);
    Bytes file = first;
    append(file, noteFailed(journal, 2, wire::ItemFailure::Changed));
    for (std::size_t at = 0; at < file.size(); ++at) {
        Bytes damaged = file;
        damaged[at] ^= 0x10;
        const Journal read = parseJournal(kListing, damaged);
        EXPECT_EQ(read.wholeBytes, at < first.size() ? 0 : first.size()) << at;
        const Journal torn = parseJournal(kListing, ByteView(file).first(at));
        EXPECT_EQ(torn.wholeBytes, at < first.size() ? 0 : first.size()) << at;
    }
}

TEST(Journal, ofAnotherListingDoesNotCount) {
    Journal journal = parseJournal(kListing, {});
    const Bytes file = noteFailed(journal, 1, wire::ItemFailure::Changed);
    EXPECT_TRUE(parseJournal(ChunkDigest{}, file).failed.empty());
}

TEST(Journal, goesOnBehindATornEnd) {
    Journal journal = parseJournal(kListing, {});
    Bytes file = noteFailed(journal, 1, wire::ItemFailure::Changed);
    Bytes torn = file;
    torn.push_back(1);
    Journal again = parseJournal(kListing, torn);
    torn.resize(again.wholeBytes);
    append(torn, noteFailed(again, 2, wire::ItemFailure::Changed));
    EXPECT_EQ(parseJournal(kListing, torn).failed.size(), 2U);
}

}  // namespace
}  // namespace landline::transfer
