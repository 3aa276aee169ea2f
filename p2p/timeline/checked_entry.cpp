#include "p2p/timeline/checked_entry.h"

#include "p2p/base/hash.h"

namespace landline::timeline {

Hash256 entryHash(const wire::SignedEntry& entry) {
    return sha256({entry.header, entry.signature.view()});
}

Expected<CheckedEntry> checkEntry(wire::SignedEntry bytes) {
    auto header = wire::parseEntryHeader(bytes.header);
    if (!header) return Unexpected(header.error());
    CheckedEntry entry;
    entry.header = std::move(*header);
    entry.hash = entryHash(bytes);
    if (!bytes.payload.empty()) {
        if (sha256(bytes.payload) != entry.header.payloadHash)
            return Unexpected(ErrorCode::BadSignature,
                              "The content of a timeline entry is not what its author signed.");
        auto content = wire::parsePayload(entry.header.kind, bytes.payload);
        if (!content) return Unexpected(content.error());
        const auto* edit = std::get_if<wire::Edit>(&*content);
        if (edit && entry.header.target != edit->target)
            return Unexpected(ErrorCode::Malformed,
                              "The header of an edit names another message than its content.");
        entry.content = std::move(*content);
    }
    entry.bytes = std::move(bytes);
    return entry;
}

bool isSigned(const CheckedEntry& entry) {
    return identity::verify(entry.header.author.view(), identity::context::kEntry, entry.bytes.header,
                            entry.bytes.signature);
}

CheckedEntry makeEntry(const ConversationId& conversation, const identity::DeviceKeys& device,
                       const identity::Certificate& certificate, const TimelineTip& tip, HybridTime clock,
                       const wire::Content& content, Random& random) {
    CheckedEntry entry;
    entry.bytes.payload = wire::encodePayload(content, random.make<Hash128>());
    wire::EntryHeader& header = entry.header;
    header.conversation = conversation;
    header.author = device.id();
    header.number = tip.number + 1;
    header.previous = tip.hash;
    header.clock = clock;
    header.kind = wire::kindOf(content);
    header.payloadHash = sha256(entry.bytes.payload);
    if (header.number == 1) header.certificate = certificate.encoded();
    if (const auto* edit = std::get_if<wire::Edit>(&content)) header.target = edit->target;
    entry.bytes.header = wire::encodeEntryHeader(header);
    entry.bytes.signature = device.signing.sign(identity::context::kEntry, entry.bytes.header);
    entry.hash = entryHash(entry.bytes);
    entry.content = content;
    return entry;
}

}  // namespace landline::timeline
