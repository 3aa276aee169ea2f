#include "p2p/timeline/timeline_store.h"

#include "p2p/base/hash.h"

#include <algorithm>

namespace landline::timeline {

wire::AuthorHead wireHead(const TimelineHead& head) {
    wire::AuthorHead out;
    out.author = head.author;
    out.baseNumber = head.baseNumber;
    out.baseHash = head.baseHash;
    out.number = head.number;
    if (head.number != 0) out.hash = truncated(head.hash);
    out.read = head.read;
    return out;
}

Hash128 headsDigest(std::vector<wire::AuthorHead> heads) {
    std::sort(heads.begin(), heads.end(),
              [](const wire::AuthorHead& a, const wire::AuthorHead& b) { return a.author < b.author; });
    Bytes text;
    for (const wire::AuthorHead& head : heads) {
        if (head.number == 0 && head.read == 0) continue;
        append(text, head.author.view());
        appendBe64(text, head.baseNumber);
        appendBe64(text, head.number);
        append(text, head.hash.view());
        appendBe64(text, head.read);
    }
    return truncated(sha256(text));
}

}  // namespace landline::timeline
