// The journal of a bundle from a damaged disk: what counts of it is a whole number of records, and noting goes on there.
#include "p2p/transfer/journal.h"
#include "tests/fuzz/fuzz_input.h"

using namespace landline;
using namespace landline::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView bytes(data, size);
    transfer::Journal journal = transfer::parseJournal(ChunkDigest{}, bytes);
    require(journal.wholeBytes <= size && journal.wholeBytes % 44 == 0, "whole records count");
    Bytes file = toBytes(bytes.first(journal.wholeBytes));
    append(file, transfer::noteFailed(journal, 7, wire::ItemFailure::Changed));
    append(file, transfer::noteComplete(journal, 8));
    const transfer::Journal again = transfer::parseJournal(ChunkDigest{}, file);
    require(again.wholeBytes == file.size(), "what is noted is whole");
    require(
        again.failed == journal.failed && again.complete == journal.complete && again.last == journal.last,
        "a journal comes back as it was");
    return 0;
}
