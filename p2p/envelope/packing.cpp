#include "p2p/envelope/packing.h"

#include "p2p/base/limits.h"
#include "p2p/envelope/sealing.h"

namespace landline::envelope {

namespace {

// What Protobuf adds at most: to a run its ids, number and lengths, and to an entry or proof its tags and lengths.
constexpr std::size_t kRunBytes = 2 * 34 + 11 + 5;
constexpr std::size_t kEntryBytes = 4 * 5;

std::size_t bytesOf(const wire::SignedEntry& entry) {
    std::size_t bytes = entry.bytes() + kEntryBytes;
    if (entry.erasure)
        bytes += entry.erasure->header.size() + Signature::kSize + entry.erasure->payload.size() +
                 entry.erasure->certificate.size() + kEntryBytes;
    return bytes;
}

bool continues(const wire::Entries& run, const ConversationId& conversation, const DeviceId& author,
               EntryNumber number) {
    return run.conversation == conversation && run.author == author &&
           run.first + run.entries.size() == number;
}

}  // namespace

Packing::Packing(wire::EnvelopeContent begun)
    : m_content(std::move(begun)), m_bytes(wire::encodeEnvelopeContent(m_content).size()) {
    for (const wire::Entries& run : m_content.entries) m_entries += run.entries.size();
}

bool Packing::add(const ConversationId& conversation, const DeviceId& author, EntryNumber number,
                  const wire::SignedEntry& entry) {
    auto& runs = m_content.entries;
    const bool isNewRun = runs.empty() || !continues(runs.back(), conversation, author, number);
    const std::size_t more = bytesOf(entry) + (isNewRun ? kRunBytes : 0);
    if (m_entries == limits::kEntriesPerEnvelope || m_bytes + more > kMostContent) return false;
    if (isNewRun) runs.push_back({conversation, author, number, {}});
    runs.back().entries.push_back(entry);
    m_bytes += more;
    ++m_entries;
    return true;
}

}  // namespace landline::envelope
