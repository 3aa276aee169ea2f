#include "p2p/wire/sync_codec.h"

#include "p2p/base/limits.h"
#include "p2p/wire/pb_values.h"

namespace landline::wire::detail {

namespace {

Unexpected badSync(const char* what) {
    return Unexpected(ErrorCode::Malformed,
                      std::string("The other side sent entries or heads that cannot be read: ") + what + ".");
}

void writeHead(const AuthorHead& head, pb::AuthorHead* out) {
    write(head.author, out->mutable_author());
    out->set_base_number(head.baseNumber);
    if (head.baseNumber != 0) write(head.baseHash, out->mutable_base_hash());
    out->set_number(head.number);
    if (head.number != 0) write(head.hash, out->mutable_hash());
    out->set_read(head.read);
}

bool readHead(const pb::AuthorHead& in, AuthorHead& head) {
    head.baseNumber = in.base_number();
    head.number = in.number();
    head.read = in.read();
    const bool hashFits = head.number == 0 ? in.hash().empty() : read(in.hash(), head.hash);
    const bool baseFits = head.baseNumber == 0 ? in.base_hash().empty() : read(in.base_hash(), head.baseHash);
    return hashFits && baseFits && read(in.author(), head.author) && head.baseNumber <= head.number;
}

}  // namespace

void writeProof(const ErasureProof& proof, pb::ErasureProof* out) {
    out->set_header(toString(proof.header));
    write(proof.signature, out->mutable_signature());
    out->set_payload(toString(proof.payload));
    out->set_certificate(toString(proof.certificate));
}

bool readProof(const pb::ErasureProof& in, ErasureProof& proof) {
    proof.header = toBytes(viewOf(in.header()));
    proof.payload = toBytes(viewOf(in.payload()));
    proof.certificate = toBytes(viewOf(in.certificate()));
    return read(in.signature(), proof.signature);
}

void writeEntry(const SignedEntry& entry, pb::SignedEntry* out) {
    out->set_header(toString(entry.header));
    write(entry.signature, out->mutable_signature());
    out->set_payload(toString(entry.payload));
    if (entry.erasure) writeProof(*entry.erasure, out->mutable_erasure());
}

bool readEntry(const pb::SignedEntry& in, SignedEntry& entry) {
    if (in.header().size() > limits::kEntryHeader || in.payload().size() > limits::kEntryPayload)
        return false;
    entry.header = toBytes(viewOf(in.header()));
    entry.payload = toBytes(viewOf(in.payload()));
    if (in.has_erasure() && !readProof(in.erasure(), entry.erasure.emplace())) return false;
    return read(in.signature(), entry.signature);
}

void writeEntries(const Entries& entries, pb::Entries* out) {
    write(entries.conversation, out->mutable_conversation());
    write(entries.author, out->mutable_author());
    out->set_first(entries.first);
    for (const SignedEntry& entry : entries.entries) writeEntry(entry, out->add_entries());
}

Expected<Entries> readEntries(const pb::Entries& in) {
    Entries entries;
    entries.first = in.first();
    if (!read(in.conversation(), entries.conversation) || !read(in.author(), entries.author) ||
        in.first() == 0)
        return badSync("entries name no timeline");
    if (std::size_t(in.entries_size()) > limits::kEntriesPerMessage)
        return badSync("it holds too many entries");
    for (const auto& one : in.entries())
        if (!readEntry(one, entries.entries.emplace_back()))
            return badSync("an entry has a part of the wrong size");
    return entries;
}

void writeHeads(const Heads& heads, pb::Heads* out) {
    write(heads.conversation, out->mutable_conversation());
    out->set_complete(heads.complete);
    for (const AuthorHead& head : heads.authors) writeHead(head, out->add_authors());
}

Expected<Heads> readHeads(const pb::Heads& in) {
    if (std::size_t(in.authors_size()) > limits::kHeadsPerMessage)
        return badSync("it lists too many heads");
    Heads heads;
    heads.complete = in.complete();
    if (!read(in.conversation(), heads.conversation)) return badSync("heads name no conversation");
    for (const auto& one : in.authors())
        if (!readHead(one, heads.authors.emplace_back())) return badSync("a head is inconsistent");
    return heads;
}

void writeEvidence(const ForkEvidence& evidence, pb::ForkEvidence* out) {
    write(evidence.conversation, out->mutable_conversation());
    write(evidence.author, out->mutable_author());
    for (const SignedEntry& header : evidence.headers) writeEntry(header, out->add_headers());
}

Expected<ForkEvidence> readEvidence(const pb::ForkEvidence& in) {
    ForkEvidence evidence;
    if (!read(in.conversation(), evidence.conversation) || !read(in.author(), evidence.author))
        return badSync("evidence of a fork names no timeline");
    if (std::size_t(in.headers_size()) > limits::kForkHeaders)
        return badSync("evidence of a fork holds too many entries");
    for (const auto& one : in.headers())
        if (!readEntry(one, evidence.headers.emplace_back()))
            return badSync("an entry has a part of the wrong size");
    return evidence;
}

}  // namespace landline::wire::detail
