#include "p2p/wire/entry.h"

#include "p2p/base/limits.h"
#include "p2p/base/utf8.h"
#include "p2p/wire/pb_values.h"

namespace landline::wire {

namespace {

using detail::read;
using detail::readOptional;
using detail::write;

Unexpected badEntry(const char* what) {
    return Unexpected(ErrorCode::Malformed, std::string("A timeline entry is malformed: ") + what + ".");
}

void writeRef(const EntryRef& ref, pb::Ref* out) {
    write(ref.author, out->mutable_author());
    out->set_number(ref.number);
}

bool readRef(const pb::Ref& in, EntryRef& ref) {
    ref.number = in.number();
    return read(in.author(), ref.author) && ref.number != 0;
}

struct PayloadWriter {
    pb::Payload& out;

    void operator()(const Text& text) const {
        out.mutable_text()->set_text(text.text);
        if (text.replyTo) writeRef(*text.replyTo, out.mutable_text()->mutable_reply_to());
    }
    void operator()(const Edit& edit) const {
        writeRef(edit.target, out.mutable_edit()->mutable_target());
        out.mutable_edit()->set_text(edit.text);
    }
    void operator()(const Delete& del) const {
        writeRef(del.target, out.mutable_delete_()->mutable_target());
    }
    void operator()(const Reaction& reaction) const {
        writeRef(reaction.target, out.mutable_reaction()->mutable_target());
        out.mutable_reaction()->set_emoji(reaction.emoji);
        out.mutable_reaction()->set_removed(reaction.removed);
    }
    void operator()(const FileOffer& offer) const {
        pb::FileOffer& file = offer.listing ? *out.mutable_bundle_offer() : *out.mutable_file_offer();
        write(offer.transfer, file.mutable_transfer());
        file.set_name(offer.name);
        file.set_size(offer.size);
        file.set_media_type(offer.mediaType);
        file.set_modified(static_cast<std::uint64_t>(offer.modified));
        if (!offer.listing) return;
        file.set_items(offer.listing->items);
        file.set_listing_bytes(offer.listing->bytes);
        write(offer.listing->digest, file.mutable_listing_digest());
    }
    void operator()(const UnknownContent&) const {}
};

Expected<Content> readText(const pb::Text& in) {
    if (in.text().size() > limits::kTextBytes) return badEntry("a text is too long");
    Text text{in.text(), {}};
    if (in.has_reply_to() && !readRef(in.reply_to(), text.replyTo.emplace()))
        return badEntry("its reply names no message");
    return Content(std::move(text));
}

Expected<Content> readEdit(const pb::Edit& in) {
    if (in.text().size() > limits::kTextBytes) return badEntry("a text is too long");
    Edit edit{{}, in.text()};
    if (!readRef(in.target(), edit.target)) return badEntry("an edit names no message");
    return Content(std::move(edit));
}

Expected<Content> readDelete(const pb::Delete& in) {
    Delete del;
    if (!readRef(in.target(), del.target)) return badEntry("a delete names no message");
    return Content(del);
}

Expected<Content> readReaction(const pb::Reaction& in) {
    Reaction reaction{{}, in.emoji(), in.removed()};
    if (!readRef(in.target(), reaction.target)) return badEntry("a reaction names no message");
    if (reaction.emoji.empty() || reaction.emoji.size() > limits::kEmojiBytes)
        return badEntry("a reaction is empty or too long");
    return Content(std::move(reaction));
}

Expected<Content> readFileOffer(const pb::FileOffer& in) {
    FileOffer offer{{}, in.name(), in.size(), in.media_type(), static_cast<std::int64_t>(in.modified()), {}};
    if (!read(in.transfer(), offer.transfer)) return badEntry("a file offer has no transfer id");
    if (offer.name.empty() || offer.name.size() > limits::kFileNameBytes)
        return badEntry("the name of an offered file is empty or too long");
    if (offer.mediaType.size() > limits::kMediaTypeBytes)
        return badEntry("the type of an offered file is too long");
    if (offer.size > limits::kOfferBytes) return badEntry("an offered file is larger than any file can be");
    return Content(std::move(offer));
}

Expected<Content> readBundleOffer(const pb::FileOffer& in) {
    auto content = readFileOffer(in);
    if (!content) return content;
    ListingRef listing{in.items(), in.listing_bytes(), {}};
    if (!read(in.listing_digest(), listing.digest)) return badEntry("an offered bundle has no listing");
    if (listing.items == 0 || listing.items > limits::kListingItems || listing.bytes == 0 ||
        listing.bytes > limits::kListingBytes)
        return badEntry("the listing of an offered bundle is empty or too long");
    std::get<FileOffer>(*content).listing = listing;
    return content;
}

}  // namespace

std::uint32_t kindOf(const Content& content) {
    struct Visitor {
        std::uint32_t operator()(const Text&) const { return std::uint32_t(ContentKind::Text); }
        std::uint32_t operator()(const Edit&) const { return std::uint32_t(ContentKind::Edit); }
        std::uint32_t operator()(const Delete&) const { return std::uint32_t(ContentKind::Delete); }
        std::uint32_t operator()(const Reaction&) const { return std::uint32_t(ContentKind::Reaction); }
        std::uint32_t operator()(const FileOffer& offer) const {
            return std::uint32_t(offer.listing ? ContentKind::BundleOffer : ContentKind::FileOffer);
        }
        std::uint32_t operator()(const UnknownContent& unknown) const { return unknown.kind; }
    };
    return std::visit(Visitor{}, content);
}

Bytes encodeEntryHeader(const EntryHeader& header) {
    pb::EntryHeader out;
    write(header.conversation, out.mutable_conversation());
    write(header.author, out.mutable_author());
    out.set_number(header.number);
    if (!header.previous.isZero()) write(header.previous, out.mutable_previous());
    out.set_clock(header.clock);
    out.set_kind(header.kind);
    write(header.payloadHash, out.mutable_payload_hash());
    if (!header.certificate.empty()) out.set_certificate(toString(header.certificate));
    if (header.target) writeRef(*header.target, out.mutable_target());
    return detail::serialize(out);
}

Expected<EntryHeader> parseEntryHeader(ByteView bytes) {
    if (bytes.size() > limits::kEntryHeader)
        return Unexpected(ErrorCode::TooLarge, "The header of a timeline entry is too large.");
    pb::EntryHeader in;
    if (!detail::parseProto(bytes, in)) return badEntry("its header cannot be read");
    EntryHeader header;
    header.number = in.number();
    header.clock = in.clock();
    header.kind = in.kind();
    header.certificate = toBytes(viewOf(in.certificate()));
    if (!read(in.conversation(), header.conversation) || !read(in.author(), header.author) ||
        !readOptional(in.previous(), header.previous) || !read(in.payload_hash(), header.payloadHash))
        return badEntry("an id in its header has the wrong length");
    if (header.number == 0) return badEntry("it has no number");
    if (in.has_target() && !readRef(in.target(), header.target.emplace()))
        return badEntry("its header names no message that it edits");
    return header;
}

Bytes encodePayload(const Content& content, const Hash128& salt) {
    pb::Payload out;
    write(salt, out.mutable_salt());
    std::visit(PayloadWriter{out}, content);
    return detail::serialize(out);
}

Expected<Content> parsePayload(std::uint32_t kind, ByteView bytes) {
    if (bytes.size() > limits::kEntryPayload)
        return Unexpected(ErrorCode::TooLarge, "The content of a timeline entry is too large.");
    pb::Payload in;
    // Strings are checked by Protobuf: invalid UTF-8 does not parse in proto3.
    if (!detail::parseProto(bytes, in)) return badEntry("its content cannot be read");
    Hash128 salt;
    if (!read(in.salt(), salt)) return badEntry("its salt has the wrong length");
    const bool known =
        kind >= std::uint32_t(ContentKind::Text) && kind <= std::uint32_t(ContentKind::BundleOffer);
    const bool empty = in.content_case() == pb::Payload::CONTENT_NOT_SET;
    if (empty ? known : std::uint32_t(in.content_case()) != kind)
        return badEntry("its content is of another kind than its header says");
    switch (in.content_case()) {
        case pb::Payload::kText:
            return readText(in.text());
        case pb::Payload::kEdit:
            return readEdit(in.edit());
        case pb::Payload::kDelete:
            return readDelete(in.delete_());
        case pb::Payload::kReaction:
            return readReaction(in.reaction());
        case pb::Payload::kFileOffer:
            return readFileOffer(in.file_offer());
        case pb::Payload::kBundleOffer:
            return readBundleOffer(in.bundle_offer());
        case pb::Payload::CONTENT_NOT_SET:
            break;
    }
    return Content(UnknownContent{kind});
}

}  // namespace landline::wire
