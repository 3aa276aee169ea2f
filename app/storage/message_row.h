#pragma once

#include "app/storage/records.h"
#include "p2p/base/bytes.h"

#include <QString>

#include <optional>

namespace landline::app {

/// One row of `message` beside the row of `entry` that it was made from.
struct MessageRow {
    qint64 id = 0;
    qint64 conversation = 0;
    timeline::HybridTime order = 0;
    EntryNumber number = 0;
    qint64 timeline = 0;
    timeline::HybridTime clock = 0;
    int kind = 0;
    int flags = 0;
    QString text;
    std::optional<EntryRef> replyTo;
    std::optional<wire::TransferId> transfer;
    quint64 size = 0;
    // Of the entry; both are empty, and the message 0, where there is none.
    Bytes header;
    Bytes payload;
    qint64 entryMessage = 0;
};

/// The text that the author's entry gives for this row (before edits; empty if it is deleted), or nothing if row and entry
/// contradict each other. The row is a copy that a damaged disk can change without SQLite noticing, and what is shown as
/// somebody's words has to be what they signed: the payload is compared by its hash, the header with what the row and its
/// keys repeat of it, and the row's own text, which serves the search index, is not shown.
[[nodiscard]] std::optional<QString> textAsWritten(const MessageRow& row, const ConversationId& conversation,
                                                   const DeviceId& author);

}  // namespace landline::app
