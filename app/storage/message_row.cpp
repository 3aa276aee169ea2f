#include "app/storage/message_row.h"

#include "app/storage/message_table.h"
#include "app/storage/shown_text.h"
#include "p2p/base/hash.h"

namespace landline::app {

namespace {

/// What a message row keeps of a content besides its text.
struct Beside {
    std::optional<EntryRef> replyTo;
    std::optional<wire::TransferId> transfer;
    quint64 size = 0;
    friend bool operator==(const Beside&, const Beside&) = default;
};

Beside besideOf(const wire::Content& content) {
    Beside beside;
    if (const auto* said = std::get_if<wire::Text>(&content)) beside.replyTo = said->replyTo;
    if (const auto* offer = std::get_if<wire::FileOffer>(&content)) {
        beside.transfer = offer->transfer;
        beside.size = offer->size;
    }
    return beside;
}

std::optional<QString> contentText(const MessageRow& row, const wire::EntryHeader& header) {
    if (sha256(row.payload) != header.payloadHash) return std::nullopt;
    const auto content = wire::parsePayload(header.kind, row.payload);
    // As it was signed, and yet no longer allowed: an older version took it.
    if (!content) return QString();
    if (besideOf(*content) != Beside{row.replyTo, row.transfer, row.size}) return std::nullopt;
    return shownText(*content);
}

}  // namespace

std::optional<QString> textAsWritten(const MessageRow& row, const ConversationId& conversation,
                                     const DeviceId& author) {
    const auto header = wire::parseEntryHeader(row.header);
    if (!header || row.entryMessage != row.id || header->conversation != conversation ||
        header->author != author || header->number != row.number || header->clock != row.clock)
        return std::nullopt;
    const auto kind = static_cast<MessageKind>(row.kind);
    // An older version may not have known the kind, or this one does not know what a newer one stored.
    const MessageKind signedKind = messageKindOf(header->kind);
    if (kind == MessageKind::Unsupported || signedKind == MessageKind::Unsupported) return QString();
    if (kind != signedKind) return std::nullopt;
    if (!(row.flags & kDeleted)) return contentText(row, *header);
    return row.text.isEmpty() ? std::optional(QString()) : std::nullopt;
}

}  // namespace landline::app
