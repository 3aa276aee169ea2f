#include "p2p/timeline/fork.h"

#include "p2p/base/limits.h"
#include "p2p/timeline/applier.h"

#include <algorithm>

namespace landline::timeline {

namespace {

/// Headers that a peer sent: parsed, of one timeline, in the order received.
using Headers = std::vector<CheckedEntry>;

/// Headers of one evidence frame: as many as fit even if each is as large as it may be, so that a run never falls short
/// of the number it was meant to reach.
constexpr std::size_t kRun = (limits::kFramePlaintext - 256) / (limits::kEntryHeader + Signature::kSize + 16);
static_assert(kRun <= limits::kForkHeaders);

EntryNumber stepBack(EntryNumber from, EntryNumber base) {
    return from > base + kRun ? from - kRun : base + 1;
}

Expected<Headers> parseHeaders(const wire::ForkEvidence& evidence) {
    Headers headers;
    for (const wire::SignedEntry& bytes : evidence.headers) {
        auto entry = checkEntry(headerOnly(bytes));
        if (!entry) return Unexpected(entry.error());
        if (entry->header.conversation != evidence.conversation || entry->header.author != evidence.author)
            return Unexpected(ErrorCode::ProtocolViolation, "Evidence of a fork mixes timelines.");
        headers.push_back(std::move(*entry));
    }
    return headers;
}

/// Two different entries of one number after the same entry, each signed: a proof that needs no store.
bool isSelfContained(const Headers& headers) {
    if (headers.size() != 2) return false;
    const CheckedEntry& a = headers[0];
    const CheckedEntry& b = headers[1];
    return a.header.number == b.header.number && a.header.previous == b.header.previous && a.hash != b.hash &&
           isSigned(a) && isSigned(b);
}

bool isSignedRun(const Headers& headers) {
    for (std::size_t i = 1; i < headers.size(); ++i)
        if (headers[i].header.number != headers[i - 1].header.number + 1 ||
            headers[i].header.previous != headers[i - 1].hash)
            return false;
    return !headers.empty() && isSigned(headers.back());
}

ApplyResult refusedEvidence(const wire::ForkEvidence& evidence, Error error) {
    ApplyResult result;
    result.refused = evidence.headers.size();
    result.firstError = std::move(error);
    return result;
}

/// A peer whose headers go beyond the end of a timeline needs the proof, unless it sent that itself.
bool lacksOurProof(const TimelineHead& head, const Headers& headers, bool selfContained) {
    if (!head.end) return false;
    if (headers.empty()) return true;
    return headers.back().header.number > *head.end + (selfContained ? 1 : 0);
}

}  // namespace

wire::SignedEntry headerOnly(const wire::SignedEntry& entry) {
    return {entry.header, entry.signature, {}, {}};
}

Divergence compareWithStore(TimelineStore& store, const TimelineHead& head,
                            std::span<const CheckedEntry> theirs) {
    Divergence result;
    if (theirs.empty()) return result;
    const EntryNumber first = std::max(theirs.front().header.number, head.baseNumber + 1);
    const EntryNumber last = std::min(theirs.back().header.number, head.number);
    if (first > last) {
        const bool continues = theirs.front().header.number == head.number + 1;
        if (continues && theirs.front().header.previous != head.hash)
            result.lookFrom = stepBack(first, head.baseNumber);
        return result;
    }
    const ConversationId& conversation = theirs.front().header.conversation;
    const auto ours = store.read(conversation, head.author, first, static_cast<std::size_t>(last - first + 1),
                                 static_cast<std::size_t>(last - first + 1) * limits::kFramePlaintext);
    for (std::size_t i = 0; i < ours.size(); ++i) {
        const EntryNumber number = first + i;
        const CheckedEntry& other = theirs[static_cast<std::size_t>(number - theirs.front().header.number)];
        if (entryHash(ours[i]) == other.hash) continue;
        const auto header = wire::parseEntryHeader(ours[i].header);
        if (header && header->previous == other.header.previous)
            result.proof = {number - 1, {headerOnly(ours[i]), headerOnly(other.bytes)}};
        else
            result.lookFrom = stepBack(number, head.baseNumber);
        break;
    }
    return result;
}

bool endBefore(TimelineStore& store, const TimelineHead& head, const Divergence::Proof& proof) {
    if (head.end && *head.end <= proof.last) return false;
    const auto header = wire::parseEntryHeader(proof.evidence.first.header);
    if (!header) return false;
    store.endTimeline(header->conversation, head.author, proof.last, proof.evidence);
    return true;
}

ApplyResult Applier::applyForkEvidence(const wire::ForkEvidence& evidence) {
    const bool own = evidence.author == m_self;
    auto head = m_store.head(evidence.conversation, evidence.author);
    if (!head && own) head.emplace().author = m_self;
    if (!head) return {};
    const auto headers = parseHeaders(evidence);
    if (!headers) return refusedEvidence(evidence, headers.error());
    const bool selfContained = isSelfContained(*headers);
    if (!headers->empty() && !selfContained && !isSignedRun(*headers))
        return refusedEvidence(evidence,
                               {ErrorCode::BadSignature, "Evidence of a fork is not signed by its author."});

    ApplyResult result;
    // Signed by this device and not in its store: the store is an old copy, or another one writes.
    result.cloneSuspected =
        own && !head->end && !headers->empty() && headers->back().header.number > head->number;
    Divergence divergence;
    if (selfContained)
        divergence.proof = {headers->front().header.number - 1,
                            {headerOnly((*headers)[0].bytes), headerOnly((*headers)[1].bytes)}};
    else
        divergence = compareWithStore(m_store, *head, *headers);
    if (divergence.proof && endBefore(m_store, *head, *divergence.proof)) {
        result.ended.push_back(evidence.author);
        result.cloneSuspected = own;
        if (!selfContained) result.forkSuspectedAt = divergence.proof->last + 1;
    } else if (lacksOurProof(*head, *headers, selfContained)) {
        result.forkSuspectedAt = *head->end + 1;
    } else if (divergence.lookFrom) {
        result.forkSuspectedAt = divergence.lookFrom;
    }
    return result;
}

wire::ForkEvidence evidenceFrom(TimelineStore& store, const ConversationId& conversation,
                                const DeviceId& author, EntryNumber first) {
    wire::ForkEvidence evidence{conversation, author, {}};
    if (const auto pair = store.forkEvidence(conversation, author)) {
        evidence.headers = {headerOnly(pair->first), headerOnly(pair->second)};
        return evidence;
    }
    for (const wire::SignedEntry& entry :
         store.read(conversation, author, first, kRun, kRun * limits::kFramePlaintext))
        evidence.headers.push_back(headerOnly(entry));
    return evidence;
}

}  // namespace landline::timeline
