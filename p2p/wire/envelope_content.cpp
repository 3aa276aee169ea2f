#include "p2p/wire/envelope_content.h"

#include "p2p/base/limits.h"
#include "p2p/wire/pb_values.h"
#include "p2p/wire/relay_codec.h"
#include "p2p/wire/sync_codec.h"

#include "envelope.pb.h"

namespace landline::wire {

namespace {

using detail::read;
using detail::write;

Unexpected badContent(const char* what) {
    return Unexpected(ErrorCode::Malformed, std::string("An envelope cannot be read: ") + what + ".");
}

Expected<void> readEntries(const pb::EnvelopeContent& in, EnvelopeContent& content) {
    std::size_t count = 0;
    for (const auto& one : in.entries()) {
        auto run = detail::readEntries(one);
        if (!run) return Unexpected(run.error());
        count += run->entries.size();
        // An empty run would cost nothing to send and something to look at.
        if (run->entries.empty() || count > limits::kEntriesPerEnvelope)
            return badContent("it holds no or too many entries");
        content.entries.push_back(*std::move(run));
    }
    return {};
}

}  // namespace

Bytes encodeEnvelopeContent(const EnvelopeContent& content) {
    pb::EnvelopeContent out;
    out.set_certificate(toString(content.certificate));
    out.set_name(content.name);
    for (const RelayAccess& relay : content.told.relays) detail::writeAccess(relay, out.add_relays());
    for (const Entries& run : content.entries) detail::writeEntries(run, out.add_entries());
    for (const SignedHeads& heads : content.heads) {
        pb::SignedHeads& one = *out.add_heads();
        one.set_statement(toString(heads.statement));
        write(heads.signature, one.mutable_signature());
    }
    out.set_no_relays(content.told.areNone);
    out.set_edition(content.edition);
    for (const ForkEvidence& fork : content.forks) detail::writeEvidence(fork, out.add_forks());
    return detail::serialize(out);
}

Expected<EnvelopeContent> parseEnvelopeContent(ByteView bytes) {
    if (bytes.size() > limits::kEnvelopeContent)
        return Unexpected(ErrorCode::TooLarge, "An envelope is too large.");
    pb::EnvelopeContent in;
    if (!detail::parseProto(bytes, in)) return badContent("its content is broken");
    if (in.name().size() > limits::kNameBytes || std::size_t(in.relays_size()) > limits::kRelaysPerContact ||
        std::size_t(in.heads_size()) > limits::kHeadsPerEnvelope ||
        std::size_t(in.forks_size()) > limits::kForksPerEnvelope)
        return badContent("a part of it is over its limit");
    EnvelopeContent content{toBytes(viewOf(in.certificate())), in.name(), {}, {}, {}, in.edition(), {}};
    for (const auto& one : in.relays())
        if (!detail::readAccess(one, content.told.relays.emplace_back()))
            return badContent("a relay in it is broken");
    content.told.areNone = in.no_relays();
    if (content.told.areNone && !content.told.relays.empty()) return badContent("it names relays and none");
    if (const auto entries = readEntries(in, content); !entries) return Unexpected(entries.error());
    for (const auto& one : in.heads()) {
        SignedHeads& heads = content.heads.emplace_back();
        heads.statement = toBytes(viewOf(one.statement()));
        if (!read(one.signature(), heads.signature)) return badContent("its heads have no signature");
    }
    for (const auto& one : in.forks()) {
        auto fork = detail::readEvidence(one);
        if (!fork) return Unexpected(fork.error());
        content.forks.push_back(*std::move(fork));
    }
    return content;
}

Bytes encodeHeadsStatement(const HeadsStatement& statement) {
    pb::HeadsStatement out;
    write(statement.device, out.mutable_device());
    out.set_counter(statement.counter);
    out.set_lost(statement.lost);
    for (const Heads& heads : statement.heads) detail::writeHeads(heads, out.add_heads());
    return detail::serialize(out);
}

Expected<HeadsStatement> parseHeadsStatement(ByteView bytes) {
    pb::HeadsStatement in;
    HeadsStatement statement;
    if (bytes.size() > limits::kEnvelopeContent || !detail::parseProto(bytes, in) ||
        !read(in.device(), statement.device))
        return badContent("a statement of heads in it is broken");
    statement.counter = in.counter();
    statement.lost = in.lost();
    if (std::size_t(in.heads_size()) > limits::kConversationsPerDigest)
        return badContent("it states the heads of too many conversations");
    for (const auto& one : in.heads()) {
        auto heads = detail::readHeads(one);
        if (!heads) return Unexpected(heads.error());
        statement.heads.push_back(*std::move(heads));
    }
    return statement;
}

}  // namespace landline::wire
