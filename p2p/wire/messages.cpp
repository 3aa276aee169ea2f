#include "p2p/wire/messages.h"

#include "p2p/base/limits.h"
#include "p2p/base/utf8.h"
#include "p2p/wire/pb_values.h"
#include "p2p/wire/relay_codec.h"
#include "p2p/wire/sync_codec.h"

namespace landline::wire {

namespace {

using detail::knownOr;
using detail::read;
using detail::readOptional;
using detail::write;

Unexpected badFrame(const char* what) {
    return Unexpected(ErrorCode::Malformed, std::string("The other side sent a frame that cannot be read: ") + what + ".");
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
    void operator()(const Heads& m) const { detail::writeHeads(m, out.mutable_heads()); }
    void operator()(const Entries& m) const { detail::writeEntries(m, out.mutable_entries()); }
    void operator()(const ForkEvidence& m) const { detail::writeEvidence(m, out.mutable_fork_evidence()); }
    void operator()(const Typing& m) const {
        write(m.conversation, out.mutable_typing()->mutable_conversation());
        out.mutable_typing()->set_active(m.active);
    }
    void operator()(const Profile& m) const {
        out.mutable_profile()->set_name(m.name);
        out.mutable_profile()->set_presence(static_cast<pb::Profile::Presence>(m.presence));
        out.mutable_profile()->set_status_text(m.statusText);
        for (const RelayAccess& relay : m.told.relays)
            detail::writeAccess(relay, out.mutable_profile()->add_relays());
        out.mutable_profile()->set_no_relays(m.told.areNone);
        out.mutable_profile()->set_edition(m.edition);
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
    void operator()(const relay::Frame& m) const { detail::writeRelayFrame(m, out.mutable_relay()); }
    void operator()(const UnknownFrame&) const {}
};

Expected<Message> readHello(const pb::Hello& in) {
    if (in.name().size() > limits::kNameBytes) return badFrame("its name is too long");
    if (in.listen_port() > 65535) return badFrame("its port is no port");
    Hello hello{toBytes(viewOf(in.certificate())), in.highest_major(), in.minor(), in.instance(),
                static_cast<std::uint16_t>(in.listen_port()), in.has_aes(), in.name(), {}};
    if (!in.transfer().empty() && !read(in.transfer(), hello.transfer.emplace()))
        return badFrame("a transfer id has the wrong length");
    return Message(std::move(hello));
}

Expected<Message> readHeadsDigest(const pb::HeadsDigest& in) {
    if (std::size_t(in.conversations_size()) > limits::kConversationsPerDigest)
        return badFrame("it lists too many conversations");
    HeadsDigest digest;
    for (const auto& one : in.conversations()) {
        ConversationDigest& conversation = digest.conversations.emplace_back();
        if (!read(one.id(), conversation.conversation) || !read(one.digest(), conversation.digest))
            return badFrame("a conversation's digest has the wrong length");
    }
    return Message(std::move(digest));
}

/// What another codec of this module read, as a message.
template <class Value>
Expected<Message> asMessage(Expected<Value> value) {
    if (!value) return Unexpected(value.error());
    return Message(*std::move(value));
}

Expected<Message> readProfile(const pb::Profile& in) {
    if (in.name().size() > limits::kNameBytes || in.status_text().size() > limits::kStatusTextBytes)
        return badFrame("a name or a status is too long");
    Profile profile{in.name(), knownOr(std::uint32_t(in.presence()), Presence::Offline, Presence::Unknown),
                    in.status_text()};
    if (std::size_t(in.relays_size()) > limits::kRelaysPerContact) return badFrame("it names too many relays");
    for (const auto& one : in.relays())
        if (!detail::readAccess(one, profile.told.relays.emplace_back())) return badFrame("a relay is broken");
    profile.told.areNone = in.no_relays();
    if (profile.told.areNone && !profile.told.relays.empty()) return badFrame("it names relays and none");
    profile.edition = in.edition();
    return Message(std::move(profile));
}

Expected<Message> readFileRefused(const pb::FileRefused& in) {
    FileRefused refused{{}, knownOr(in.reason(), FileRefusal::NotPermitted, FileRefusal::Unknown), in.text()};
    if (!read(in.transfer(), refused.transfer)) return badFrame("a transfer id has the wrong length");
    return Message(std::move(refused));
}

Expected<Message> readFileRequest(const pb::FileRequest& in) {
    FileRequest request{{}, in.offset(), in.length(), in.listing()};
    if (!read(in.transfer(), request.transfer)) return badFrame("a transfer id has the wrong length");
    return Message(request);
}

Expected<Message> readFileCheck(const pb::FileCheck& in) {
    FileCheck check{{}, in.offset(), in.length(), {}};
    if (!read(in.transfer(), check.transfer)) return badFrame("a transfer id has the wrong length");
    const ByteView digests = viewOf(in.digests());
    const std::uint64_t pieces = in.length() / limits::kFileChunk + (in.length() % limits::kFileChunk != 0);
    if (pieces == 0 || pieces > limits::kFileCheckPieces || digests.size() != pieces * ChunkDigest::kSize)
        return badFrame("a check has not one digest for each piece");
    for (std::size_t at = 0; at < digests.size(); at += ChunkDigest::kSize)
        check.digests.push_back(*ChunkDigest::from(digests.subspan(at, ChunkDigest::kSize)));
    return Message(std::move(check));
}

Expected<Message> readTyping(const pb::Typing& in) {
    Typing typing{{}, in.active()};
    if (!read(in.conversation(), typing.conversation)) return badFrame("it names no conversation");
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
    if (bytes.size() > limits::kFramePlaintext || !detail::parseProto(bytes, in)) return badFrame("it is no frame");
    switch (in.kind_case()) {
        case pb::Frame::kHello: return readHello(in.hello());
        case pb::Frame::kPing: return Message(Ping{in.ping().token()});
        case pb::Frame::kPong: return Message(Pong{in.pong().token()});
        case pb::Frame::kRekey: return Message(Rekey{});
        case pb::Frame::kClose:
            return Message(Close{knownOr(in.close().reason(), CloseReason::Storage, CloseReason::Unknown),
                                 std::string(utf8Prefix(in.close().text(), limits::kCloseTextBytes))});
        case pb::Frame::kHeadsDigest: return readHeadsDigest(in.heads_digest());
        case pb::Frame::kHeads: return asMessage(detail::readHeads(in.heads()));
        case pb::Frame::kEntries: return asMessage(detail::readEntries(in.entries()));
        case pb::Frame::kForkEvidence: return asMessage(detail::readEvidence(in.fork_evidence()));
        case pb::Frame::kTyping: return readTyping(in.typing());
        case pb::Frame::kProfile: return readProfile(in.profile());
        case pb::Frame::kDialBack: {
            DialBack dial;
            if (!readOptional(in.dial_back().token(), dial.token)) return badFrame("a token has the wrong length");
            const std::string& transfer = in.dial_back().transfer();
            if (!transfer.empty() && !read(transfer, dial.transfer.emplace()))
                return badFrame("a transfer id has the wrong length");
            return Message(dial);
        }
        case pb::Frame::kFileRequest: return readFileRequest(in.file_request());
        case pb::Frame::kFileChunk:
            return Message(FileChunk{in.file_chunk().offset(), toBytes(viewOf(in.file_chunk().data()))});
        case pb::Frame::kFileRefused: return readFileRefused(in.file_refused());
        case pb::Frame::kFileCancel: {
            FileCancel cancel;
            if (!read(in.file_cancel().transfer(), cancel.transfer))
                return badFrame("a transfer id has the wrong length");
            return Message(cancel);
        }
        case pb::Frame::kFileSkip:
            return Message(FileSkip{in.file_skip().offset(), in.file_skip().length(),
                                    knownOr(in.file_skip().reason(), ItemFailure::Unreadable, ItemFailure::Unknown)});
        case pb::Frame::kFileCheck: return readFileCheck(in.file_check());
        case pb::Frame::kFileChecked:
            if (in.file_checked().same().size() > limits::kFileCheckPieces / 8)
                return badFrame("the answer to a check is too long");
            return Message(FileChecked{in.file_checked().offset(), toBytes(viewOf(in.file_checked().same()))});
        case pb::Frame::kRelay: return asMessage(detail::readRelayFrame(in.relay()));
        case pb::Frame::KIND_NOT_SET: break;
    }
    return Message(UnknownFrame{});
}

Bytes encodeErasureProof(const ErasureProof& proof) {
    pb::ErasureProof out;
    detail::writeProof(proof, &out);
    return detail::serialize(out);
}

Expected<ErasureProof> parseErasureProof(ByteView bytes) {
    pb::ErasureProof in;
    ErasureProof proof;
    if (!detail::parseProto(bytes, in) || !detail::readProof(in, proof)) return badFrame("a proof of erasure is broken");
    return proof;
}

}  // namespace landline::wire
