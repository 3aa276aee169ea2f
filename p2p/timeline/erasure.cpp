#include "p2p/timeline/erasure.h"

#include "p2p/base/hash.h"

namespace landline::timeline {

namespace {

constexpr auto kDeleteKind = static_cast<std::uint32_t>(wire::ContentKind::Delete);
constexpr auto kEdit = static_cast<std::uint32_t>(wire::ContentKind::Edit);

std::optional<PersonId> personOf(const std::optional<identity::Certificate>& known, const Bytes& certificate,
                                 const DeviceId& device) {
    if (known && known->encoded() == certificate) return known->person();
    const auto parsed = identity::Certificate::parse(certificate);
    if (!parsed || parsed->device() != device) return std::nullopt;
    return parsed->person();
}

std::optional<EntryRef> deletedBy(const wire::EntryHeader& header, const wire::ErasureProof& proof) {
    if (header.kind != kDeleteKind || sha256(proof.payload) != header.payloadHash) return std::nullopt;
    const auto content = wire::parsePayload(header.kind, proof.payload);
    const auto* const deletion = content ? std::get_if<wire::Delete>(&*content) : nullptr;
    return deletion ? std::optional(deletion->target) : std::nullopt;
}

bool covers(const EntryRef& deleted, const wire::EntryHeader& target) {
    if (target.kind == kDeleteKind) return false;
    return deleted == EntryRef{target.author, target.number} ||
           (target.kind == kEdit && target.target == deleted);
}

}  // namespace

wire::ErasureProof proofOf(const wire::SignedEntry& deletion, const identity::Certificate& author) {
    return {deletion.header, deletion.signature, deletion.payload, author.encoded()};
}

std::optional<EntryRef> namedBy(const wire::ErasureProof& proof) {
    const auto header = wire::parseEntryHeader(proof.header);
    return header ? deletedBy(*header, proof) : std::nullopt;
}

bool isSoundErasure(TimelineStore& store, const wire::ErasureProof& proof, const wire::EntryHeader& target,
                    const PersonId& person) {
    const auto header = wire::parseEntryHeader(proof.header);
    if (!header || header->conversation != target.conversation) return false;
    const auto deleted = deletedBy(*header, proof);
    return deleted && covers(*deleted, target) &&
           personOf(store.certificate(header->author), proof.certificate, header->author) == person &&
           identity::verify(header->author.view(), identity::context::kEntry, proof.header, proof.signature);
}

bool provesErasure(TimelineStore& store, const wire::ErasureProof& proof, const wire::EntryHeader& target,
                   const PersonId& person) {
    const auto header = wire::parseEntryHeader(proof.header);
    if (!header) return false;
    // A device belongs to one person for ever.
    const auto known = store.certificate(header->author);
    return (!known || known->person() == person) && isSoundErasure(store, proof, target, person);
}

std::optional<wire::ErasureProof> knownErasure(TimelineStore& store, const wire::EntryHeader& entry,
                                               const PersonId& person) {
    auto proof = store.erasureOf(entry.conversation, {entry.author, entry.number});
    if (!proof && entry.kind == kEdit && entry.target)
        proof = store.erasureOf(entry.conversation, *entry.target);
    if (!proof || !provesErasure(store, *proof, entry, person)) return std::nullopt;
    return proof;
}

}  // namespace landline::timeline
