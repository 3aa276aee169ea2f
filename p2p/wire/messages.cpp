#include "p2p/wire/messages.h"

#include "p2p/base/limits.h"
#include "p2p/base/utf8.h"
#include "p2p/wire/pb_values.h"

namespace landline::wire {

namespace {

using detail::read;
using detail::readOptional;
using detail::write;

Unexpected malformed(const char* what) {
    return Unexpected(ErrorCode::Malformed, std::string("The other side sent a frame that cannot be read: ") + what + ".");
}

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
    if (in.header().size() > limits::kEntryHeader || in.payload().size() > limits::kEntryPayload) return false;
    entry.header = toBytes(viewOf(in.header()));
    entry.payload = toBytes(viewOf(in.payload()));
    if (in.has_erasure() && !readProof(in.erasure(), entry.erasure.emplace())) return false;
    return read(in.signature(), entry.signature);
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

struct FrameWriter {
    pb::Frame& out;

    void operator()(const Hello& m) const {
        pb::Hello& hello = *out.mutable_hello();
        hello.set_certificate(toString(m.certificate));
        hello.set_highest_major(m.highestMajor);
        hello.set_minor(m.minor);
        hello.set_instance(m.instance);
        hello.set_listen_port(m.listenPort);
        hello.set_has_aes(m.hasAes);
        hello.set_name(m.name);
        if (m.transfer) write(*m.transfer, hello.mutable_transfer());
    }
    void operator()(const Ping& m) const { out.mutable_ping()->set_token(m.token); }
    void operator()(const Pong& m) const { out.mutable_pong()->set_token(m.token); }
    void operator()(const Rekey&) const { out.mutable_rekey(); }
    void operator()(const Close& m) const {
        out.mutable_close()->set_reason(std::uint32_t(m.reason));
        out.mutable_close()->set_text(m.text);
    }
    void operator()(const HeadsDigest& m) const {
        pb::HeadsDigest& digest = *out.mutable_heads_digest();
        for (const ConversationDigest& conversation : m.conversations) {
            pb::HeadsDigest::Conversation& one = *digest.add_conversations();
            write(conversation.conversation, one.mutable_id());
            write(conversation.digest, one.mutable_digest());
        }
    }
    void operator()(const Heads& m) const {
        pb::Heads& heads = *out.mutable_heads();
        write(m.conversation, heads.mutable_conversation());
        heads.set_complete(m.complete);
        for (const AuthorHead& head : m.authors) writeHead(head, heads.add_authors());
    }
    void operator()(const Entries& m) const {
        pb::Entries& entries = *out.mutable_entries();
        write(m.conversation, entries.mutable_conversation());
        write(m.author, entries.mutable_author());
        entries.set_first(m.first);
        for (const SignedEntry& entry : m.entries) writeEntry(entry, entries.add_entries());
    }
    void operator()(const ForkEvidence& m) const {
        pb::ForkEvidence& evidence = *out.mutable_fork_evidence();
        write(m.conversation, evidence.mutable_conversation());
        write(m.author, evidence.mutable_author());
        for (const SignedEntry& header : m.headers) writeEntry(header, evidence.add_headers());
    }
    void operator()(const Typing& m) const {
        write(m.conversation, out.mutable_typing()->mutable_conversation());
        out.mutable_typing()->set_active(m.active);
    }
    void operator()(const Profile& m) const {
        out.mutable_profile()->set_name(m.name);
        out.mutable_profile()->set_presence(static_cast<pb::Profile::Presence>(m.presence));
        out.mutable_profile()->set_status_text(m.statusText);
    }
    void operator()(const DialBack& m) const {
        write(m.token, out.mutable_dial_back()->mutable_token());
        if (m.transfer) write(*m.transfer, out.mutable_dial_back()->mutable_transfer());
    }
    void operator()(const FileRequest& m) const {
        pb::FileRequest& request = *out.mutable_file_request();
        write(m.transfer, request.mutable_transfer());
        request.set_offset(m.offset);
        request.set_length(m.length);
        request.set_listing(m.listing);
    }
    void operator()(const FileChunk& m) const {
        out.mutable_file_chunk()->set_offset(m.offset);
        out.mutable_file_chunk()->set_data(m.data.data(), m.data.size());
    }
    void operator()(const FileRefused& m) const {
        write(m.transfer, out.mutable_file_refused()->mutable_transfer());
        out.mutable_file_refused()->set_reason(std::uint32_t(m.reason));
        out.mutable_file_refused()->set_text(m.text);
    }
    void operator()(const FileCancel& m) const { write(m.transfer, out.mutable_file_cancel()->mutable_transfer()); }
    void operator()(const FileSkip& m) const {
        out.mutable_file_skip()->set_offset(m.offset);
        out.mutable_file_skip()->set_length(m.length);
        out.mutable_file_skip()->set_reason(std::uint32_t(m.reason));
    }
    void operator()(const FileCheck& m) const {
        pb::FileCheck& check = *out.mutable_file_check();
        write(m.transfer, check.mutable_transfer());
        check.set_offset(m.offset);
        check.set_length(m.length);
        for (const ChunkDigest& digest : m.digests)
            check.mutable_digests()->append(toString(digest.view()));
    }
    void operator()(const FileChecked& m) const {
        out.mutable_file_checked()->set_offset(m.offset);
        out.mutable_file_checked()->set_same(toString(m.same));
    }
    void operator()(const UnknownFrame&) const {}
};

template <class Enum>
Enum knownOr(std::uint32_t value, Enum highest, Enum otherwise) {
    return value <= std::uint32_t(highest) ? static_cast<Enum>(value) : otherwise;
}

Expected<Message> readHello(const pb::Hello& in) {
    if (in.name().size() > limits::kNameBytes) return malformed("its name is too long");
    if (in.listen_port() > 65535) return malformed("its port is no port");
    Hello hello{toBytes(viewOf(in.certificate())), in.highest_major(), in.minor(), in.instance(),
                static_cast<std::uint16_t>(in.listen_port()), in.has_aes(), in.name(), {}};
    if (!in.transfer().empty() && !read(in.transfer(), hello.transfer.emplace()))
        return malformed("a transfer id has the wrong length");
    return Message(std::move(hello));
}

Expected<Message> readHeadsDigest(const pb::HeadsDigest& in) {
    if (std::size_t(in.conversations_size()) > limits::kConversationsPerDigest)
        return malformed("it lists too many conversations");
    HeadsDigest digest;
    for (const auto& one : in.conversations()) {
        ConversationDigest& conversation = digest.conversations.emplace_back();
        if (!read(one.id(), conversation.conversation) || !read(one.digest(), conversation.digest))
            return malformed("a conversation's digest has the wrong length");
    }
    return Message(std::move(digest));
}

Expected<Message> readHeads(const pb::Heads& in) {
    if (std::size_t(in.authors_size()) > limits::kHeadsPerMessage) return malformed("it lists too many heads");
    Heads heads;
    heads.complete = in.complete();
    if (!read(in.conversation(), heads.conversation)) return malformed("heads name no conversation");
    for (const auto& one : in.authors())
        if (!readHead(one, heads.authors.emplace_back())) return malformed("a head is inconsistent");
    return Message(std::move(heads));
}

template <class Struct, class Repeated>
Expected<Message> readEntryList(Struct result, std::vector<SignedEntry> Struct::*list, const Repeated& in,
                                std::size_t limit) {
    if (std::size_t(in.size()) > limit) return malformed("it holds too many entries");
    for (const auto& one : in)
        if (!readEntry(one, (result.*list).emplace_back())) return malformed("an entry has a part of the wrong size");
    return Message(std::move(result));
}

Expected<Message> readEntries(const pb::Entries& in) {
    Entries entries;
    entries.first = in.first();
    if (!read(in.conversation(), entries.conversation) || !read(in.author(), entries.author) || in.first() == 0)
        return malformed("entries name no timeline");
    return readEntryList(std::move(entries), &Entries::entries, in.entries(), limits::kEntriesPerMessage);
}

Expected<Message> readForkEvidence(const pb::ForkEvidence& in) {
    ForkEvidence evidence;
    if (!read(in.conversation(), evidence.conversation) || !read(in.author(), evidence.author))
        return malformed("fork evidence names no timeline");
    return readEntryList(std::move(evidence), &ForkEvidence::headers, in.headers(), limits::kForkHeaders);
}

Expected<Message> readProfile(const pb::Profile& in) {
    if (in.name().size() > limits::kNameBytes || in.status_text().size() > limits::kStatusTextBytes)
        return malformed("a name or a status is too long");
    return Message(Profile{in.name(), knownOr(std::uint32_t(in.presence()), Presence::Offline, Presence::Unknown),
                           in.status_text()});
}

Expected<Message> readFileRefused(const pb::FileRefused& in) {
    FileRefused refused{{}, knownOr(in.reason(), FileRefusal::NotPermitted, FileRefusal::Unknown), in.text()};
    if (!read(in.transfer(), refused.transfer)) return malformed("a transfer id has the wrong length");
    return Message(std::move(refused));
}

Expected<Message> readFileRequest(const pb::FileRequest& in) {
    FileRequest request{{}, in.offset(), in.length(), in.listing()};
    if (!read(in.transfer(), request.transfer)) return malformed("a transfer id has the wrong length");
    return Message(request);
}

Expected<Message> readFileCheck(const pb::FileCheck& in) {
    FileCheck check{{}, in.offset(), in.length(), {}};
    if (!read(in.transfer(), check.transfer)) return malformed("a transfer id has the wrong length");
    const ByteView digests = viewOf(in.digests());
    const std::uint64_t pieces = in.length() / limits::kFileChunk + (in.length() % limits::kFileChunk != 0);
    if (pieces == 0 || pieces > limits::kFileCheckPieces || digests.size() != pieces * ChunkDigest::kSize)
        return malformed("a check has not one digest for each piece");
    for (std::size_t at = 0; at < digests.size(); at += ChunkDigest::kSize)
        check.digests.push_back(*ChunkDigest::from(digests.subspan(at, ChunkDigest::kSize)));
    return Message(std::move(check));
}

Expected<Message> readTyping(const pb::Typing& in) {
    Typing typing{{}, in.active()};
    if (!read(in.conversation(), typing.conversation)) return malformed("it names no conversation");
    return Message(typing);
}

}  // namespace

Bytes encodeMessage(const Message& message) {
    Bytes out;
    appendMessage(out, message);
    return out;
}

void appendMessage(Bytes& out, const Message& message) {
    pb::Frame frame;
    std::visit(FrameWriter{frame}, message);
    detail::appendSerialized(out, frame);
}

Expected<Message> decodeMessage(ByteView bytes) {
    pb::Frame in;
    if (bytes.size() > limits::kFramePlaintext || !detail::parseProto(bytes, in)) return malformed("it is no frame");
    switch (in.kind_case()) {
        case pb::Frame::kHello: return readHello(in.hello());
        case pb::Frame::kPing: return Message(Ping{in.ping().token()});
        case pb::Frame::kPong: return Message(Pong{in.pong().token()});
        case pb::Frame::kRekey: return Message(Rekey{});
        case pb::Frame::kClose:
            return Message(Close{knownOr(in.close().reason(), CloseReason::Storage, CloseReason::Unknown),
                                 std::string(utf8Prefix(in.close().text(), limits::kCloseTextBytes))});
        case pb::Frame::kHeadsDigest: return readHeadsDigest(in.heads_digest());
        case pb::Frame::kHeads: return readHeads(in.heads());
        case pb::Frame::kEntries: return readEntries(in.entries());
        case pb::Frame::kForkEvidence: return readForkEvidence(in.fork_evidence());
        case pb::Frame::kTyping: return readTyping(in.typing());
        case pb::Frame::kProfile: return readProfile(in.profile());
        case pb::Frame::kDialBack: {
            DialBack dial;
            if (!readOptional(in.dial_back().token(), dial.token)) return malformed("a token has the wrong length");
            const std::string& transfer = in.dial_back().transfer();
            if (!transfer.empty() && !read(transfer, dial.transfer.emplace()))
                return malformed("a transfer id has the wrong length");
            return Message(dial);
        }
        case pb::Frame::kFileRequest: return readFileRequest(in.file_request());
        case pb::Frame::kFileChunk:
            return Message(FileChunk{in.file_chunk().offset(), toBytes(viewOf(in.file_chunk().data()))});
        case pb::Frame::kFileRefused: return readFileRefused(in.file_refused());
        case pb::Frame::kFileCancel: {
            FileCancel cancel;
            if (!read(in.file_cancel().transfer(), cancel.transfer))
                return malformed("a transfer id has the wrong length");
            return Message(cancel);
        }
        case pb::Frame::kFileSkip:
            return Message(FileSkip{in.file_skip().offset(), in.file_skip().length(),
                                    knownOr(in.file_skip().reason(), ItemFailure::Unreadable, ItemFailure::Unknown)});
        case pb::Frame::kFileCheck: return readFileCheck(in.file_check());
        case pb::Frame::kFileChecked:
            if (in.file_checked().same().size() > limits::kFileCheckPieces / 8)
                return malformed("the answer to a check is too long");
            return Message(FileChecked{in.file_checked().offset(), toBytes(viewOf(in.file_checked().same()))});
        case pb::Frame::KIND_NOT_SET: break;
    }
    return Message(UnknownFrame{});
}

Bytes encodeErasureProof(const ErasureProof& proof) {
    pb::ErasureProof out;
    writeProof(proof, &out);
    return detail::serialize(out);
}

Expected<ErasureProof> parseErasureProof(ByteView bytes) {
    pb::ErasureProof in;
    ErasureProof proof;
    if (!detail::parseProto(bytes, in) || !readProof(in, proof)) return malformed("a proof of erasure is broken");
    return proof;
}

}  // namespace landline::wire
