#include "app/messenger/relay_forks.h"

#include "app/storage/relay_heads_table.h"
#include "p2p/base/hash.h"
#include "p2p/base/limits.h"
#include "p2p/timeline/hybrid_clock.h"

#include <algorithm>

namespace landline::app {

namespace {

/// Where evidence begins that is to reach this number.
EntryNumber firstUpTo(const timeline::TimelineHead& ours, EntryNumber last) {
    constexpr EntryNumber kMost = limits::kForkHeaders / 2;
    return last > ours.baseNumber + kMost ? last - kMost + 1 : ours.baseNumber + 1;
}

/// A statement waits at the relay beside the entries that its device wrote after it. By the device's own clock it is known
/// which was first.
bool isLater(const wire::HeadsStatement& statement, const timeline::TimelineHead& ours) {
    return statement.counter > static_cast<std::uint64_t>(toUnixMillis(timeline::wallOf(ours.clock)));
}

}  // namespace

void RelayForks::owe(const OwedEvidence& evidence, Owed& owed) {
    m_context.db->relayHeads().oweEvidence(evidence, m_context.clock.wall());
    owed.evidence.insert(evidence.device);
}

void RelayForks::answer(const DeviceId& device, const ConversationId& conversation, const DeviceId& author,
                        const timeline::ApplyResult& result, Owed& owed) {
    if (result.forkSuspectedAt) owe({device, conversation, author, *result.forkSuspectedAt}, owed);
}

bool RelayForks::differs(const ConversationId& conversation, const timeline::TimelineHead& ours,
                         const wire::AuthorHead& told) {
    if (told.number <= ours.baseNumber || told.number > ours.number) return false;
    if (told.number == ours.number) return truncated(ours.hash) != told.hash;
    const auto held = m_context.db->read(conversation, ours.author, told.number, 1, 0);
    return !held.empty() && truncated(timeline::entryHash(held.front())) != told.hash;
}

void RelayForks::compare(const wire::HeadsStatement& statement, const ConversationId& conversation,
                         const wire::AuthorHead& told, Owed& owed) {
    const auto ours = m_context.db->head(conversation, told.author);
    const EntryNumber held = ours ? ours->number : 0;
    if (ours && ours->end && told.number > *ours->end) {
        owe({statement.device, conversation, told.author, *ours->end + 1}, owed);
    } else if (told.number > held && told.author == m_context.selfDevice()) {
        // It learns how far this store is, and sends what proves that there is more.
        m_context.db->relayHeads().owe(statement.device);
        owed.areHeads = true;
    } else if (ours && differs(conversation, *ours, told)) {
        owe({statement.device, conversation, told.author, firstUpTo(*ours, told.number)}, owed);
    } else if (ours && told.author == statement.device && told.number < held && isLater(statement, *ours)) {
        // Its own store is an old copy.
        owe({statement.device, conversation, told.author, firstUpTo(*ours, held)}, owed);
    }
}

void RelayForks::compare(const wire::HeadsStatement& statement, const wire::Heads& heads, Owed& owed) {
    bool isAuthorTold = heads.authors.size() >= limits::kHeadsPerMessage;
    for (const wire::AuthorHead& told : heads.authors) {
        compare(statement, heads.conversation, told, owed);
        isAuthorTold = isAuthorTold || told.author == statement.device;
    }
    // Complete heads leave out authors of whom nothing is held.
    wire::AuthorHead nothing;
    nothing.author = statement.device;
    if (!isAuthorTold) compare(statement, heads.conversation, nothing, owed);
}

}  // namespace landline::app
